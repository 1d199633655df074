/** Base32 (RFC 4648 section 6), in which secrets are written and typed. */

import base32Decode from "base32-decode";
import base32Encode from "base32-encode";
import { type Bytes, checkBytes, checkText } from "../internal/check.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CANONICAL = /^[A-Z2-7]+$/;
const FORGIVEN = /^[A-Z2-7]+=*$/i;
const SEPARATORS = /[\s-]+/g;

/** The longest text to decode. It is checked first, because base32-decode takes quadratic time over a run of `=`. */
export const MAX_BASE32_LENGTH = 1024;

/** How many bits of the last character belong to no byte, by length modulo 8. Three lengths are no Base32 of bytes. */
const SPARE_BITS: readonly (number | undefined)[] = [0, undefined, 2, undefined, 4, 1, undefined, 3];

/**
 * Encodes bytes as Base32: upper case, no padding.
 *
 * @throws TypeError if `bytes` is not a `Uint8Array`
 * @see RFC 4648 section 6
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encodeBase32 } from "twinlock/otp";
 *
 * assert.equal(encodeBase32(new TextEncoder().encode("foobar")), "MZXW6YTBOI");
 * ```
 */
export function encodeBase32(bytes: Uint8Array): string {
  return base32Encode(Uint8Array.from(checkBytes("bytes", bytes)), "RFC4648", { padding: false });
}

/**
 * Decodes Base32 as people type it.
 *
 * Accepts lower case, spaces, hyphens and `=` at the end. Everything else is strict: the alphabet, lengths that no
 * bytes encode to, and bits left over that are not zero, because apps disagree about what those mean.
 *
 * @param text 1 to 1,024 characters
 * @throws TypeError if `text` is not a string
 * @throws RangeError if it is not Base32; the message never quotes it
 * @see RFC 4648 section 6
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeBase32 } from "twinlock/otp";
 *
 * assert.deepEqual(decodeBase32("mzxw 6ytb oi======"), new TextEncoder().encode("foobar"));
 * assert.throws(() => decodeBase32("MZXW0"), RangeError);
 * ```
 */
export function decodeBase32(text: string): Bytes {
  const digits = unpadded(checkText("base32", text, MAX_BASE32_LENGTH));
  const spareBits = SPARE_BITS[digits.length % 8];
  if (spareBits === undefined) throw new RangeError("base32: characters are missing or too many");
  const last = ALPHABET.indexOf(digits.charAt(digits.length - 1));
  if ((last & ((1 << spareBits) - 1)) !== 0) throw new RangeError("base32: the last character is wrong");
  return new Uint8Array(base32Decode(digits, "RFC4648"));
}

/**
 * Decodes a secret that another system made of characters rather than of bytes. Bits that belong to no byte are dropped,
 * as in authenticator apps, so that the person's codes stay the same.
 */
export function decodeForeignBase32(text: string): Bytes {
  const digits = unpadded(checkText("base32", text, MAX_BASE32_LENGTH));
  return new Uint8Array(base32Decode(digits, "RFC4648"));
}

function unpadded(text: string): string {
  if (CANONICAL.test(text)) return text;
  const joined = text.replace(SEPARATORS, "");
  if (!FORGIVEN.test(joined)) throw new RangeError("base32: want letters A to Z and digits 2 to 7");
  const padding = joined.indexOf("=");
  return (padding < 0 ? joined : joined.slice(0, padding)).toUpperCase();
}
