/** One call of a host: about whom, since when, and for which events; and the one way in which it changes a record. */

import type { Failure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import { type Decision, unchanged } from "../rules/decision.ts";
import { forgetAnswers, recall, type Sent, type Told } from "../rules/repeat.ts";
import type { Trace } from "./events.ts";
import { withLegacy } from "./legacy.ts";
import { type Call, checkUserId, type Service } from "./service.ts";
import { type Loaded, load, transact } from "./transact.ts";

export type { Call } from "./service.ts";

/** Why a call may not go on with this record, or null. It is asked again whenever another write came first. */
export type Guard = (record: UserRecord) => Failure | null;

/** Opens a call about a user, whose id is checked first. */
export function callOf(service: Service, user: unknown, trace: Trace = {}): Call {
  const userId = checkUserId(user);
  return { service, userId, seal: service.keyring.forUser(userId), now: service.now(), trace };
}

/** Reads the record of the call's user; who is not known yet is looked for in the old system, if there is one. */
export async function loadRecord(call: Call): Promise<Loaded> {
  return withLegacy(call, await load(call));
}

/** A call that may have been sent twice: what it sent, and the success that it is told again, if that still stands. */
export interface Repeat<T> {
  sent: Sent;
  tell(record: UserRecord, told: Told): T | null;
  /** Takes back what this call was charged before it was known to be the second one. */
  settle?: ((record: UserRecord) => UserRecord) | undefined;
}

/**
 * Decides against the newest record that the guard lets through, and stores what was decided before it is revealed. A
 * success that is told again is written again, though nothing changes: only the store's `true` may reveal it.
 */
export async function change<T>(
  call: Call,
  decide: (record: UserRecord, loaded: Loaded) => Decision<T | Failure>,
  options: { guard?: Guard | undefined; from?: Loaded | undefined; repeat?: Repeat<T> | null } = {},
): Promise<{ outcome: T | Failure; at?: Loaded }> {
  const { service, now } = call;
  const { guard, from, repeat } = options;
  const repeatable = (found: UserRecord, loaded: Loaded): Decision<T | Failure> => {
    const { record, told } = repeat ? recall(found, repeat.sent, now) : { record: found, told: null };
    const again = told && repeat ? repeat.tell(record, told) : null;
    if (again) return { record: { ...(repeat?.settle?.(record) ?? record) }, outcome: again, events: [] };
    const refusal = guard?.(record);
    return refusal ? unchanged<T | Failure>(record, refusal) : decide(record, loaded);
  };
  const tidied = (found: UserRecord, loaded: Loaded): Decision<T | Failure> => {
    const decision = repeatable(found, loaded);
    const { record } = decision;
    return record === found ? decision : { ...decision, record: forgetAnswers(record, now) };
  };
  const known = from ?? (service.legacy.enrollment ? await loadRecord(call) : undefined);
  return transact<T | Failure>(call, tidied, known);
}
