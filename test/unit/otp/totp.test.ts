import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { prepareHmac } from "../../../src/internal/hmac.ts";
import { hotpValue } from "../../../src/otp/hotp.ts";
import {
  type HashName,
  hotp,
  matchTotp,
  prepareSecret,
  type Secret,
  secondsRemaining,
  totp,
} from "../../../src/otp/index.ts";
import { seed } from "./reference.ts";

const SECRET = seed(20);
const NOW = 1_700_000_000_000; // step 56,666,666
const STEP = 56_666_666;

// RFC 6238 appendix B, with the seeds of erratum 2866
const SEED_BYTES: Readonly<Record<HashName, number>> = { SHA1: 20, SHA256: 32, SHA512: 64 };
const APPENDIX_B = [
  [59, "94287082", "46119246", "90693936"],
  [1111111109, "07081804", "68084774", "25091201"],
  [1111111111, "14050471", "67062674", "99943326"],
  [1234567890, "89005924", "91819424", "93441116"],
  [2000000000, "69279037", "90698825", "38618901"],
  [20000000000, "65353130", "77737706", "47863826"],
] as const;

const misuse = (options: unknown) => () => matchTotp(SECRET, "000000", options as { now: number });

describe("totp", () => {
  for (const [seconds, ...codes] of APPENDIX_B) {
    for (const [i, algorithm] of (["SHA1", "SHA256", "SHA512"] as const).entries()) {
      it(`computes the code of RFC 6238 appendix B at ${seconds} s with ${algorithm} (T1, T3)`, () => {
        const secret = seed(SEED_BYTES[algorithm]);
        const options = { now: seconds * 1000, digits: 8, algorithm };
        assert.equal(totp(secret, options), codes[i]);
        assert.equal(totp(prepareSecret(secret, algorithm), options), codes[i]);
        assert.equal(matchTotp(secret, codes[i] ?? "", options), Math.floor(seconds / 30));
      });
    }
  }

  it("is the HOTP of the step that the moment lies in, to the millisecond (T2)", () => {
    assert.equal(totp(SECRET, { now: 0 }), hotp(SECRET, 0));
    assert.equal(totp(SECRET, { now: 29_999.9 }), hotp(SECRET, 0));
    assert.equal(totp(SECRET, { now: 30_000 }), hotp(SECRET, 1));
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 120 }), (now, period) => {
        const step = Number(BigInt(now) / (1000n * BigInt(period)));
        assert.equal(totp(SECRET, { now, period }), hotp(SECRET, step));
      }),
    );
  });
});

