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
  record = noteFailure(record, challenge("c"), { ...app, factor: "backup" }, START);
  for (let i = 3; i < MAX_FORGIVEN; i++) record = noteFailure(record, challenge("c"), app, START);
  assert.equal(noteFailure(record, challenge("c"), app, START), record);
  assert.equal(noteFailure(record, null, app, START), record);
  const backup = noteFailure(record, challenge("c"), { ...app, factor: "backup" }, START);
  assert.equal(backup, record, "failures of all kinds share the room");
});

test("a challenge keeps its hours in order when a machine that is ahead writes first", () => {
  const [hour, hourMs] = [START / 3_600_000, 3_600_000];
  const ahead = noteFailure(activeRecord(), challenge("c", START + 2 * hourMs), app, START + hourMs);
  const record = noteFailure(ahead, challenge("c", START + 2 * hourMs), { ...app, weight: 2 }, START);
  assert.deepEqual(record.failingChallenges[0]?.app, [hour, hour, hour + 1]);
});

test("a success takes back what its challenge was charged, and nothing of another challenge", () => {
  const hour = Math.floor(START / 3_600_000);
  const row = { failures: 6, lockedUntilAt: START + 30_000, unknown: [hour, hour] };
  let record = activeRecord({
    app: row,
    devices: [deviceOf("known", { totalFailures: 3 }), deviceOf("other", { totalFailures: 2 })],
  });
  const device = record.devices[0]?.id ?? null;
  record = noteFailure(record, challenge("c"), app, START);
  record = noteFailure(record, challenge("c"), { ...app, device }, START);
  record = noteFailure(record, challenge("d"), { ...app, device }, START);
  const failing = record.failingChallenges.find(({ id }) => id === "d");
  const forgiven = forgiveChallenge(record, challenge("c"), { ...app, device }, policy);
  assert.deepEqual(forgiven.app.unknown, [hour]);
  assert.deepEqual([forgiven.app.failures, forgiven.app.lockedUntilAt], [5, null]);
  assert.deepEqual(
    forgiven.devices.map(({ totalFailures }) => totalFailures),
    [2, 2],
  );
  assert.deepEqual(forgiven.failingChallenges, [failing]);
  assert.equal(forgiveChallenge(record, challenge("another"), app, policy), record);
  const two = { ...record, authenticators: [...record.authenticators, ...record.authenticators] };
  const weighed = forgiveChallenge(two, challenge("c"), app, policy);
  assert.equal(
    weighed.app.lockedUntilAt,
    row.lockedUntilAt,
    "five failures leave no room for a guess at two secrets",
  );
});
