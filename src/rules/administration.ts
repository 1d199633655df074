/** What an administrator may do to a record. The shell notes the actor and the reason. */

import { type Failure, failure } from "../errors.ts";
import { emptyRecord, enrolledSince, hasFactor, type UserRecord } from "../record.ts";
import type { Decision } from "./decision.ts";
import { unchanged } from "./decision.ts";
import { type DevicePolicy, isKnown } from "./devices.ts";
import { remove } from "./removal.ts";
import { clearRow } from "./row.ts";

/** Ends every wait and hard stop, and empties the counters of unknown devices. The daily limit of batches stays. */
export function unlock(record: UserRecord, now: number, policy: DevicePolicy): Decision<null> {
  const next: UserRecord = {
    ...record,
    app: { ...clearRow(record.app), unknown: [] },
    backup: { ...clearRow(record.backup), unknown: [] },
    password: clearRow(record.password),
    enrollment: clearRow(record.enrollment),
    passkey: clearRow(record.passkey),
    failingChallenges: [],
    devices: record.devices
      .filter((device) => isKnown(device, now, policy)) // forgotten devices stay forgotten
      .map((device) => ({ ...clearRow(device), totalFailures: 0 })),
  };
  return { record: next, outcome: null, events: [{ type: "unlocked" }] };
}

/** Removes the active factor; `enrolledAt` says which one is meant. */
export function reset(
  record: UserRecord,
  epoch: string,
  now: number,
  enrolledAt: number | undefined,
): Decision<Failure | null> {
  if (!hasFactor(record)) return unchanged(record, failure("not_enrolled"));
  if (enrolledAt !== undefined && enrolledSince(record) !== enrolledAt) {
    return unchanged(record, failure("factor_changed"));
  }
  return remove(record, epoch, now, "reset");
}

/** Replaces a row that does not open by an empty record, into which no factor of an old system comes back. */
export function replaceUnreadable(epoch: string, now: number): Decision<null> {
  return {
    record: { ...emptyRecord(), epoch, removedAt: now },
    outcome: null,
    events: [{ type: "record_replaced" }],
  };
}
