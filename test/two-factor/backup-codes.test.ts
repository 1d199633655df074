import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../../src/internal/hash.ts";
import { createTestTwoFactor, virtualAuthenticator } from "../../src/testing/index.ts";
import { createTwoFactor } from "../../src/two-factor/create.ts";
import { pathsOf, spellings } from "./calls.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  enrollIn,
  machines,
  must,
  nextCode,
  outcome,
  PASSWORD,
  recordOf,
  signIn,
  tally,
  USER,
  withPassword,
  world,
  wrongBackupCode,
} from "./world.ts";

const YEAR = 365 * 86_400;
const verify = (w: Enrolled, code: string | undefined) => w.twoFactor.verify(USER, code, { binding });
const regenerate = (w: Enrolled) =>
  w.twoFactor.backupCodes.regenerate(USER, { elevation: w.signIn.elevation, binding });

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

test("V38 N2 A8 every code is accepted once, in any order, and refused for ever in every spelling", async () => {
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

test("V39 of fifty copies of one code at once, exactly one is accepted", async () => {
  const w = await enrolled();
  const results = await Promise.all(Array.from({ length: 50 }, () => verify(w, w.codes[0])));
  assert.equal(tally(results.map(outcome))["ok"], 1);
  assert.equal((await w.twoFactor.status(USER)).backupCodes?.used, 1);
});

for (const seed of [41, 42, 43]) {
  test(`V39 and over four machines that overtake each other at every await (seed ${seed})`, async () => {
    const all = machines(4, { seed });
    const [first] = all;
    assert.ok(first);
    const w = await enrollIn(first);
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        (all[i % 4] ?? first).twoFactor.verify(USER, w.codes[0], { binding }),
      ),
    );
    const counts = tally(results.map(outcome));
    assert.equal(counts["ok"], 1, JSON.stringify(counts));
    assert.equal((await w.twoFactor.status(USER)).backupCodes?.used, 1);
  });

  test(`V39 of four different codes at once all are accepted, and all are spent (seed ${seed})`, async () => {
    const all = machines(4, { seed });
    const [first] = all;
    assert.ok(first);
    const w = await enrollIn(first);
    const results = await Promise.all(
      all.map(({ twoFactor }, i) => twoFactor.verify(USER, w.codes[i], { binding })),
    );
    assert.deepEqual(results.map(outcome), ["ok", "ok", "ok", "ok"]);
    assert.equal((await w.twoFactor.status(USER)).backupCodes?.used, 4);
    assert.equal((await recordOf(w)).backup.failures, 0, "what was reserved was given back");
    for (const code of w.codes.slice(0, 4))
      assert.equal(outcome(await verify(w, code)), "backup_code_reused");
  });

  test(`V41 of regenerations at once one gets codes that work, and the others none (seed ${seed})`, async () => {
    const all = machines(4, { seed });
    const [first] = all;
    assert.ok(first);
    const w = await enrollIn(first);
    const results = await Promise.all(
      all.map(({ twoFactor }) =>
        twoFactor.backupCodes.regenerate(USER, { elevation: w.signIn.elevation, binding }),
      ),
    );
    const counts = tally(results.map(outcome));
    assert.deepEqual(counts, { ok: 1, conflict: 3 });
    const lost = results.find((result) => !result.ok);
    assert.ok(lost && !lost.ok && lost.reason === "busy" && (lost.retryAt ?? 0) > w.clock());
    const winner = results.find((result) => result.ok);
    assert.ok(winner?.ok);
    must(await verify(w, winner.codes[3]));
    assert.equal(outcome(await verify(w, w.codes[3])), "wrong_code", "the old batch died in the same write");
  });
}

test("V42 using a code changes no other", async () => {
  const w = await enrolled();
  const digests = async () => (await recordOf(w)).backupCodes?.codes.map(({ digest }) => digest);
  const before = await digests();
  must(await verify(w, w.codes[5]));
  assert.deepEqual(await digests(), before);
  for (const code of w.codes.filter((_, i) => i !== 5)) must(await verify(w, code));
});

