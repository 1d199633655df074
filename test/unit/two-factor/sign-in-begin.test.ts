/** What the beginning of a sign-in says of locks, and of the device that it comes from. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { binding, enrolled, USER, wrongBackupCode, wrongCode } from "../../support/world.ts";

test("a sign-in that begins while all codes are locked says when the first may be tried", async () => {
  const w = await enrolled({ backupCodes: false });
  for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code");
  assert.equal(step.retryAt, w.clock() + 30_000);
  assert.equal((await w.twoFactor.status(USER)).retryAt, w.clock() + 30_000);
});

test("of two locks a sign-in names the end of the first, and after the hard stop of all none", async () => {
  const w = await enrolled({ throttle: { hardStop: 6 } });
  const fail = async (wrong: typeof wrongBackupCode, times: number) => {
    for (let i = 0; i < times; i++) await w.twoFactor.verify(USER, wrong(w, i), { binding });
  };
  const retryAt = async () => {
    const step = await w.twoFactor.signIn.begin(USER, { binding });
    return step.step === "code" && step.retryAt;
  };
  await fail(wrongCode, 5);
  w.clock.advance(10);
  await fail(wrongBackupCode, 5);
  assert.equal(await retryAt(), w.clock() + 20_000);
  w.clock.advance(30);
  await fail(wrongCode, 1);
  await fail(wrongBackupCode, 1);
  assert.equal(await retryAt(), undefined);
});

test("a sign-in from a known device is told with its name", async () => {
  const w = await enrolled();
  await w.twoFactor.signIn.begin(USER, { binding, deviceToken: w.signIn.device?.token });
  const [{ id = "" } = {}] = await w.twoFactor.devices.list(USER);
  const { type, device } = w.events.at(-1) ?? {};
  assert.deepEqual([type, device], ["challenged", { id, label: null }]);
});

test("a sign-in has no retryAt while codes of the other kind may be tried", async () => {
  const w = await enrolled();
  for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code" && step.retryAt === undefined);
});
