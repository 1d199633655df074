import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../../../src/errors.ts";
import { type Batch, emptyRecord, type Pending, type UserRecord } from "../../../src/record.ts";
import {
  acknowledgeRegenerated,
  regenerate,
  regenerationTarget,
  reserveRegeneration,
} from "../../../src/rules/backup-codes.ts";
import { activeRecord, batchOf, SECRET, START } from "../../support/records.ts";

const DAY = 86_400_000;
const old = batchOf(10, { id: "old" });
const made = batchOf(10, { id: "made" });
const active = activeRecord({
  backupCodes: old,
  backup: { failures: 3, lockedUntilAt: START, unknown: [5] },
});
const pending: Pending = {
  ...{ algorithm: "SHA1", digits: 6, period: 30, id: "pending", secret: SECRET },
  ...{ bindingHash: "session", purpose: "replace", superseded: [], expiresAt: START + 600_000 },
  ...{ replaces: null, label: null, passkey: null },
  verified: { at: START, acceptedSteps: [1], offset: 0 },
  batch: batchOf(10, { id: "waiting" }),
};
const whileWaiting: UserRecord = { ...active, pending };

/** A whole regeneration: what it saw, the reservation, the batch; or the refusal that ends it. */
function go(
  record: UserRecord,
  change: { batch?: Batch; acknowledge?: boolean; bindingHash?: string | null; seen?: UserRecord } = {},
  now = START,
) {
  const { seen = record, bindingHash = "other", batch = made, acknowledge = false } = change;
  const target = regenerationTarget(seen, bindingHash, now);
  assert.ok(!isFailure(target), "refused at once");
  const reserved = reserveRegeneration(record, { target, bindingHash }, now);
  if (reserved.outcome) return { ...reserved, outcome: reserved.outcome };
  return regenerate(reserved.record, { target, bindingHash, batch, acknowledge }, now);
}

const detail = (outcome: unknown) => (outcome as { detail?: string }).detail;

test("C5 the write of a new batch ends the old one and its run of failures", () => {
  const { record, outcome, events } = go(active);
  assert.equal(outcome, made);
  assert.equal(record.backupCodes, made);
  assert.deepEqual(record.backup, { failures: 0, lockedUntilAt: null, unknown: [5] }, "long counters stay");
  assert.deepEqual(record.regeneratedAt, [START]);
  assert.deepEqual(events, [{ type: "backup_codes_regenerated", method: "backup" }]);
});

test("P5 a user who has an authenticator and no codes yet gets the first ones", () => {
  assert.equal(go(activeRecord()).record.backupCodes, made);
});

test("a user without a factor has no codes to replace", () => {
  const regeneratedAt = Array<number>(5).fill(START);
  assert.equal(detail(regenerationTarget({ ...emptyRecord(), regeneratedAt }, null, START)), "not_enrolled");
});

test("a factor that was removed meanwhile has no codes to replace", () => {
  assert.equal(detail(go(emptyRecord(), { seen: active }).outcome), "not_enrolled");
});

test("V41 of two regenerations that saw the same batch, the second fails with conflict", () => {
  const first = go(active).record;
  const second = go(first, { seen: active, batch: batchOf(10, { id: "second" }) });
  assert.deepEqual({ ...second.outcome }, { ok: false, reason: "busy", retryAt: START + 1_000 });
  assert.equal(detail(second.outcome), "conflict");
  assert.equal(second.record, first, "the codes of the first go on working");
});

test("V41 the second fails even if both were counted before either had its codes", () => {
  const target = { of: "active", replaces: "old", digits: [6] } as const;
  const asked = { target, bindingHash: null };
  const counted = reserveRegeneration(reserveRegeneration(active, asked, START).record, asked, START).record;
  const first = regenerate(counted, { ...asked, batch: made, acknowledge: false }, START).record;
  const second = regenerate(
    first,
    { ...asked, batch: batchOf(10, { id: "second" }), acknowledge: false },
    START,
  );
  assert.equal(detail(second.outcome), "conflict");
  assert.equal(second.record, first);
});

test("V41 the same holds for the first batch, and for batches that wait to be acknowledged", () => {
  const none = activeRecord();
  assert.equal(detail(go(go(none).record, { seen: none }).outcome), "conflict");
  const first = go(active, { acknowledge: true }).record;
  assert.equal(detail(go(first, { seen: active, acknowledge: true }).outcome), "conflict");
});

