/**
 * An HMAC engine over the block function of @noble/hashes, with SHA-256, HKDF and random bytes. Only this file and
 * scrypt.ts import that package. Padding, keying and finishing are done here, for speed, through members that the package
 * does not document; decision 14 in docs/decisions.md says why. Tests compare all of it with node:crypto.
 */

// A bundle stays smaller with the classes than with the functions around them.
import { _SHA1 } from "@noble/hashes/legacy.js";
import { _SHA256, _SHA512 } from "@noble/hashes/sha2.js";
import { randomBytes as nobleRandomBytes } from "@noble/hashes/utils.js";
import { nativeHmac, writeCounter } from "./native-hmac.ts";

/** The hash functions of RFC 6238. Every authenticator app computes SHA1; some ignore the other two. */
export type HashName = "SHA1" | "SHA256" | "SHA512";
export const HASH_NAMES: readonly HashName[] = ["SHA1", "SHA256", "SHA512"];

/** HMAC (RFC 2104) under a key whose two blocks are hashed already: a digest takes two compressions, not four. */
export interface PreparedHmac {
  /** Returns the HMAC of a counter as 8 bytes, big-endian. Read it at once: the next digest of any key overwrites it. */
  digest(counter: number): DataView;
}

/**
 * The state of a hash between two blocks. `update` of @noble/hashes, which is built on it, checks and pads each time;
 * here nearly all blocks have a known length, so their padding is written once.
 */
interface State {
  readonly blockLen: number;
  readonly outputLen: number;
  update(message: Uint8Array): State;
  digest(): Uint8Array;
  process(block: DataView, offset: number): void;
  get(): readonly number[];
  roundClean(): void;
  _cloneInto(to: State): State;
}

/** The working memory of one hash function. All keys share it, because nothing in this file awaits or calls back. */
interface Workbench {
  readonly create: () => State;
  readonly blank: State;
  readonly scratch: State;
  readonly block: DataView; // `block`, `counter` and `inner` are whole blocks
  readonly counter: DataView;
  readonly inner: DataView;
  readonly digest: DataView; // the front of `inner`
  readonly bytes: { readonly block: Uint8Array; readonly digest: Uint8Array }; // `block` and `digest` as bytes
}

function workbench(Hash: new () => unknown): Workbench {
  const create = () => new Hash() as State;
  const [blank, scratch] = [create(), create()];
  const { blockLen, outputLen } = blank;
  const block = new DataView(new ArrayBuffer(blockLen));
  const counter = lastBlock(blockLen, 8);
  const inner = lastBlock(blockLen, outputLen);
  const digest = new DataView(inner.buffer, 0, outputLen);
  const bytes = { block: new Uint8Array(block.buffer), digest: new Uint8Array(inner.buffer, 0, outputLen) };
  return { create, blank, scratch, block, counter, inner, digest, bytes };
}

/** Makes the block after the key's, padded for a message of this length (FIPS 180-4 section 5.1). */
function lastBlock(blockLen: number, length: number): DataView {
  const block = new DataView(new ArrayBuffer(blockLen));
  block.setUint8(length, 0x80);
  block.setUint32(blockLen - 4, (blockLen + length) * 8);
  return block;
}

/** Hashes the rest of a message, padded, into a state that has seen the first `before` bytes of it. */
function absorb({ block, bytes }: Workbench, state: State, message: Uint8Array, before: number): void {
  const { blockLen } = state;
  const { length } = message;
  const end = length + 1 + blockLen / 8; // padding is a one, zeros, and the length in an eighth of a block
  for (let start = 0; start < end; start += blockLen) {
    for (let i = 0, at = start; i < blockLen; i++, at++) {
      bytes.block[i] = at < length ? (message[at] as number) : at === length ? 0x80 : 0;
    }
    if (start + blockLen >= end) block.setUint32(blockLen - 4, (before + length) * 8);
    state.process(block, 0);
  }
  bytes.block.fill(0);
}

/** Takes the digest of the scratch state, which the next digest overwrites. */
function take({ scratch, digest }: Workbench): DataView {
  const words = scratch.get();
  for (let i = 0; i < digest.byteLength; i += 4) digest.setUint32(i, words[i / 4] as number);
  return digest;
}

function hashed(bench: Workbench, message: Uint8Array): Uint8Array {
  absorb(bench, bench.blank._cloneInto(bench.scratch), message, 0);
  take(bench);
  return bench.bytes.digest.slice();
}

