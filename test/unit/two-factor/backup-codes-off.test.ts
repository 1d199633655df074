/** `backupCodes: false` on accounts that have codes from before. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestTwoFactor } from "../../../src/testing/index.ts";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
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
} from "../../support/world.ts";

/** The same people under other options. */
function turnedOff(w: Enrolled, options: Partial<TwoFactorOptions> = {}): Enrolled {
  const { clock, store } = w;
  const made = createTestTwoFactor({ ...w.options, ...{ clock, store, backupCodes: false }, ...options });
  return { ...w, ...made };
}

async function replace(w: Enrolled): Promise<void> {
  const begun = must(
    await w.twoFactor.enrollment.begin(USER, {
      accountName: USER,
      replace: true,
      code: nextCode(w),
      binding,
    }),
  );
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding }));
}

test("R1 codes from before are not offered, not counted, not accepted and not charged", async () => {
  const w = turnedOff(await enrolled());
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code");
  assert.deepEqual(step.methods, ["app"]);
  assert.equal((await w.twoFactor.status(USER)).backupCodes, null);
  const tries = [
    w.twoFactor.signIn.complete(step.challenge, w.codes[0], { binding }),
    w.twoFactor.verify(USER, w.codes[1], { binding }),
    w.twoFactor.reauthenticate(USER, { code: w.codes[2], binding }),
    w.twoFactor.disable(USER, { code: w.codes[3], binding }),
    w.twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, code: w.codes[4], binding }),
  ];
  for (const result of await Promise.all(tries)) assert.equal(outcome(result), "malformed_code");
  assert.equal((await recordOf(w)).backup.failures, 0);
  assert.equal((await signIn(w)).backupCodesLeft, 0);
  const row = await w.store.get(USER);
  assert.ok(row, "and the summary, for reports, counts none");
});

test("R1 the next activation drops them, and an authenticator of as many digits can take over", async () => {
  for (const digits of [6, 8]) {
    const before = await enrolled();
    const w = turnedOff(before, { totp: { digits } });
    await replace(w);
    const { backupCodes, nextBackupCodes } = await recordOf(w);
    assert.deepEqual([backupCodes, nextBackupCodes], [null, null]);
    await signIn(w);
    const again = { ...w, ...createTestTwoFactor({ ...before.options, clock: w.clock, store: w.store }) };
    const challenge = await challengeOf(again);
    assert.notEqual(outcome(await again.twoFactor.signIn.complete(challenge, w.codes[0], { binding })), "ok");
  }
});

test("R1 nothing else drops them: they work again when the option is turned back on", async () => {
  const before = await enrolled();
  const w = turnedOff(before);
  await signIn(w);
  const again = { ...before, ...createTestTwoFactor({ ...before.options, clock: w.clock, store: w.store }) };
  await signIn(again, { code: again.codes[0] ?? "" });
});

test("R1 codes that wait for acknowledgement are not installed once they are turned off", async () => {
  const before = await enrolled({ backupCodes: { acknowledge: true } });
  const made = must(await before.twoFactor.backupCodes.regenerate(USER, { code: nextCode(before), binding }));
  const w = turnedOff(before);
  const { batchId } = made;
  assert.equal(outcome(await w.twoFactor.backupCodes.acknowledge(USER, { batchId })), "batch_not_found");
});

test("R1 an enrollment that waits for acknowledgement becomes active without its codes", async () => {
  const before = await enrolled({ backupCodes: { acknowledge: true } });
  const begun = must(
    await before.twoFactor.enrollment.begin(USER, {
      ...{ accountName: USER, replace: true, code: nextCode(before), binding },
    }),
  );
  before.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const confirmed = must(
    await before.twoFactor.enrollment.confirm(USER, { enrollmentId, code: before.phone.code(), binding }),
  );
  assert.ok(confirmed.state === "awaiting_acknowledgement");
  const w = turnedOff(before);
  must(await w.twoFactor.enrollment.acknowledge(USER, { batchId: confirmed.backupCodes.batchId, binding }));
  assert.equal((await recordOf(w)).backupCodes, null);
});
