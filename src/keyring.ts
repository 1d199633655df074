/** The keys that seal records, challenges and elevations: the first seals, all open. */

import { TwoFactorError } from "./errors.ts";
import { fromBase64Url, fromUtf8, lengthPrefixed, toBase64Url, utf8 } from "./internal/bytes.ts";
import { hkdfExtract, prepareHkdf, randomBytes } from "./internal/hmac.ts";
import { type Cipher, type Platform, platform as thisPlatform } from "./internal/platform.ts";

const FORMAT = "v1";
const KEY_BYTES = 32;
const KEY_ID = /^[\w-]{11}$/; // 8 bytes in base64url
export const NONCE_BYTES = 12;
const SALT_BYTES = 24;
const MAX_KEYS = 16;
const MAX_TOKEN_LENGTH = 16_384; // the longest user id, every character escaped in JSON, and then some

/** What a sealed token is for; a token of one kind never opens as the other. */
export type TokenKind = "challenge" | "elevation";

/** Seals and opens the record of one user. */
export interface RecordSeal {
  /** The nonce must be random and new for every call. */
  seal(version: string, json: string, nonce?: Uint8Array): Promise<string>;
  /** Throws a TwoFactorError for whatever was not sealed for this user and version by a key of this ring. */
  open(version: string, data: string): Promise<string>;
}

export interface Keyring {
  /** The id of the key that seals. */
  readonly keyId: string;
  forUser(userId: string): RecordSeal;
  /** The id of the key that a sealed record names. */
  keyIdOf(data: string): string | undefined;
  sealToken(kind: TokenKind, json: string): Promise<string>;
  /** Undefined for anything that this keyring has not sealed as a token of this kind. */
  openToken(kind: TokenKind, token: unknown): Promise<string | undefined>;
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

/** Reads `keys`: base64url keys separated by white space. Throws a TypeError that names the option, never a key. */
function readKeys(keys: string | undefined): Uint8Array[] {
  if (typeof keys !== "string" || keys.trim() === "") {
    throw new TypeError("keys: want at least one key; `npx twinlock key` prints a new one");
  }
  const words = keys.trim().split(/\s+/);
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

type Expand = ReturnType<typeof prepareHkdf>;

export function createKeyring(
  keys: string | undefined,
  random: (length: number) => Uint8Array = randomBytes,
  platform: Platform = thisPlatform(),
): Keyring {
  const ring = new Map<string, Expand>();
  for (const key of readKeys(keys)) {
    const expand = prepareHkdf(hkdfExtract(key));
    ring.set(toBase64Url(expand(utf8("twinlock/v1/key-id"), 8)), expand);
  }
  const [sealing] = ring;
  if (!sealing) throw new TypeError("keys: want at least one key");
  const [keyId, expandSealing] = sealing;

  /** One key for each token, since every salt is new; under it, any nonce is. */
  function tokenCipher(kind: TokenKind, expand: Expand, salt: Uint8Array) {
    const key = expand(lengthPrefixed(`twinlock/v1/${kind}`, salt), KEY_BYTES);
    return { cipher: platform.cipher(key), nonce: salt.subarray(0, NONCE_BYTES) };
  }

  return {
    keyId,
    keyIdOf: (data) => data.split(".", 2)[1],

    forUser(userId) {
      const associated = (id: string, version: string) => lengthPrefixed(FORMAT, id, userId, version);
      const make = (expand: Expand) =>
        platform.cipher(expand(lengthPrefixed("twinlock/v1/record", userId), KEY_BYTES));
      let last: { id: string; cipher: Cipher } | undefined; // what opened a record mostly seals it again
      const cipherOf = (id: string, expand: Expand) => {
        last = last?.id === id ? last : { id, cipher: make(expand) };
        return last.cipher;
      };
      return {
        async seal(version, json, nonce = random(NONCE_BYTES)) {
          const cipher = cipherOf(keyId, expandSealing);
          const sealed = await cipher.seal(nonce, associated(keyId, version), utf8(json));
          return `${FORMAT}.${keyId}.${toBase64Url(nonce)}.${toBase64Url(sealed)}`;
        },
        async open(version, data) {
          const [format, id = "", nonceText = "", sealedText = "", ...rest] = data.split(".");
          if (format !== FORMAT || !KEY_ID.test(id) || rest.length > 0) {
            throw new TwoFactorError(
              "record_invalid",
              "The stored record is not one that this version wrote.",
            );
          }
          const expand = ring.get(id);
          if (!expand) {
            throw new TwoFactorError(
              "key_unknown",
              `The stored record is sealed under the key ${id}, which is not in \`keys\`.`,
            );
          }
          const nonce = fromBase64Url(nonceText);
          const sealed = fromBase64Url(sealedText);
          const opened =
            nonce?.length === NONCE_BYTES && sealed
              ? await cipherOf(id, expand).open(nonce, associated(id, version), sealed)
              : undefined;
          if (opened) return fromUtf8(opened);
          throw new TwoFactorError(
            "record_invalid",
            "The stored record does not open for this user: it was changed, or copied from another row.",
          );
        },
      };
    },

    async sealToken(kind, json) {
      const salt = random(SALT_BYTES);
      const { cipher, nonce } = tokenCipher(kind, expandSealing, salt);
      const sealed = await cipher.seal(nonce, lengthPrefixed(FORMAT, keyId), utf8(json));
      return `${FORMAT}.${keyId}.${toBase64Url(salt)}.${toBase64Url(sealed)}`;
    },

    async openToken(kind, token) {
      if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) return undefined;
      const [format, id = "", saltText = "", sealedText = "", ...rest] = token.split(".");
      const expand = ring.get(id);
      const salt = fromBase64Url(saltText);
      const sealed = fromBase64Url(sealedText);
      if (format !== FORMAT || rest.length > 0 || !expand || salt?.length !== SALT_BYTES || !sealed)
        return undefined;
      const { cipher, nonce } = tokenCipher(kind, expand, salt);
      const opened = await cipher.open(nonce, lengthPrefixed(FORMAT, id), sealed);
      return opened && fromUtf8(opened);
    },
  };
}