test("B6 with acknowledgement the old codes work until the new ones are saved", () => {
  const { record } = go(active, { acknowledge: true });
  assert.equal(record.backupCodes, old);
  assert.equal(record.nextBackupCodes, made);
  assert.equal(record.backup.failures, 3, "nothing is cleared yet");
  const done = acknowledgeRegenerated(record, "made");
  assert.deepEqual(done.outcome, { ok: true });
  assert.deepEqual([done.record.backupCodes, done.record.nextBackupCodes], [made, null]);
  assert.equal(done.record.backup.failures, 0);
  assert.deepEqual(done.events, [{ type: "backup_codes_acknowledged", method: "backup" }]);
});

test("only the batch that waits is acknowledged", () => {
  const { record } = go(active, { acknowledge: true });
  for (const id of ["old", "other", ""]) {
    assert.equal(detail(acknowledgeRegenerated(record, id).outcome), "batch_not_found");
  }
});

test("a newer batch takes the place of one that waits", () => {
  const first = go(active, { acknowledge: true }).record;
  const second = go(first, { acknowledge: true, batch: batchOf(10, { id: "newer" }) }).record;
  assert.equal(detail(acknowledgeRegenerated(second, "made").outcome), "batch_not_found");
  assert.equal(acknowledgeRegenerated(second, "newer").record.backupCodes?.id, "newer");
});

test("a waiting enrollment's session gets a new list for it, and the active codes stay", () => {
  const eight = { ...whileWaiting, pending: { ...pending, digits: 8 } };
  const target = regenerationTarget(eight, "session", START);
  assert.deepEqual(target, { of: "pending", replaces: "waiting", digits: [8, 6] });
  const { record, events } = go(whileWaiting, { bindingHash: "session" });
  assert.equal(record.pending?.batch, made);
  assert.equal(record.backupCodes, old);
  assert.deepEqual({ ...record.pending, batch: null }, { ...pending, batch: null });
  assert.deepEqual(events, [{ type: "backup_codes_regenerated", method: "backup" }]);
});

test("any other session replaces the active codes and gives up what waits: two batches at most", () => {
  for (const acknowledge of [false, true]) {
    const { record, events } = go(whileWaiting, { acknowledge });
    assert.equal(record.pending, null);
    const batches = [record.backupCodes, record.nextBackupCodes].filter((batch) => batch !== null);
    assert.equal(batches.length, acknowledge ? 2 : 1);
    assert.equal(events[0]?.type, "enrollment_superseded");
  }
});

test("of a thousand regenerations at once, five are counted, and no more are derived", () => {
  const target = { of: "active", replaces: "old", digits: [6] } as const;
  let record = active;
  const refusals: unknown[] = [];
  for (let i = 0; i < 1_000; i++) {
    const reserved = reserveRegeneration(record, { target, bindingHash: null }, START);
    assert.deepEqual(reserved.events, []);
    record = reserved.record;
    if (reserved.outcome) refusals.push(reserved.outcome.detail);
  }
  assert.deepEqual(refusals, Array(995).fill("too_many_batches"));
  assert.equal(record.backupCodes, old, "a reservation replaces nothing");
});

test("an enrollment that has no batch yet is left alone", () => {
  const unverified = { ...pending, verified: null, batch: null };
  const { record, events } = go({ ...active, pending: unverified }, { bindingHash: "session" });
  assert.equal(record.pending, unverified);
  assert.equal(record.backupCodes, made);
  assert.equal(events.length, 1);
});

test("an enrollment that has expired is no target", () => {
  const target = regenerationTarget({ ...emptyRecord(), pending }, "session", pending.expiresAt);
  assert.equal(detail(target), "not_enrolled");
});

test("five batches a day, and the sixth when the first is a day old", () => {
  let record = active;
  for (let i = 0; i < 5; i++) {
    record = go(record, { batch: batchOf(10, { id: `batch-${i}` }) }, START + i * 1_000).record;
  }
  const refused = regenerationTarget(record, null, START + 5_000);
  assert.equal(detail(refused), "too_many_batches");
  assert.equal((refused as { retryAt?: number }).retryAt, START + DAY);
  const target = { of: "active", replaces: "batch-4", digits: [6] } as const;
  const late = reserveRegeneration(record, { target, bindingHash: null }, START + 5_000);
  assert.equal(detail(late.outcome), "too_many_batches", "also for whoever asked before the fifth was made");
  assert.equal(go(record, {}, START + DAY).record.regeneratedAt.length, 5);
});

test("days that a clock far ahead has noted do not count for ever", () => {
  const ahead = { ...active, regeneratedAt: Array(5).fill(START + 400 * DAY) };
  assert.deepEqual(go(ahead).record.regeneratedAt, [START]);
});
