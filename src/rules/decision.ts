/** What every rule returns: the next record, the outcome for the caller, and the events for the application. */

import type { Detail } from "../errors.ts";
import type { UserRecord } from "../record.ts";

/** The kinds of second factor: a code of the app, a backup code, or a passkey. */
export type Method = "app" | "backup" | "passkey";

/** Everything that can happen to a second factor. */
export type EventType =
  /** A secret was shown. */
  | "enrollment_started"
  /** A pending enrollment ended before it was active. */
  | "enrollment_superseded"
  /** A factor became active. */
  | "enrolled"
  /** Another authenticator replaced the old one. */
  | "replaced"
  /** Another authenticator was added. */
  | "authenticator_added"
  /** One of several authenticators was removed. */
  | "authenticator_removed"
  /** An authenticator got another name. */
  | "authenticator_renamed"
  /** The person turned the factor off. */
  | "disabled"
  /** An administrator removed the factor. */
  | "reset"
  /** A code was right. */
  | "verified"
  /** A passkey or security key was registered beside a factor. */
  | "passkey_added"
  /** A passkey got another name. */
  | "passkey_renamed"
  /** A passkey beside other factors was removed. */
  | "passkey_removed"
  /** A passkey was refused because its counter went back: there may be a copy of it. */
  | "passkey_cloned"
  /** A code or a password was wrong. */
  | "verification_failed"
  /** An app code was right but spent; at most once a minute for each user. */
  | "code_reused"
  /** A wait or the hard stop began. */
  | "locked"
  /** An administrator ended every wait. */
  | "unlocked"
  /** There was a fifth failure from unknown devices within the first limit of `throttle.unknown`. */
  | "unknown_device_failures"
  /** A backup code was used, and one fewer is left. */
  | "backup_code_used"
  /** `backupCodes.low` or fewer backup codes are left. */
  | "backup_codes_low"
  /** A new batch of backup codes was shown. */
  | "backup_codes_regenerated"
  /** The new batch of backup codes replaced the old one. */
  | "backup_codes_acknowledged"
  /** A device passed the second factor for the first time. */
  | "device_known"
  /** A device may skip the second factor for a while. */
  | "device_trusted"
  /** A device was forgotten. */
  | "device_revoked"
  /** The third right code in a row was off in the same direction. */
  | "clock_off"
  /** A wrong app code would have been right up to five minutes ago or from now; at most once a minute for each user. */
  | "code_outside_window"
  /** An enrollment came from another system. */
  | "imported"
  /** An administrator exported the factor. */
  | "exported"
  /** An administrator moved the factor to another user id; both ids get the event. */
  | "renamed"
  /** An administrator replaced a row that did not open. */
  | "record_replaced"
  /** A record was sealed again under the first key. */
  | "rewrapped"
  /** The first factor was right, and a code is asked for. */
  | "challenged"
  /** A trusted device passed without a code or, where no device is named, a first factor that is two already. */
  | "code_skipped"
  /** `requirement` or `authorize` failed. */
  | "policy_error";

/** An event as a rule makes it. The shell adds the user, the instant, the actor and the context. */
export interface RuleEvent {
  type: EventType;
  method?: Method;
  detail?: Detail;
  device?: NamedPart;
  /** The step of the code minus that of the server. */
  stepOffset?: number;
  authenticator?: NamedPart;
  skippedCodes?: number;
  passkey?: NamedPart;
}

/** The id and label of a device, an authenticator or a passkey. */
export interface NamedPart {
  id: string;
  label: string | null;
}

/** A decision. If `record` is the object that was passed in, nothing has to be written. */
export interface Decision<T> {
  record: UserRecord;
  outcome: T;
  events: readonly RuleEvent[];
}

/** A source of random bytes for a rule: the platform's generator, or a script in a test. */
export type Random = (length: number) => Uint8Array;

/** Makes a decision that changes nothing and has no events. */
export function unchanged<T>(record: UserRecord, outcome: T): Decision<T> {
  return { record, outcome, events: [] };
}

/** Joins a second decision to a first one. */
export function followedBy<A, B>(
  first: Decision<A>,
  next: (record: UserRecord, outcome: A) => Decision<B>,
): Decision<B> {
  const second = next(first.record, first.outcome);
  return { ...second, events: [...first.events, ...second.events] };
}
