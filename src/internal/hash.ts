/** The only file that knows @noble/hashes: one name for each job, every hash a choice of ours. */

import { extract } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { scrypt as nobleScrypt } from "@noble/hashes/scrypt.js";
import { sha256 as nobleSha256, sha512 } from "@noble/hashes/sha2.js";
import { randomBytes as nobleRandomBytes } from "@noble/hashes/utils.js";

/** The hash functions of RFC 6238. Every authenticator app computes SHA1; some ignore the other two. */
export type HashName = "SHA1" | "SHA256" | "SHA512";
export const HASH_NAMES: readonly HashName[] = ["SHA1", "SHA256", "SHA512"];

/** HMAC (RFC 2104) under one key whose two blocks are already hashed: two compressions a digest, not four. */
export interface PreparedHmac {
  /** The HMAC of a counter as 8 bytes, big-endian. The next digest of any key overwrites it: read it at once. */
  digest(counter: number): DataView;
}

/**
 * A hash between two blocks, as @noble/hashes has it beneath `update`, which checks and pads anew each time. All
 * blocks but a long key's have a known length here, so their padding is written once.
 */
interface State {
  readonly blockLen: number;
  readonly outputLen: number;
  process(block: DataView, offset: number): void;
  get(): readonly number[];
  roundClean(): void;
  _cloneInto(to: State): State;
}

/** The working memory of one hash function. All keys share it: nothing in this file awaits or calls back. */
interface Workbench {
  readonly hash: (message: Uint8Array) => Uint8Array;
  readonly create: () => State;
  readonly blank: State;
  readonly scratch: State;
  readonly key: DataView; // three whole blocks,
  readonly counter: DataView;
  readonly inner: DataView;
  readonly digest: DataView; // and the front of the last
}

function workbench(hash: Workbench["hash"] & { create(): unknown }): Workbench {
  const create = () => hash.create() as State;
  const [blank, scratch] = [create(), create()];
  const { blockLen, outputLen } = blank;
  const key = new DataView(new ArrayBuffer(blockLen));
  const counter = lastBlock(blockLen, 8);
  const inner = lastBlock(blockLen, outputLen);
  const digest = new DataView(inner.buffer, 0, outputLen);
  return { hash, create, blank, scratch, key, counter, inner, digest };
}

/** The block after the key's, padded for a message of this length (FIPS 180-4 section 5.1). */
function lastBlock(blockLen: number, length: number): DataView {
  const block = new DataView(new ArrayBuffer(blockLen));
  block.setUint8(length, 0x80);
  block.setUint32(blockLen - 4, (blockLen + length) * 8);
  return block;
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

  setKey(key: Uint8Array): this {
    const { hash, blank, key: block } = this.#bench;
    const bytes = new Uint8Array(block.buffer);
    bytes.set(key.length > bytes.length ? hash(key) : key);
    flip(block, 0x36363636);
    blank._cloneInto(this.#inner).process(block, 0);
    flip(block, 0x36363636 ^ 0x5c5c5c5c);
    blank._cloneInto(this.#outer).process(block, 0);
    bytes.fill(0);
    blank.roundClean();
    return this;
  }

  digest(counter: number): DataView {
    const { scratch, counter: message, inner, digest } = this.#bench;
    message.setUint32(0, Math.floor(counter / 2 ** 32));
    message.setUint32(4, counter); // modulo 2^32
    this.#inner._cloneInto(scratch).process(message, 0);
    write(scratch.get(), digest);
    this.#outer._cloneInto(scratch).process(inner, 0);
    write(scratch.get(), digest);
    return digest;
  }
}

function flip(block: DataView, mask: number): void {
  for (let i = 0; i < block.byteLength; i += 4) block.setUint32(i, block.getUint32(i) ^ mask);
}

function write(words: readonly number[], digest: DataView): void {
  for (let i = 0; i < digest.byteLength; i += 4) digest.setUint32(i, words[i / 4] as number);
}

/** Keys an HMAC that stays. */
export function prepareHmac(name: HashName, key: Uint8Array): PreparedHmac {
  return new Hmac(WORKBENCHES[name]).setKey(key);
}

const transient: Partial<Record<HashName, Hmac>> = {};

/** Keys an HMAC that lasts until the next call of this function: no allocation, and so twice the speed. */
export function transientHmac(name: HashName, key: Uint8Array): PreparedHmac {
  transient[name] ??= new Hmac(WORKBENCHES[name]);
  return transient[name].setKey(key);
}

const [blank, scratch] = [/* @__PURE__ */ nobleSha256.create(), /* @__PURE__ */ nobleSha256.create()];

export function sha256(bytes: Uint8Array): Uint8Array {
  return blank._cloneInto(scratch).update(bytes).digest();
}

/** RFC 5869 section 2.2 with SHA-256; without a salt, 32 zeros. */
export function hkdfExtract(key: Uint8Array, salt?: Uint8Array): Uint8Array {
  return extract(nobleSha256, key, salt);
}

/** RFC 5869 section 2.3 with SHA-256: keyed once, it expands any number of times, each to at most 255 blocks. */
export function prepareHkdf(prk: Uint8Array): (info: Uint8Array, length: number) => Uint8Array {
  const keyed = hmac.create(nobleSha256, prk);
  const scratch = keyed.clone();
  const block = new Uint8Array(keyed.outputLen);
  return (info, length) => {
    const okm = new Uint8Array(length);
    for (let at = 0, i = 1; at < length; at += block.length, i++) {
      keyed._cloneInto(scratch);
      if (i > 1) scratch.update(block);
      scratch.update(info).update(Uint8Array.of(i)).digestInto(block);
      okm.set(block.subarray(0, length - at), at);
    }
    block.fill(0);
    return okm;
  };
}

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
