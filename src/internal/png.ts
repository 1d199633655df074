/** PNG pictures (ISO/IEC 15948) of two tones. They are not compressed, so that every runtime can write them. */

import { toBase64Url } from "./bytes.ts";

/** A square of modules. Modules outside it are light. */
export interface Drawing {
  size: number;
  isDark: (x: number, y: number) => boolean;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const MAX_STORED = 0xffff; // the most bytes in a stored block (RFC 1951 section 3.2.4)

/** Draws with `scale` pixels per module, in gray with one bit per pixel, without transparency. */
export function pngDataUrl(drawing: Drawing, scale: number): string {
  const side = drawing.size * scale;
  const header = [...word(side), ...word(side), 1, 0, 0, 0, 0]; // one bit, gray, not interlaced
  const png = Uint8Array.from([
    ...SIGNATURE,
    ...chunk("IHDR", header),
    ...chunk("IDAT", stored(pixels(drawing, scale))),
    ...chunk("IEND", []),
  ]);
  const text = toBase64Url(png).replaceAll("-", "+").replaceAll("_", "/");
  return `data:image/png;base64,${text.padEnd(Math.ceil(text.length / 4) * 4, "=")}`;
}

/** Returns the rows of pixels, each behind the number of its filter (0, none). A set bit is light. */
function pixels({ size, isDark }: Drawing, scale: number): number[] {
  const bytes: number[] = [];
  for (let y = 0; y < size; y++) {
    const row = [0, ...new Array<number>(Math.ceil((size * scale) / 8)).fill(0)];
    for (let x = 0; x < size * scale; x++) {
      if (!isDark(Math.floor(x / scale), y)) row[1 + (x >> 3)] = (row[1 + (x >> 3)] ?? 0) | (0x80 >> (x & 7));
    }
    for (let i = 0; i < scale; i++) bytes.push(...row);
  }
  return bytes;
}

/** Makes a zlib stream (RFC 1950) of stored blocks, with the Adler-32 checksum of their bytes. */
function stored(bytes: readonly number[]): number[] {
  const stream = [0x78, 0x01];
  for (let at = 0; at < bytes.length; at += MAX_STORED) {
    const block = bytes.slice(at, at + MAX_STORED);
    const { length } = block;
    stream.push(
      Number(at + length === bytes.length),
      length & 255,
      length >> 8,
      ~length & 255,
      (~length >> 8) & 255,
    );
    for (const byte of block) stream.push(byte);
  }
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  stream.push(b >> 8, b & 255, a >> 8, a & 255);
  return stream;
}

function chunk(type: string, data: readonly number[]): number[] {
  const body = [...type].map((letter) => letter.charCodeAt(0)).concat(data);
  return [...word(data.length), ...body, ...word(crc32(body))];
}

function crc32(bytes: readonly number[]): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

function word(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
