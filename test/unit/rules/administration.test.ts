import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyRecord, type UserRecord } from "../../../src/record.ts";
import { unlock } from "../../../src/rules/administration.ts";
import { importEnrollment } from "../../../src/rules/importing.ts";
import { remove } from "../../../src/rules/removal.ts";
import { activeRecord, batchOf, deviceOf, largestRecord, SECRET, START } from "../../support/records.ts";

const epoch = "epoch-2";
const from: Parameters<typeof importEnrollment>[1] = {
  authenticators: [
    {
      ...{ id: "imported", algorithm: "SHA256", digits: 8, period: 60, secret: SECRET },
      ...{ acceptedSteps: [7], enrolledAt: START - 1, label: null, lastUsedAt: null, offRun: 0 },
    },
  ],
  batch: batchOf(3, { length: 10 }),
  skippedCodes: 0,
};

const policy = { mayTrust: true, trustedFor: 60, knownFor: 60, max: 10, maxFailures: 20 };

test("unlock ends every wait and every count, and touches nothing else", () => {
  const full = largestRecord();
  const { record, events } = unlock(full, START, policy);
  const row = { failures: 0, lockedUntilAt: null };
  assert.deepEqual(record, {
    ...full,
    app: { ...row, unknown: [] },
    backup: { ...row, unknown: [] },
    password: row,
    enrollment: row,
    passkey: { ...row, unknown: [] },
    devices: full.devices.map((device) => ({ ...device, ...row, totalFailures: 0 })),
    failingChallenges: [],
  });
  assert.deepEqual(events, [{ type: "unlocked" }]);
});

test("unlock brings no forgotten device back", () => {
  const devices = [deviceOf("known", { totalFailures: 19 }), deviceOf("ended", { totalFailures: 20 })];
  const { record } = unlock(activeRecord({ devices }), START, policy);
  assert.deepEqual(record.devices, [deviceOf("known")]);
});

test("an imported enrollment is active as it was elsewhere, under a new epoch", () => {
  const { record, outcome, events } = importEnrollment(emptyRecord(), from, epoch, false);
  assert.equal(outcome, null);
  assert.equal(record.authenticators, from.authenticators);
  assert.equal(record.backupCodes, from.batch);
  assert.equal(record.epoch, "epoch-2");
  assert.deepEqual(events, [{ type: "imported", method: "app" }]);
});

test("a version that does not know the alphabet of imported codes does not read the record", () => {
  for (const [alphabet, reader] of [
    ["digits", 1],
    ["base32", 1],
    ["text", 2],
    ["legacy", 2],
  ] as const) {
    const imported = importEnrollment(
      emptyRecord(),
      { ...from, batch: batchOf(3, { alphabet }) },
      epoch,
      false,
    );
    assert.equal(imported.record.reader, reader, alphabet);
  }
});

test("an import replaces no active factor", () => {
  const before = activeRecord();
  const { record, outcome } = importEnrollment(before, from, epoch, false);
  assert.equal(outcome?.detail, "already_enrolled");
  assert.equal(record, before);
});

test("an import ends pending enrollments and devices, and clears no counter", () => {
  const { pending: largest } = largestRecord();
  const pending = largest && { ...largest, expiresAt: START + 600_000 };
  const row = { failures: 7, lockedUntilAt: START, unknown: [1] };
  const before: UserRecord = {
    ...{ ...emptyRecord(), pending, app: row, backup: row, devices: [deviceOf("laptop")] },
    ...{ nextBackupCodes: batchOf(1), spentChallenges: [{ id: "spent", expiresAt: START }] },
  };
  const { record, events } = importEnrollment(before, from, epoch, false);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["imported"],
  );
  assert.deepEqual([record.pending, record.nextBackupCodes], [null, null]);
  assert.deepEqual([record.devices, record.spentChallenges], [[], []]);
  assert.deepEqual([record.app, record.backup], [row, row]);
});

test("E6 after a reset, an import keeps nothing of the old factor", () => {
  const reset = remove(activeRecord({ backupCodes: batchOf(9) }), "epoch-x", START, "reset").record;
  const { record } = importEnrollment(reset, { ...from, batch: null }, epoch, true);
  assert.equal(record.backupCodes, null);
  assert.equal(record.authenticators.length, 1);
});
