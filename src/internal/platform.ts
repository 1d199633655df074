/**
 * AES-256-GCM and scrypt, native where there is node:crypto and portable elsewhere. Both give identical bytes.
 */

import { plain } from "./bytes.ts";
import { atFirstUse, builtin } from "./runtime.ts";
import { scrypt as portableScrypt, type ScryptCost } from "./scrypt.ts";

/** AES-256-GCM under one key. `open` resolves to undefined when the ciphertext is not authentic. */
export interface Cipher {
  seal(nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  open(nonce: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | undefined>;
}

export interface Platform {
  cipher(key: Uint8Array): Cipher;
  /** Seals under a key that is used once, without a promise, where the platform can do that. */
  sealAtOnce?: SealAtOnce;
  scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array>;
  /** How many derivations may run at once; more would block file access, name lookups and the event loop. */
  derivations: number;
}

type SealAtOnce = (
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
) => Uint8Array;

const TAG_BYTES = 16;
interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
}
/** The platform's timers, taken now, before a test can replace them. */
const { setTimeout: own } = globalThis as unknown as Partial<Timers>;

interface NodeCipher {
  setAAD(bytes: Uint8Array): void;
  update(bytes: Uint8Array): Uint8Array;
  final(): Uint8Array;
}
/** The part of node:crypto that is used here. */
interface NodeCrypto {
  createCipheriv(name: string, key: Uint8Array, nonce: Uint8Array): NodeCipher & { getAuthTag(): Uint8Array };
  createDecipheriv(
    name: string,
    key: Uint8Array,
    nonce: Uint8Array,
    options: { authTagLength: number },
  ): NodeCipher & { setAuthTag(tag: Uint8Array): void };
  scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    length: number,
    options: { N: number; r: number; p: number; maxmem: number },
    done: (error: Error | null, key: Uint8Array) => void,
  ): void;
}

/** The part of Web Crypto that is used here. */
interface WebCrypto {
  importKey(
    format: string,
    key: Uint8Array,
    name: string,
    extractable: boolean,
    uses: readonly string[],
  ): Promise<object>;
  encrypt(algorithm: object, key: object, bytes: Uint8Array): Promise<ArrayBuffer>;
  decrypt(algorithm: object, key: object, bytes: Uint8Array): Promise<ArrayBuffer>;
}

/** Uses node:crypto: sealing takes microseconds, and scrypt runs on the thread pool. */
export function nativePlatform(crypto: NodeCrypto): Platform {
  const sealAtOnce: SealAtOnce = (key, nonce, associated, plaintext) => {
    const sealing = crypto.createCipheriv("aes-256-gcm", key, nonce);
    sealing.setAAD(associated);
    const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
    sealed.set(sealing.update(plaintext));
    sealing.final(); // gives no more bytes, since GCM is a stream cipher
    sealed.set(sealing.getAuthTag(), plaintext.length);
    return sealed;
  };
  const cipher = (bytes: Uint8Array): Cipher => {
    const key = bytes.slice(); // bytes are as fast as a KeyObject, which costs more to make
    return {
      seal: async (nonce, associated, plaintext) => sealAtOnce(key, nonce, associated, plaintext),
      async open(nonce, associated, sealed) {
        if (sealed.length < TAG_BYTES) return undefined;
        const split = sealed.length - TAG_BYTES;
        const opening = crypto.createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
        opening.setAAD(associated);
        opening.setAuthTag(sealed.subarray(split));
        const plaintext = opening.update(sealed.subarray(0, split));
        try {
          opening.final();
        } catch {
          return undefined;
        }
        return plain(plaintext);
      },
    };
  };
  return {
    derivations: 2,
    cipher,
    sealAtOnce,
    scrypt: (password, salt, { N, r, p, dkLen }) =>
      new Promise((resolve, reject) => {
        const maxmem = 256 * N * r; // twice what scrypt needs; the default limit refuses N = 2^15
        crypto.scrypt(password, salt, dkLen, { N, r, p, maxmem }, (error, key) =>
          error ? reject(error) : resolve(new Uint8Array(key)),
        );
      }),
  };
}

/** Uses Web Crypto and @noble/hashes, which give the same bytes on any runtime. */
export function portablePlatform(crypto: WebCrypto): Platform {
  const cipher = (bytes: Uint8Array): Cipher => {
    const key = crypto.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    const algorithm = (nonce: Uint8Array, associated: Uint8Array) => ({
      name: "AES-GCM",
      iv: nonce,
      additionalData: associated,
    });
    return {
      async seal(nonce, associated, plaintext) {
        return new Uint8Array(await crypto.encrypt(algorithm(nonce, associated), await key, plaintext));
      },
      async open(nonce, associated, sealed) {
        if (sealed.length < TAG_BYTES) return undefined;
        const ready = await key;
        try {
          return new Uint8Array(await crypto.decrypt(algorithm(nonce, associated), ready, sealed));
        } catch {
          return undefined;
        }
      },
    };
  };
  return {
    derivations: 1,
    cipher,
    async scrypt(password, salt, cost) {
      const setTimeout = own ?? (globalThis as unknown as Timers).setTimeout;
      await new Promise<void>((resolve) => void setTimeout(resolve, 0)); // lets the event loop run
      return portableScrypt(password, salt, cost);
    },
  };
}

/** Tells whether node:crypto works. Some bundlers put in functions that throw. */
function isComplete(native: Partial<NodeCrypto> | undefined): native is NodeCrypto {
  if (!native?.createCipheriv || !native.createDecipheriv || !native.scrypt) return false;
  try {
    native.createCipheriv("aes-256-gcm", new Uint8Array(32), new Uint8Array(12));
    return true;
  } catch {
    return false;
  }
}

function detect(): Platform {
  const native = builtin<Partial<NodeCrypto>>("node:crypto");
  if (isComplete(native)) return nativePlatform(native);
  return portablePlatform((globalThis as unknown as { crypto: { subtle: WebCrypto } }).crypto.subtle);
}

/** The platform that this process runs on; node:crypto is loaded when this is first called. */
export const platform: () => Platform = /* @__PURE__ */ atFirstUse(detect);
