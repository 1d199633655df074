/** The conversions between bytes and text that the formats need, the same on every runtime. */

import { atFirstUse, builtin } from "./runtime.ts";

interface Platform {
  TextEncoder: new () => { encode(text: string): Uint8Array };
  TextDecoder: new (
    label: string,
    options: { fatal: boolean; ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
}
const platform = globalThis as unknown as Platform;

/** The part of node:buffer that is used here, because its base64url is some twenty times as fast. */
interface NodeBuffer {
  Buffer: {
    from(text: string, encoding: "base64url"): Uint8Array;
    from(bytes: Uint8Array): { toString(encoding: "base64url"): string };
  };
}
const native = /* @__PURE__ */ atFirstUse(() => builtin<NodeBuffer>("node:buffer")?.Buffer);
const encoder = /* @__PURE__ */ atFirstUse(() => new platform.TextEncoder());
const decoder = /* @__PURE__ */ atFirstUse(
  () => new platform.TextDecoder("utf-8", { fatal: true, ignoreBOM: true }),
);

const SHORT = 64;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values = /* @__PURE__ */ atFirstUse(() => {
  const table = new Uint8Array(128).fill(255);
  for (let i = 0; i < 64; i++) table[ALPHABET.charCodeAt(i)] = i;
  return table;
});

/** Encodes UTF-8. */
export function utf8(text: string): Uint8Array {
  if (text.length > SHORT) return encoder().encode(text);
  const bytes = new Uint8Array(text.length);
  return writeAscii(text, bytes, 0) ? bytes : encoder().encode(text);
}

/** Writes ASCII text, or gives false. Short text is nearly always ASCII, and a loop is five times as fast. */
function writeAscii(text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return false;
    bytes[at + i] = unit;
  }
  return true;
}

/** Decodes UTF-8; throws a TypeError on bytes that are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder().decode(bytes);
}

/** Encodes bytes as unpadded base64url (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return native()?.from(bytes).toString("base64url") ?? portableToBase64Url(bytes);
}

/** Decodes unpadded base64url; undefined for anything that {@link toBase64Url} could not have written. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const buffer = native();
  const bytes = buffer ? plain(buffer.from(text, "base64url")) : portableFromBase64Url(text);
  return toBase64Url(bytes) === text ? bytes : undefined;
}

/** Returns the bytes of a Buffer as a plain Uint8Array. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
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

/** Decodes base64url. Text that {@link toBase64Url} did not write gives bytes that encode to other text. */
export function portableFromBase64Url(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  const table = values();
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    bits = ((bits << 6) | (table[text.charCodeAt(i)] as number)) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >> held) & 255;
    }
  }
  return bytes;
}

/** Joins fields, each behind its length, so that no two lists of fields give the same bytes. */
export function lengthPrefixed(...fields: readonly (string | Uint8Array)[]): Uint8Array {
  let size = 0;
  for (const field of fields) size += 4 + field.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const field of fields) {
    for (let shift = 24; shift >= 0; shift -= 8) out[at++] = field.length >>> shift;
    if (typeof field !== "string") out.set(field, at);
    else if (!writeAscii(field, out, at)) return lengthPrefixed(...fields.map(asBytes));
    at += field.length;
  }
  return out;
}

function asBytes(field: string | Uint8Array): Uint8Array {
  return typeof field === "string" ? utf8(field) : field;
}

/** Compares in constant time; the length is not a secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Returns the UTF-8 bytes of well-formed text in hexadecimal, which no character set of a connection can change. */
export function hexOf(text: string): string {
  return encodeURIComponent(text).replace(
    /%(..)|(.)/g,
    (_, byte: string | undefined, char: string) => byte ?? char.charCodeAt(0).toString(16),
  );
}
