import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase32 } from "../../src/otp/base32.ts";
import { parseKeyUri } from "../../src/otp/key-uri.ts";
import { generateSecret } from "../../src/otp/secret.ts";
import { totp } from "../../src/otp/totp.ts";
import type { StoredRecord, UserStore } from "../../src/store.ts";
import { virtualAuthenticator } from "../../src/testing/index.ts";
import {
  binding,
  challengeOf,
  countingStore,
  enrolled,
  enrollIn,
  machines,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  tally,
  USER,
  type World,
  world,
  wrongCode,
} from "./world.ts";

const accountName = "ada@example.com";
const acknowledged = { backupCodes: { acknowledge: true } };

function begin(w: World, options: object = {}) {
  return w.twoFactor.enrollment.begin(USER, { accountName, binding, ...options });
}

function confirm(w: World, enrollmentId: string | undefined, code: string | undefined, with_ = binding) {
  return w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding: with_ });
}

test("V12 an enrollment that was begun asks nobody for a code", async () => {
  const w = world();
  must(await begin(w));
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "done");
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
  assert.equal(outcome(await w.twoFactor.verify(USER, "123456", { binding })), "not_enrolled");
});

test("V11 a replacement that is begun and abandoned leaves the old authenticator as it was", async () => {
  const w = await enrolled();
  const newPhone = virtualAuthenticator({ clock: w.clock });
  newPhone.scan(must(await begin(w, { replace: true, code: w.phone.code() })).keyUri);
  assert.deepEqual(await w.twoFactor.status(USER).then(({ state, replacing }) => ({ state, replacing })), {
    state: "active",
    replacing: "pending",
  });
  w.clock.advance(30);
  assert.equal(outcome(await w.twoFactor.verify(USER, newPhone.code(), { binding })), "wrong_code");
  await signIn(w);
  must(await w.twoFactor.verify(USER, w.codes[0], { binding }));
  w.clock.advance(600);
  assert.equal((await w.twoFactor.status(USER)).replacing, null);
  assert.equal(outcome(await w.twoFactor.verify(USER, newPhone.code(), { binding })), "wrong_code");
  await signIn(w);
});

test("a replacement that is confirmed ends the old authenticator, its codes and its devices", async () => {
  const w = await enrolled();
  const device = (await signIn(w, { trustDevice: true })).device;
  const begun = must(await begin(w, { replace: true, code: nextCode(w) }));
  const newPhone = virtualAuthenticator({ clock: w.clock });
  newPhone.scan(begun.keyUri);
  const confirmed = must(await confirm(w, begun.enrollmentId, newPhone.code()));
  assert.ok(confirmed.state === "active");
  assert.equal(confirmed.backupCodes?.codes.length, 10);
  w.clock.advance(30);
  assert.equal(outcome(await w.twoFactor.verify(USER, w.phone.code(), { binding })), "wrong_code");
  assert.equal(outcome(await w.twoFactor.verify(USER, w.codes[0], { binding })), "wrong_code");
  const step = await w.twoFactor.signIn.begin(USER, { binding, deviceToken: device?.token });
  assert.equal(step.step, "code");
  must(await w.twoFactor.verify(USER, newPhone.code(), { binding }));
});

test("V14 half a sign-in shows no secret and enrolls nothing where a factor is active", async () => {
  const required = { requirement: () => ({ required: true as const }) };
  const w = world(required);
  const early = await challengeOf(w); // two browsers meet the policy, one enrolls
  const e = await enrollIn(w);
  const late = await challengeOf(w);
  for (const challenge of [early, late]) {
    const who = { challenge, binding };
    for (const result of [
      await w.twoFactor.enrollment.begin(who, { accountName }),
      await w.twoFactor.enrollment.confirm(who, { enrollmentId: e.enrollmentId, code: w.phone.code() }),
      await w.twoFactor.enrollment.acknowledge(who, { batchId: "AAAAAAAAAAAAAAAAAAAAAA" }),
      await w.twoFactor.enrollment.cancel(who),
    ]) {
      assert.ok(!result.ok);
      assert.ok(["challenge_invalid", "already_enrolled"].includes(result.detail), result.detail);
      assert.deepEqual(Object.keys(result), ["ok", "reason"]);
    }
  }
  must(await w.twoFactor.verify(USER, w.phone.code(), { binding }));
});

