/**
 * HMAC-SHA-512 by the one-shot hash of node:crypto, where there is one: JavaScript has no 64-bit integers of that speed.
 * SHA-1 and SHA-256 are faster without leaving JavaScript.
 */

import { builtin } from "./runtime.ts";

const BLOCK_BYTES = 128;
const DIGEST_BYTES = 64;

/** A digest as text costs a third of one in a new Buffer. */
interface NodeCrypto {
  hash?(name: string, message: Uint8Array, encoding: "latin1"): string;
}

interface NodeBuffer {
  Buffer: {
    alloc(length: number): Uint8Array & { latin1Write(text: string, at: number, length: number): number };
  };
}

interface NativeHmac {
  setKey(key: Uint8Array): NativeHmac;
  digest(counter: number): DataView;
}

/** An HMAC that has no key yet; undefined where nothing native makes it. */
export function nativeHmac(): NativeHmac | undefined {
  const hash = builtin<NodeCrypto>("node:crypto")?.hash;
  const buffer = builtin<NodeBuffer>("node:buffer")?.Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  if (!hash || !buffer?.latin1Write) return undefined;
  const inner = new Uint8Array(BLOCK_BYTES + 8); // the key's block, and a counter
  const outer = buffer; // the key's block, and the digest of inner, then of both
  const message = new DataView(inner.buffer, BLOCK_BYTES);
  const result = new DataView(outer.buffer, outer.byteOffset + BLOCK_BYTES);
  const digestOf = (bytes: Uint8Array) =>
    outer.latin1Write(hash("sha512", bytes, "latin1"), BLOCK_BYTES, DIGEST_BYTES); // workerd wants the length
  return {
    setKey(key) {
      let whole = key;
      if (key.length > BLOCK_BYTES) {
        digestOf(key);
        whole = outer.subarray(BLOCK_BYTES);
      }
      inner.fill(0x36);
      outer.fill(0x5c, 0, BLOCK_BYTES);
      for (let i = 0; i < whole.length; i++) {
        const byte = whole[i] as number;
        inner[i] = byte ^ 0x36;
        outer[i] = byte ^ 0x5c;
      }
      return this;
    },
    digest(counter) {
      writeCounter(message, counter);
      digestOf(inner);
      digestOf(outer);
      return result;
    },
  };
}

/** Eight bytes, big-endian (RFC 4226 section 5.1). */
export function writeCounter(to: DataView, counter: number): void {
  to.setUint32(0, Math.floor(counter / 2 ** 32));
  to.setUint32(4, counter); // modulo 2^32
}
