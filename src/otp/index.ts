/**
 * Codes and secrets as pure, synchronous functions, without a user, a clock or a store.
 *
 * @module
 */

export type { Bytes } from "../internal/check.ts";
export type { HashName } from "../internal/hmac.ts";
export { decodeBase32, encodeBase32 } from "./base32.ts";
export { type CodeOptions, hotp } from "./hotp.ts";
export { formatKeyUri, type KeyUri, parseKeyUri } from "./key-uri.ts";
export { generateSecret, type PreparedSecret, prepareSecret, type Secret } from "./secret.ts";
export { type MatchOptions, type Moment, matchTotp, secondsRemaining, totp } from "./totp.ts";
