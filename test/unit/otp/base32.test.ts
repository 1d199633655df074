import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeForeignBase32 } from "../../../src/otp/base32.ts";
import { decodeBase32, encodeBase32 } from "../../../src/otp/index.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ascii = (text: string) => new TextEncoder().encode(text);

// RFC 4648 section 10
const VECTORS = [
  ["f", "MY======"],
  ["fo", "MZXQ===="],
  ["foo", "MZXW6==="],
  ["foob", "MZXW6YQ="],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI======"],
] as const;

describe("Base32", () => {
  for (const [text, base32] of VECTORS) {
    it(`writes and reads ${text} as in RFC 4648 section 10`, () => {
      assert.equal(encodeBase32(ascii(text)), base32.replaceAll("=", ""));
      assert.deepEqual(decodeBase32(base32), ascii(text));
      assert.deepEqual(decodeBase32(base32.replaceAll("=", "")), ascii(text));
    });
  }

  it("reads back any 1 to 64 bytes in any spelling that people type", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.array(fc.constantFrom("", "", " ", "-", "\t", "\u00A0"), { minLength: 110, maxLength: 110 }),
        fc.nat(2 ** 32 - 1),
        fc.nat(8),
        (bytes, separators, lowered, padding) => {
          const text = encodeBase32(bytes);
          assert.match(text, /^[A-Z2-7]+$/);
          assert.equal(text.length, Math.ceil((bytes.length * 8) / 5));
          assert.deepEqual(decodeBase32(text), bytes);
          const typed = [...text].map(
            (character, i) =>
              ((lowered >>> (i % 32)) & 1 ? character.toLowerCase() : character) + separators[i],
          );
          assert.deepEqual(decodeBase32(`${typed.join("")}${"=".repeat(padding)}\n`), bytes);
        },
      ),
    );
  });

  it("writes 14 bytes as 23 characters, and no bytes as none", () => {
    assert.equal(encodeBase32(new Uint8Array(14)).length, 23);
    assert.equal(encodeBase32(new Uint8Array(0)), "");
  });

  it("writes the bytes of a view and nothing around them", () => {
    const pool = ascii("xxfooxx");
    assert.equal(encodeBase32(pool.subarray(2, 5)), "MZXW6");
  });

  it("never writes two texts for the same bytes, nor reads two for the same characters", () => {
    // All texts of one to four characters: whatever is read is written back as it was.
    let read = 0;
    const visit = (text: string, depth: number) => {
      if (text !== "") {
        let bytes: Uint8Array | undefined;
        try {
          bytes = decodeBase32(text);
        } catch (error) {
          assert.ok(error instanceof RangeError);
        }
        if (bytes !== undefined) {
          read++;
          assert.equal(encodeBase32(bytes), text);
        }
      }
      if (depth > 0) for (const character of "AQY7B") visit(text + character, depth - 1);
    };
    visit("", 5);
    assert.ok(read > 100);
  });

  it("reads exactly the texts that bytes encode to", () => {
    for (let length = 1; length <= 16; length++) {
      for (const last of ALPHABET) {
        const text = "A".repeat(length - 1) + last;
        const spare = (length * 5) % 8;
        const possible = spare < 5 && ALPHABET.indexOf(last) % 2 ** spare === 0;
        if (possible) assert.equal(encodeBase32(decodeBase32(text)), text);
        else assert.throws(() => decodeBase32(text), { name: "RangeError", message: /^base32: / });
      }
    }
  });

  it("refuses every character outside the alphabet, and look-alikes that upper-case into it", () => {
    for (let code = 0; code < 0x250; code++) {
      const character = String.fromCharCode(code);
      if (/[A-Za-z2-7\s-]/.test(character) || character === "=") continue;
      assert.throws(
        () => decodeBase32(`MZX${character}6YTB`),
        { name: "RangeError" },
        `U+${code.toString(16)}`,
      );
    }
    for (const text of ["MZXWſYTB", "MZXWıYTB", "ＭＺＸＷ６ＹＴＢ", "MZXW\u212AYTB", "ßZXW6YTB"]) {
      assert.throws(() => decodeBase32(text), { name: "RangeError" });
    }
  });

  it("refuses nothing, padding alone and padding in the middle", () => {
    for (const text of ["", "=", "====", " - ", "MZ=XW6YTB", "=MZXW6YTB"]) {
      assert.throws(() => decodeBase32(text), { name: "RangeError", message: /^base32: / });
    }
  });

  it("looks at no more than 1,024 characters, and never at the quadratic path of its dependency", () => {
    assert.equal(decodeBase32("A".repeat(1024)).length, 640);
    assert.throws(() => decodeBase32("A".repeat(1025)), { message: "base32: want at most 1024 characters" });
    const replace = String.prototype.replace;
    let longest = 0;
    String.prototype.replace = function (this: string, ...args: Parameters<typeof replace>) {
      longest = Math.max(longest, this.length);
      return replace.apply(this, args);
    } as typeof replace;
    try {
      for (const hostile of [
        `${"=".repeat(1_000_000)}A`,
        `MY${"=".repeat(1_000_000)}`,
        `MY${"=".repeat(1000)}A`,
      ]) {
        assert.throws(() => decodeBase32(hostile), RangeError);
      }
    } finally {
      String.prototype.replace = replace;
    }
    assert.ok(longest <= 1024);
  });

  it("never quotes what it refuses", () => {
    for (const text of ["hunter2!", "MZXW6YTB8", "QQQQQQQQQQQ", "QQQQQB"]) {
      assert.throws(
        () => decodeBase32(text),
        ({ message }: Error) => !message.includes(text) && !/[!8]|hunter|QQ/.test(message),
      );
    }
  });

  it("refuses what is not text, and what is not bytes", () => {
    for (const text of [undefined, null, 12345, ["MY"], { toString: () => "MY" }, new Uint8Array(2)]) {
      assert.throws(() => decodeBase32(text as string), {
        name: "TypeError",
        message: "base32: want a string",
      });
    }
    for (const bytes of [
      undefined,
      null,
      "MY",
      [1, 2],
      new ArrayBuffer(2),
      new Uint16Array(2),
      new DataView(new ArrayBuffer(2)),
    ]) {
      assert.throws(() => encodeBase32(bytes as unknown as Uint8Array), {
        name: "TypeError",
        message: "bytes: want a Uint8Array",
      });
    }
    const disguised = { [Symbol.toStringTag]: "Uint8Array", length: 2, 0: 1, 1: 2 };
    assert.throws(() => encodeBase32(disguised as unknown as Uint8Array), TypeError);
  });

  it("names itself where the secret of another system is no text", () => {
    assert.throws(() => decodeForeignBase32(""), { message: "base32: must not be empty" });
  });
});
