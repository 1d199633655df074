import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Resvg } from "@resvg/resvg-js";
import { PNG } from "pngjs";
import decodeQr from "qr/decode.js";
import { formatKeyUri, parseKeyUri } from "../../src/otp/index.ts";
import { qrDataUrl, qrSvg, qrTerminal } from "../../src/qr.ts";

const KEY = {
  secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
  issuer: "Big Corp",
  accountName: "ada@example.com",
};
const URI = formatKeyUri(KEY);

const TEXTS: Readonly<Record<string, string>> = {
  "the usual key URI": URI,
  "a key URI with everything": formatKeyUri({ ...KEY, digits: 8, period: 60, algorithm: "SHA512" }),
  "a name in another script": formatKeyUri({ ...KEY, issuer: "会社", accountName: "Ада Лавлейс" }),
  "one character": "x",
  "digits alone": "0123456789",
  "raw Unicode": "Söhne 会社 😀",
  markup: `"/><script>alert('&amp;')</script>`,
};

/** The modules of a picture, dark or light; each reads one form of output and knows nothing of the drawing code. */
type Grid = readonly (readonly boolean[])[];

function readSvg(svg: string): Grid {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  assert.match(svg, new RegExp(`<rect width="${size}" height="${size}" fill="#fff" [^<>]+/>`));
  const [, path = ""] = /<path d="([^"]*)" fill="#000" [^<>]+\/>/.exec(svg) ?? [];
  const grid = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const rest = path.replace(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g, (_, x, y, width, back) => {
    assert.equal(width, back);
    grid[Number(y)]?.fill(true, Number(x), Number(x) + Number(width));
    return "";
  });
  assert.equal(rest, "");
  return grid;
}

function readTerminal(text: string, colors = ["\x1b[38;5;16;48;5;231m", "\x1b[0m"]): Grid {
  const lines = text.split("\n");
  assert.equal(lines.pop(), "");
  const grid = lines.flatMap((line) => {
    const [, on, blocks = "", off] = /^(.*m|)([ ▀▄█]+)(.*)$/.exec(line) ?? [];
    assert.deepEqual([on, off], colors);
    return [
      [...blocks].map((block) => "▀█".includes(block)),
      [...blocks].map((block) => "▄█".includes(block)),
    ];
  });
  assert.equal(grid.at(-1)?.includes(true), false); // half a line more, which no module is in
  return grid.slice(0, -1);
}

/** The picture by pngjs, which checks every checksum. */
function readPng(url: string): { width: number; height: number; data: Uint8ClampedArray } {
  const [scheme, data = ""] = url.split(",");
  assert.equal(scheme, "data:image/png;base64");
  const { width, height, data: pixels } = PNG.sync.read(Buffer.from(data, "base64"), { checkCRC: true });
  return { width, height, data: new Uint8ClampedArray(pixels) };
}

function decode(grid: Grid): string {
  const scale = 4;
  const size = grid.length * scale;
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = (y * size + x) * 4;
      if (grid[Math.floor(y / scale)]?.[Math.floor(x / scale)]) data.fill(0, at, at + 3);
    }
  }
  return decodeQr({ width: size, height: size, data }, { timeLimit: 10_000 });
}

function quietZone(grid: Grid): number {
  const rows = grid.map((row) => row.indexOf(true)).filter((at) => at >= 0);
  const mirrored = grid.map((row) => row.length - 1 - row.lastIndexOf(true)).filter((at) => at < grid.length);
  const top = grid.findIndex((row) => row.includes(true));
  const bottom = [...grid].reverse().findIndex((row) => row.includes(true));
  return Math.min(top, bottom, ...rows, ...mirrored);
}

