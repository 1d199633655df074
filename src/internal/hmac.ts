/**
 * An HMAC engine over the block function of @noble/hashes, and what is built from it: SHA-256, HKDF. Random bytes
 * come through here too; beside scrypt.ts it is the only file that knows that package. The compression functions are
 * @noble/hashes' own; padding, keying and finishing are done here, for speed, through members that the package does
 * not document. docs/decisions.md (14) says why, and the tests hold each of them against node:crypto.
 */

// The classes and not the functions around them, which a bundle would carry for nothing.
import { _SHA1 } from "@noble/hashes/legacy.js";
import { _SHA256, _SHA512 } from "@noble/hashes/sha2.js";
import { randomBytes as nobleRandomBytes } from "@noble/hashes/utils.js";
import { nativeHmac, writeCounter } from "./native-hmac.ts";

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
  update(message: Uint8Array): State;
  digest(): Uint8Array;
  process(block: DataView, offset: number): void;
  get(): readonly number[];
  roundClean(): void;
  _cloneInto(to: State): State;
}

/** The working memory of one hash function. All keys share it: nothing in this file awaits or calls back. */
interface Workbench {
  readonly create: () => State;
  readonly blank: State;
  readonly scratch: State;
  readonly block: DataView; // three whole blocks,
  readonly counter: DataView;
  readonly inner: DataView;
  readonly digest: DataView; // the front of the last,
  readonly bytes: { readonly block: Uint8Array; readonly digest: Uint8Array }; // and two of them as bytes
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

/** The block after the key's, padded for a message of this length (FIPS 180-4 section 5.1). */
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
  const end = length + 1 + blockLen / 8; // a one, zeros, and the length in an eighth of a block
  for (let start = 0; start < end; start += blockLen) {
    for (let i = 0, at = start; i < blockLen; i++, at++) {
      bytes.block[i] = at < length ? (message[at] as number) : at === length ? 0x80 : 0;
    }
    if (start + blockLen >= end) block.setUint32(blockLen - 4, (before + length) * 8);
    state.process(block, 0);
  }
  bytes.block.fill(0);
}

/** The digest of the scratch state; the next one overwrites it. */
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

/** The HMAC of any message, to be read at once like that of a counter. A function, so that codes alone leave it out. */
function digestOf(hmac: Hmac, message: Uint8Array): Uint8Array {
  const { scratch, blank, bytes } = hmac.bench;
  absorb(hmac.bench, hmac.inner._cloneInto(scratch), message, blank.blockLen);
  finish(hmac);
  return bytes.digest;
}

function finish({ bench, outer }: Hmac): DataView {
  take(bench); // into the front of inner
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

/** The engine itself, the same on every runtime. */
export function portableHmac(name: HashName): UnkeyedHmac {
  return new Hmac(WORKBENCHES[name]);
}

/** Keys an HMAC that stays. */
export function prepareHmac(name: HashName, key: Uint8Array): PreparedHmac {
  return createHmac(name).setKey(key);
}

const transient: Partial<Record<HashName, UnkeyedHmac>> = {};

/** Keys an HMAC that lasts until the next call of this function: no allocation, and so twice the speed. */
export function transientHmac(name: HashName, key: Uint8Array): PreparedHmac {
  transient[name] ??= createHmac(name);
  return transient[name].setKey(key);
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return hashed(WORKBENCHES.SHA256, bytes);
}

/** RFC 5869 section 2.2 with SHA-256; without a salt, 32 zeros. */
export function hkdfExtract(key: Uint8Array, salt: Uint8Array = new Uint8Array(32)): Uint8Array {
  return digestOf(new Hmac(WORKBENCHES.SHA256).setKey(salt), key).slice();
}

/** RFC 5869 section 2.3 with SHA-256: keyed once, it expands any number of times, each to at most 255 blocks. */
export function prepareHkdf(prk: Uint8Array): (info: Uint8Array, length: number) => Uint8Array {
  const keyed = new Hmac(WORKBENCHES.SHA256).setKey(prk);
  return (info, length) => {
    const message = new Uint8Array(32 + info.length + 1); // the block before, the info, the number of the block
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

/** Bytes from the platform's cryptographic generator. */
export function randomBytes(length: number): Uint8Array {
  return nobleRandomBytes(length);
}
