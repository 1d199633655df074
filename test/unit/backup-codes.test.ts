import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  asBackupCode,
  type BackupCodeAlphabet,
  formatBackupCodes,
  generateBackupCodes,
  indexOfDigest,
  withoutLine,
} from "../../src/backup-codes.ts";
import { canonicalCode } from "../../src/internal/canonical.ts";
import { randomBytes } from "../../src/internal/hmac.ts";

const DIGITS = "0123456789";
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A generator whose bytes are given, to see what becomes of each. */
function scripted(bytes: readonly number[]): (length: number) => Uint8Array {
  let at = 0;
  return (length) => Uint8Array.from({ length }, () => bytes[at++ % bytes.length] ?? 0);
}

test("V43 A10 N1 every place of a code is uniform over its alphabet", () => {
  for (const [alphabet, characters] of [
    ["digits", DIGITS],
    ["base32", CROCKFORD],
  ] as const) {
    const length = 10;
    const counts = Array.from({ length }, () => new Map<string, number>());
    const draws = 2_000;
    for (let i = 0; i < draws / 16; i++) {
      for (const code of generateBackupCodes({ count: 16, alphabet, length }, randomBytes)) {
        [...code].forEach((character, place) => {
          const count = counts[place];
          count?.set(character, (count.get(character) ?? 0) + 1);
        });
      }
    }
    const expected = draws / characters.length;
    for (const count of counts) {
      const chiSquare = [...characters]
        .map((character) => ((count.get(character) ?? 0) - expected) ** 2 / expected)
        .reduce((sum, part) => sum + part, 0);
      // for 9 and 31 degrees of freedom, exceeded by chance less than once in ten million places
      assert.ok(chiSquare < (characters.length === 10 ? 50 : 92), `${alphabet}: ${chiSquare}`);
    }
  }
});

test("V43 bytes beyond the last whole multiple of the alphabet are thrown away, not folded", () => {
  const random = scripted([250, 251, 255, 249, 0, 9, 10, 19, 240, 100, 7, 3]);
  assert.deepEqual(generateBackupCodes({ count: 1, alphabet: "digits", length: 8 }, random), ["90909007"]);
});

test("V43 all 256 bytes are used for 32 characters, eight for each", () => {
  const random = scripted(Array.from({ length: 256 }, (_, i) => i));
  const [code = ""] = generateBackupCodes({ count: 1, alphabet: "base32", length: 256 }, random);
  for (const character of CROCKFORD) assert.equal([...code].filter((other) => other === character).length, 8);
});

