/** Removing the second factor, and ending an epoch. */

import type { UserRecord } from "../record.ts";
import type { Decision } from "./decision.ts";
import { revocations } from "./devices.ts";
import { supersession } from "./pending.ts";

/** Returns the fields of a record whose epoch ends: nothing is pending, and no device is known. */
export function retired(
  epoch: string,
): Pick<
  UserRecord,
  | "epoch"
  | "pending"
  | "nextBackupCodes"
  | "devices"
  | "spentChallenges"
  | "failingChallenges"
  | "spentElevations"
  | "answers"
> {
  return {
    epoch,
    pending: null,
    nextBackupCodes: null,
    devices: [],
    spentChallenges: [],
    failingChallenges: [],
    spentElevations: [],
    answers: [],
  };
}

/** Removes the second factor. The counters stay: turning it off and on must not buy new guesses. */
export function remove(
  record: UserRecord,
  epoch: string,
  now: number,
  event: "disabled" | "reset" | "renamed",
): Decision<null> {
  const next: UserRecord = {
    ...record,
    ...retired(epoch),
    authenticators: [],
    passkeys: [],
    removedAt: now,
    backupCodes: null,
  };
  return { record: next, outcome: null, events: [{ type: event }] };
}

/** Ends every challenge, elevation, device and pending enrollment, because a credential has changed. */
export function endSessions(record: UserRecord, epoch: string, now: number): Decision<null> {
  return {
    record: { ...record, ...retired(epoch), nextBackupCodes: record.nextBackupCodes },
    outcome: null,
    events: [...revocations(record.devices), ...supersession(record, now)],
  };
}
