/** Installing an enrollment that another system has confirmed. */

import { type Failure, failure } from "../errors.ts";
import { type Authenticator, type Batch, hasFactor, type UserRecord } from "../record.ts";
import { type Decision, unchanged } from "./decision.ts";
import { retired } from "./removal.ts";

/** An enrollment that another system has confirmed, and how many of its backup codes could not come along. */
export interface Enrollment {
  authenticators: readonly Authenticator[];
  batch: Batch | null;
  skippedCodes: number;
}

/** Alphabets of backup codes that older versions do not know: they would take the record for a broken one. */
const NEW_ALPHABETS: readonly Batch["alphabet"][] = ["text", "legacy"];

/** Installs an enrollment, never over an active factor, and over a removed one only if `evenIfRemoved` is true. */
export function importEnrollment(
  record: UserRecord,
  { authenticators, batch, skippedCodes }: Enrollment,
  epoch: string,
  evenIfRemoved: boolean,
): Decision<Failure | null> {
  if (hasFactor(record)) return unchanged(record, failure("already_enrolled"));
  if (record.removedAt !== null && !evenIfRemoved) return unchanged(record, failure("factor_removed"));
  const next: UserRecord = {
    ...record,
    ...retired(epoch),
    reader: batch && NEW_ALPHABETS.includes(batch.alphabet) ? Math.max(2, record.reader) : record.reader,
    authenticators,
    backupCodes: batch,
  };
  const skipped = skippedCodes > 0 ? { skippedCodes } : {};
  return { record: next, outcome: null, events: [{ type: "imported", method: "app", ...skipped }] };
}