const WORKBENCHES: Readonly<Record<HashName, Workbench>> = {
  SHA1: /* @__PURE__ */ workbench(_SHA1),
  SHA256: /* @__PURE__ */ workbench(_SHA256),
  SHA512: /* @__PURE__ */ workbench(_SHA512),
};

class Hmac implements PreparedHmac {
  readonly bench: Workbench;
  readonly inner: State;
  readonly outer: State;

  constructor(bench: Workbench) {
    this.bench = bench;
    this.inner = bench.create();
    this.outer = bench.create();
  }

  setKey(key: Uint8Array): this {
    const { create, blank, block, bytes } = this.bench;
    const whole = key.length > blank.blockLen ? create().update(key).digest() : key;
    bytes.block.set(whole);
    flip(block, 0x36363636);
    blank._cloneInto(this.inner).process(block, 0);
    flip(block, 0x36363636 ^ 0x5c5c5c5c);
    blank._cloneInto(this.outer).process(block, 0);
    bytes.block.fill(0);
    blank.roundClean();
    return this;
  }

  digest(counter: number): DataView {
    const { scratch, counter: message } = this.bench;
    writeCounter(message, counter);
    this.inner._cloneInto(scratch).process(message, 0);
    return finish(this);
  }
}

/** Returns the HMAC of any message, to be read at once. It is apart so that a bundle for codes leaves it out. */
function digestOf(hmac: Hmac, message: Uint8Array): Uint8Array {
  const { scratch, blank, bytes } = hmac.bench;
  absorb(hmac.bench, hmac.inner._cloneInto(scratch), message, blank.blockLen);
  finish(hmac);
  return bytes.digest;
}

function finish({ bench, outer }: Hmac): DataView {
  take(bench); // writes the digest into the front of `inner`
  outer._cloneInto(bench.scratch).process(bench.inner, 0);
  return take(bench);
}

function flip(block: DataView, mask: number): void {
  for (let i = 0; i < block.byteLength; i += 4) block.setUint32(i, block.getUint32(i) ^ mask);
}

interface UnkeyedHmac extends PreparedHmac {
  setKey(key: Uint8Array): PreparedHmac;
}

function createHmac(name: HashName): UnkeyedHmac {
  return (name === "SHA512" && nativeHmac()) || portableHmac(name);
}

/** Makes the engine, which is the same on every runtime. */
export function portableHmac(name: HashName): UnkeyedHmac {
  return new Hmac(WORKBENCHES[name]);
}

/** Makes an HMAC that keeps its key. */
export function prepareHmac(name: HashName, key: Uint8Array): PreparedHmac {
  return createHmac(name).setKey(key);
}

const transient: Partial<Record<HashName, UnkeyedHmac>> = {};

/** Makes an HMAC that is good until the next call of this function. It allocates nothing, and so is twice as fast. */
export function transientHmac(name: HashName, key: Uint8Array): PreparedHmac {
  transient[name] ??= createHmac(name);
  return transient[name].setKey(key);
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return hashed(WORKBENCHES.SHA256, bytes);
}

/** The extraction of HKDF (RFC 5869 section 2.2) with SHA-256; the salt is 32 zeros by default. */
export function hkdfExtract(key: Uint8Array, salt: Uint8Array = new Uint8Array(32)): Uint8Array {
  return digestOf(new Hmac(WORKBENCHES.SHA256).setKey(salt), key).slice();
}

/** The expansion of HKDF (RFC 5869 section 2.3) with SHA-256, for any number of calls of at most 255 blocks each. */
export function prepareHkdf(prk: Uint8Array): (info: Uint8Array, length: number) => Uint8Array {
  const keyed = new Hmac(WORKBENCHES.SHA256).setKey(prk);
  return (info, length) => {
    const message = new Uint8Array(32 + info.length + 1); // the previous block, the info, and the number of this block
    message.set(info, 32);
    const okm = new Uint8Array(length);
    for (let at = 0, i = 1; at < length; at += 32, i++) {
      message[message.length - 1] = i;
      const block = digestOf(keyed, i === 1 ? message.subarray(32) : message);
      okm.set(block.subarray(0, length - at), at);
      message.set(block);
    }
    message.fill(0);
    return okm;
  };
}

/** Returns bytes from the platform's cryptographic generator. */
export function randomBytes(length: number): Uint8Array {
  return nobleRandomBytes(length);
}
