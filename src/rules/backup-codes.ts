/** When a new batch may be made, and when the old one dies. */

import { type Failure, failure } from "../errors.ts";
import { activeAuthenticator, type Batch, MAX_REGENERATIONS, type UserRecord } from "../record.ts";
import { type Decision, unchanged } from "./decision.ts";
import { livePending } from "./enrollment.ts";
import { clearRow } from "./throttle.ts";

const DAY_MS = 86_400_000;

/** Which batch a regeneration would replace: that of the pending enrollment, or that of the active factor. */
export interface RegenerationTarget {
  of: "pending" | "active";
  /** The id of the batch that stands there now; a regeneration that finds another one lost a race. */
  replaces: string | null;
}

/** Decides before anything is derived: whose codes, and whether it may be done today. */
export function regenerationTarget(
  record: UserRecord | null,
  bindingHash: string | null,
  now: number,
): RegenerationTarget | Failure {
  const pending = livePending(record, now);
  const waiting = pending?.verified && pending.bindingHash === bindingHash ? pending.batch : null;
  if (!record || (!waiting && !activeAuthenticator(record))) return failure("not_enrolled");
  const recent = recentRegenerations(record, now);
  const oldest = recent[0];
  if (recent.length >= MAX_REGENERATIONS && oldest !== undefined) {
    return failure("too_many_batches", { retryAt: oldest + DAY_MS });
  }
  return waiting
    ? { of: "pending", replaces: waiting.id }
    : { of: "active", replaces: (record.nextBackupCodes ?? record.backupCodes)?.id ?? null };
}

function recentRegenerations(record: UserRecord, now: number): readonly number[] {
  return record.regeneratedAt
    .filter((at) => at > now - DAY_MS && at <= now + DAY_MS)
    .slice(-MAX_REGENERATIONS);
}

/**
 * Puts a new batch in the place of the one that was seen before its digests were derived. Of two regenerations at
 * once, one gets codes that work and the other a `conflict`: never two lists of which one is dead.
 */
export function regenerate(
  record: UserRecord,
  asked: { target: RegenerationTarget; bindingHash: string | null; batch: Batch; acknowledge: boolean },
  now: number,
): Decision<Batch | Failure> {
  const target = regenerationTarget(record, asked.bindingHash, now);
  if ("ok" in target) return unchanged(record, target);
  if (target.of !== asked.target.of || target.replaces !== asked.target.replaces) {
    return unchanged(record, failure("conflict", { retryAt: now + 1_000 }));
  }
  const { batch } = asked;
  const regeneratedAt = [...recentRegenerations(record, now), now];
  const events = [{ type: "backup_codes_regenerated" as const, method: "backup" as const }];
  if (target.of === "pending" && record.pending) {
    return {
      record: { ...record, regeneratedAt, pending: { ...record.pending, batch } },
      outcome: batch,
      events,
    };
  }
  const pending = record.pending?.batch ? null : record.pending; // two batches at most
  const next: UserRecord = { ...record, regeneratedAt, pending };
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

/** New codes took proof, so their row of failures starts anew; the long counters stay. */
function installed(record: UserRecord, batch: Batch) {
  return { backupCodes: batch, nextBackupCodes: null, backup: clearRow(record.backup) };
}