test("V44 N4 N6 A9 what is stored holds no code and no plain hash of one, even for whoever has the key", async () => {
  const events: unknown[] = [];
  const { store, options } = createTestTwoFactor();
  const real = createTwoFactor({ ...options, onEvent: (event) => void events.push(event) }); // real derivation
  const w = await enrollIn({ ...world({ store, keys: options.keys }), twoFactor: real });
  const sealed = JSON.stringify(await store.get(USER));
  const opened = JSON.stringify(await recordOf(w));
  for (const code of w.codes) {
    const bytes = new TextEncoder().encode(code);
    const hash = sha256(bytes);
    for (const secret of [code, Buffer.from(bytes).toString("base64url"), ...hashTexts(hash)]) {
      assert.ok(!opened.includes(secret));
      assert.ok(!sealed.includes(secret));
    }
  }
  const salt = (await recordOf(w)).backupCodes?.salt ?? "";
  assert.equal(Buffer.from(salt, "base64url").length, 16);
  must(await verify(w, w.codes[0]));
  assert.equal(outcome(await verify(w, w.codes[0])), "backup_code_reused");
});

function hashTexts(hash: Uint8Array): string[] {
  const buffer = Buffer.from(hash);
  return (["hex", "base64", "base64url"] as const).flatMap((encoding) => [
    buffer.toString(encoding),
    buffer.subarray(0, 16).toString(encoding),
  ]);
}

test("the same codes under two salts have different digests", async () => {
  const [a, b] = [await enrolled(), await enrolled()];
  const [first, second] = [(await recordOf(a)).backupCodes, (await recordOf(b)).backupCodes];
  assert.notEqual(first?.salt, second?.salt);
});

test("V45 no call gives existing codes back", async () => {
  const w = await enrolled();
  const { twoFactor } = w;
  const returned = JSON.stringify([
    await twoFactor.status(USER),
    await twoFactor.signIn.begin(USER, { binding }),
    await twoFactor.trustedDevices.list(USER),
    await verify(w, w.phone.code()),
    await twoFactor.enrollment.begin(USER, {
      accountName: USER,
      replace: true,
      elevation: w.signIn.elevation,
      binding,
    }),
    await twoFactor.reauthenticate(USER, { code: w.codes[0], binding }),
    await regenerate(w),
    w.events,
  ]);
  for (const code of w.codes) assert.ok(!returned.includes(code));
  assert.ok(!pathsOf(twoFactor).some((path) => /backupCodes\.(list|get|show|view)/.test(path)));
});

test("V47 a used code looks exactly like a wrong one, in whatever anybody is shown", async () => {
  const [a, b] = [await enrolled(), await enrolled()];
  must(await verify(a, a.codes[0]));
  must(await verify(b, b.codes[0]));
  const used = await verify(a, a.codes[0]);
  const wrong = await verify(b, wrongBackupCode(b));
  assert.deepEqual([outcome(used), outcome(wrong)], ["backup_code_reused", "wrong_code"]);
  assert.equal(JSON.stringify(used), JSON.stringify(wrong));
  assert.deepEqual(Object.keys(used), Object.keys(wrong));
});

test("V47 and costs the same: both are charged", async () => {
  const w = await enrolled();
  must(await verify(w, w.codes[0]));
  const outcomes = [];
  for (let i = 0; i < 4; i++) {
    outcomes.push(outcome(await verify(w, w.codes[0])), outcome(await verify(w, wrongBackupCode(w, i))));
  }
  assert.deepEqual(tally(outcomes), { backup_code_reused: 3, wrong_code: 2, locked: 3 });
});

