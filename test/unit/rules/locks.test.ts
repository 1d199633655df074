import assert from "node:assert/strict";
import { test } from "node:test";
import { locksOfCodes, locksOfRows } from "../../../src/rules/locks.ts";
import { activeRecord, START } from "../../support/records.ts";

const policy = {
  free: 5,
  firstDelay: 30,
  maxDelay: 3_600,
  hardStop: 20,
  unknown: [{ failures: 20, within: 2_592_000 }],
};

test("a locked row is listed with the end of its wait, and an open one is not listed", () => {
  const locked = { failures: 6, lockedUntilAt: START + 30_000 };
  const retryAt = START + 30_000;
  const record = activeRecord({
    password: locked,
    enrollment: locked,
    passkey: { ...locked, failures: 30, unknown: [] },
  });
  assert.deepEqual(locksOfRows(activeRecord(), START, policy), []);
  assert.deepEqual(locksOfRows(record, START, policy), [
    { of: "password", retryAt },
    { of: "enrollment", retryAt },
  ]);
  assert.deepEqual(locksOfCodes(record, ["app", "backup"], null, START, policy), []);
  assert.deepEqual(locksOfCodes(record, ["passkey"], null, START, policy), [{ of: "passkey", retryAt }]);
  assert.deepEqual(locksOfCodes(record, ["passkey"], "a known device", START, policy), []);
});
