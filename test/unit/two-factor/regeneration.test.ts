import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestTwoFactor, virtualAuthenticator } from "../../../src/testing/index.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import { pathsOf } from "../../support/calls.ts";
import {
  binding,
  challengeOf,
  countingStore,
  type Enrolled,
  enrolled,
  must,
  outcome,
  PASSWORD,
  signIn,
  USER,
  withPassword,
  world,
} from "../../support/world.ts";

const verify = (w: Enrolled, code: string | undefined) => w.twoFactor.verify(USER, code, { binding });

const regenerate = (w: Enrolled) =>
  w.twoFactor.backupCodes.regenerate(USER, { elevation: w.signIn.elevation, binding });

test("V45 no call gives existing codes back", async () => {
  const w = await enrolled();
  const { twoFactor } = w;
  const returned = JSON.stringify([
    await twoFactor.status(USER),
    await twoFactor.signIn.begin(USER, { binding }),
    await twoFactor.devices.list(USER),
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
  must(await verify(w, shown.codes[0]));
  assert.equal(outcome(await verify(w, w.codes[1])), "wrong_code");
});

test("R3 saying twice that new codes are saved succeeds twice, writes twice and is told once", async () => {
  const counted = countingStore();
  const w = await enrolled({ backupCodes: { acknowledge: true }, store: counted.store });
  const { batchId } = must(await regenerate(w));
  const acknowledge = () => w.twoFactor.backupCodes.acknowledge(USER, { batchId });
  const { writes } = counted;
  must(await acknowledge());
  must(await acknowledge());
  assert.equal(counted.writes, writes + 2);
  assert.equal(w.events.filter(({ type }) => type === "backup_codes_acknowledged").length, 1);
  const later = must(await regenerate(w));
  assert.equal(outcome(await acknowledge()), "batch_not_found", "another batch waits");
  must(await w.twoFactor.backupCodes.acknowledge(USER, { batchId: later.batchId }));
  assert.equal(outcome(await acknowledge()), "batch_not_found");
});

test("while an enrollment waits, its session gets a fresh batch without the next code", async () => {
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

test("no new codes come where the password has changed while they were digested", async () => {
  const counted = countingStore();
  const w = await enrolled({ store: counted.store });
  const derive = async () => new Uint8Array(16);
  const { reads } = counted;
  must(
    await createTwoFactorWith(w.options, { derive }).backupCodes.regenerate(USER, {
      binding,
      elevation: w.signIn.elevation,
    }),
  );
  assert.equal(counted.reads, reads + 2);
  const late = createTwoFactorWith(w.options, {
    derive: () => w.twoFactor.credentialChanged(USER, "password").then(derive),
  });
  const refused = await late.backupCodes.regenerate(USER, { binding, elevation: w.signIn.elevation });
  assert.equal(outcome(refused), "elevation_invalid");
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

test("V48 new backup codes as long as an older app code are refused before the proof is spent", async () => {
  const w = await enrolled({ totp: { digits: 8 }, backupCodes: { length: 10 } });
  const changed = world({ ...w.options, onEvent: undefined, totp: {}, backupCodes: { length: 8 } });
  const proof = { code: w.phone.code(), binding };
  await assert.rejects(
    changed.twoFactor.backupCodes.regenerate(USER, proof),
    /^RangeError: backupCodes\.length: must differ/,
  );
  must(await w.twoFactor.backupCodes.regenerate(USER, proof));
});

test("V48 backup codes are not issued beside app codes of the same length", async () => {
  const w = world({ totp: { digits: 8 }, backupCodes: { length: 10 } });
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }));
  w.phone.scan(begun.keyUri);
  const changed = world({ ...w.options, onEvent: undefined, totp: {}, backupCodes: { length: 8 } });
  const { enrollmentId } = begun;
  await assert.rejects(
    changed.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding }),
    /^RangeError: backupCodes\.length: must differ/,
  );
});
