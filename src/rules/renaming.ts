/** Moving a second factor to another user id. */

import { type Failure, failure } from "../errors.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { type Decision, unchanged } from "./decision.ts";
import { remove } from "./removal.ts";

/** Moves the record of the old id to the new one, unless the new id has, or had, a factor of its own. */
export function takenOver(record: UserRecord, moved: UserRecord): Decision<Failure | null> {
  const begun = record.epoch !== "" && record.epoch === moved.epoch; // an earlier try was stopped half-way
  if (!begun) {
    if (hasFactor(record)) return unchanged(record, failure("already_enrolled"));
    if (record.removedAt !== null) return unchanged(record, failure("factor_removed"));
  }
  return { record: { ...moved }, outcome: null, events: begun ? [] : [{ type: "renamed" }] };
}

/** Empties the old id and notes the removal, so that no old system brings the factor back. */
export function vacated(record: UserRecord, epoch: string, now: number): Decision<null> {
  return remove(record, epoch, now, "renamed");
}
