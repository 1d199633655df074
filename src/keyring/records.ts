/** Seals and opens the records of users, with a derived key for each user and a random nonce for each write. */

import { TwoFactorError } from "../errors.ts";
import { fromBase64Url, fromUtf8, lengthPrefixed, toBase64Url, utf8 } from "../internal/bytes.ts";
import type { Cipher, Platform } from "../internal/platform.ts";
import { type Expand, FORMAT, KEY_BYTES, type Keys } from "./keys.ts";

export const NONCE_BYTES = 12;
const KEY_ID = /^[\w-]{11}$/; // a key id is 8 bytes in base64url

/** Seals and opens the record of one user. */
export interface RecordSeal {
  /** Seals a record. The nonce must be random and new for every call. */
  seal(version: string, json: string, nonce?: Uint8Array): Promise<string>;
  /** Opens a record. Throws a TwoFactorError for text that these keys did not seal for this user and version. */
  open(version: string, data: string): Promise<string>;
}

/** Makes the seal of one user's record; it cannot open the record of another. */
export function recordSeal(
  keys: Keys,
  { cipher }: Platform,
  random: (length: number) => Uint8Array,
  userId: string,
): RecordSeal {
  const cipherOf = rememberingLast((expand) =>
    cipher(expand(lengthPrefixed("twinlock/v1/record", userId), KEY_BYTES)),
  );
  const associated = (keyId: string, version: string) => lengthPrefixed(FORMAT, keyId, userId, version);
  return {
    async seal(version, json, nonce = random(NONCE_BYTES)) {
      const { sealingId, sealing } = keys;
      const sealed = await cipherOf(sealing).seal(nonce, associated(sealingId, version), utf8(json));
      return `${FORMAT}.${sealingId}.${toBase64Url(nonce)}.${toBase64Url(sealed)}`;
    },
    async open(version, data) {
      const { keyId, nonce, sealed } = parseRecord(data);
      const expand = keys.byId.get(keyId);
      if (!expand) {
        throw new TwoFactorError(
          "key_unknown",
          `The stored record is sealed under the key ${keyId}, which is not in \`keys\`.`,
        );
      }
      const opened =
        nonce?.length === NONCE_BYTES && sealed
          ? await cipherOf(expand).open(nonce, associated(keyId, version), sealed)
          : undefined;
      if (opened) return fromUtf8(opened);
      throw new TwoFactorError(
        "record_invalid",
        "The stored record does not open for this user: it was changed, or copied from another row.",
      );
    },
  };
}

function parseRecord(data: string) {
  const [format, keyId = "", nonce = "", sealed = "", ...rest] = data.split(".");
  if (format !== FORMAT || !KEY_ID.test(keyId) || rest.length > 0) {
    throw new TwoFactorError("record_invalid", "The stored record is not one that this version wrote.");
  }
  return { keyId, nonce: fromBase64Url(nonce), sealed: fromBase64Url(sealed) };
}

/** Keeps the cipher of the last key, because the key that opened a record mostly seals it again. */
function rememberingLast(make: (expand: Expand) => Cipher): (expand: Expand) => Cipher {
  let last: { expand: Expand; cipher: Cipher } | undefined;
  return (expand) => {
    last = last?.expand === expand ? last : { expand, cipher: make(expand) };
    return last.cipher;
  };
}
