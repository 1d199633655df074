/** What every rule returns: the next record, what to tell the caller, and what to tell the host. */

import type { Detail } from "../errors.ts";
import type { UserRecord } from "../record.ts";

/** The second factor's two kinds of code. */
export type Method = "app" | "backup";

/** Everything that can happen to a second factor. */
export type EventType =
  | "enrollment_started"
  | "enrollment_superseded"
  | "enrolled"
  | "replaced"
  | "disabled"
  | "reset"
  | "verified"
  | "verification_failed"
  | "code_reused"
  | "locked"
  | "unlocked"
  | "unknown_browser_failures"
  | "backup_code_used"
  | "backup_codes_low"
  | "backup_codes_regenerated"
  | "backup_codes_acknowledged"
  | "device_known"
  | "device_trusted"
  | "device_revoked"
  | "clock_off"
  | "imported"
  | "rewrapped"
  | "policy_error";

/** An event as a rule sees it; the shell adds the user, the instant, the actor and the context. */
export interface RuleEvent {
  type: EventType;
  method?: Method;
  detail?: Detail;
}

/** A decision. A record that is the very object that went in means that nothing has to be written. */
export interface Decision<T> {
  record: UserRecord;
  outcome: T;
  events: readonly RuleEvent[];
}

/** Random bytes for a rule: the platform's CSPRNG, or a script in a test. */
export type Random = (length: number) => Uint8Array;

/** A decision that changes nothing and tells the host nothing. */
export function unchanged<T>(record: UserRecord, outcome: T): Decision<T> {
  return { record, outcome, events: [] };
}
