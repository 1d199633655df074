/** What every rule returns: the next record, what to tell the caller, and what to tell the host. */

import type { Detail } from "../errors.ts";
import type { UserRecord } from "../record.ts";

/** What a second factor shows: a code of the app, a backup code, or a passkey's response. */
export type Method = "app" | "backup" | "passkey";

/** Everything that can happen to a second factor. */
export type EventType =
  /** A secret was shown. */
  | "enrollment_started"
  /** A pending enrollment ended before it was active. */
  | "enrollment_superseded"
  /** A factor became active. */
  | "enrolled"
  /** Another authenticator took over. */
  | "replaced"
  /** Another authenticator stands beside the others. */
  | "authenticator_added"
  /** One of several authenticators was taken away. */
  | "authenticator_removed"
  /** An authenticator got another name. */
  | "authenticator_renamed"
  /** The person turned the factor off. */
  | "disabled"
  /** An administrator took the factor away. */
  | "reset"
  /** A code was right. */
  | "verified"
  /** A passkey or security key was registered beside a factor. */
  | "passkey_added"
  /** A passkey has another name. */
  | "passkey_renamed"
  /** One of several factors, a passkey, was taken away. */
  | "passkey_removed"
  /** A passkey's counter went back: there may be a copy of it. It was refused. */
  | "passkey_cloned"
  /** A code or a password was wrong. */
  | "verification_failed"
  /** An app code was right and spent; at most once a minute for each user. */
  | "code_reused"
  /** A wait or the hard stop began. */
  | "locked"
  /** An administrator ended every wait. */
  | "unlocked"
  /** The fifth failure from unknown devices within the first limit of `throttle.unknown`. */
  | "unknown_device_failures"
  /** A code was used, and one fewer is left. */
  | "backup_code_used"
  /** `backupCodes.low` or fewer are left. */
  | "backup_codes_low"
  /** A new batch was shown. */
  | "backup_codes_regenerated"
  /** The new batch replaced the old one. */
  | "backup_codes_acknowledged"
  /** A device passed for the first time. */
  | "device_known"
  /** A device may skip the second factor for a while. */
  | "device_trusted"
  /** One device, or all, forgotten. */
  | "device_revoked"
  /** The third right code in a row was off in the same direction. */
  | "clock_off"
  /** A wrong app code would have been right up to five minutes ago or from now; at most once a minute for each user. */
  | "code_outside_window"
  /** An enrollment came from another system. */
  | "imported"
  /** An administrator was given the secret. */
  | "exported"
  /** An administrator has moved the factor to another user id; it is told of both. */
  | "renamed"
  /** An administrator has replaced a row that did not open. */
  | "record_replaced"
  /** A record was sealed again under the first key. */
  | "rewrapped"
  /** The first factor was right, and a code is asked for; nothing may follow. */
  | "challenged"
  /** A trusted device passed without a code; or, where no device is named, a first factor that the host says is two. */
  | "code_skipped"
  /** `requirement` or `authorize` failed. */
  | "policy_error";

/** An event as a rule sees it; the shell adds the user, the instant, the actor and the context. */
export interface RuleEvent {
  type: EventType;
  method?: Method;
  detail?: Detail;
  device?: NamedPart;
  /** Steps from the server's to the one that shows the code. */
  stepOffset?: number;
  authenticator?: NamedPart;
  skippedCodes?: number;
  passkey?: NamedPart;
}

/** What tells one device or authenticator of a user from the others, in events as in the lists. */
export interface NamedPart {
  id: string;
  label: string | null;
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

/** Adds what a second decision did to what a first one did. */
export function followedBy<A, B>(
  first: Decision<A>,
  next: (record: UserRecord, outcome: A) => Decision<B>,
): Decision<B> {
  const second = next(first.record, first.outcome);
  return { ...second, events: [...first.events, ...second.events] };
}