test("V15 confirming takes an id and a code: a changed id, another binding or another user finds nothing", async () => {
  const w = world();
  const { enrollmentId, secret } = must(await begin(w));
  const code = totp(secret, { now: w.clock() });
  for (const id of [
    "",
    enrollmentId.slice(1),
    `${enrollmentId}=`,
    enrollmentId.toLowerCase(),
    `A${enrollmentId.slice(1)}`,
    secret,
    undefined,
  ]) {
    if (id !== enrollmentId) assert.equal(outcome(await confirm(w, id, code)), "enrollment_not_found");
  }
  assert.equal(outcome(await confirm(w, enrollmentId, code, "another session")), "enrollment_not_found");
  const bob = await w.twoFactor.enrollment.confirm("bob", { enrollmentId, code, binding });
  assert.equal(outcome(bob), "enrollment_not_found");
  const smuggled = {
    enrollmentId,
    code: "000000",
    binding,
    secret: generateSecret(),
    step: 1,
    verified: true,
  };
  assert.ok(!(await w.twoFactor.enrollment.confirm(USER, smuggled)).ok);
  must(await confirm(w, enrollmentId, code));
});

test("V16 a wrong code keeps secret, id and expiry, and the same session is shown the same again", async () => {
  const w = world();
  const begun = must(await begin(w));
  w.clock.advance(100);
  const fake = { ...w, secret: begun.secret } as Parameters<typeof wrongCode>[0];
  for (let i = 0; i < 3; i++) {
    assert.equal(outcome(await confirm(w, begun.enrollmentId, wrongCode(fake, i))), "wrong_code");
  }
  assert.deepEqual(must(await begin(w)), begun);
  assert.deepEqual(
    w.events.map(({ type }) => type),
    ["enrollment_started", "verification_failed", "verification_failed", "verification_failed"],
  );
  w.phone.scan(begun.keyUri);
  must(await confirm(w, begun.enrollmentId, w.phone.code()));
});

test("V17 a begin from another session starts anew, and the first one is told the truth", async () => {
  const w = world();
  const first = must(await begin(w));
  const second = must(await begin(w, { binding: "another session" }));
  assert.notEqual(second.secret, first.secret);
  assert.equal(
    outcome(await confirm(w, first.enrollmentId, totp(first.secret, { now: w.clock() }))),
    "enrollment_superseded",
  );
  assert.deepEqual(
    w.events.map(({ type }) => type),
    ["enrollment_started", "enrollment_superseded", "enrollment_started"],
  );
  const code = totp(second.secret, { now: w.clock() });
  must(await confirm(w, second.enrollmentId, code, "another session"));
});

test("V17 without a binding nothing is shown again", async () => {
  const w = world();
  const first = must(await begin(w, { binding: null }));
  const second = must(await begin(w, { binding: null }));
  assert.notEqual(second.secret, first.secret);
  assert.notEqual(second.enrollmentId, first.enrollmentId);
});

test("V17 an enrollment is shown again only with the proof that began it", async () => {
  const w = await enrolled();
  const code = w.phone.code();
  const begun = must(await begin(w, { replace: true, code }));
  assert.equal(outcome(await begin(w, { replace: true })), "reauthentication_required");
  assert.equal(outcome(await begin(w, { replace: true, code })), "app_code_reused");
  assert.deepEqual(must(await begin(w, { replace: true, code: nextCode(w) })), begun);
});

