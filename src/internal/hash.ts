/** The only file that knows @noble/hashes: one name for each job, every hash a choice of ours. */

import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { scrypt as nobleScrypt } from "@noble/hashes/scrypt.js";
import { sha256 as nobleSha256, sha512 } from "@noble/hashes/sha2.js";
import { randomBytes as nobleRandomBytes } from "@noble/hashes/utils.js";

/** The hash functions of RFC 6238. Every authenticator app computes SHA1; some ignore the other two. */
export type HashName = "SHA1" | "SHA256" | "SHA512";
export const HASH_NAMES: readonly HashName[] = ["SHA1", "SHA256", "SHA512"];

/** HMAC (RFC 2104) under one key whose two blocks are already hashed: two compressions a digest, not four. */
export interface PreparedHmac {
  /** The HMAC of a short message, in memory that the next digest overwrites: read it at once. */
  digest(message: Uint8Array): Uint8Array;
}

/** A hash in progress. `buffer` holds the unfinished block; a digest written into it needs no allocation. */
interface State {
  readonly blockLen: number;
  readonly outputLen: number;
  readonly buffer: Uint8Array;
  update(bytes: Uint8Array): State;
  digestInto(out: Uint8Array): void;
  _cloneInto(to: State): State;
}

/** The working memory of one hash function. All keys share it: nothing in this file awaits or calls back. */
interface Workbench {
  readonly hash: (message: Uint8Array) => Uint8Array;
  readonly create: () => State;
  readonly blank: State;
  readonly scratch: State;
  readonly digest: Uint8Array;
  readonly pad: Uint8Array;
}

function workbench(hash: Workbench["hash"] & { create(): unknown }): Workbench {
  const create = () => hash.create() as State;
  const [blank, scratch] = [create(), create()];
  const digest = scratch.buffer.subarray(0, scratch.outputLen);
  return { hash, create, blank, scratch, digest, pad: new Uint8Array(blank.blockLen) };
}

const WORKBENCHES: Readonly<Record<HashName, Workbench>> = {
  SHA1: /* @__PURE__ */ workbench(sha1),
  SHA256: /* @__PURE__ */ workbench(nobleSha256),
  SHA512: /* @__PURE__ */ workbench(sha512),
};

class Hmac implements PreparedHmac {
  readonly #bench: Workbench;
  readonly #inner: State;
  readonly #outer: State;

  constructor(bench: Workbench) {
    this.#bench = bench;
    this.#inner = bench.create();
    this.#outer = bench.create();
  }

  /** Hashes the first block of both halves: the key, filled up with zeros, XOR 0x36 and XOR 0x5c. */
  setKey(key: Uint8Array): this {
    const { hash, blank, pad } = this.#bench;
    const short = key.length > pad.length ? hash(key) : key;
    pad.fill(0x36);
    for (let i = 0; i < short.length; i++) pad[i] = (short[i] as number) ^ 0x36;
    blank._cloneInto(this.#inner).update(pad);
    for (let i = 0; i < pad.length; i++) pad[i] = (pad[i] as number) ^ (0x36 ^ 0x5c);
    blank._cloneInto(this.#outer).update(pad);
    pad.fill(0);
    return this;
  }

  digest(message: Uint8Array): Uint8Array {
    const { scratch, digest } = this.#bench;
    this.#inner._cloneInto(scratch).update(message).digestInto(scratch.buffer);
    this.#outer._cloneInto(scratch).update(digest).digestInto(scratch.buffer);
    return digest;
  }
}

/** Keys an HMAC that stays. */
export function prepareHmac(name: HashName, key: Uint8Array): PreparedHmac {
  return new Hmac(WORKBENCHES[name]).setKey(key);
}

const transient: Partial<Record<HashName, Hmac>> = {};

/** Keys an HMAC that lasts until the next call of this function: no allocation, three times the speed. */
export function transientHmac(name: HashName, key: Uint8Array): PreparedHmac {
  transient[name] ??= new Hmac(WORKBENCHES[name]);
  return transient[name].setKey(key);
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** RFC 5869 section 2.2 with SHA-256; without a salt, 32 zeros. */
export function hkdfExtract(key: Uint8Array, salt?: Uint8Array): Uint8Array {
  return extract(nobleSha256, key, salt);
}

/** RFC 5869 section 2.3 with SHA-256. */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return expand(nobleSha256, prk, info, length);
}

/** What a derivation costs (RFC 7914) and how many bytes it gives. */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
  dkLen: number;
}

/** RFC 7914, portable and blocking: tens of milliseconds for N=2^14, r=8. */
export function scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost): Uint8Array {
  return nobleScrypt(password, salt, cost);
}

/** Bytes from the platform's cryptographic generator. */
export function randomBytes(length: number): Uint8Array {
  return nobleRandomBytes(length);
}
