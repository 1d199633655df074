/** Checks of what a programmer passes: the option's name first, never its value. */

/** The last of ECMAScript's Date; integers stay exact for ten thousand years more. */
export const LAST_INSTANT = 8.64e15;

/** As many as every database can index. */
export const MAX_USER_ID_BYTES = 1_024;

export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name}: want an integer`);
  const integer = value as number;
  if (integer < min || integer > max) throw new RangeError(`${name}: want ${min} to ${max}`);
  return integer;
}

/**
 * Bytes over memory that nobody shares, as Web Crypto's types want them. Named by what makes them, since compilers
 * before TypeScript 5.7 know no `Uint8Array<ArrayBuffer>`.
 */
export type Bytes = ReturnType<Uint8ArrayConstructor["from"]>;

/** An instant or a duration that a host has computed, in whatever fraction its arithmetic left. */
export function checkNumber(name: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError(`${name}: want a number`);
  if (value < 0) throw new RangeError(`${name}: want at least 0`);
  return value;
}

export function checkText(name: string, value: unknown, max: number): string {
  if (typeof value !== "string") throw new TypeError(`${name}: want a string`);
  if (value.length === 0) throw new RangeError(`${name}: must not be empty`);
  if (value.length > max) throw new RangeError(`${name}: want at most ${max} characters`);
  return value;
}

/** By tag and not by `instanceof`, because test runners and frames hand over the bytes of another realm. */
export function checkBytes(name: string, value: unknown, want = "a Uint8Array"): Uint8Array {
  const tag = Object.prototype.toString.call(value);
  if (ArrayBuffer.isView(value) && tag === "[object Uint8Array]") return value as Uint8Array;
  throw new TypeError(`${name}: want ${want}`);
}

export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T;
  throw new TypeError(`${name}: want one of ${allowed.join(", ")}`);
}

export function checkObject(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${name}: want an object`);
  }
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== "function") throw new TypeError(`${name}: want a function`);
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new TypeError(`${name}: want true or false`);
  return value;
}

/** What a misspelled option looks like. Any other name may be a value, such as a secret, and is not shown. */
const NAME = /^[a-z][A-Za-z_]{0,31}$/;

/** An object of options. A name that none of them has is refused: misspelled, it would be a default that nobody chose. */
export function checkOptions(
  name: string,
  value: unknown,
  allowed: readonly string[],
  prefix = `${name}.`,
): void {
  checkObject(name, value);
  for (const key of Object.keys(value as object)) {
    if (allowed.includes(key)) continue;
    throw new TypeError(`${prefix}${NAME.test(key) ? key : "?"}: there is no such option`);
  }
}
