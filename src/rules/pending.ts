/** An enrollment that is on its way: how long it lives, and what the host hears of when it ends early. */

import type { Pending, UserRecord } from "../record.ts";
import type { RuleEvent } from "./decision.ts";
import { isLive, MAX_LIFETIME } from "./lifetime.ts";

/** The pending enrollment, unless it has expired; confirming extends it once. */
export function livePending({ pending }: UserRecord, now: number): Pending | null {
  return pending && isLive(pending.expiresAt, now, 2 * MAX_LIFETIME) ? pending : null;
}

/** What the host hears of when a pending enrollment ends before it was confirmed or acknowledged. */
export function supersession(record: UserRecord, now: number): readonly RuleEvent[] {
  return livePending(record, now) ? [{ type: "enrollment_superseded" }] : [];
}
