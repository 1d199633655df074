/** HOTP (RFC 4226), which computes a code from a secret and a counter. */

import { checkInteger, checkOptions } from "../internal/check.ts";
import type { HashName, PreparedHmac } from "../internal/hmac.ts";
import { type Secret, secretHmac } from "./secret.ts";

/** The number of digits of a code, and its algorithm. */
export interface CodeOptions {
  /** 6 to 8; 6 by default. */
  digits?: number | undefined;
  /** `"SHA1"` by default. */
  algorithm?: HashName | undefined;
}

export const DIGITS = 6; // every authenticator app computes six; RFC 4226 section 5.3 allows up to eight

/**
 * Computes the code of a counter.
 *
 * @param secret Base32 text, bytes, or prepared
 * @param counter an integer from 0 to 2^53 - 1
 * @param options `digits` 6 to 8, by default 6; `algorithm`, by default `"SHA1"`
 * @throws TypeError or RangeError if an argument is not as described, or an option is unknown; the message never quotes
 * the secret
 * @see RFC 4226 section 5
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hotp } from "twinlock/otp";
 *
 * assert.equal(hotp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 0), "755224");
 * ```
 */
export function hotp(secret: Secret, counter: number, options: CodeOptions = {}): string {
  checkOptions("options", options, ["digits", "algorithm"], "");
  checkInteger("counter", counter, 0, Number.MAX_SAFE_INTEGER);
  return codeAt(secret, counter, options);
}

/** Computes the code of a counter that is known to be in range. */
export function codeAt(secret: Secret, counter: number, options: CodeOptions): string {
  const { digits = DIGITS, algorithm } = options;
  const modulus = codeCount(digits);
  return String(hotpValue(secretHmac(secret, algorithm), counter) % modulus).padStart(digits, "0");
}

/** Returns how many codes of this many digits there are. */
export function codeCount(digits: number): number {
  return 10 ** checkInteger("digits", digits, 6, 8);
}

/** Returns the 31 bits that a code is made of (RFC 4226 section 5.3). */
export function hotpValue(hmac: PreparedHmac, counter: number): number {
  const digest = hmac.digest(counter);
  return digest.getUint32(digest.getUint8(digest.byteLength - 1) & 15) & 0x7fffffff;
}