test("V48 shapes that could be mistaken for each other are refused at construction", () => {
  for (const [digits, length] of [
    [8, 8],
    [8, undefined],
  ] as const) {
    const backupCodes = length === undefined ? {} : { length };
    assert.throws(
      () => createTestTwoFactor({ totp: { digits }, backupCodes }),
      /^RangeError: backupCodes\.length: /,
    );
  }
  assert.throws(
    () => createTestTwoFactor({ totp: { digits: 8 }, backupCodes: { alphabet: "base32" } }),
    /^RangeError: backupCodes\.length: /,
  );
});

test("V48 and later, where a user's authenticator or codes are of another time", async () => {
  const w = await enrolled({ totp: { digits: 8 }, backupCodes: { length: 10 } });
  const now = { ...w.options, onEvent: undefined, totp: {}, backupCodes: { length: 8 } };
  const changed = { ...w, ...createTestTwoFactor(now) };
  await assert.rejects(regenerate(changed), /^RangeError: backupCodes\.length: /);
  const other = await enrolled();
  const later = createTestTwoFactor({
    ...other.options,
    onEvent: undefined,
    totp: { digits: 8 },
    backupCodes: { length: 10, atEnrollment: false },
  });
  await assert.rejects(
    later.twoFactor.enrollment.begin(USER, {
      accountName: USER,
      replace: true,
      code: other.phone.code(),
      binding,
    }),
    /^RangeError: totp\.digits: /,
  );
});

test("V48 one submission is one evaluation and one charge", async () => {
  const w = await enrolled();
  await verify(w, wrongBackupCode(w));
  await verify(w, "123456" === w.phone.code() ? "654321" : "123456");
  const { app, backup } = await recordOf(w);
  assert.deepEqual([app.failures, backup.failures, app.unknown.length, backup.unknown.length], [1, 1, 1, 1]);
});

test("V31 backup codes have a budget of their own, as strict as that of the app", async () => {
  const w = await enrolled();
  const outcomes = [];
  for (let i = 0; i < 12; i++) outcomes.push(outcome(await verify(w, wrongBackupCode(w, i))));
  assert.deepEqual(tally(outcomes), { wrong_code: 5, locked: 7 });
  assert.equal(outcome(await verify(w, w.codes[0])), "locked");
  must(await verify(w, w.phone.code()));
});

test("V46 N21 new codes take proof, and the user is to be told", async () => {
  const w = await enrolled(withPassword);
  const { backupCodes } = w.twoFactor;
  assert.equal(outcome(await backupCodes.regenerate(USER, { binding })), "reauthentication_required");
  const context = { ip: "192.0.2.7" };
  const before = w.events.length;
  must(await backupCodes.regenerate(USER, { password: PASSWORD, code: w.phone.code(), binding, context }));
  const told = w.events.slice(before).filter(({ notify }) => notify);
  assert.deepEqual(
    told.map(({ type, context }) => ({ type, context })),
    [{ type: "backup_codes_regenerated", context }],
  );
});

test("codes may come later: none at enrollment, then the first batch", async () => {
  const w = await enrolled({ backupCodes: { atEnrollment: false } });
  assert.deepEqual(w.codes, []);
  assert.equal((await w.twoFactor.status(USER)).backupCodes, null);
  assert.equal(outcome(await verify(w, "12345678")), "malformed_code");
  const batch = must(await regenerate(w));
  assert.equal(must(await verify(w, batch.codes[0])).method, "backup");
  assert.throws(
    () => createTestTwoFactor({ backupCodes: { atEnrollment: false, acknowledge: true } }),
    /^RangeError: backupCodes\.acknowledge: /,
  );
});

test("where there are no backup codes at all, asking for some is the programmer's mistake", async () => {
  const w = await enrolled({ backupCodes: false });
  assert.deepEqual(w.codes, []);
  await assert.rejects(regenerate(w), /^TypeError: backupCodes: /);
});

test("letters in any case and their look-alikes are read", async () => {
  const w = await enrolled({ backupCodes: { alphabet: "base32", length: 10 } });
  for (const [i, code] of w.codes.entries()) {
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{10}$/);
    const spelled = [code.toLowerCase(), code.replaceAll("0", "o"), code.replaceAll("1", "I")][i % 3] ?? "";
    must(await verify(w, spelled));
  }
});

