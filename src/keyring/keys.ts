/** The keys of the option `keys`: their ids, and how the keys of records and tokens are derived from them. */

import { fromBase64Url, toBase64Url, utf8 } from "../internal/bytes.ts";
import { hkdfExtract, prepareHkdf, randomBytes } from "../internal/hmac.ts";

export const FORMAT = "v1";
export const KEY_BYTES = 32;
const MAX_KEYS = 16;

/** The expansion of HKDF over one key of the option: it takes the info and a number of bytes. */
export type Expand = ReturnType<typeof prepareHkdf>;

export interface Keys {
  /** The id of the first key, which seals. */
  readonly sealingId: string;
  readonly sealing: Expand;
  /** All keys by their ids. Each opens what it has sealed. */
  readonly byId: ReadonlyMap<string, Expand>;
}

/**
 * Makes a new random key for `keys`: 32 bytes as base64url, 43 characters.
 *
 * Keep it outside the database, in the environment or a secret manager. `npx twinlock key` prints one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateKey } from "twinlock";
 *
 * assert.match(generateKey(), /^[A-Za-z0-9_-]{43}$/);
 * assert.notEqual(generateKey(), generateKey());
 * ```
 */
export function generateKey(): string {
  return toBase64Url(randomBytes(KEY_BYTES));
}

/** Reads the option and derives the id of each key, which sealed text carries. */
export function readKeys(option: string | undefined): Keys {
  const byId = new Map(
    decodeKeys(option).map((key): [string, Expand] => {
      const expand = prepareHkdf(hkdfExtract(key));
      return [toBase64Url(expand(utf8("twinlock/v1/key-id"), 8)), expand];
    }),
  );
  const [first] = byId;
  if (!first) throw new TypeError("keys: want at least one key");
  return { sealingId: first[0], sealing: first[1], byId };
}

/** Decodes base64url keys separated by white space. Throws a TypeError that names the option and never shows a key. */
function decodeKeys(option: string | undefined): Uint8Array[] {
  if (typeof option !== "string" || option.trim() === "") {
    throw new TypeError("keys: want at least one key; `npx twinlock key` prints a new one");
  }
  const words = option.trim().split(/\s+/);
  if (words.length > MAX_KEYS) throw new RangeError(`keys: want at most ${MAX_KEYS}`);
  if (new Set(words).size !== words.length) throw new TypeError("keys: the same key stands there twice");
  return words.map((word, i) => {
    const bytes = fromBase64Url(word);
    if (bytes?.length === KEY_BYTES) return bytes;
    throw new TypeError(
      `keys: number ${i + 1} is not a key (32 bytes in base64url); \`npx twinlock key\` prints a new one`,
    );
  });
}
