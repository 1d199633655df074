/** Failures of a challenge that ends in a success are forgiven, and nobody else's are. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_FAILING_CHALLENGES, MAX_FORGIVEN } from "../../../src/record.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  USER,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";

const DAY = 86_400;

const fail = async (
  w: Enrolled,
  challenge: string,
  times: number,
  code: (w: Enrolled, salt: number) => string = wrongCode,
) => {
  for (let i = 0; i < times; i++) {
    const failed = await w.twoFactor.signIn.complete(challenge, code(w, i), { binding });
    assert.equal(outcome(failed), "wrong_code");
  }
};
const succeed = async (w: Enrolled, challenge: string, code = nextCode(w)) =>
  must(await w.twoFactor.signIn.complete(challenge, code, { binding }));
const charged = async (w: Enrolled) => {
  const { app, backup } = await recordOf(w);
  return [app.unknown.length, backup.unknown.length];
};

test("R18 somebody without the cookie who mistypes a code a day for a year is never locked out", async () => {
  const w = await enrolled();
  for (let day = 0; day < 365; day++) {
    w.clock.advance(DAY);
    const challenge = await challengeOf(w);
    await fail(w, challenge, 1);
    await succeed(w, challenge);
  }
  assert.ok(!w.events.some(({ type }) => type === "locked" || type === "unknown_device_failures"));
});

test("R18 a known device whose owner mistypes a code a day stays known", async () => {
  const w = await enrolled();
  const { device } = await signIn(w);
  for (let day = 0; day < 30; day++) {
    w.clock.advance(DAY);
    const challenge = await challengeOf(w, { deviceToken: device?.token });
    await fail(w, challenge, 1);
    await succeed(w, challenge);
  }
  assert.ok(!w.events.some(({ type }) => type === "device_revoked"));
  assert.ok((await recordOf(w)).devices.every(({ totalFailures }) => totalFailures === 0));
});

test("R18 failures of either kind are forgiven, whichever kind of code ends them", async () => {
  for (const end of ["app", "backup"] as const) {
    const w = await enrolled();
    const challenge = await challengeOf(w);
    await fail(w, challenge, 2);
    await fail(w, challenge, 3, wrongBackupCode);
    assert.deepEqual(await charged(w), [2, 3]);
    await succeed(w, challenge, end === "app" ? nextCode(w) : w.codes[0]);
    assert.deepEqual(await charged(w), [0, 0]);
    const { app, backup, failingChallenges } = await recordOf(w);
    assert.deepEqual([app.failures, backup.failures, failingChallenges], [0, 0, []]);
  }
});

test("R18 the failures of other challenges stay, whatever succeeds beside them", async () => {
  const w = await enrolled();
  const attackers = await challengeOf(w, { binding: null });
  for (let i = 0; i < 3; i++) {
    await w.twoFactor.signIn.complete(attackers, wrongCode(w, i), { binding: null });
  }
  const owners = await challengeOf(w);
  await fail(w, owners, 1);
  await succeed(w, owners);
  assert.deepEqual(await charged(w), [3, 0]);
  await signIn(w);
  must(await w.twoFactor.verify(USER, nextCode(w), { binding }));
  assert.deepEqual(await charged(w), [3, 0]);
});

test("R18 failures without a challenge, or beyond a challenge's room, are not forgiven", async () => {
  const w = await enrolled({
    throttle: { free: 10, firstDelay: 1, maxDelay: 1 },
    lifetimes: { challenge: 3_600 },
  });
  await w.twoFactor.verify(USER, wrongCode(w), { binding });
  const challenge = await challengeOf(w);
  await fail(w, challenge, MAX_FORGIVEN + 1);
  await succeed(w, challenge);
  assert.deepEqual(await charged(w), [2, 0]);
});

test("R18 an attacker with many challenges uses up only the room of forgiven failures", async () => {
  const w = await enrolled({ throttle: { free: 10, firstDelay: 1, maxDelay: 1 } });
  const owners = await challengeOf(w);
  await fail(w, owners, 1);
  for (let i = 0; i < MAX_FAILING_CHALLENGES; i++) {
    w.clock.advance(1);
    await fail(w, await challengeOf(w), 1);
  }
  assert.equal((await recordOf(w)).failingChallenges.length, MAX_FAILING_CHALLENGES);
  await succeed(w, owners);
  assert.deepEqual(
    await charged(w),
    [1 + MAX_FAILING_CHALLENGES, 0],
    "nothing is forgiven that is not noted",
  );
});

test("R18 an unlock ends what is noted, so that nothing charged after it is forgiven", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  await fail(w, challenge, 4);
  must(await w.admin.unlock(USER, { actor: "support:7", reason: "identity checked" }));
  for (let i = 0; i < 4; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
  await succeed(w, challenge);
  assert.deepEqual(await charged(w), [4, 0]);
});