test("V18 a canceled enrollment never comes back: id and secret are new, and the old id finds nothing", async () => {
  const w = world();
  const seen = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const { enrollmentId, secret } = must(await begin(w));
    for (const value of [enrollmentId, secret]) {
      assert.ok(!seen.has(value));
      seen.add(value);
    }
    must(await w.twoFactor.enrollment.cancel(USER));
    assert.equal((await w.twoFactor.status(USER)).state, "none");
    const code = totp(secret, { now: w.clock() });
    assert.equal(outcome(await confirm(w, enrollmentId, code)), "enrollment_not_found");
  }
  must(await w.twoFactor.enrollment.cancel(USER));
});

test("V13 nothing can be acknowledged before a code was right, whatever id is sent", async () => {
  const w = world(acknowledged);
  const { enrollmentId, secret } = must(await begin(w));
  const acknowledge = (batchId: string | undefined) =>
    w.twoFactor.enrollment.acknowledge(USER, { batchId, binding });
  for (const batchId of [undefined, "", enrollmentId, secret, "null", "undefined"]) {
    assert.equal(outcome(await acknowledge(batchId)), "batch_not_found");
  }
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
});

test("V13 no sequence of four calls without a right code makes anything active", async () => {
  let row: StoredRecord | null = null;
  const store: UserStore = {
    get: async () => row,
    compareAndSet: async (_userId, _expected, next) => {
      row = next;
      return true;
    },
  };
  const w = world({ ...acknowledged, store });
  const guess = "AAAAAAAAAAAAAAAAAAAAAA";
  const calls: readonly (() => Promise<unknown>)[] = [
    () => begin(w),
    () => begin(w, { binding: "another session" }),
    () => confirm(w, guess, "000000"),
    () => w.twoFactor.enrollment.acknowledge(USER, { batchId: guess, binding }),
    () => w.twoFactor.backupCodes.regenerate(USER, { binding }),
    () => w.twoFactor.backupCodes.acknowledge(USER, { batchId: guess }),
    () => w.twoFactor.enrollment.cancel(USER),
    () => w.twoFactor.credentialChanged(USER, "password"),
  ];
  const visit = async (depth: number): Promise<void> => {
    const before = row;
    for (const call of calls) {
      row = before;
      await call();
      assert.notEqual(row?.summary.state, "active");
      if (depth > 1) await visit(depth - 1);
    }
  };
  await visit(4);
});

test("V19 the code is checked at once, and saving the codes may take ten minutes more", async () => {
  const w = world(acknowledged);
  const begun = must(await begin(w));
  w.clock.advance(599);
  const confirmed = must(await confirm(w, begun.enrollmentId, totp(begun.secret, { now: w.clock() })));
  assert.ok(confirmed.state === "awaiting_acknowledgement");
  assert.equal((await w.twoFactor.status(USER)).state, "awaiting_acknowledgement");
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "done", "not active yet");
  const { batchId } = confirmed.backupCodes;
  w.clock.advance(600);
  const elsewhere = await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding: "another session" });
  assert.equal(outcome(elsewhere), "batch_not_found");
  const done = must(await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding }));
  assert.equal(done.state, "active");
  assert.equal(done.signIn.userId, USER);
  must(await w.twoFactor.verify(USER, confirmed.backupCodes.codes[0], { binding }));
});

test("V19 and not for ever: the wait ends one lifetime after the enrollment would have, once", async () => {
  const w = world(acknowledged);
  const { enrollmentId, secret, expiresAt } = must(await begin(w));
  let batchId = "";
  for (let i = 0; i < 5; i++) {
    w.clock.advance(60);
    const confirmed = must(await confirm(w, enrollmentId, totp(secret, { now: w.clock() })));
    batchId = confirmed.backupCodes?.batchId ?? "";
  }
  w.clock.set(expiresAt + 600_000);
  const late = await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding });
  assert.equal(outcome(late), "batch_not_found");
  w.clock.set(expiresAt + 599_999);
  must(await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding }));
});

