/** Bytes and text: the few conversions that the formats need, the same on every runtime. */

import { builtin } from "./runtime.ts";

interface Platform {
  TextEncoder: new () => { encode(text: string): Uint8Array };
  TextDecoder: new (
    label: string,
    options: { fatal: boolean; ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
}
const platform = globalThis as unknown as Platform;

/** The part of node:buffer that is used here: its base64url is some twenty times as fast. */
interface NodeBuffer {
  Buffer: {
    from(text: string, encoding: "base64url"): Uint8Array;
    from(bytes: ArrayBufferLike, offset: number, length: number): { toString(encoding: "base64url"): string };
  };
}
const native = builtin<NodeBuffer>("node:buffer")?.Buffer;
const encoder = new platform.TextEncoder();
const decoder = new platform.TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64URL = /^[A-Za-z0-9_-]*$/;
const VALUES: Uint8Array = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes UTF-8; throws a TypeError on bytes that are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Encodes bytes as unpadded base64url (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  if (native) return native.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
  return portableToBase64Url(bytes);
}

/** Decodes unpadded base64url; undefined for anything that {@link toBase64Url} could not have written. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const spare = (text.length * 6) % 8; // 0, 4 or 2 bits that no byte needs, which must be zero; 6 is impossible
  if (spare === 6 || !BASE64URL.test(text)) return undefined;
  const last = VALUES[text.charCodeAt(text.length - 1)] ?? 0;
  if ((last & ((1 << spare) - 1)) !== 0) return undefined;
  return native ? new Uint8Array(native.from(text, "base64url")) : portableFromBase64Url(text);
}

export function portableToBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const chunk = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET.charAt(chunk >> 18) + ALPHABET.charAt((chunk >> 12) & 63);
    if (i + 1 < bytes.length) text += ALPHABET.charAt((chunk >> 6) & 63);
    if (i + 2 < bytes.length) text += ALPHABET.charAt(chunk & 63);
  }
  return text;
}

/** Takes only what {@link fromBase64Url} has checked. */
export function portableFromBase64Url(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    bits = ((bits << 6) | (VALUES[text.charCodeAt(i)] as number)) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >> held) & 255;
    }
  }
  return bytes;
}

/** Joins fields so that no two lists of fields give the same bytes: each is prefixed with its length. */
export function lengthPrefixed(...fields: readonly (string | Uint8Array)[]): Uint8Array {
  const parts = fields.map((field) => (typeof field === "string" ? utf8(field) : field));
  const out = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    new DataView(out.buffer).setUint32(at, part.length);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

/** Compares in constant time; the length is not a secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
