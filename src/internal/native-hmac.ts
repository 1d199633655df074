/**
 * HMAC-SHA-512 by the one-shot hash of node:crypto, where there is one, because JavaScript has no fast 64-bit integers.
 * SHA-1 and SHA-256 are faster in JavaScript.
 */

import { builtin } from "./runtime.ts";

const BLOCK_BYTES = 128;
const DIGEST_BYTES = 64;

/** The part of node:crypto that is used here. A digest as text costs a third of one in a new Buffer. */
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

/** Makes an HMAC without a key yet; undefined where the platform has no native one. */
export function nativeHmac(): NativeHmac | undefined {
  const hash = builtin<NodeCrypto>("node:crypto")?.hash;
  const buffer = builtin<NodeBuffer>("node:buffer")?.Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  if (!hash || !buffer?.latin1Write) return undefined;
  const inner = new Uint8Array(BLOCK_BYTES + 8); // the key's block and a counter
  const outer = buffer; // the key's block and the inner digest, then the digest of both
  const message = new DataView(inner.buffer, BLOCK_BYTES);
  const result = new DataView(outer.buffer, outer.byteOffset + BLOCK_BYTES);
  const digestOf = (bytes: Uint8Array) =>
    outer.latin1Write(hash("sha512", bytes, "latin1"), BLOCK_BYTES, DIGEST_BYTES); // workerd needs the length
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

/** Writes a counter as eight bytes, big-endian (RFC 4226 section 5.1). */
export function writeCounter(to: DataView, counter: number): void {
  to.setUint32(0, Math.floor(counter / 2 ** 32));
  to.setUint32(4, counter); // setUint32 keeps the value modulo 2^32
}