test("only the newest batch of a reload can be acknowledged, and only its codes work", async () => {
  const w = world(acknowledged);
  const { enrollmentId, secret } = must(await begin(w));
  const batches = [];
  for (let i = 0; i < 2; i++) {
    w.clock.advance(30);
    batches.push(must(await confirm(w, enrollmentId, totp(secret, { now: w.clock() }))).backupCodes);
  }
  const [old, fresh] = batches;
  const acknowledge = (batchId: string | undefined) =>
    w.twoFactor.enrollment.acknowledge(USER, { batchId, binding });
  assert.equal(outcome(await acknowledge(old?.batchId)), "batch_not_found");
  must(await acknowledge(fresh?.batchId));
  assert.equal(outcome(await acknowledge(fresh?.batchId)), "batch_not_found", "once");
  assert.equal(outcome(await w.twoFactor.verify(USER, old?.codes[0], { binding })), "wrong_code");
  must(await w.twoFactor.verify(USER, fresh?.codes[0], { binding }));
});

test("N23 an enrollment expires at its instant, and beginning again works", async () => {
  const w = world({ lifetimes: { enrollment: 300 } });
  const first = must(await begin(w));
  assert.equal(first.expiresAt, w.clock() + 300_000);
  w.clock.set(first.expiresAt);
  const code = totp(first.secret, { now: w.clock() });
  assert.equal(outcome(await confirm(w, first.enrollmentId, code)), "enrollment_expired");
  assert.equal((await w.twoFactor.status(USER)).state, "none");
  const second = must(await begin(w));
  assert.notEqual(second.secret, first.secret);
});

test("V21 where the host forbids enrolling, nothing is written, and confirming is forbidden too", async () => {
  const counted = countingStore();
  let allowed = false;
  const w = world({
    store: counted.store,
    authorize: (_userId, operation) => operation !== "enroll" || allowed,
  });
  assert.equal(outcome(await begin(w)), "not_authorized");
  assert.equal(counted.writes, 0);
  assert.deepEqual(w.events, []);
  allowed = true;
  const { enrollmentId, secret } = must(await begin(w));
  allowed = false;
  const code = totp(secret, { now: w.clock() });
  assert.equal(outcome(await confirm(w, enrollmentId, code)), "not_authorized");
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
});

test("V22 H1 a new secret is 20 random bytes, and fewer than 16 are refused", async () => {
  const secrets = await Promise.all(
    Array.from({ length: 20 }, async (_, i) =>
      must(await world().twoFactor.enrollment.begin(`user ${i}`, { accountName, binding })),
    ),
  );
  for (const { secret } of secrets) assert.equal(decodeBase32(secret).length, 20);
  assert.equal(new Set(secrets.map(({ secret }) => secret)).size, 20);
  assert.throws(() => generateSecret({ bytes: 15 }), RangeError);
});

