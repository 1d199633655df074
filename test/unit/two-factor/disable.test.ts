import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyRecord } from "../../../src/record.ts";
import {
  binding,
  challengeOf,
  enrolled,
  enrollIn,
  must,
  outcome,
  PASSWORD,
  recordOf,
  signIn,
  USER,
  withPassword,
  world,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";

test("N22 A13 turning the second factor off leaves only the counters", async () => {
  const w = await enrolled();
  await signIn(w, { trustDevice: true });
  const { elevation } = w.signIn;
  must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, elevation, binding }));
  await w.twoFactor.verify(USER, wrongCode(w), { binding });
  await w.twoFactor.verify(USER, wrongBackupCode(w), { binding });
  const before = await recordOf(w);
  must(await w.twoFactor.disable(USER, { elevation, binding }));
  const after = await recordOf(w);
  const { app, backup, issuedAt } = before;
  const kept = { epoch: after.epoch, removedAt: w.clock(), app, backup, issuedAt };
  assert.deepEqual(after, { ...emptyRecord(), ...kept });
  assert.notEqual(after.epoch, before.epoch);
  assert.deepEqual([app.failures, backup.failures], [1, 1]);
  assert.deepEqual(await w.twoFactor.status(USER), {
    state: "none",
    replacing: null,
    enrolledAt: null,
    lastUsedAt: null,
    backupCodes: null,
    authenticators: 0,
    devices: 0,
    locks: [],
    retryAt: null,
  });
});

test("after turning it off and on, no old secret, code, device, challenge or elevation works", async () => {
  const w = await enrolled();
  const { device } = await signIn(w, { trustDevice: true });
  const challenge = await challengeOf(w);
  const { elevation } = w.signIn;
  const oldPhone = w.phone;
  must(await w.twoFactor.disable(USER, { elevation, binding }));
  const fresh = world({ clock: w.clock });
  const again = await enrollIn({ ...w, phone: fresh.phone });
  assert.notEqual(again.secret, w.secret);
  assert.ok(again.codes.every((code) => !w.codes.includes(code)));
  assert.equal(outcome(await w.twoFactor.verify(USER, oldPhone.code(), { binding })), "wrong_code");
  assert.equal(outcome(await w.twoFactor.verify(USER, w.codes[0], { binding })), "wrong_code");
  const step = await w.twoFactor.signIn.begin(USER, { binding, deviceToken: device?.token });
  assert.equal(step.step, "code");
  const old = await w.twoFactor.signIn.complete(challenge, fresh.phone.code(), { binding });
  assert.equal(outcome(old), "challenge_invalid");
  assert.equal(outcome(await w.twoFactor.disable(USER, { elevation, binding })), "elevation_invalid");
  must(await w.twoFactor.verify(USER, fresh.phone.code(), { binding }));
});

test("N14 V35 turning it off and on gives no new guesses from unknown devices", async () => {
  const w = await enrolled({ reauthentication: { disable: "none" } });
  let evaluated = 0;
  for (let round = 0; round < 10; round++) {
    const again = round === 0 ? w : await enrollIn(w);
    for (let i = 0; i < 4; i++) {
      const result = await w.twoFactor.verify(USER, wrongCode(again, i), { binding });
      if (outcome(result) === "wrong_code") evaluated++;
    }
    must(await w.twoFactor.disable(USER, { binding }));
  }
  assert.equal(evaluated, 20);
});

test("without an active factor there is nothing to turn off, also not a pending enrollment", async () => {
  const w = world(withPassword);
  const disable = () => w.twoFactor.disable(USER, { password: PASSWORD, binding });
  assert.equal(outcome(await disable()), "not_enrolled");
  must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, password: PASSWORD, binding }));
  assert.equal(outcome(await disable()), "not_enrolled");
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
});

test("disabling takes no proof only where the options say so", async () => {
  const w = await enrolled({ reauthentication: { disable: "none" } });
  must(await w.twoFactor.disable(USER, { binding }));
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "done");
});

test("A6 changed credentials never turn it off", async () => {
  const w = await enrolled();
  for (const what of ["password", "email", "recovery"] as const) {
    await w.twoFactor.credentialChanged(USER, what);
    assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "code");
  }
  await assert.rejects(w.twoFactor.credentialChanged(USER, "phone" as never), /^TypeError: what: /);
});

test("changed credentials keep every counter, and the codes that a person has saved", async () => {
  const w = await enrolled(withPassword);
  await w.twoFactor.verify(USER, wrongCode(w), { binding });
  await w.twoFactor.verify(USER, wrongBackupCode(w), { binding });
  await w.twoFactor.reauthenticate(USER, { password: "guess", binding });
  const { app, backup, password, epoch } = await recordOf(w);
  await w.twoFactor.credentialChanged(USER, "recovery");
  const after = await recordOf(w);
  assert.deepEqual([after.app, after.backup, after.password], [app, backup, password]);
  assert.notEqual(after.epoch, epoch);
  must(await w.twoFactor.verify(USER, w.codes[0], { binding }));
});
