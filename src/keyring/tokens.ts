/** Seals and opens the tokens that hosts carry: a derived key for each token, since each has a salt of its own. */

import { fromBase64Url, fromUtf8, lengthPrefixed, toBase64Url, utf8 } from "../internal/bytes.ts";
import type { Platform } from "../internal/platform.ts";
import { type Expand, FORMAT, KEY_BYTES, type Keys } from "./keys.ts";
import { NONCE_BYTES } from "./records.ts";

const SALT_BYTES = 24;
const MAX_TOKEN_LENGTH = 16_384; // the longest user id fits, with every character of it escaped in JSON

/** What a sealed token is for; a token of one kind never opens as the other. */
export type TokenKind = "challenge" | "elevation";

export interface TokenSeal {
  sealToken(kind: TokenKind, json: string): Promise<string>;
  /** Undefined for anything that these keys have not sealed as a token of this kind. */
  openToken(kind: TokenKind, token: unknown): Promise<string | undefined>;
}

/** Makes the seal of all tokens. */
export function tokenSeal(keys: Keys, platform: Platform, random: (length: number) => Uint8Array): TokenSeal {
  /** No nonce repeats under a key that is used once: it may be a part of the salt. */
  function cipherOf(kind: TokenKind, expand: Expand, salt: Uint8Array) {
    const key = expand(lengthPrefixed(`twinlock/v1/${kind}`, salt), KEY_BYTES);
    return { cipher: platform.cipher(key), nonce: salt.subarray(0, NONCE_BYTES) };
  }

  return {
    async sealToken(kind, json) {
      const { sealingId, sealing } = keys;
      const salt = random(SALT_BYTES);
      const { cipher, nonce } = cipherOf(kind, sealing, salt);
      const sealed = await cipher.seal(nonce, lengthPrefixed(FORMAT, sealingId), utf8(json));
      return `${FORMAT}.${sealingId}.${toBase64Url(salt)}.${toBase64Url(sealed)}`;
    },
    async openToken(kind, token) {
      if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) return undefined;
      const [format, keyId = "", saltText = "", sealedText = "", ...rest] = token.split(".");
      const expand = keys.byId.get(keyId);
      const salt = fromBase64Url(saltText);
      const sealed = fromBase64Url(sealedText);
      if (format !== FORMAT || rest.length > 0 || !expand || salt?.length !== SALT_BYTES || !sealed)
        return undefined;
      const { cipher, nonce } = cipherOf(kind, expand, salt);
      const opened = await cipher.open(nonce, lengthPrefixed(FORMAT, keyId), sealed);
      return opened && fromUtf8(opened);
    },
  };
}
