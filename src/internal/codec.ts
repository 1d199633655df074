/**
 * Codecs: each turns a value into compact JSON and back, and accepts nothing that it could not have written.
 *
 * A struct travels as an array in the order of its fields, so the JSON holds no keys: it stays small, and there is
 * no `__proto__` to smuggle.
 */

export interface Codec<T> {
  encode(value: T): unknown;
  /** Throws a TypeError that never shows the value. */
  decode(wire: unknown): T;
}

function refuse(want: string): never {
  throw new TypeError(`want ${want}`);
}

/** A codec whose wire form is the value itself; both directions are checked. */
const same = <T>(check: (value: unknown) => T): Codec<T> => ({ encode: check, decode: check });

export function integer(min: number, max: number): Codec<number> {
  return same((value) => {
    const number = value as number;
    return Number.isSafeInteger(number) && number >= min && number <= max
      ? number
      : refuse(`an integer from ${min} to ${max}`);
  });
}

/** An instant in epoch milliseconds. */
export const instant: Codec<number> = integer(0, Number.MAX_SAFE_INTEGER);

export function text(max: number): Codec<string> {
  return same((value) =>
    typeof value === "string" && value.length <= max ? value : refuse(`text of at most ${max}`),
  );
}

export function oneOf<T extends string>(...allowed: readonly T[]): Codec<T> {
  return same((value) => (allowed.includes(value as T) ? (value as T) : refuse(allowed.join(" or "))));
}

export function nullable<T>(inner: Codec<T>): Codec<T | null> {
  return {
    encode: (value) => (value === null ? null : inner.encode(value)),
    decode: (wire) => (wire === null ? null : inner.decode(wire)),
  };
}

export function list<T>(inner: Codec<T>, max: number): Codec<readonly T[]> {
  const check = (value: unknown): readonly unknown[] =>
    Array.isArray(value) && value.length <= max ? value : refuse(`a list of at most ${max}`);
  return {
    encode: (value) => check(value).map((item) => inner.encode(item as T)),
    decode: (wire) => check(wire).map((item) => inner.decode(item)),
  };
}

/** A list of integers that never decrease, written as differences. */
export function ascending(max: number): Codec<readonly number[]> {
  const natural = integer(0, Number.MAX_SAFE_INTEGER);
  const differences = list(natural, max);
  return {
    encode: (value) =>
      differences.encode(value.map((item, i) => item - (i === 0 ? 0 : (value[i - 1] as number)))),
    decode: (wire) => {
      let sum = 0;
      return differences.decode(wire).map((difference) => {
        sum = natural.decode(sum + difference);
        return sum;
      });
    },
  };
}

/** An object as an array of its fields, in the order given. */
export function struct<T extends object>(fields: { readonly [K in keyof T]-?: Codec<T[K]> }): Codec<T> {
  const names = Object.keys(fields) as (keyof T)[];
  const codecs = Object.values(fields) as Codec<T[keyof T]>[];
  return {
    encode: (value) => {
      const wire: unknown[] = [];
      for (let i = 0; i < names.length; i++) {
        wire.push((codecs[i] as Codec<T[keyof T]>).encode(value[names[i] as keyof T]));
      }
      return wire;
    },
    decode: (wire) => {
      if (!Array.isArray(wire) || wire.length !== names.length) refuse(`${names.length} fields`);
      const value: Partial<T> = {};
      for (let i = 0; i < names.length; i++) {
        value[names[i] as keyof T] = (codecs[i] as Codec<T[keyof T]>).decode(wire[i]);
      }
      return value as T;
    },
  };
}
