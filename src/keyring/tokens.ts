/** Seals and opens challenges and elevations. Each has a random salt, and so a derived key of its own. */

import { fromBase64Url, fromUtf8, lengthPrefixed, toBase64Url, utf8 } from "../internal/bytes.ts";
import type { Platform } from "../internal/platform.ts";
import { type Expand, FORMAT, KEY_BYTES, type Keys } from "./keys.ts";
import { NONCE_BYTES } from "./records.ts";

const SALT_BYTES = 24;
const MAX_TOKEN_LENGTH = 16_384; // the longest user id fits even if JSON escapes each of its characters

/** The kinds of sealed tokens. A token of one kind never opens as the other. */
export type TokenKind = "challenge" | "elevation";

export interface TokenSeal {
  sealToken(kind: TokenKind, json: string): Promise<string>;
  /**
   * Returns a function that gives the token. Where the platform can seal without a promise, it seals at the first call,
   * because sealing is a quarter of a sign-in and not every application uses the token.
   */
  sealOnDemand(kind: TokenKind, json: () => string): Promise<() => string>;
  /** Opens a token; undefined for anything that these keys have not sealed as a token of this kind. */
  openToken(kind: TokenKind, token: unknown): Promise<string | undefined>;
}

/** Makes the seal of all tokens. */
export function tokenSeal(keys: Keys, platform: Platform, random: (length: number) => Uint8Array): TokenSeal {
  /** Derives the key and takes the nonce from the salt: under a key that is used once, no nonce repeats. */
  function keyOf(kind: TokenKind, expand: Expand, salt: Uint8Array) {
    const key = expand(lengthPrefixed(`twinlock/v1/${kind}`, salt), KEY_BYTES);
    return { key, nonce: salt.subarray(0, NONCE_BYTES) };
  }
  const { sealingId, sealing } = keys;
  const associated = (keyId: string) => lengthPrefixed(FORMAT, keyId);
  const tokenOf = (salt: Uint8Array, sealed: Uint8Array) =>
    `${FORMAT}.${sealingId}.${toBase64Url(salt)}.${toBase64Url(sealed)}`;

  async function sealToken(kind: TokenKind, json: string): Promise<string> {
    const salt = random(SALT_BYTES);
    const { key, nonce } = keyOf(kind, sealing, salt);
    return tokenOf(salt, await platform.cipher(key).seal(nonce, associated(sealingId), utf8(json)));
  }

  return {
    sealToken,
    async sealOnDemand(kind, json) {
      const { sealAtOnce } = platform;
      if (!sealAtOnce) {
        const token = await sealToken(kind, json());
        return () => token;
      }
      let token: string | undefined;
      return () => {
        if (token !== undefined) return token;
        const salt = random(SALT_BYTES);
        const { key, nonce } = keyOf(kind, sealing, salt);
        token = tokenOf(salt, sealAtOnce(key, nonce, associated(sealingId), utf8(json())));
        return token;
      };
    },
    async openToken(kind, token) {
      if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) return undefined;
      const [format, keyId = "", saltText = "", sealedText = "", ...rest] = token.split(".");
      const expand = keys.byId.get(keyId);
      const salt = fromBase64Url(saltText);
      const sealed = fromBase64Url(sealedText);
      if (format !== FORMAT || rest.length > 0 || !expand || salt?.length !== SALT_BYTES || !sealed)
        return undefined;
      const { key, nonce } = keyOf(kind, expand, salt);
      const opened = await platform.cipher(key).open(nonce, associated(keyId), sealed);
      return opened && fromUtf8(opened);
    },
  };
}
