import assert from "node:assert/strict";
import { describe, it } from "node:test";
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
  assert.match(svg, new RegExp(`<rect width="${size}" height="${size}" fill="#fff"/>`));
  const [, path = ""] = /<path d="([^"]*)" fill="#000"\/>/.exec(svg) ?? [];
  const grid = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const rest = path.replace(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g, (_, x, y, width, back) => {
    assert.equal(width, back);
    grid[Number(y)]?.fill(true, Number(x), Number(x) + Number(width));
    return "";
  });
  assert.equal(rest, "");
  return grid;
}

function readTerminal(text: string): Grid {
  const lines = text.split("\n");
  assert.equal(lines.pop(), "");
  const grid = lines.flatMap((line) => {
    const [, on, blocks = "", off] = /^(.*m)([ ▀▄█]+)(.*)$/.exec(line) ?? [];
    assert.deepEqual([on, off], ["\x1b[38;5;16;48;5;231m", "\x1b[0m"]);
    return [
      [...blocks].map((block) => "▀█".includes(block)),
      [...blocks].map((block) => "▄█".includes(block)),
    ];
  });
  assert.equal(grid.at(-1)?.includes(true), false); // half a line more, all light
  return grid.slice(0, -1);
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
  });

  it("survives the loss of a tenth of its area, as level M promises", () => {
    const grid = readSvg(qrSvg(URI)).map((row) => [...row]);
    const [from, side] = [Math.floor(grid.length / 2) - 4, 9]; // a logo of nine modules in the middle
    for (let y = from; y < from + side; y++) grid[y]?.fill(false, from, from + side);
    assert.equal(decode(grid), URI);
  });
});

describe("qrSvg", () => {
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
