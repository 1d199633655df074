import assert from "node:assert/strict";
import { test } from "node:test";
import { HASH_NAMES } from "../../../src/internal/hmac.ts";
import { decodeBase32, generateSecret, matchTotp, totp } from "../../../src/otp/index.ts";
import { createTestTwoFactor } from "../../../src/testing/index.ts";

// Rows that are about a default or a bound, and have no other test to stand in.

const binding = null;

test("T4 a key can be as long as the output of each HMAC, and by default is as long as SHA-1's", () => {
  const lengths = { SHA1: 20, SHA256: 32, SHA512: 64 };
  assert.deepEqual(Object.keys(lengths), [...HASH_NAMES]);
  for (const bytes of Object.values(lengths)) {
    assert.equal(decodeBase32(generateSecret({ bytes })).length, bytes);
  }
  assert.equal(decodeBase32(generateSecret()).length, lengths.SHA1);
});

test("N7 a new key has over 112 bits, and codes that live over two minutes are refused", async () => {
  const { twoFactor } = createTestTwoFactor({ totp: { period: 120 } });
  const begun = await twoFactor.enrollment.begin("ada", { accountName: "ada", binding });
  assert.ok(begun.ok);
  assert.ok(decodeBase32(begun.secret).length * 8 >= 112);
  assert.throws(() => createTestTwoFactor({ totp: { period: 121 } }), /^RangeError: totp.period: /);
});

test("W3 a code is good past the end of its step, and a sign-in may take ten minutes", async () => {
  const secret = generateSecret();
  assert.equal(matchTotp(secret, totp(secret, { now: 29_999 }), { now: 59_999 }), 0);
  const { twoFactor, clock } = createTestTwoFactor({ requirement: () => ({ required: true }) });
  const step = await twoFactor.signIn.begin("ada", { binding });
  assert.ok(step.step === "enroll");
  assert.deepEqual([step.methods, step.expiresAt - clock()], [["app"], 600_000]);
  const begun = await twoFactor.enrollment.begin(
    { challenge: step.challenge },
    { binding, accountName: "ada" },
  );
  assert.ok(begun.ok);
  assert.equal(begun.expiresAt - clock(), 600_000);
});

test("W6 the same key is there as text, in groups that can be read aloud", async () => {
  const { twoFactor } = createTestTwoFactor();
  const begun = await twoFactor.enrollment.begin("ada", { accountName: "ada", binding });
  assert.ok(begun.ok);
  assert.match(begun.manualEntryKey, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  assert.deepEqual(decodeBase32(begun.manualEntryKey), decodeBase32(begun.secret));
  assert.equal(new URL(begun.keyUri).searchParams.get("secret"), begun.secret);
});