test("V43 a batch holds no code twice, whatever the generator gives", () => {
  const random = scripted([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
  assert.deepEqual(generateBackupCodes({ count: 2, alphabet: "digits", length: 8 }, random), [
    "11111111",
    "22222222",
  ]);
});

test("A11 N1 the shortest configurable code has over twenty bits, and leading zeros are kept", () => {
  assert.ok(Math.log2(10 ** 8) > 20);
  assert.deepEqual(generateBackupCodes({ count: 1, alphabet: "digits", length: 8 }, scripted([0, 7])), [
    "07070707",
  ]);
});

test("a code is recognized by length and alphabet alone", () => {
  const shape = (alphabet: BackupCodeAlphabet, length = 8) => ({ alphabet, length });
  assert.equal(asBackupCode("12345678", shape("digits")), "12345678");
  assert.equal(asBackupCode("1234567", shape("digits")), undefined);
  assert.equal(asBackupCode("123456789", shape("digits")), undefined);
  assert.equal(asBackupCode("1234567A", shape("digits")), undefined);
  assert.equal(
    asBackupCode("O123456I", shape("digits")),
    undefined,
    "letters stand for digits in Base32 only",
  );
  assert.equal(asBackupCode("OIL01XYZ", shape("base32")), "01101XYZ");
  assert.equal(asBackupCode("OIL01XYU", shape("base32")), undefined, "Crockford's has no U");
  assert.equal(asBackupCode("ABC", shape("base32", 3)), "ABC");
  for (const alphabet of ["text", "legacy"] as const) {
    const codes = ["UVWXYZ", "UVWXYZ!!", "UVWXY"].map((code) => asBackupCode(code, { alphabet, length: 6 }));
    assert.deepEqual(codes, ["UVWXYZ", "UVWXYZ!!", undefined], alphabet);
  }
});

test("of a pasted line the number and the date of use are left out, and of nothing else a part", () => {
  const long = "x".repeat(125);
  for (const [typed, code] of [
    [" 1.  1234 5678    used on: 31 May", " 1234 5678   "],
    ["12) ABCD", "ABCD"],
    ["   \u0663. ABCD Used On:\na\nb", "ABCD"],
    [`1. ${long}`, long],
    ...[5, `1. ${long}x`, "123. ABCD", "1.ABCD", "1- ABCD", "a. ABCD", "a1. ABCD", "1 1. ABCD"].map(
      (same) => [same, same] as const,
    ),
    ["ABCDused on: x", "ABCDused on: x"],
  ] as const) {
    assert.equal(withoutLine(typed), code);
  }
});

test("a generated code is read back from every way to write it", () => {
  const alphabet = fc.constantFrom<BackupCodeAlphabet>("digits", "base32");
  fc.assert(
    fc.property(
      alphabet,
      fc.integer({ min: 8, max: 32 }),
      fc.constantFrom(" ", "-", "\u2013", "\u00A0"),
      (kind, length, gap) => {
        const [code = ""] = generateBackupCodes({ count: 1, alphabet: kind, length }, randomBytes);
        const written = (code.match(/.{1,4}/g) ?? []).join(gap).toLowerCase();
        assert.equal(asBackupCode(canonicalCode(written) ?? "", { alphabet: kind, length }), code);
      },
    ),
  );
});

test("V72 a digest is compared with all of a batch, wherever it is", () => {
  const digests = ["aaaa", "bbbb", "cccc"];
  assert.deepEqual(
    digests.map((digest) => indexOfDigest(digest, digests)),
    [0, 1, 2],
  );
  assert.equal(indexOfDigest("dddd", digests), -1);
  assert.equal(indexOfDigest("aaa", digests), -1);
  assert.equal(indexOfDigest("", []), -1);
});

const file = (more: Partial<Parameters<typeof formatBackupCodes>[0]> = {}) =>
  formatBackupCodes({
    issuer: "Acme",
    accountName: "ada@example.com",
    codes: ["12345678", "00112233"],
    createdAt: Date.UTC(2026, 0, 31, 23, 59),
    ...more,
  });

test("the file says for whom and when, and has a line for each code and the date of its use", () => {
  const { text, filename } = file();
  assert.equal(filename, "acme-backup-codes-2026-01-31.txt");
  assert.deepEqual(text.split("\r\n"), [
    "Acme: backup codes for ada@example.com",
    "Created on 2026-01-31. Each code works once, in place of a code from your authenticator app.",
    "Keep this file where nobody else can read it, and note the date beside a code that you use.",
    "",
    " 1.  1234 5678    used on: ____________",
    " 2.  0011 2233    used on: ____________",
    "",
  ]);
});

test("names are put on one line, and as far as possible into the file's name", () => {
  const { text, filename } = file({ issuer: " Ac\r\nme\u2028 & Co. ", accountName: "\tada\0\0x " });
  assert.equal(text.split("\r\n")[0], "Ac me  & Co.: backup codes for ada x");
  assert.equal(filename, "ac-me-co-backup-codes-2026-01-31.txt");
  const nameFor = (issuer: string) => file({ issuer }).filename;
  assert.equal(nameFor("***Ünïcödé!!!"), "u-ni-co-de-backup-codes-2026-01-31.txt");
  assert.equal(nameFor("x".repeat(41)), `${"x".repeat(40)}-backup-codes-2026-01-31.txt`);
  assert.equal(nameFor(`${"x".repeat(39)} y`), `${"x".repeat(39)}-backup-codes-2026-01-31.txt`);
});

test("codes are grouped so that they come out even", () => {
  assert.match(file({ codes: ["ABCDE12345"] }).text, /1\. {2}ABCDE 12345 /);
  assert.match(file({ codes: ["ABCDEFGHJ"] }).text, /1\. {2}ABCD EFGH J /);
});

test("the link holds the same text", () => {
  const { dataUrl, text } = file({ accountName: "Ådä #1 %" });
  assert.ok(dataUrl.startsWith("data:text/plain;charset=utf-8,"));
  assert.equal(decodeURIComponent(dataUrl.slice(dataUrl.indexOf(",") + 1)), text);
});

test("no issuer and no account name can break the header, the file name or the lines", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (issuer, accountName) => {
      const { filename, text } = file({ issuer, accountName });
      assert.match(filename, /^[a-z0-9-]*backup-codes-2026-01-31\.txt$/);
      assert.ok(filename.length <= 80 && !filename.startsWith("-"));
      assert.equal(text.split(/\r\n|\r|\n|\u2028|\u2029/).length, 7);
    }),
  );
  assert.equal(file({ issuer: "../../etc/passwd\0" }).filename, "etc-passwd-backup-codes-2026-01-31.txt");
  assert.equal(file({ issuer: "日本" }).filename, "backup-codes-2026-01-31.txt");
});

test("values that cannot be written into the file are refused by name", () => {
  const sound = { issuer: "Acme", accountName: "ada", codes: ["12345678"], createdAt: 0 };
  const write = (more: object) => () => formatBackupCodes({ ...sound, ...more });
  assert.throws(write({ createdAt: Number.NaN }), /^TypeError: createdAt: want an integer/);
  assert.throws(write({ createdAt: 9e15 }), /^RangeError: createdAt: want 0 to /);
  for (const codes of [undefined, "12345678", [12345678], ["12345678", undefined]]) {
    assert.throws(write({ codes }), /^TypeError: codes: want a list of strings/);
  }
  assert.throws(write({ issuer: undefined }), /^TypeError: issuer: want a string/);
  assert.throws(write({ accountName: 5 }), /^TypeError: accountName: want a string/);
  assert.throws(() => formatBackupCodes(undefined as never), /^TypeError: options: want an object/);
});
