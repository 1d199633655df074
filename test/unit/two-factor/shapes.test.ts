import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestTwoFactor } from "../../../src/testing/index.ts";
import { binding, type Enrolled, enrolled, recordOf, USER, wrongBackupCode } from "../../support/world.ts";

const verify = (w: Enrolled, code: string | undefined) => w.twoFactor.verify(USER, code, { binding });

const regenerate = (w: Enrolled) =>
  w.twoFactor.backupCodes.regenerate(USER, { elevation: w.signIn.elevation, binding });

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

test("V48 they are refused later, where a user's factor or codes are older than the options", async () => {
  const w = await enrolled({ totp: { digits: 8 }, backupCodes: { length: 10 } });
  const now = { ...w.options, onEvent: undefined, totp: {}, backupCodes: { length: 8 } };
  const changed = { ...w, ...createTestTwoFactor(now) };
  await assert.rejects(regenerate(changed), /^RangeError: backupCodes\.length: /);
  const other = await enrolled();
  for (const [atEnrollment, beside] of [
    [false, { replace: true }],
    [true, { add: true }],
  ] as const) {
    const backupCodes = { length: 10, atEnrollment };
    const changes = { ...other.options, onEvent: undefined, totp: { digits: 8 }, backupCodes };
    const { enrollment } = createTestTwoFactor(changes).twoFactor;
    await assert.rejects(
      enrollment.begin(USER, { accountName: USER, code: other.phone.code(), binding, ...beside }),
      /^RangeError: totp\.digits: /,
    );
  }
});

test("V48 one submission is one evaluation and one charge", async () => {
  const w = await enrolled();
  await verify(w, wrongBackupCode(w));
  await verify(w, "123456" === w.phone.code() ? "654321" : "123456");
  const { app, backup } = await recordOf(w);
  assert.deepEqual([app.failures, backup.failures, app.unknown.length, backup.unknown.length], [1, 1, 1, 1]);
});
