/** The keyring that seals records, challenges and elevations: the first key seals, and all of them open. */

import { randomBytes } from "./internal/hmac.ts";
import { type Platform, platform as thisPlatform } from "./internal/platform.ts";
import { readKeys } from "./keyring/keys.ts";
import { type RecordSeal, recordSeal } from "./keyring/records.ts";
import { type TokenSeal, tokenSeal } from "./keyring/tokens.ts";

export { generateKey } from "./keyring/keys.ts";
export { NONCE_BYTES, type RecordSeal } from "./keyring/records.ts";
export type { TokenKind } from "./keyring/tokens.ts";

export interface Keyring extends TokenSeal {
  /** The id of the key that seals. */
  readonly keyId: string;
  forUser(userId: string): RecordSeal;
  /** The id of the key that a sealed record names. */
  keyIdOf(data: string): string | undefined;
}

export function createKeyring(
  option: string | undefined,
  random: (length: number) => Uint8Array = randomBytes,
  platform: Platform = thisPlatform(),
): Keyring {
  const keys = readKeys(option);
  return {
    keyId: keys.sealingId,
    keyIdOf: (data) => data.split(".", 2)[1],
    forUser: (userId) => recordSeal(keys, platform, random, userId),
    ...tokenSeal(keys, platform, random),
  };
}