describe("matchTotp", () => {
  it("accepts exactly the steps of the window, found by brute force, for every window (V08, T5)", () => {
    for (const past of [0, 1, 2, undefined]) {
      for (const future of [0, 1, 2, undefined]) {
        const window = {
          ...(past === undefined ? {} : { past }),
          ...(future === undefined ? {} : { future }),
        };
        const accepted = [];
        for (let step = STEP - 50; step <= STEP + 50; step++) {
          const match = matchTotp(SECRET, hotp(SECRET, step), { now: NOW, window });
          if (match !== undefined) accepted.push(match - STEP);
        }
        const wanted = [-2, -1, 0, 1, 2].filter(
          (offset) => offset >= -(past ?? 1) && offset <= (future ?? 1),
        );
        assert.deepEqual(accepted, wanted);
      }
    }
  });

  it("accepts one step on each side unless told otherwise (T5)", () => {
    const accepted = [-2, -1, 0, 1, 2].filter((offset) =>
      matchTotp(SECRET, hotp(SECRET, STEP + offset), { now: NOW }),
    );
    assert.deepEqual(accepted, [-1, 0, 1]);
  });

  it("returns the same step from the first to the last millisecond that its window is open", () => {
    const code = hotp(SECRET, STEP);
    const at = (now: number) => matchTotp(SECRET, code, { now });
    assert.equal(at((STEP - 1) * 30_000 - 1), undefined);
    assert.equal(at((STEP - 1) * 30_000), STEP);
    assert.equal(at((STEP + 2) * 30_000 - 1), STEP);
    assert.equal(at((STEP + 2) * 30_000), undefined);
  });

  it("accepts no step at or before afterStep (T6)", () => {
    for (const offset of [-1, 0, 1]) {
      const code = hotp(SECRET, STEP + offset);
      const match = (afterStep: number) => matchTotp(SECRET, code, { now: NOW, afterStep });
      assert.equal(match(-1), STEP + offset);
      assert.equal(match(STEP + offset - 1), STEP + offset);
      assert.equal(match(STEP + offset), undefined);
      assert.equal(match(STEP + offset + 1), undefined);
      assert.equal(match(Number.MAX_SAFE_INTEGER), undefined);
    }
  });

  it("returns the latest of two steps that share a code, and the earlier one never after it", () => {
    // With this secret, steps 910737 and 910738 share a code, and so do 153567 and 153569.
    for (const [first, second, code] of [
      [910737, 910738, "911617"],
      [153567, 153569, "468457"],
    ] as const) {
      assert.deepEqual([hotp(SECRET, first), hotp(SECRET, second)], [code, code]);
      for (const now of [(second - 1) * 30_000, second * 30_000 - 1]) {
        assert.equal(matchTotp(SECRET, code, { now }), second);
        assert.equal(matchTotp(SECRET, code, { now, afterStep: first }), second);
        assert.equal(matchTotp(SECRET, code, { now, afterStep: second }), undefined);
      }
    }
  });

  it("accepts no step before the first one", () => {
    const hmac = prepareHmac("SHA1", SECRET);
    const codes = [-2, -1, 0, 1, 2].map((step) => String(hotpValue(hmac, step) % 1e6).padStart(6, "0"));
    const matches = codes.map((code) => matchTotp(SECRET, code, { now: 0, window: { past: 2 } }));
    assert.deepEqual(matches, [undefined, undefined, 0, 1, undefined]);
  });

  it("accepts none of the codes that differ little from a right one", () => {
    const prepared = prepareSecret(SECRET);
    const right = new Map([-1, 0, 1].map((offset) => [hotp(prepared, STEP + offset), STEP + offset]));
    let accepted = 0;
    for (const code of right.keys()) {
      for (let difference = -3000; difference <= 3000; difference++) {
        const other = String((Number(code) + difference + 1e6) % 1e6).padStart(6, "0");
        const match = matchTotp(prepared, other, { now: NOW });
        assert.equal(match, right.get(other));
        if (match !== undefined) accepted++;
      }
      for (let at = 0; at < 6; at++) {
        for (let digit = 0; digit < 10; digit++) {
          const other = code.slice(0, at) + digit + code.slice(at + 1);
          assert.equal(matchTotp(prepared, other, { now: NOW }), right.get(other));
        }
      }
    }
    assert.equal(accepted, 3);
  });

  it("computes every step of the window, wherever the match is and whatever was spent", () => {
    const window = { past: 2, future: 2 };
    const prepared = prepareSecret(SECRET);
    const work = (code: string, afterStep = -1) => {
      const { getUint8 } = DataView.prototype;
      let digests = 0; // the offset of the truncation is read once a digest
      DataView.prototype.getUint8 = function (at) {
        digests++;
        return getUint8.call(this, at);
      };
      try {
        matchTotp(prepared, code, { now: NOW, window, afterStep });
      } finally {
        DataView.prototype.getUint8 = getUint8;
      }
      return digests;
    };
    for (const offset of [-2, -1, 0, 1, 2, 10]) assert.equal(work(hotp(SECRET, STEP + offset)), 5);
    assert.equal(work(hotp(SECRET, STEP), STEP + 2), 5);
  });

  it("reads every spelling of a code, and refuses every spelling of a spent one (V06)", () => {
    const code = hotp(SECRET, STEP);
    const digitsFrom = (zero: number) =>
      [...code].map((digit) => String.fromCodePoint(zero + Number(digit))).join("");
    const spellings = [
      code,
      `${code.slice(0, 3)} ${code.slice(3)}`,
      `${code.slice(0, 3)}-${code.slice(3)}`,
      `${code.slice(0, 3)}\u00A0${code.slice(3)}`,
      `${code.slice(0, 3)}\u2011${code.slice(3)}`,
      `\u200E${code}\u200F`,
      [...code].join("\u200B"),
      `\uFEFF ${code}\r\n`,
      digitsFrom(0xff10), // full-width
      digitsFrom(0x0660), // Arabic-Indic
      digitsFrom(0x06f0), // extended Arabic-Indic
      digitsFrom(0x1d7ce), // mathematical
    ];
    for (const spelling of spellings) {
      assert.equal(matchTotp(SECRET, spelling, { now: NOW }), STEP, JSON.stringify(spelling));
      assert.equal(matchTotp(SECRET, spelling, { now: NOW, afterStep: STEP }), undefined);
    }
  });

  it("takes only a code of exactly the right number of digits", () => {
    const code = "000007"; // of step 226500: numerically 7
    const now = 226500 * 30_000;
    assert.equal(matchTotp(SECRET, code, { now }), 226500);
    for (const other of [
      "7",
      "07",
      "00007",
      "0000007",
      "00000007",
      "+00007",
      "0x0007",
      "7e0000",
      "00007.",
      "00000７７",
    ]) {
      assert.equal(matchTotp(SECRET, other, { now }), undefined, other);
    }
    assert.equal(matchTotp(SECRET, code, { now, digits: 8 }), undefined);
    assert.equal(matchTotp(SECRET, hotp(SECRET, 226500, { digits: 7 }), { now, digits: 7 }), 226500);
  });

  it("returns undefined for anything else that can be sent, and never throws (V73)", () => {
    const hostile = () => assert.fail("looked at the input's methods");
    const inputs: unknown[] = [
      undefined,
      null,
      "",
      " ",
      123456,
      123456n,
      Number.NaN,
      true,
      [hotp(SECRET, STEP)],
      { toString: () => hotp(SECRET, STEP) },
      { toString: hostile, valueOf: hostile, toJSON: hostile },
      new Proxy({}, { get: hostile, getPrototypeOf: hostile }),
      new String(hotp(SECRET, STEP)),
      Symbol("123456"),
      () => hotp(SECRET, STEP),
      new Uint8Array(6),
      "1".repeat(1_000_000),
      `${" ".repeat(1_000_000)}${hotp(SECRET, STEP)}`,
      "\uD800\uDC00\uDFFF\uD800",
      "\uFDFA".repeat(64),
      "=".repeat(64),
    ];
    for (const input of inputs) assert.equal(matchTotp(SECRET, input as string, { now: NOW }), undefined);
    const anything = fc.oneof(
      fc.anything({ withBigInt: true, withSparseArray: true, withTypedArray: true, withNullPrototype: true }),
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.array(fc.nat(0xffff), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(anything, (input) => {
        const step = matchTotp(SECRET, input as string, { now: NOW });
        assert.ok(step === undefined || typeof input === "string");
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses a window, period, moment, step or digits out of range, whatever was typed (V08)", () => {
    const refused = {
      window: [-1, 3, 1.5, "1", Number.POSITIVE_INFINITY, null],
      period: [0, 121, -30, 0.5, "30", null],
    };
    for (const steps of refused.window) {
      assert.throws(misuse({ now: NOW, window: { past: steps } }), { message: /^window\.past: want/ });
      assert.throws(misuse({ now: NOW, window: { future: steps } }), { message: /^window\.future: want/ });
    }
    for (const period of refused.period)
      assert.throws(misuse({ now: NOW, period }), { message: /^period: want/ });
    for (const window of [null, 1, "1", [1, 1]]) {
      assert.throws(misuse({ now: NOW, window }), { name: "TypeError", message: "window: want an object" });
    }
    for (const afterStep of [-2, 1.5, "1", null]) {
      assert.throws(misuse({ now: NOW, afterStep }), { message: /^afterStep: want/ });
    }
    for (const digits of [5, 9, "6"])
      assert.throws(misuse({ now: NOW, digits }), { message: /^digits: want/ });
    for (const now of [undefined, null, "0", Number.NaN, Number.POSITIVE_INFINITY, new Date(0)]) {
      assert.throws(misuse({ now }), { name: "TypeError", message: "now: want epoch milliseconds" });
    }
    for (const now of [-1, 2 ** 53])
      assert.throws(misuse({ now }), { name: "RangeError", message: /^now: want/ });
    for (const options of [undefined, null, NOW]) {
      assert.throws(misuse(options), { name: "TypeError", message: "options: want an object" });
    }
    assert.throws(() => matchTotp("nonsense!" as Secret, "no code", { now: NOW }), { name: "RangeError" });
  });

  it("refuses a prepared secret under the name of another algorithm", () => {
    const prepared = prepareSecret(SECRET, "SHA256");
    assert.equal(matchTotp(prepared, hotp(prepared, STEP), { now: NOW }), STEP);
    assert.equal(matchTotp(prepared, hotp(prepared, STEP), { now: NOW, algorithm: "SHA256" }), STEP);
    assert.throws(() => matchTotp(prepared, "000000", { now: NOW, algorithm: "SHA1" }), {
      name: "TypeError",
      message: "algorithm: the secret was prepared for another one",
    });
  });
});

describe("secondsRemaining", () => {
  it("counts down from the period to 1", () => {
    assert.equal(secondsRemaining({ now: 0 }), 30);
    assert.equal(secondsRemaining({ now: 999.9 }), 30);
    assert.equal(secondsRemaining({ now: 1_000 }), 29);
    assert.equal(secondsRemaining({ now: 29_999 }), 1);
    assert.equal(secondsRemaining({ now: 30_000 }), 30);
    assert.equal(secondsRemaining({ now: NOW, period: 120 }), 40);
    assert.throws(() => secondsRemaining({ now: -1 }), RangeError);
    assert.equal(secondsRemaining({ now: Number.MAX_SAFE_INTEGER, period: 1 }), 1);
    assert.throws(() => secondsRemaining({ now: Number.MAX_SAFE_INTEGER + 1 }), RangeError);
  });

  it("reaches into the next step and no further", () => {
    fc.assert(
      fc.property(fc.nat(4e12), fc.integer({ min: 1, max: 120 }), (now, period) => {
        const seconds = secondsRemaining({ now, period });
        assert.ok(seconds >= 1 && seconds <= period);
        assert.equal((Math.floor(now / 1000) + seconds) % period, 0);
      }),
    );
  });
});
