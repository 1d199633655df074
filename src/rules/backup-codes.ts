/** When a new batch may be made, and when the old one dies. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { type Batch, hasFactor, MAX_REGENERATIONS, type UserRecord, unusedCodes } from "../record.ts";
import { tooMany, withinDay } from "./batch-limits.ts";
import { type Decision, type Method, type RuleEvent, unchanged } from "./decision.ts";
import { livePending, supersession } from "./pending.ts";
import { clearRow } from "./row.ts";

/** The batch that works. Where backup codes are turned off, those of before are kept, and count for nothing. */
export function workingBatch(record: UserRecord, policy: { backupCodes: object | null }): Batch | null {
  return policy.backupCodes ? record.backupCodes : null;
}

/** What of the working batch can be served: codes of the old system only where somebody can tell them. */
export function servedBatch(
  record: UserRecord,
  policy: { backupCodes: object | null; legacyCodes?: boolean },
): Batch | null {
  const batch = workingBatch(record, policy);
  return batch?.alphabet === "legacy" && !policy.legacyCodes ? null : batch;
}

/** Which kinds of code may serve: backup codes only while there are unused ones. */
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

/** Which batch a regeneration would replace: that of the pending enrollment, or that of the active factor. */
export interface RegenerationTarget {
  of: "pending" | "active";
  /** The id of the batch that stands there now; a regeneration that finds another one lost a race. */
  replaces: string | null;
  /** How many digits the app codes have that stand beside the batch. */
  digits: readonly number[];
}

/** A regeneration on its way: what it saw when it began. */
interface Asked {
  target: RegenerationTarget;
  bindingHash: string | null;
}

/** Whose codes a regeneration would replace, and whether it may be done today. */
export function regenerationTarget(
  record: UserRecord,
  bindingHash: string | null,
  now: number,
): RegenerationTarget | Failure {
  const target = targetOf(record, bindingHash, now);
  if (isFailure(target)) return target;
  return tooMany(record.regeneratedAt, MAX_REGENERATIONS, now) ?? target;
}

/** Counts a regeneration before anything is derived: whoever asks a thousand times at once has five batches made. */
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

/** The refusal of a regeneration that finds another batch than the one it saw. */
function moved(record: UserRecord, { target, bindingHash }: Asked, now: number): Failure | null {
  const current = targetOf(record, bindingHash, now);
  if (isFailure(current)) return current;
  const same = current.of === target.of && current.replaces === target.replaces;
  return same ? null : failure("conflict", { retryAt: now + 1_000 });
}

/**
 * Puts a new batch in the place of the one that was seen before its digests were derived. Of two regenerations at
 * once, one gets codes that work and the other a `conflict`: never two lists of which one is dead.
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
  const crowded = Boolean(pending?.batch); // two batches at most
  const next: UserRecord = { ...record, pending: crowded ? null : pending };
  const events = [...(crowded ? supersession(record, now) : []), regenerated];
  if (asked.acknowledge) return { record: { ...next, nextBackupCodes: batch }, outcome: batch, events };
  return { record: { ...next, ...installed(record, batch) }, outcome: batch, events };
}

/** "I have saved them": the regenerated codes replace the old ones. */
export function acknowledgeRegenerated(
  record: UserRecord,
  batchId: string,
): Decision<{ ok: true } | Failure> {
  const batch = record.nextBackupCodes;
  if (!batch || batch.id !== batchId) return unchanged(record, failure("batch_not_found"));
  return {
    record: { ...record, ...installed(record, batch) },
    outcome: { ok: true },
    events: [{ type: "backup_codes_acknowledged", method: "backup" }],
  };
}

/** New codes took proof, so their run of failures starts anew; the failures of unknown devices stay. */
function installed(record: UserRecord, batch: Batch) {
  return { backupCodes: batch, nextBackupCodes: null, backup: clearRow(record.backup) };
}
