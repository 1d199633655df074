/** What must hold of every single event, whatever came before it. By induction it then holds of every history. */

import assert from "node:assert/strict";
import { decodeRecord, encodeRecord } from "../../src/record/format.ts";
import type { Authenticator, Row, UserRecord } from "../../src/record.ts";
import { accountOf, blockOf } from "../../src/rules/throttle.ts";
import { codeAt, type Happened, throttle, type World, window } from "./transitions.ts";

const STEP_MS = 30_000;
const CLOCK_TOLERANCE_STEPS = 10;

/** Instants between which a code of a secret is accepted, as steps from now. */
const NEAR = Array.from({ length: window.past + window.future + 1 }, (_, i) => i - window.past);

const isOk = (outcome: unknown) => {
  const { ok, kind } = (outcome ?? {}) as { ok?: unknown; kind?: unknown };
  return ok === true || kind !== undefined;
};
const isFailure = (outcome: unknown) => (outcome as { ok?: unknown } | null)?.ok === false;
const detailOf = (outcome: unknown) => (outcome as { detail?: string }).detail ?? "";

/** The steps near now whose code this is. */
function stepsOf(secret: string, code: string, now: number): number[] {
  return NEAR.map((away) => Math.floor(now / STEP_MS) + away).filter(
    (step) => codeAt(secret, step * STEP_MS) === code,
  );
}

export function checkEvent(name: string, { record: before, now }: World, happened: Happened): void {
  const after = happened.world.record;
  activeOnlyByVerifiedCode(name, before, happened, now);
  oneSuccessPerCode(before, happened, now);
  epochsAreFresh(before, happened);
  countersNeverStartOver(name, before, after, happened);
  aClosedDoorIsClosed(before, happened, now);
  failuresChangeCountersOnly(before, happened);
  if (after === before) return;
  assert.equal(encodeRecord(decodeRecord(encodeRecord(after))), encodeRecord(after), "a legal record");
  const batches = [after.backupCodes, after.nextBackupCodes, after.pending?.batch ?? null];
  assert.ok(batches.filter((batch) => batch !== null).length <= 2, "two batches at most");
}

/** No way to active without a verified code (V13). */
function activeOnlyByVerifiedCode(name: string, before: UserRecord, happened: Happened, now: number): void {
  const after = happened.world.record;
  const { typed } = happened;
  if (after.pending?.verified && after.pending.verified.at !== before.pending?.verified?.at) {
    assert.equal(typed?.into, "confirm");
    const steps = stepsOf(after.pending.secret, typed?.code ?? "", now);
    assert.ok(steps.includes(after.pending.verified.acceptedSteps.at(-1) ?? -1), "verified by its own code");
  }
  const fresh = newcomers(before, after);
  const [authenticator] = fresh;
  if (!authenticator) return;
  assert.equal(fresh.length, 1, "one authenticator at a time");
  const { pending } = before;
  assert.ok(pending && pending.expiresAt > now, "activated from what was pending");
  assert.equal(authenticator.secret, pending.secret);
  if (typed) assert.ok(stepsOf(pending.secret, typed.code, now).length > 0, "activated by its own code");
  else assert.ok(pending.verified && /acknowledges/.test(name), "activated by whoever had verified it");
  const spent = typed ? stepsOf(pending.secret, typed.code, now) : (pending.verified?.acceptedSteps ?? []);
  assert.ok(
    authenticator.acceptedSteps.some((step) => spent.includes(step)),
    "the code that confirmed is spent",
  );
}

/** The authenticators that were not there before. */
function newcomers(before: UserRecord, after: UserRecord): readonly Authenticator[] {
  return after.authenticators.filter(({ id }) => before.authenticators.every((other) => other.id !== id));
}

/** At most one success a step and a backup code; accepted steps only grow (V01, V02, V38). */
function oneSuccessPerCode(before: UserRecord, { world, outcome, typed }: Happened, now: number): void {
  const success = isOk(outcome) && typed?.into === "sign-in";
  const stayed = before.authenticators.flatMap((old) => {
    const young = world.record.authenticators.find(({ id }) => id === old.id);
    return young ? [{ old, young }] : [];
  });
  const byApp = success && typed.code.length === stayed[0]?.old.digits;
  const all = stayed.flatMap(({ old, young }) => stepsAdded(old, young, typed?.code ?? "", now));
  assert.equal(all.length, byApp ? 1 : 0, "one step for each success by app code, and none otherwise");
  if (!before.backupCodes || world.record.backupCodes?.id !== before.backupCodes.id) return;
  const used = before.backupCodes.codes.filter((code, i) => {
    const now = world.record.backupCodes?.codes[i]?.usedAt;
    if (code.usedAt !== null) assert.equal(now, code.usedAt, "a used code stays used");
    return now !== code.usedAt;
  });
  assert.equal(used.length, success && typed.code.length === before.backupCodes.length ? 1 : 0);
}

