/** Checks of what a programmer passes. Their errors name the option first and never show its value. */

/** The last instant of ECMAScript's Date, in epoch milliseconds. */
export const LAST_INSTANT = 8.64e15;

/** The longest user id, in bytes: every database can index as many. */
export const MAX_USER_ID_BYTES = 1_024;

export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name}: want an integer`);
  const integer = value as number;
  if (integer < min || integer > max) throw new RangeError(`${name}: want ${min} to ${max}`);
  return integer;
}

/**
 * Bytes over memory that is not shared, which Web Crypto's types ask for. Derived from a constructor, because compilers
 * before TypeScript 5.7 do not know `Uint8Array<ArrayBuffer>`.
 */
export type Bytes = ReturnType<Uint8ArrayConstructor["from"]>;

/** Checks a number that may have a fraction, such as an instant or a duration that was computed. */
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

/** Checks bytes by their tag: those of another realm, as of test runners and frames, fail `instanceof`. */
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

/** The shape of a misspelled option. Any other name may be a value, such as a secret, and is not shown in an error. */
const NAME = /^[a-z][A-Za-z_]{0,31}$/;

/** Checks an object of options. It refuses unknown names, or a misspelled option would silently have its default. */
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
