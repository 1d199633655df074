/** The only file that knows @noble/hashes: one name for each job, every hash a choice of ours. */

import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { scrypt as nobleScrypt } from "@noble/hashes/scrypt.js";
import { sha256 as nobleSha256, sha512 } from "@noble/hashes/sha2.js";
import { randomBytes as nobleRandomBytes } from "@noble/hashes/utils.js";

/** The hash functions of RFC 6238. Authenticator apps compute SHA1 reliably and the others rarely. */
export type HashName = "SHA1" | "SHA256" | "SHA512";
export const HASH_NAMES: readonly HashName[] = ["SHA1", "SHA256", "SHA512"];

/** HMAC under one key (RFC 2104), keyed once: each digest then costs two compressions and no key block. */
export interface PreparedHmac {
  readonly outputLength: number;
  /** Writes the HMAC of the message into the first `outputLength` bytes of `out`. */
  digestInto(message: Uint8Array, out: Uint8Array): void;
}

/** The part of a hash object that this file uses; structural, so that nothing of the dependency is named twice. */
interface State {
  readonly blockLen: number;
  readonly outputLen: number;
  update(bytes: Uint8Array): this;
  digestInto(out: Uint8Array): void;
  _cloneInto(to?: State): State;
}

interface Engine {
  create(): State;
  hash(message: Uint8Array): Uint8Array;
}

const ENGINES: Readonly<Record<HashName, Engine>> = {
  SHA1: { create: () => sha1.create() as unknown as State, hash: sha1 },
  SHA256: { create: () => nobleSha256.create() as unknown as State, hash: nobleSha256 },
  SHA512: { create: () => sha512.create() as unknown as State, hash: sha512 },
};

export function prepareHmac(name: HashName, key: Uint8Array): PreparedHmac {
  const engine = ENGINES[name];
  const inner = engine.create();
  const outer = engine.create();
  const scratch = engine.create();
  const { blockLen, outputLen: outputLength } = inner;
  const pad = new Uint8Array(blockLen);
  pad.set(key.length > blockLen ? engine.hash(key) : key);
  for (let i = 0; i < blockLen; i++) pad[i] = (pad[i] as number) ^ 0x36;
  inner.update(pad);
  for (let i = 0; i < blockLen; i++) pad[i] = (pad[i] as number) ^ (0x36 ^ 0x5c);
  outer.update(pad);
  pad.fill(0);
  return {
    outputLength,
    digestInto(message, out) {
      const digest = out.length === outputLength ? out : out.subarray(0, outputLength);
      inner._cloneInto(scratch).update(message).digestInto(digest);
      outer._cloneInto(scratch).update(digest).digestInto(digest);
    },
  };
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** RFC 5869 section 2.2 with SHA-256; without a salt, a block of zeros. */
export function hkdfExtract(key: Uint8Array, salt?: Uint8Array): Uint8Array {
  return extract(nobleSha256, key, salt);
}

/** RFC 5869 section 2.3 with SHA-256. */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return expand(nobleSha256, prk, info, length);
}

export interface ScryptCost {
  N: number;
  r: number;
  p: number;
  dkLen: number;
}

/** RFC 7914, portable and blocking: about 45 ms for N=2^14, r=8. */
export function scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost): Uint8Array {
  return nobleScrypt(password, salt, cost);
}

/** Bytes of the platform's cryptographic generator. */
export function randomBytes(length: number): Uint8Array {
  return nobleRandomBytes(length);
}
