import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { prepareHmac } from "../../../src/internal/hmac.ts";
import { hotpValue } from "../../../src/otp/hotp.ts";
import { hotp, prepareSecret } from "../../../src/otp/index.ts";
import { hex, referenceHotp, seed } from "./reference.ts";

const ALGORITHMS = ["SHA1", "SHA256", "SHA512"] as const;

// RFC 4226 appendix D
const APPENDIX_D = [
  ["cc93cf18508d94934c64b65d8ba7667fb7cde4b0", 1284755224, "755224"],
  ["75a48a19d4cbe100644e8ac1397eea747a2d33ab", 1094287082, "287082"],
  ["0bacb7fa082fef30782211938bc1c5e70416ff44", 137359152, "359152"],
  ["66c28227d03a2d5529262ff016a1e6ef76557ece", 1726969429, "969429"],
  ["a904c900a64b35909874b33e61c5938a8e15ed1c", 1640338314, "338314"],
  ["a37e783d7b7233c083d4f62926c7a25f238d0316", 868254676, "254676"],
  ["bc9cd28561042c83f219324d3c607256c03272ae", 1918287922, "287922"],
  ["a4fb960c0bc06e1eabb804e5b397cdc4b45596fa", 82162583, "162583"],
  ["1b3c89f65e6c9e883012052823443f048b4332db", 673399871, "399871"],
  ["1637409809a679dc698207310c8c7fc07290d9e5", 645520489, "520489"],
] as const;

describe("hotp", () => {
  for (const [counter, [hmac, value, code]] of APPENDIX_D.entries()) {
    it(`computes HMAC, value and code of RFC 4226 appendix D, counter ${counter} (H2)`, () => {
      const prepared = prepareHmac("SHA1", seed(20));
      const { buffer, byteOffset, byteLength } = prepared.digest(counter);
      assert.equal(hex(new Uint8Array(buffer, byteOffset, byteLength)), hmac);
      assert.equal(hotpValue(prepared, counter), value);
      assert.equal(hotp(seed(20), counter), code);
    });
  }

  it("agrees with an independent implementation for any key, counter, hash and digits (H3)", async () => {
    const keys = fc.uint8Array({ minLength: 10, maxLength: 300 });
    const counters = fc.oneof(
      fc.maxSafeNat(),
      fc.nat(),
      fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
    );
    await fc.assert(
      fc.asyncProperty(
        ...([keys, counters, fc.constantFrom(...ALGORITHMS), fc.integer({ min: 6, max: 8 })] as const),
        async (key, counter, algorithm, digits) => {
          const code = hotp(key, counter, { digits, algorithm });
          assert.equal(code, await referenceHotp(algorithm, key, counter, digits));
          assert.equal(hotp(prepareSecret(key, algorithm), counter, { digits }), code);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("keeps leading zeros", () => {
    assert.equal(hotp(seed(20), 226500), "000007");
    assert.equal(hotp(seed(20), 349495), "000000");
  });

  it("takes a secret as Base32 text in any spelling, as bytes and prepared", () => {
    for (const secret of [
      "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
      "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
      "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ======",
      seed(20),
      prepareSecret(seed(20)),
      prepareSecret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
    ]) {
      assert.equal(hotp(secret, 0), "755224");
    }
  });

  it("refuses what is no counter, no number of digits, no algorithm, no secret", () => {
    const misuse = (secret: unknown, counter: unknown, options?: unknown) => () =>
      hotp(secret as string, counter as number, options as object);
    assert.throws(misuse(seed(20), -1), { name: "RangeError", message: /^counter: / });
    for (const counter of [2 ** 53, 1.5, Number.NaN, "1", 1n, undefined]) {
      assert.throws(misuse(seed(20), counter), { name: "TypeError", message: /^counter: / });
    }
    for (const digits of [0, 5, 9, 100]) {
      assert.throws(misuse(seed(20), 0, { digits }), { name: "RangeError", message: "digits: want 6 to 8" });
    }
    for (const digits of ["6", 6.5, null]) {
      assert.throws(misuse(seed(20), 0, { digits }), { name: "TypeError", message: /^digits: / });
    }
    for (const algorithm of ["sha1", "SHA-256", "MD5", "toString", 1, null]) {
      assert.throws(misuse(seed(20), 0, { algorithm }), { name: "TypeError", message: /^algorithm: / });
    }
    for (const options of [null, 6, "SHA1", []]) {
      assert.throws(misuse(seed(20), 0, options), { name: "TypeError", message: "options: want an object" });
    }
    for (const secret of [
      undefined,
      null,
      12345,
      {},
      { algorithm: "SHA1" },
      [1, 2, 3],
      new Uint16Array(20),
    ]) {
      assert.throws(misuse(secret, 0), { name: "TypeError", message: "secret: want Base32 text or bytes" });
    }
  });
});
