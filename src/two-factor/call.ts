/** One call of a host: about whom, since when, and for which events; and the one way in which it changes a record. */

import type { Failure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import { type Decision, unchanged } from "../rules/decision.ts";
import type { Trace } from "./events.ts";
import { withLegacy } from "./legacy.ts";
import { type Call, checkUserId, type Service } from "./service.ts";
import { type Loaded, load, transact } from "./transact.ts";

export type { Call } from "./service.ts";

/** Why a call may not go on with this record, or null. It is asked again whenever another write came first. */
export type Guard = (record: UserRecord) => Failure | null;

/** Opens a call about a user, whose id is checked first. */
export function callOf(service: Service, user: unknown, trace: Trace = {}): Call {
  return { service, userId: checkUserId(user), now: service.now(), trace };
}

/** Reads the record of the call's user; who is not known yet is looked for in the old system, if there is one. */
export async function loadRecord(call: Call): Promise<Loaded> {
  return withLegacy(call, await load(call.service, call.userId));
}

/** Decides against the newest record that the guard lets through, and stores what was decided before it is revealed. */
export async function change<T>(
  call: Call,
  decide: (record: UserRecord, loaded: Loaded) => Decision<T | Failure>,
  { guard, from }: { guard?: Guard; from?: Loaded | undefined } = {},
): Promise<{ outcome: T | Failure; at?: Loaded }> {
  const { service, userId, now, trace } = call;
  const guarded = (record: UserRecord, loaded: Loaded): Decision<T | Failure> => {
    const refusal = guard?.(record);
    return refusal ? unchanged<T | Failure>(record, refusal) : decide(record, loaded);
  };
  const known = from ?? (service.legacy.enrollment ? await loadRecord(call) : undefined);
  return transact<T | Failure>(service, userId, now, guarded, { from: known, trace });
}