describe("a QR code", () => {
  for (const [name, text] of Object.entries(TEXTS)) {
    it(`of ${name} is read back by another's decoder, from every form`, () => {
      const grid = readSvg(qrSvg(text));
      assert.equal(decode(grid), text);
      assert.deepEqual(readTerminal(qrTerminal(text)), grid);
      const [scheme, data = ""] = qrDataUrl(text).split(",");
      assert.equal(scheme, "data:image/svg+xml");
      assert.equal(decodeURIComponent(data), qrSvg(text));
    });

    it(`of ${name} is a PNG with the same modules, five pixels each and opaque (I16)`, () => {
      const grid = readSvg(qrSvg(text));
      const { width, height, data } = readPng(qrDataUrl(text, { format: "png" }));
      assert.deepEqual([width, height], [grid.length * 5, grid.length * 5]);
      for (let i = 0; i < width * height; i++) {
        const dark = grid[Math.floor(i / width / 5)]?.[Math.floor((i % width) / 5)];
        const tone = dark ? 0 : 255;
        if (data[4 * i] !== tone || data[4 * i + 1] !== tone || data[4 * i + 3] !== 255)
          assert.fail(`pixel ${i}`);
      }
      assert.equal(decodeQr({ width, height, data }, { timeLimit: 10_000 }), text);
    });

    it(`of ${name} is read without colors on a dark theme and on a light one (I16)`, () => {
      const grid = readSvg(qrSvg(text));
      assert.deepEqual(readTerminal(qrTerminal(text, { plain: "light" }), ["", ""]), grid);
      const ink = readTerminal(qrTerminal(text, { plain: "dark" }), ["", ""]);
      assert.deepEqual(
        ink.map((row) => row.map((lit) => !lit)),
        grid,
      );
    });

    it(`of ${name} has a quiet zone of four modules in the picture`, () => {
      assert.equal(quietZone(readSvg(qrSvg(text))), 4);
    });
  }

  it("hands an authenticator app the key that was written", () => {
    assert.deepEqual(parseKeyUri(decode(readSvg(qrSvg(URI)))), {
      ...KEY,
      digits: 6,
      period: 30,
      algorithm: "SHA1",
    });
  });

  it("holds as much as the standard lets it, and refuses more", () => {
    const longest = "a".repeat(2331);
    assert.equal(readSvg(qrSvg(longest)).length, 177 + 8);
    assert.equal(readSvg(qrSvg("é".repeat(1165))).length, 177 + 8);
    assert.equal(readPng(qrDataUrl(longest, { format: "png" })).width, 5 * (177 + 8));
    for (const draw of [qrSvg, qrDataUrl, qrTerminal]) {
      for (const text of [`${longest}a`, "é".repeat(1166), "a".repeat(1_000_000)]) {
        assert.throws(() => draw(text), { name: "RangeError", message: /^text: want at most 2331 / });
      }
      assert.throws(() => draw(""), { name: "RangeError", message: "text: must not be empty" });
      assert.throws(() => draw("a\uD800"), { name: "RangeError", message: "text: want well-formed Unicode" });
      for (const text of [undefined, null, 1, {}]) {
        assert.throws(() => draw(text as string), { name: "TypeError", message: "text: want a string" });
      }
    }
    assert.throws(
      () => qrDataUrl("x", { format: "gif" as "png" }),
      /^TypeError: format: want one of svg, png$/,
    );
    assert.throws(() => qrTerminal("x", { plain: "red" as "dark" }), /^TypeError: plain: want one of dark/);
  });

  it("survives the loss of a tenth of its area, as level M promises", () => {
    const grid = readSvg(qrSvg(URI)).map((row) => [...row]);
    const [from, side] = [Math.floor(grid.length / 2) - 4, 9]; // a logo of nine modules in the middle
    for (let y = from; y < from + side; y++) grid[y]?.fill(false, from, from + side);
    assert.equal(decode(grid), URI);
  });
});

describe("qrSvg", () => {
  it("names every paint that a shape would inherit from the page's CSS (I5)", () => {
    const shapes = qrSvg(URI).match(/<(rect|path) [^<>]+>/g) ?? [];
    assert.equal(shapes.length, 2);
    for (const shape of shapes) assert.match(shape, /fill="#\w+" fill-opacity="1" stroke="none"/);
    // what the page's CSS says of `svg` reaches its shapes by inheritance alone
    const themed = qrSvg(URI).replace("<svg ", '<svg stroke="currentColor" fill="red" fill-opacity="0.1" ');
    const { width, height, pixels } = new Resvg(themed, { fitTo: { mode: "width", value: 400 } }).render();
    assert.equal(
      decodeQr({ width, height, data: new Uint8ClampedArray(pixels) }, { timeLimit: 10_000 }),
      URI,
    );
    assert.deepEqual([...pixels.subarray(0, 4)], [255, 255, 255, 255]);
  });

  it("is one element that says what it is, dark on light whatever the page's colors", () => {
    const svg = qrSvg(URI);
    assert.match(
      svg,
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="(\d+)" height="\1" viewBox="0 0 \d+ \d+" shape-rendering="crispEdges" role="img"><title>QR code<\/title><rect [^<>]+\/><path [^<>]+\/><\/svg>$/,
    );
    assert.equal(svg.includes("currentColor"), false);
    assert.ok(Number(/width="(\d+)"/.exec(svg)?.[1]) >= 200); // what phones read well
  });

  it("holds no script, no style, no link and nothing of the text", () => {
    const svg = qrSvg(TEXTS["markup"] ?? "");
    assert.equal(/script|style|href|on\w+=|alert|&/.test(svg), false);
    assert.match(svg, /^[\x20-\x7e]+$/);
  });

  it("fits into any attribute as a data URL", () => {
    assert.match(qrDataUrl(URI), /^data:image\/svg\+xml,[A-Za-z0-9%._~-]+$/);
  });
});
