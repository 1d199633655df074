import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonicalCode, MAX_CODE_LENGTH } from "../../../src/internal/canonical.ts";

describe("canonicalCode", () => {
  it("gives every spelling of a code the same canonical one (V06)", () => {
    const spellings: Readonly<Record<string, readonly string[]>> = {
      "001234": [
        "001234",
        "001 234",
        " 00-12-34\t\r\n",
        "001\u00A0234", // no-break space
        "001\u202F234", // narrow no-break space
        "001\u3000234", // ideographic space
        "001\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uFE63\uFF0D234", // every dash and the minus
        "\u200B0\u200C0\u200D1\u20602\uFEFF3\u00AD4", // zero width, and a soft hyphen
        "\u200E\u200F\u202A\u202B\u202D\u202E\u2066\u2067\u2068001234\u2069\u202C\u061C", // direction marks
        "００１２３４", // full width
        "٠٠١٢٣٤", // Arabic-Indic
        "۰۰۱۲۳۴", // extended Arabic-Indic
        "𝟎𝟎𝟏𝟐𝟑𝟒", // mathematical
        "0₀①²3₄", // subscript, circled, superscript
      ],
      ABCDEFGH23: ["ABCDEFGH23", "abcde-fgh23", "abcde fgh23", "ａｂｃｄｅ－ＦＧＨ２３", "\u202Babcdefgh٢٣"],
    };
    for (const [canonical, typed] of Object.entries(spellings)) {
      for (const spelling of typed)
        assert.equal(canonicalCode(spelling), canonical, JSON.stringify(spelling));
    }
  });

  it("keeps digits apart and letters that are not its business", () => {
    const codes = new Set(
      Array.from({ length: 10 }, (_, i) => canonicalCode(String.fromCharCode(0x660 + i))),
    );
    assert.deepEqual([...codes].join(""), "0123456789");
    assert.equal(canonicalCode("12.34"), "12.34");
    assert.equal(canonicalCode("é"), "É");
    assert.equal(canonicalCode("2.5"), "2.5", "no number of a line");
  });

  it("I4 reads the decimal digits of every script that the runtime knows", () => {
    let scripts = 0;
    let digits = "";
    for (let point = 0; point <= 0x10ffff; point++) {
      const character = String.fromCodePoint(point);
      if (!/\p{Nd}/u.test(character)) continue;
      digits += character;
      if ([...digits].length < 10) continue;
      assert.equal(canonicalCode(digits), "0123456789", `U+${(point - 9).toString(16)}`);
      scripts++;
      digits = "";
    }
    assert.ok(scripts >= 60, `${scripts} scripts`); // Unicode 13 has 65
    assert.equal(digits, "");
  });

  it("is undefined for what is no code", () => {
    const nothing = [
      undefined,
      null,
      123456,
      1n,
      true,
      ["123456"],
      { toString: () => "123456" },
      new String("1"),
    ];
    for (const input of nothing) assert.equal(canonicalCode(input), undefined);
    for (const blank of ["", " ", "- -", "\u200B\uFEFF", "\u00AD", "\u2060\n"]) {
      assert.equal(canonicalCode(blank), undefined, JSON.stringify(blank));
    }
  });

  it("looks at 64 UTF-16 units, before any work, and returns no more", () => {
    assert.equal(canonicalCode("1".repeat(MAX_CODE_LENGTH)), "1".repeat(64));
    assert.equal(canonicalCode("1".repeat(MAX_CODE_LENGTH + 1)), undefined);
    assert.equal(canonicalCode(`${" ".repeat(64)}1`), undefined);
    assert.equal(canonicalCode("\uFDFA".repeat(3))?.length, 45); // one character, fifteen letters and three spaces
    assert.equal(canonicalCode("\uFDFA".repeat(64)), undefined);
    assert.equal(canonicalCode("a".repeat(64)), "A".repeat(64));
    const { normalize } = String.prototype;
    String.prototype.normalize = () => assert.fail("worked on a long input");
    try {
      assert.equal(canonicalCode("\uFDFA".repeat(1_000_000)), undefined);
    } finally {
      String.prototype.normalize = normalize;
    }
  });

  it("never throws, and changes no code that is canonical already", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 70 }),
      fc.array(fc.nat(0xffff), { maxLength: 70 }).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(text, (input) => {
        const once = canonicalCode(input);
        if (once === undefined) return;
        assert.ok(once.length > 0 && once.length <= MAX_CODE_LENGTH);
        if (/^[!-~]+$/.test(once)) assert.equal(canonicalCode(once), once);
      }),
      { numRuns: 2000 },
    );
  });
});
