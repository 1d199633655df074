/** Batches of backup codes: when a new one may be made, and when it replaces the old one. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { type Batch, hasFactor, MAX_REGENERATIONS, type UserRecord, unusedCodes } from "../record.ts";
import { tooMany, withinDay } from "./batch-limits.ts";
import { type Decision, type Method, type RuleEvent, unchanged } from "./decision.ts";
import { livePending, supersession } from "./pending.ts";
import { clearRow } from "./row.ts";

/** Returns the batch that works. While backup codes are turned off, existing ones are kept and do not work. */
export function workingBatch(record: UserRecord, policy: { backupCodes: object | null }): Batch | null {
  return policy.backupCodes ? record.backupCodes : null;
}

/** Returns the working batch, unless its codes stayed in an old system and no callback can check them. */
export function servedBatch(
  record: UserRecord,
  policy: { backupCodes: object | null; legacyCodes?: boolean },
): Batch | null {
  const batch = workingBatch(record, policy);
  return batch?.alphabet === "legacy" && !policy.legacyCodes ? null : batch;
}

/** Returns the kinds of code that can be used: backup codes only while there are unused ones. */
export function methodsOf(
  record: UserRecord,
  policy: { backupCodes: object | null; legacyCodes?: boolean },
): readonly Method[] {
  const backup = unusedCodes(servedBatch(record, policy)) > 0;
  return [
    ...(record.authenticators.length > 0 ? (["app"] as const) : []),
    ...(backup ? (["backup"] as const) : []),
    ...(record.passkeys.length > 0 ? (["passkey"] as const) : []),
  ];
}

/** The batch that a regeneration would replace: that of the pending enrollment, or that of the active factor. */
export interface RegenerationTarget {
  of: "pending" | "active";
  /** The id of the current batch. A regeneration that finds another one has lost a race. */
  replaces: string | null;
  /** The lengths of the app codes beside the batch. */
  digits: readonly number[];
}

/** A regeneration under way, with what it saw when it began. */
interface Asked {
  target: RegenerationTarget;
  bindingHash: string | null;
}

/** Returns the batch that a regeneration would replace, or why none can be made now. */
export function regenerationTarget(
  record: UserRecord,
  bindingHash: string | null,
  now: number,
): RegenerationTarget | Failure {
  const target = targetOf(record, bindingHash, now);
  if (isFailure(target)) return target;
  return tooMany(record.regeneratedAt, MAX_REGENERATIONS, now) ?? target;
}

/** Counts a regeneration before anything is derived, so that a thousand calls at once derive five batches. */
export function reserveRegeneration(record: UserRecord, asked: Asked, now: number): Decision<Failure | null> {
  const refusal = moved(record, asked, now) ?? tooMany(record.regeneratedAt, MAX_REGENERATIONS, now);
  if (refusal) return unchanged(record, refusal);
  const regeneratedAt = [...withinDay(record.regeneratedAt, now), now];
  return { record: { ...record, regeneratedAt }, outcome: null, events: [] };
}

function targetOf(record: UserRecord, bindingHash: string | null, now: number): RegenerationTarget | Failure {
  const pending = livePending(record, now);
  const digits = record.authenticators.map((authenticator) => authenticator.digits);
  if (pending?.batch && pending.bindingHash === bindingHash) {
    return { of: "pending", replaces: pending.batch.id, digits: [pending.digits, ...digits] };
  }
  if (!hasFactor(record)) return failure("not_enrolled");
  const newest = record.nextBackupCodes ?? record.backupCodes;
  return { of: "active", replaces: newest?.id ?? null, digits };
}

/** Returns why a regeneration may not go on: it finds another batch than the one it saw. */
function moved(record: UserRecord, { target, bindingHash }: Asked, now: number): Failure | null {
  const current = targetOf(record, bindingHash, now);
  if (isFailure(current)) return current;
  const same = current.of === target.of && current.replaces === target.replaces;
  return same ? null : failure("conflict", { retryAt: now + 1_000 });
}

/**
 * Replaces the batch that was seen before the digests were derived. Of two regenerations at once, one gets codes that
 * work and the other a `conflict`, so that nobody is shown codes that do not work.
 */
export function regenerate(
  record: UserRecord,
  asked: Asked & { batch: Batch; acknowledge: boolean },
  now: number,
): Decision<Batch | Failure> {
  const refusal = moved(record, asked, now);
  if (refusal) return unchanged(record, refusal);
  const { batch } = asked;
  const { pending } = record;
  const regenerated: RuleEvent = { type: "backup_codes_regenerated", method: "backup" };
  if (pending && asked.target.of === "pending") {
    return {
      record: { ...record, pending: { ...pending, batch } },
      outcome: batch,
      events: [regenerated],
    };
  }
  const crowded = Boolean(pending?.batch); // a record holds two batches at most
  const next: UserRecord = { ...record, pending: crowded ? null : pending };
  const events = [...(crowded ? supersession(record, now) : []), regenerated];
  if (asked.acknowledge) return { record: { ...next, nextBackupCodes: batch }, outcome: batch, events };
  return { record: { ...next, ...installed(record, batch) }, outcome: batch, events };
}

/**
 * Replaces the old codes by the regenerated ones, which the person has saved. Sent twice, it is a success twice, and
 * written again: only the store's word reveals it.
 */
export function acknowledgeRegenerated(
  record: UserRecord,
  batchId: string,
): Decision<{ ok: true } | Failure> {
  const batch = record.nextBackupCodes;
  const isDone = batch === null && record.backupCodes?.id === batchId;
  if (isDone) return { record: { ...record }, outcome: { ok: true }, events: [] };
  if (!batch || batch.id !== batchId) return unchanged(record, failure("batch_not_found"));
  return {
    record: { ...record, ...installed(record, batch) },
    outcome: { ok: true },
    events: [{ type: "backup_codes_acknowledged", method: "backup" }],
  };
}

/** Installs a batch. Making it took proof, so the run of failures starts anew; those of unknown devices stay. */
function installed(record: UserRecord, batch: Batch) {
  return { backupCodes: batch, nextBackupCodes: null, backup: clearRow(record.backup) };
}
