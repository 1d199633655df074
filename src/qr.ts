/// <reference path="./internal/qrcode.d.ts" />
/**
 * QR codes, drawn in this process, so that no secret leaves it. Only this file imports qrcode.
 *
 * Codes are always dark on light, with the quiet zone painted: several readers fail on inverted or transparent codes.
 *
 * @module
 */

// The main module of qrcode also writes files, which breaks a bundle of ES modules for Node.
import { create } from "qrcode/lib/core/qrcode.js";
import { utf8 } from "./internal/bytes.ts";
import { checkOneOf, checkOptions, checkText } from "./internal/check.ts";
import { type Drawing, pngDataUrl } from "./internal/png.ts";

const MAX_BYTES = 2331; // the most that version 40 holds at level M in byte mode (ISO/IEC 18004 table 7)
const QUIET = 4; // light modules on each side (ISO/IEC 18004 section 5.3.8)
const BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m"; // colors of the fixed palette, which themes do not change
const PAINT = 'fill-opacity="1" stroke="none"'; // a shape would otherwise inherit these from the page
const SCALE = 5; // pixels per module by default; the usual key URI gives a square of 225

/**
 * Draws a QR code as an SVG element that you write into a page.
 *
 * The element has a white background, a `viewBox`, a size that CSS may override, `role="img"` and a title. It holds
 * no script, no style and none of the text's characters. CSS for `svg` does not change its colors; if your page has CSS
 * for `path` or `rect`, use {@link qrDataUrl}.
 *
 * @param text 1 to 2,331 bytes in UTF-8, usually a key URI
 * @throws TypeError if `text` is not a string
 * @throws RangeError if it is empty, too long or not well-formed Unicode; the message never quotes it
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { qrSvg } from "twinlock/qr";
 *
 * assert.match(qrSvg("otpauth://totp/Acme:ada?secret=JBSWY3DPEHPK3PXP"), /^<svg .*<\/svg>$/);
 * ```
 */
export function qrSvg(text: string): string {
  const { size, isDark } = draw(text);
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const start = x;
      while (isDark(x, y)) x++;
      if (x > start) path += `M${start} ${y}h${x - start}v1h${start - x}z`;
    }
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size * SCALE}" height="${size * SCALE}" ` +
    `viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" role="img"><title>QR code</title>` +
    `<rect width="${size}" height="${size}" fill="#fff" ${PAINT}/><path d="${path}" fill="#000" ${PAINT}/></svg>`
  );
}

/**
 * Draws a QR code as a `data:` URL, for the `src` of an `<img>` (a Content-Security-Policy needs `img-src data:`).
 *
 * @param text 1 to 2,331 bytes in UTF-8, usually a key URI
 * @param options `format`, by default `"svg"`, which stays sharp at any size; `"png"` is for mail and PDF, gray without
 * transparency, five pixels per module
 * @throws TypeError if `text` is not a string, or an option is unknown or none of its choices
 * @throws RangeError if the text is empty, too long or not well-formed Unicode; the message never quotes it
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { qrDataUrl } from "twinlock/qr";
 *
 * const keyUri = "otpauth://totp/Acme:ada?secret=JBSWY3DPEHPK3PXP";
 * assert.match(qrDataUrl(keyUri), /^data:image\/svg\+xml,/);
 * assert.match(qrDataUrl(keyUri, { format: "png" }), /^data:image\/png;base64,/);
 * ```
 */
export function qrDataUrl(text: string, options: { format?: "svg" | "png" | undefined } = {}): string {
  checkOptions("options", options, ["format"], "");
  const format = checkOneOf("format", options.format ?? "svg", ["svg", "png"]);
  return format === "png"
    ? pngDataUrl(draw(text), SCALE)
    : `data:image/svg+xml,${encodeURIComponent(qrSvg(text))}`;
}

/**
 * Draws a QR code for a terminal: lines of half blocks, by default black on white in ANSI colors, whatever the theme.
 *
 * @param text 1 to 2,331 bytes in UTF-8, usually a key URI
 * @param options `plain`, for output without ANSI colors: `"dark"` where the terminal shows light text on a dark
 * background, `"light"` where it shows dark text on a light one. Apps fail on a code whose colors are swapped.
 * @throws TypeError if `text` is not a string, or an option is unknown or none of its choices
 * @throws RangeError if the text is empty, too long or not well-formed Unicode; the message never quotes it
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { qrTerminal } from "twinlock/qr";
 *
 * const keyUri = "otpauth://totp/Acme:ada?secret=JBSWY3DPEHPK3PXP";
 * assert.match(qrTerminal(keyUri), /█/);
 * assert.match(qrTerminal(keyUri, { plain: "dark" }), /^[ ▀▄█\n]+$/);
 * ```
 */
export function qrTerminal(text: string, options: { plain?: "dark" | "light" | undefined } = {}): string {
  checkOptions("options", options, ["plain"], "");
  const { plain } = options;
  if (plain !== undefined) checkOneOf("plain", plain, ["dark", "light"]);
  const { size, isDark } = draw(text);
  const isInk = plain === "dark" ? (x: number, y: number) => y < size && !isDark(x, y) : isDark;
  const [on, off] = plain === undefined ? [BLACK_ON_WHITE, "\x1b[0m"] : ["", ""];
  let lines = "";
  for (let y = 0; y < size; y += 2) {
    lines += on;
    for (let x = 0; x < size; x++) {
      lines += " ▀▄█".charAt(Number(isInk(x, y)) + 2 * Number(isInk(x, y + 1)));
    }
    lines += `${off}\n`;
  }
  return lines;
}

/** Makes the square of modules with its quiet zone. */
function draw(text: string): Drawing {
  checkText("text", text, MAX_BYTES);
  if (/\p{Surrogate}/u.test(text)) throw new RangeError("text: want well-formed Unicode");
  if (utf8(text).length > MAX_BYTES) throw new RangeError(`text: want at most ${MAX_BYTES} bytes`);
  const { size, data } = create(text, { errorCorrectionLevel: "M" }).modules;
  const inside = (i: number) => i >= QUIET && i < size + QUIET;
  const isDark = (x: number, y: number) =>
    inside(x) && inside(y) && data[(y - QUIET) * size + x - QUIET] === 1;
  return { size: size + 2 * QUIET, isDark };
}
