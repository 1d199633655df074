/** The pending enrollment or replacement: finding it, and giving it up. */

import { type Failure, failure } from "../errors.ts";
import type { Pending, UserRecord } from "../record.ts";
import { type Decision, type RuleEvent, unchanged } from "./decision.ts";
import { isLive, MAX_LIFETIME } from "./lifetime.ts";

/** Returns the pending enrollment unless it has expired. Confirming extends it once. */
export function livePending({ pending }: UserRecord, now: number): Pending | null {
  return pending && isLive(pending.expiresAt, now, 2 * MAX_LIFETIME) ? pending : null;
}

/** Returns the event of a pending enrollment that ends before it was confirmed or acknowledged. */
export function supersession(record: UserRecord, now: number): readonly RuleEvent[] {
  return livePending(record, now) ? [{ type: "enrollment_superseded" }] : [];
}

/** Finds the pending enrollment of this id and session, or returns why it does not count. */
export function findPending(
  record: UserRecord,
  asked: { id: string; bindingHash: string | null },
  now: number,
): Pending | Failure {
  const { pending } = record;
  if (pending?.superseded.includes(asked.id)) return failure("enrollment_superseded");
  if (pending?.id !== asked.id || pending.bindingHash !== asked.bindingHash) {
    return failure("enrollment_not_found");
  }
  return livePending(record, now) ?? failure("enrollment_expired");
}

/** Gives up a pending enrollment. An active authenticator stays as it is. */
export function cancel(record: UserRecord, now: number): Decision<null> {
  if (!record.pending) return unchanged(record, null);
  return { record: { ...record, pending: null }, outcome: null, events: supersession(record, now) };
}
