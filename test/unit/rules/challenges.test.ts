import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_FORGIVEN, MAX_SPENT_CHALLENGES } from "../../../src/record.ts";
import {
  forgiveChallenge,
  noteFailure,
  refusalOfSpent,
  spendChallenge,
} from "../../../src/rules/challenges.ts";
import { activeRecord, deviceOf, START } from "../../support/records.ts";

const challenge = (name: string, expiresAt = START + 60_000) => ({ id: name, expiresAt });
const policy = { free: 5, firstDelay: 30, maxDelay: 3_600, hardStop: 20, unknown: [] };
const app = { factor: "app", device: null } as const;

test("a spent challenge is refused, and a full list refuses what expires before all on it", () => {
  let record = spendChallenge(activeRecord(), challenge("first"), START);
  assert.equal(refusalOfSpent(record, challenge("first"))?.detail, "challenge_used");
  assert.equal(refusalOfSpent(record, challenge("fresh")), null);
  for (let i = 1; i < MAX_SPENT_CHALLENGES; i++) record = spendChallenge(record, challenge(`${i}`), START);
  assert.equal(refusalOfSpent(record, challenge("past", START))?.detail, "challenge_expired");
});

test("a challenge notes its failures by factor or device, up to a limit", () => {
  let record = noteFailure(activeRecord(), challenge("c"), app, START);
  record = noteFailure(record, challenge("c"), { factor: "backup", device: "known" }, START);
  const [noted] = record.failingChallenges;
  assert.deepEqual([noted?.app.length, noted?.backup.length, noted?.device], [1, 0, 1]);
  for (let i = 2; i < MAX_FORGIVEN; i++) record = noteFailure(record, challenge("c"), app, START);
  assert.equal(noteFailure(record, challenge("c"), app, START), record);
  assert.equal(noteFailure(record, null, app, START), record);
});

test("a success takes back what its challenge was charged, and nothing of another challenge", () => {
  const hour = Math.floor(START / 3_600_000);
  const row = { failures: 6, lockedUntilAt: START + 30_000, unknown: [hour, hour] };
  let record = activeRecord({
    app: row,
    devices: [deviceOf("known", { totalFailures: 1 }), deviceOf("other")],
  });
  const device = record.devices[0]?.id ?? null;
  record = noteFailure(record, challenge("c"), app, START);
  record = noteFailure(record, challenge("c"), { ...app, device }, START);
  const forgiven = forgiveChallenge(record, challenge("c"), { ...app, device }, policy);
  assert.deepEqual(forgiven.app.unknown, [hour]);
  assert.deepEqual([forgiven.app.failures, forgiven.devices[0]?.totalFailures], [5, 0]);
  assert.deepEqual(forgiven.failingChallenges, []);
  assert.equal(forgiveChallenge(record, challenge("another"), app, policy), record);
});
