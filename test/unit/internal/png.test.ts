import assert from "node:assert/strict";
import { test } from "node:test";
import { PNG } from "pngjs";
import { pngDataUrl } from "../../../src/internal/png.ts";

/** The tone of each pixel by pngjs, which checks every checksum. */
function tonesOf(url: string): { width: number; tones: readonly number[] } {
  const { width, data } = PNG.sync.read(Buffer.from(url.slice("data:image/png;base64,".length), "base64"));
  return { width, tones: Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] ?? 0) };
}

test("a picture has each module in as many pixels, in one stored block or in several", () => {
  for (const [size, scale] of [
    [1, 1],
    [3, 5],
    [740, 1],
  ] as const) {
    const isDark = (x: number, y: number) => (x ^ y) % 3 === 0;
    const { width, tones } = tonesOf(pngDataUrl({ size, isDark }, scale));
    assert.equal(width, size * scale);
    const wrong = tones.findIndex((tone, i) => {
      const [x, y] = [i % width, Math.floor(i / width)].map((at) => Math.floor(at / scale));
      return tone !== (isDark(x ?? 0, y ?? 0) ? 0 : 255);
    });
    assert.equal(wrong, -1);
  }
});

test("the picture of one module is the same for ever", () => {
  const dark =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAADUlEQVR4AQECAP3/AAAAAgABfgUN0gAAAABJRU5ErkJggg==";
  assert.equal(pngDataUrl({ size: 1, isDark: () => true }, 1), `data:image/png;base64,${dark}`);
});