test("what is shown to scan and to type says the same, and the raw key can be copied", async () => {
  const w = world({ issuer: "Big Corp" });
  const begun = must(await begin(w, { accountName: (userId: string) => `+49 170 ${userId}` }));
  const key = parseKeyUri(begun.keyUri);
  assert.equal(key.secret, begun.secret);
  assert.deepEqual([key.issuer, key.accountName], ["Big Corp", `+49 170 ${USER}`]);
  assert.equal(begun.manualEntryKey.replaceAll(" ", ""), begun.secret);
  assert.match(begun.manualEntryKey, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  assert.ok(!/algorithm|digits|period/.test(begun.keyUri), "defaults are left out");
  const other = must(await begin(w, { binding: "other", issuer: "Big Corp (staging)" }));
  assert.equal(parseKeyUri(other.keyUri).issuer, "Big Corp (staging)");
});

test("a wrong account name is found before the proof is spent", async () => {
  const w = await enrolled();
  const code = w.phone.code();
  await assert.rejects(begin(w, { replace: true, code, accountName: "" }), /^RangeError: accountName: /);
  await assert.rejects(begin(w, { replace: true, code, accountName: 7 }), /^TypeError: accountName: /);
  await assert.rejects(begin(w, { replace: true, code, issuer: "a:b" }), /^RangeError: issuer: /);
  must(await begin(w, { replace: true, code }));
});

test("whoever is enrolled enrolls again only to replace, and replacing nothing is enrolling", async () => {
  const w = world();
  const begun = must(await begin(w, { replace: true }));
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
  must(await confirm(w, begun.enrollmentId, totp(begun.secret, { now: w.clock() })));
  assert.equal(outcome(await begin(w)), "already_enrolled");
  assert.deepEqual(w.events.filter(({ type }) => type === "enrolled").length, 1);
});

test("N14 wrong first codes have a budget of their own, which neither a new begin nor cancel clears", async () => {
  const w = await enrolled({ reauthentication: { replace: "none" } });
  const outcomes: string[] = [];
  for (let i = 0; i < 8; i++) {
    const session = `session ${i % 3}`;
    const begun = must(await begin(w, { replace: true, binding: session }));
    const fake = { ...w, secret: begun.secret };
    outcomes.push(outcome(await confirm(w, begun.enrollmentId, wrongCode(fake, i), session)));
    if (i % 2 === 0) must(await w.twoFactor.enrollment.cancel(USER));
  }
  assert.deepEqual(tally(outcomes), { wrong_code: 5, locked: 3 });
  const { app, enrollment } = await recordOf(w);
  assert.deepEqual([app.failures, enrollment.failures], [0, 5]);
});

test("a right first code is refused while its budget is locked, and clears it afterwards", async () => {
  const w = world();
  const begun = must(await begin(w));
  w.phone.scan(begun.keyUri);
  const fake = { ...w, secret: begun.secret } as Parameters<typeof wrongCode>[0];
  for (let i = 0; i < 5; i++) await confirm(w, begun.enrollmentId, wrongCode(fake, i));
  const locked = await confirm(w, begun.enrollmentId, w.phone.code());
  assert.ok(!locked.ok && locked.detail === "locked" && locked.retryAt === w.clock() + 30_000);
  w.clock.advance(30);
  must(await confirm(w, begun.enrollmentId, w.phone.code()));
  assert.equal((await recordOf(w)).enrollment.failures, 0);
});

for (const seed of [21, 22]) {
  test(`of many confirmations at once one activates, and its backup codes are the ones that work (seed ${seed})`, async () => {
    const all = machines(4, { seed });
    const [w] = all;
    assert.ok(w);
    const { enrollmentId, secret } = must(await begin(w));
    const code = totp(secret, { now: w.clock() });
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => confirm(all[i % 4] ?? w, enrollmentId, code)),
    );
    const [winner, ...more] = results.filter((result) => result.ok);
    assert.ok(winner?.ok && winner.state === "active");
    assert.equal(more.length, 0);
    assert.deepEqual(
      [...new Set(results.filter((result) => !result.ok).map(outcome))],
      ["enrollment_not_found"],
    );
    must(await w.twoFactor.verify(USER, winner.backupCodes?.codes[9], { binding }));
    const enrolledEvents = all.flatMap(({ events }) => events).filter(({ type }) => type === "enrolled");
    assert.equal(enrolledEvents.length, 1);
  });
}

test("enrollments that follow each other tell the last four that they were superseded", async () => {
  const w = world();
  const begun = [];
  for (let i = 0; i < 7; i++) begun.push(must(await begin(w, { binding: null })));
  const outcomes = [];
  for (const { enrollmentId, secret } of begun.slice(0, 6)) {
    const code = totp(secret, { now: w.clock() });
    outcomes.push(outcome(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding: null })));
  }
  assert.deepEqual(outcomes, [
    ...Array(2).fill("enrollment_not_found"),
    ...Array(4).fill("enrollment_superseded"),
  ]);
});
