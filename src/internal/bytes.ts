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

const SHORT = 64;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES: Uint8Array = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** Encodes UTF-8. Short text is nearly always ASCII, and a loop over it costs a fifth of a call of the encoder. */
export function utf8(text: string): Uint8Array {
  if (text.length > SHORT) return encoder.encode(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return encoder.encode(text);
    bytes[i] = unit;
  }
  return bytes;
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
  const bytes = native ? new Uint8Array(native.from(text, "base64url")) : portableFromBase64Url(text);
  return toBase64Url(bytes) === text ? bytes : undefined;
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

/** What was not written by {@link toBase64Url} gives bytes that do not encode to it again. */
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
  let size = 0;
  for (const part of parts) size += 4 + part.length;
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
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
