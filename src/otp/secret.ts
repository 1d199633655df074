/** Secrets: making, checking and preparing them. */

import { checkBytes, checkInteger, checkOneOf, checkOptions } from "../internal/check.ts";
import {
  HASH_NAMES,
  type HashName,
  type PreparedHmac,
  prepareHmac,
  randomBytes,
  transientHmac,
} from "../internal/hmac.ts";
import { decodeBase32, encodeBase32, MAX_BASE32_LENGTH } from "./base32.ts";

const NEW_SECRET_BYTES = 20; // RFC 4226 section 4 R6 recommends 20 and asks for 16; some apps refuse odd sizes
const MIN_NEW_SECRET_BYTES = 16;
const MAX_NEW_SECRET_BYTES = 64; // the HMAC output of SHA-512 (RFC 6238 section 5.1)

/** The shortest secret that is accepted. Older libraries made such secrets, and they are still in use. */
export const MIN_SECRET_BYTES = 10;
const MAX_SECRET_BYTES = (MAX_BASE32_LENGTH * 5) / 8;

/**
 * A secret whose HMAC states are computed once, made by {@link prepareSecret}. It is accepted wherever a secret is,
 * prints as `[PreparedSecret]`, and never shows the key.
 */
export interface PreparedSecret {
  readonly algorithm: HashName;
}

/** A secret: Base32 text, bytes, or a prepared secret. */
export type Secret = string | Uint8Array | PreparedSecret;

class Prepared implements PreparedSecret {
  readonly #algorithm: HashName;
  readonly #hmac: PreparedHmac;

  constructor(algorithm: HashName, key: Uint8Array) {
    this.#algorithm = algorithm;
    this.#hmac = prepareHmac(algorithm, key);
  }

  static hmac(secret: object, algorithm: unknown): PreparedHmac | undefined {
    if (!(#hmac in secret)) return undefined;
    if (algorithm === undefined || algorithm === secret.#algorithm) return secret.#hmac;
    throw new TypeError("algorithm: the secret was prepared for another one");
  }

  get algorithm(): HashName {
    return this.#algorithm;
  }

  toString(): string {
    return "[PreparedSecret]";
  }

  toJSON(): string {
    return "[PreparedSecret]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[PreparedSecret]";
  }
}

/**
 * Computes the HMAC states of a secret once, for a caller that uses it often.
 *
 * @param secret Base32 text or bytes, 10 to 640 bytes
 * @param algorithm `"SHA1"` by default, which is what authenticator apps compute
 * @throws TypeError if `secret` or `algorithm` is of the wrong kind
 * @throws RangeError if the secret is too short, too long or not Base32; the message never quotes it
 * @see RFC 2104 section 4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { prepareSecret, totp } from "twinlock/otp";
 *
 * const secret = prepareSecret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
 * assert.equal(totp(secret, { now: 59_000 }), "287082");
 * assert.equal(String(secret), "[PreparedSecret]");
 * ```
 */
export function prepareSecret(secret: string | Uint8Array, algorithm: HashName = "SHA1"): PreparedSecret {
  return new Prepared(checkOneOf("algorithm", algorithm, HASH_NAMES), secretBytes(secret));
}

/**
 * Makes a new random secret as Base32 text.
 *
 * @param options.bytes 16 to 64, by default 20, which every authenticator app accepts
 * @throws TypeError if `bytes` is not an integer, or an option is unknown
 * @throws RangeError if `bytes` is out of range
 * @see RFC 4226 section 4 (R6)
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateSecret } from "twinlock/otp";
 *
 * assert.match(generateSecret(), /^[A-Z2-7]{32}$/);
 * ```
 */
export function generateSecret(options: { bytes?: number | undefined } = {}): string {
  checkOptions("options", options, ["bytes"], "");
  const { bytes = NEW_SECRET_BYTES } = options;
  return encodeBase32(randomBytes(checkInteger("bytes", bytes, MIN_NEW_SECRET_BYTES, MAX_NEW_SECRET_BYTES)));
}

/** Returns the bytes of a secret, which are at least {@link MIN_SECRET_BYTES}. */
export function secretBytes(
  secret: string | Uint8Array,
  decode: typeof decodeBase32 = decodeBase32,
): Uint8Array {
  const bytes =
    typeof secret === "string" ? decode(secret) : checkBytes("secret", secret, "Base32 text or bytes");
  if (bytes.length < MIN_SECRET_BYTES || bytes.length > MAX_SECRET_BYTES) {
    throw new RangeError(`secret: want ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes`);
  }
  return bytes;
}

/** Returns a secret's HMAC. Use it before that of any other secret: only a prepared secret keeps its own. */
export function secretHmac(secret: Secret, algorithm: HashName | undefined): PreparedHmac {
  if (typeof secret === "object" && secret !== null) {
    const prepared = Prepared.hmac(secret, algorithm);
    if (prepared !== undefined) return prepared;
  }
  const name = checkOneOf("algorithm", algorithm === undefined ? "SHA1" : algorithm, HASH_NAMES);
  return transientHmac(name, secretBytes(secret as string | Uint8Array));
}

/** Writes a secret in groups of four, for reading aloud and typing. */
export function grouped(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, "$& ");
}
