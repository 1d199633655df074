/**
 * Codecs, which turn values into compact JSON and back, and accept nothing that they could not have written.
 *
 * A struct is written as an array in the order of its fields, so the JSON holds no keys: it stays small, and nobody can
 * smuggle `__proto__`. Tokens are exact structs, because no version may overlook a field that narrows what a token
 * allows. Records are structs that grow.
 */

export interface Codec<T> {
  encode(value: T): unknown;
  /** Throws a TypeError that never shows the value. */
  decode(wire: unknown): T;
}

function refuse(want: string): never {
  throw new TypeError(`want ${want}`);
}

/** Makes a codec that writes the value as it is and checks it in both directions. */
const same = <T>(check: (value: unknown) => T): Codec<T> => ({ encode: check, decode: check });

export function integer(min: number, max: number): Codec<number> {
  return same((value) => {
    const number = value as number;
    return Number.isSafeInteger(number) && number >= min && number <= max
      ? number
      : refuse(`an integer from ${min} to ${max}`);
  });
}

/** The codec of instants in epoch milliseconds. */
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

/** Makes the codec of a list of integers that never decrease, written as differences. */
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

type Fields<T> = { readonly [K in keyof T]-?: Codec<T[K]> };

/** Makes the codec of an object that has exactly these fields, written as an array in this order. */
export function struct<T extends object>(fields: Fields<T>): Codec<T> {
  const { names, encode, decode } = shapeOf(fields);
  return {
    encode,
    decode: (wire) => {
      if (!Array.isArray(wire) || wire.length !== names.length) refuse(`${names.length} fields`);
      return decode(wire);
    },
  };
}

/** The key under which a value keeps fields of a newer version; object spread copies them too. */
const UNKNOWN = Symbol("fields of a newer version");
const MAX_FIELDS = 64;

/**
 * Makes the codec of a struct that versions append fields to. Fields of a newer version are kept and written back; those
 * that an older one did not write are filled in from `missing`.
 */
export function growing<T extends object>(fields: Fields<T>, missing: Partial<T> = {}): Codec<T> {
  const { names, encode, decode } = shapeOf(fields, missing);
  const oldest = names.length - Object.keys(missing).length;
  return {
    encode: (value) => {
      const unknown = (value as { [UNKNOWN]?: readonly unknown[] })[UNKNOWN];
      return unknown ? [...encode(value), ...unknown] : encode(value);
    },
    decode: (wire) => {
      if (!Array.isArray(wire) || wire.length < oldest || wire.length > MAX_FIELDS) {
        refuse(`${oldest} to ${MAX_FIELDS} fields`);
      }
      const value = decode(wire);
      return wire.length > names.length ? { ...value, [UNKNOWN]: wire.slice(names.length) } : value;
    },
  };
}

/** Reads and writes the fields that this version knows. */
function shapeOf<T extends object>(fields: Fields<T>, missing: Partial<T> = {}) {
  const names = Object.keys(fields) as (keyof T)[];
  const codecs = names.map((name) => fields[name]);
  const blank = { ...(Object.fromEntries(names.map((name) => [name, undefined])) as T), ...missing };
  return {
    names,
    encode: (value: T): unknown[] => codecs.map((codec, i) => codec.encode(value[names[i] as keyof T])),
    decode: (wire: readonly unknown[]): T => {
      const value = { ...blank }; // adding the fields one by one takes twice as long as decoding them
      const known = Math.min(names.length, wire.length);
      for (let i = 0; i < known; i++) {
        const name = names[i] as keyof T;
        value[name] = fields[name].decode(wire[i]);
      }
      return value;
    },
  };
}
