/** What an administrator may do to a record: always with an actor and a reason, which the shell records. */

import { type Failure, failure } from "../errors.ts";
import { emptyRecord, enrolledSince, hasFactor, type UserRecord } from "../record.ts";
import type { Decision } from "./decision.ts";
import { unchanged } from "./decision.ts";
import { type DevicePolicy, isKnown } from "./devices.ts";
import { remove } from "./removal.ts";
import { clearRow } from "./row.ts";

/** Ends every wait and hard stop, and empties the counters of unknown devices. The limit of batches a day stays. */
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
      .filter((device) => isKnown(device, now, policy)) // what was forgotten stays so
      .map((device) => ({ ...clearRow(device), totalFailures: 0 })),
  };
  return { record: next, outcome: null, events: [{ type: "unlocked" }] };
}

/** Takes the active factor away; `enrolledAt` names the one that is meant. */
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

/** Puts an empty record in the place of a row that does not open; no factor of another system comes back by itself. */
export function replaceUnreadable(epoch: string, now: number): Decision<null> {
  return {
    record: { ...emptyRecord(), epoch, removedAt: now },
    outcome: null,
    events: [{ type: "record_replaced" }],
  };
}
