import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  equalBytes,
  fromBase64Url,
  fromUtf8,
  lengthPrefixed,
  portableFromBase64Url,
  portableToBase64Url,
  toBase64Url,
  utf8,
} from "../../../src/internal/bytes.ts";
import { hex } from "../otp/reference.ts";

describe("base64url", () => {
  it("writes the vectors of RFC 4648 section 10 without padding, and in the URL-safe alphabet", () => {
    const vectors = { f: "Zg", fo: "Zm8", foo: "Zm9v", foob: "Zm9vYg", fooba: "Zm9vYmE", foobar: "Zm9vYmFy" };
    assert.equal(toBase64Url(new Uint8Array(0)), "");
    for (const [text, wanted] of Object.entries(vectors)) assert.equal(toBase64Url(utf8(text)), wanted);
    assert.equal(toBase64Url(Uint8Array.of(0xfb, 0xff, 0xbf)), "-_-_");
  });

  it("reads back any bytes, the same with the platform's help and without it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = toBase64Url(bytes);
        assert.equal(portableToBase64Url(bytes), text);
        assert.deepEqual(fromBase64Url(text), bytes);
        assert.deepEqual(portableFromBase64Url(text), bytes);
      }),
    );
  });

  it("writes the bytes of a view and nothing around them", () => {
    const view = utf8("xxfooxx").subarray(2, 5);
    assert.equal(toBase64Url(view), "Zm9v");
    assert.equal(portableToBase64Url(view), "Zm9v");
  });

  it("reads nothing that it could not have written", () => {
    for (const text of [
      "A",
      "AB",
      "AAB",
      "Zg==",
      "Zm9v\n",
      " Zm9v",
      "Zm+v",
      "Zm/v",
      "Zm9é",
      "Zm9\u{1F600}",
      "AAAAA",
    ]) {
      assert.equal(fromBase64Url(text), undefined, JSON.stringify(text));
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 12 }), (text) => {
        const bytes = fromBase64Url(text);
        assert.ok(bytes === undefined || toBase64Url(bytes) === text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("UTF-8", () => {
  it("reads back any well-formed text and refuses bytes that are none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        assert.equal(fromUtf8(utf8(text)), text);
      }),
    );
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      assert.throws(() => fromUtf8(Uint8Array.from(bytes)), TypeError);
    }
  });
});

describe("lengthPrefixed", () => {
  it("writes four bytes of length before each field", () => {
    assert.equal(hex(lengthPrefixed("ab", Uint8Array.of(1), "")), `00000002${"6162"}00000001${"01"}00000000`);
    assert.equal(lengthPrefixed().length, 0);
  });

  it("gives different bytes to different lists of fields", () => {
    const fields = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 4 });
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const same =
          JSON.stringify(a.map((field) => [...field])) === JSON.stringify(b.map((field) => [...field]));
        assert.equal(hex(lengthPrefixed(...a)) === hex(lengthPrefixed(...b)), same);
      }),
      { numRuns: 500 },
    );
    assert.notDeepEqual(lengthPrefixed("a", "bc"), lengthPrefixed("ab", "c"));
  });
});

describe("equalBytes", () => {
  it("sees every single bit, and a difference in length", () => {
    const bytes = Uint8Array.from({ length: 20 }, (_, i) => i * 11);
    assert.equal(equalBytes(bytes, bytes.slice()), true);
    for (let bit = 0; bit < 160; bit++) {
      const other = bytes.slice();
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(equalBytes(bytes, other), false);
    }
    assert.equal(equalBytes(bytes, bytes.subarray(0, 19)), false);
    assert.equal(equalBytes(bytes.subarray(0, 19), bytes), false);
    assert.equal(equalBytes(new Uint8Array(0), new Uint8Array(0)), true);
  });
});