/** The steps that an authenticator has accepted since: of the code that was typed, and later than those before. */
function stepsAdded(old: Authenticator, young: Authenticator, code: string, now: number): readonly number[] {
  const added = young.acceptedSteps.filter((step) => !old.acceptedSteps.includes(step));
  for (const step of old.acceptedSteps) assert.ok(young.acceptedSteps.includes(step), "no step is forgotten");
  const horizon = Math.floor(now / STEP_MS) + window.future + CLOCK_TOLERANCE_STEPS;
  for (const step of added) {
    assert.ok(stepsOf(old.secret, code, now).includes(step), "the step of the code that was typed");
    for (const other of old.acceptedSteps) assert.ok(step > other || other > horizon, "steps only grow");
  }
  return added;
}

/** An epoch is never used again, and ends with whatever it vouched for (V59, V60). */
function epochsAreFresh(before: UserRecord, { world, freshEpoch }: Happened): void {
  const after = world.record;
  const ids = ({ authenticators }: UserRecord) => authenticators.map(({ id }) => id).join();
  const changed = ids(before) !== ids(after);
  if (after.epoch === before.epoch) {
    assert.equal(changed, false, "another authenticator, or none, under the same epoch");
    return;
  }
  assert.equal(after.epoch, freshEpoch);
  assert.deepEqual([after.devices, after.spentChallenges, after.pending], [[], [], null]);
}

type Counters = readonly [string, Row][];
const rowsOf = (record: UserRecord): Counters => [
  ["app", record.app],
  ["backup", record.backup],
  ["password", record.password],
  ["enrollment", record.enrollment],
  ...record.devices.map((device): [string, Row] => [`device ${device.id}`, device]),
];

/** Counters go up by one for a failure and start over only for a right code of their own, a new factor or an unlock. */
function countersNeverStartOver(
  name: string,
  before: UserRecord,
  after: UserRecord,
  happened: Happened,
): void {
  if (name === "unlock") return;
  const rows = new Map(rowsOf(after));
  const replaced = newcomers(before, after).length > 0;
  const charge = Math.max(1, before.authenticators.length); // a guess counts for each secret it is tried against
  const newCodes = after.backupCodes && after.backupCodes.id !== before.backupCodes?.id;
  for (const [which, row] of rowsOf(before)) {
    const next = rows.get(which);
    if (!next || next.failures >= row.failures) {
      assert.ok((next?.failures ?? 0) <= row.failures + charge, "one event, one charge");
      continue;
    }
    const byOwnCode = isOk(happened.outcome) && happened.typed !== undefined;
    const mayClear =
      byOwnCode ||
      (replaced && (which === "app" || which === "enrollment")) ||
      (newCodes && which === "backup");
    assert.ok(mayClear, `${which}: ${row.failures} failures became ${next.failures}`);
  }
  for (const factor of ["app", "backup"] as const) {
    const lost = before[factor].unknown.length - after[factor].unknown.length;
    const aged =
      happened.world.now > 3_600_000 + (before[factor].unknown[0] ?? Number.POSITIVE_INFINITY) * 3_600_000;
    assert.ok(lost <= 0 || aged, "only time takes from the long counters");
  }
}

/** What is locked is not evaluated, whatever is typed. */
function aClosedDoorIsClosed(
  before: UserRecord,
  { world, outcome, typed, device }: Happened,
  now: number,
): void {
  if (typed?.into !== "sign-in") return;
  const [authenticator] = before.authenticators;
  if (!authenticator) {
    assert.equal(detailOf(outcome), "not_enrolled");
    return;
  }
  const factor = typed.code.length === authenticator.digits ? "app" : "backup";
  if (factor === "backup" && !before.backupCodes) return;
  const block = blockOf(before, accountOf(before, factor, device ?? null), now, throttle);
  if (!block) return;
  assert.equal(detailOf(outcome), block.detail);
  assert.equal(world.record, before);
}

/** A failure costs something or nothing, and moves nothing else. */
function failuresChangeCountersOnly(before: UserRecord, { world, outcome }: Happened): void {
  if (!isFailure(outcome) || world.record === before) return;
  const { app, backup, enrollment, devices } = before;
  const rest = world.record.devices.map(({ failures, lockedUntilAt, totalFailures, ...device }) => device);
  assert.deepEqual({ ...world.record, app, backup, enrollment, devices }, before);
  const same = devices.map(({ failures, lockedUntilAt, totalFailures, ...device }) => device);
  assert.ok(rest.length <= same.length, "a failure makes no browser known");
  for (const device of rest) assert.ok(same.some((other) => other.id === device.id));
}
