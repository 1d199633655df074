/** What moves with a second factor to another user id, and what stays behind. */

import { type Failure, failure } from "../errors.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { type Decision, unchanged } from "./decision.ts";
import { remove } from "./removal.ts";

/** The record of the old id in the place of the new id's: never over a factor, or the end of one, of its own. */
export function takenOver(record: UserRecord, moved: UserRecord): Decision<Failure | null> {
  const begun = record.epoch !== "" && record.epoch === moved.epoch; // an earlier try that was stopped half-way
  if (!begun) {
    if (hasFactor(record)) return unchanged(record, failure("already_enrolled"));
    if (record.removedAt !== null) return unchanged(record, failure("factor_removed"));
  }
  return { record: { ...moved }, outcome: null, events: begun ? [] : [{ type: "renamed" }] };
}

/** The old id without the factor: the removal is known, so that no other system brings it back. */
export function vacated(record: UserRecord, epoch: string, now: number): Decision<null> {
  return { ...remove(record, epoch, now, "reset"), events: [{ type: "renamed" }] };
}
