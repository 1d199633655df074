import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64Url, toBase64Url } from "../../../src/internal/bytes.ts";
import { sha256 } from "../../../src/internal/hmac.ts";
import { createTestTwoFactor } from "../../../src/testing/index.ts";
import { createTwoFactor } from "../../../src/two-factor/create.ts";
import { spellings } from "../../support/calls.ts";
import {
  binding,
  type Enrolled,
  enrolled,
  enrollIn,
  must,
  nextCode,
  outcome,
  recordOf,
  tally,
  USER,
  world,
  wrongBackupCode,
} from "../../support/world.ts";

const YEAR = 365 * 86_400;

const verify = (w: Enrolled, code: string | undefined) => w.twoFactor.verify(USER, code, { binding });

test("O6 enrollment hands out ten different codes of eight digits, once", async () => {
  const w = await enrolled();
  assert.equal(new Set(w.codes).size, 10);
  for (const code of w.codes) assert.match(code, /^[0-9]{8}$/);
  assert.deepEqual((await w.twoFactor.status(USER)).backupCodes, {
    total: 10,
    active: 10,
    used: 0,
    createdAt: w.clock() - 30_000,
  });
});

test("V38 N2 A8 every code is accepted once, in any order, and refused afterwards", async () => {
  const w = await enrolled();
  for (const [i, code] of [...w.codes].reverse().entries()) {
    assert.equal(must(await verify(w, code)).backupCodesLeft, 9 - i);
    for (const spelling of spellings(code).slice(i, i + 4)) {
      assert.equal(outcome(await verify(w, spelling)), "backup_code_reused", spelling);
    }
    w.clock.advance(YEAR); // failures in a row wait an hour at most
    must(await verify(w, w.phone.code()));
    assert.equal(outcome(await verify(w, code)), "backup_code_reused");
    w.clock.advance(YEAR);
  }
});

test("codes expire by use alone: after ten years they are good", async () => {
  const w = await enrolled();
  w.clock.advance(10 * YEAR);
  assert.equal(must(await verify(w, w.codes[9])).method, "backup");
});

test("V42 using a code changes no other", async () => {
  const w = await enrolled();
  const digests = async () => (await recordOf(w)).backupCodes?.codes.map(({ digest }) => digest);
  const before = await digests();
  must(await verify(w, w.codes[5]));
  assert.deepEqual(await digests(), before);
  for (const code of w.codes.filter((_, i) => i !== 5)) must(await verify(w, code));
});

test("V44 N4 N6 A9 what is stored holds no code and no plain hash of one, even with the key", async () => {
  const events: unknown[] = [];
  const { store, options } = createTestTwoFactor();
  const real = createTwoFactor({ ...options, onEvent: (event) => void events.push(event) }); // real derivation
  const w = await enrollIn({ ...world({ store, keys: options.keys }), twoFactor: real });
  const sealed = JSON.stringify(await store.get(USER));
  const opened = JSON.stringify(await recordOf(w));
  for (const code of w.codes) {
    const bytes = new TextEncoder().encode(code);
    const hash = sha256(bytes);
    for (const secret of [code, toBase64Url(bytes), ...hashTexts(hash)]) {
      assert.ok(!opened.includes(secret));
      assert.ok(!sealed.includes(secret));
    }
  }
  const salt = (await recordOf(w)).backupCodes?.salt ?? "";
  assert.equal(fromBase64Url(salt)?.length, 16);
  must(await verify(w, w.codes[0]));
  assert.equal(outcome(await verify(w, w.codes[0])), "backup_code_reused");
});

/** A hash and its first half, in each of the spellings that they could be stored in. */
function hashTexts(hash: Uint8Array): string[] {
  return [hash, hash.subarray(0, 16)].flatMap((bytes) => [
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    btoa(String.fromCharCode(...bytes)),
    toBase64Url(bytes),
  ]);
}

test("the same codes under two salts have different digests", async () => {
  const [a, b] = [await enrolled(), await enrolled()];
  const [first, second] = [(await recordOf(a)).backupCodes, (await recordOf(b)).backupCodes];
  assert.notEqual(first?.salt, second?.salt);
});

test("V47 a used code looks exactly like a wrong one in everything that is shown", async () => {
  const [a, b] = [await enrolled(), await enrolled()];
  must(await verify(a, a.codes[0]));
  must(await verify(b, b.codes[0]));
  const used = await verify(a, a.codes[0]);
  const wrong = await verify(b, wrongBackupCode(b));
  assert.deepEqual([outcome(used), outcome(wrong)], ["backup_code_reused", "wrong_code"]);
  assert.equal(JSON.stringify(used), JSON.stringify(wrong));
  assert.deepEqual(Object.keys(used), Object.keys(wrong));
});

test("V47 a used code and a wrong one are both charged", async () => {
  const w = await enrolled();
  must(await verify(w, w.codes[0]));
  const outcomes = [];
  for (let i = 0; i < 4; i++) {
    outcomes.push(outcome(await verify(w, w.codes[0])), outcome(await verify(w, wrongBackupCode(w, i))));
  }
  assert.deepEqual(tally(outcomes), { backup_code_reused: 3, wrong_code: 2, locked: 3 });
});

test("V31 backup codes have a budget of their own, as strict as that of the app", async () => {
  const w = await enrolled();
  const outcomes = [];
  for (let i = 0; i < 12; i++) outcomes.push(outcome(await verify(w, wrongBackupCode(w, i))));
  assert.deepEqual(tally(outcomes), { wrong_code: 5, locked: 7 });
  assert.equal(outcome(await verify(w, w.codes[0])), "locked");
  must(await verify(w, w.phone.code()));
});

test("letters in any case and their look-alikes are read", async () => {
  const w = await enrolled({ backupCodes: { alphabet: "base32", length: 10 } });
  for (const [i, code] of w.codes.entries()) {
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{10}$/);
    const spelled = [code.toLowerCase(), code.replaceAll("0", "o"), code.replaceAll("1", "I")][i % 3] ?? "";
    must(await verify(w, spelled));
  }
});

test("the host hears when few codes are left", async () => {
  const w = await enrolled();
  const low = () => w.events.filter(({ type }) => type === "backup_codes_low").length;
  for (const [i, code] of w.codes.entries()) {
    must(await verify(w, code));
    assert.equal(low(), Math.max(0, i - 5));
  }
  must(await verify(w, nextCode(w)));
});