test("two-phase regeneration: the old codes work until the new ones are acknowledged", async () => {
  const w = await enrolled({ backupCodes: { acknowledge: true } });
  const lost = must(await regenerate(w));
  const shown = must(await regenerate(w)); // the page was reloaded
  must(await verify(w, w.codes[0]));
  assert.equal(outcome(await verify(w, shown.codes[0])), "wrong_code");
  const acknowledge = (batchId: string | undefined) => w.twoFactor.backupCodes.acknowledge(USER, { batchId });
  for (const batchId of [undefined, "", lost.batchId, "x".repeat(1e6)]) {
    assert.equal(outcome(await acknowledge(batchId)), "batch_not_found");
  }
  must(await acknowledge(shown.batchId));
  assert.equal(outcome(await acknowledge(shown.batchId)), "batch_not_found", "once");
  must(await verify(w, shown.codes[0]));
  assert.equal(outcome(await verify(w, w.codes[1])), "wrong_code");
});

test("while an enrollment waits for acknowledgement, its own session gets a fresh batch without the next code", async () => {
  const options = { backupCodes: { acknowledge: true }, reauthentication: { regenerate: "none" } } as const;
  const w = world(options);
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }));
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const first = must(
    await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding }),
  );
  const elsewhere = await w.twoFactor.backupCodes.regenerate(USER, { binding: "another session" });
  assert.equal(outcome(elsewhere), "not_enrolled");
  const fresh = must(await w.twoFactor.backupCodes.regenerate(USER, { binding }));
  const acknowledge = (batchId: string | undefined) =>
    w.twoFactor.enrollment.acknowledge(USER, { batchId, binding });
  assert.equal(outcome(await acknowledge(first.backupCodes?.batchId)), "batch_not_found");
  must(await acknowledge(fresh.batchId));
  must(await w.twoFactor.verify(USER, fresh.codes[0], { binding }));
});

test("five new batches a day, and the sixth is told when", async () => {
  const w = await enrolled({ lifetimes: { elevation: 3_600 } });
  const start = w.clock();
  for (let i = 0; i < 5; i++) must(await regenerate(w));
  const refused = await regenerate(w);
  assert.ok(!refused.ok && refused.detail === "too_many_batches" && refused.reason === "busy");
  assert.equal(refused.retryAt, start + 86_400_000);
  w.clock.set(start + 86_400_000);
  must(await w.twoFactor.backupCodes.regenerate(USER, { code: w.phone.code(), binding }));
});

test("O4 a lost phone: a backup code signs in, replaces the authenticator, and gets new codes", async () => {
  const w = await enrolled(withPassword);
  const known = (await signIn(w, { trustDevice: true })).device?.token;
  w.phone.lose();
  const challenge = await challengeOf(w, { firstFactor: { amr: ["pwd"] } });
  const { elevation } = must(await w.twoFactor.signIn.complete(challenge, w.codes[0], { binding }));
  const phone = virtualAuthenticator({ clock: w.clock });
  const begun = must(
    await w.twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, elevation, binding }),
  );
  must(await verify(w, w.codes[1])); // the old codes go on working
  phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const done = must(
    await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: phone.code(), binding }),
  );
  assert.ok(done.state === "active");
  assert.equal(done.backupCodes?.codes.length, 10);
  for (const code of w.codes) {
    assert.ok(!done.backupCodes?.codes.includes(code));
  }
  assert.equal(outcome(await verify(w, w.codes[2])), "wrong_code");
  const step = await w.twoFactor.signIn.begin(USER, { binding, deviceToken: known });
  assert.equal(step.step, "code");
  w.clock.advance(30);
  must(await verify({ ...w, phone }, phone.code()));
  const types = w.events.map(({ type }) => type);
  assert.ok(types.includes("backup_code_used") && types.includes("replaced"));
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
