import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualAuthenticator } from "../../../src/testing/index.ts";
import { codeFrom } from "../../support/phone.ts";
import {
  binding,
  challengeOf,
  enrolled,
  enrollIn,
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
} from "../../support/world.ts";

const accountName = "ada@example.com";

function begin(w: World, options: object = {}) {
  return w.twoFactor.enrollment.begin(USER, { accountName, binding, ...options });
}

function confirm(w: World, enrollmentId: string | undefined, code: string | undefined, with_ = binding) {
  return w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding: with_ });
}

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
    const who = { challenge };
    for (const result of [
      await w.twoFactor.enrollment.begin(who, { binding, accountName }),
      await w.twoFactor.enrollment.confirm(who, {
        binding,
        enrollmentId: e.enrollmentId,
        code: w.phone.code(),
      }),
      await w.twoFactor.enrollment.acknowledge(who, { binding, batchId: "AAAAAAAAAAAAAAAAAAAAAA" }),
      await w.twoFactor.enrollment.cancel(who, { binding }),
    ]) {
      assert.ok(!result.ok);
      assert.ok(["challenge_invalid", "already_enrolled"].includes(result.detail), result.detail);
      assert.deepEqual(Object.keys(result), ["ok", "reason"]);
    }
  }
  must(await w.twoFactor.verify(USER, w.phone.code(), { binding }));
});

test("a wrong account name is found before the proof is spent", async () => {
  const w = await enrolled();
  const code = w.phone.code();
  await assert.rejects(begin(w, { replace: true, code, accountName: "" }), /^RangeError: accountName: /);
  for (const accountName of [" ", ":", " : "]) {
    await assert.rejects(begin(w, { replace: true, code, accountName }), /^RangeError: accountName: /);
  }
  await assert.rejects(begin(w, { replace: true, code, accountName: 7 }), /^TypeError: accountName: /);
  await assert.rejects(begin(w, { replace: true, code, issuer: "a:b" }), /^RangeError: issuer: /);
  must(await begin(w, { replace: true, code }));
});

test("V48 new app codes as long as the backup codes that stay are refused before the proof", async () => {
  const w = await enrolled();
  const changed = { ...w.options, onEvent: undefined, totp: { digits: 8 } };
  const kept = world({ ...changed, backupCodes: { atEnrollment: false, length: 10 } });
  const code = w.phone.code();
  await assert.rejects(begin(kept, { replace: true, code }), /^RangeError: totp\.digits: must differ/);
  must(await begin(world({ ...changed, backupCodes: { length: 10 } }), { replace: true, code }));
});

test("an enrolled user enrolls again only to replace, and replacing nothing is enrolling", async () => {
  const w = world();
  const begun = must(await begin(w, { replace: true }));
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
  must(await confirm(w, begun.enrollmentId, codeFrom(begun.keyUri, w.clock)));
  assert.equal(outcome(await begin(w)), "already_enrolled");
  assert.deepEqual(w.events.filter(({ type }) => type === "enrolled").length, 1);
});

test("N14 wrong first codes have a budget of their own, which begin and cancel do not clear", async () => {
  const w = await enrolled({ reauthentication: { replace: "none" } });
  const outcomes: string[] = [];
  for (let i = 0; i < 8; i++) {
    const session = `session ${i % 3}`;
    const begun = must(await begin(w, { replace: true, binding: session }));
    const shown = { ...begun, clock: w.clock };
    outcomes.push(outcome(await confirm(w, begun.enrollmentId, wrongCode(shown, i), session)));
    if (i % 2 === 0) must(await w.twoFactor.enrollment.cancel(USER, { binding: null }));
  }
  assert.deepEqual(tally(outcomes), { wrong_code: 5, locked: 3 });
  const { app, enrollment } = await recordOf(w);
  assert.deepEqual([app.failures, enrollment.failures], [0, 5]);
});
