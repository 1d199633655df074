/** The context of one call, and the one way in which a call changes a record. */

import type { Failure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import { type Decision, unchanged } from "../rules/decision.ts";
import { forgetAnswers, recall, type Sent, type Told } from "../rules/repeat.ts";
import type { Trace } from "./events.ts";
import { withLegacy } from "./legacy.ts";
import { type Call, checkUserId, type Service } from "./service.ts";
import { type Loaded, load, transact } from "./transact.ts";

export type { Call } from "./service.ts";

/** Returns why a call may not go on with this record, or null. It runs again whenever another write came first. */
export type Guard = (record: UserRecord) => Failure | null;

/** Opens a call about a user, after checking the user id. */
export function callOf(service: Service, user: unknown, trace: Trace = {}): Call {
  const userId = checkUserId(user);
  return { service, userId, seal: service.keyring.forUser(userId), now: service.now(), trace };
}

/** Reads the record of the call's user. If the user is not known, the old system is asked, where there is one. */
export async function loadRecord(call: Call): Promise<Loaded> {
  return withLegacy(call, await load(call));
}

/** A call that may be sent twice: what it sent, and how its earlier success is repeated. */
export interface Repeat<T> {
  sent: Sent;
  tell(record: UserRecord, told: Told): T | null;
  /** Takes back what this call was charged before it turned out to be the second one. */
  settle?: ((record: UserRecord) => UserRecord) | undefined;
}

/**
 * Decides with the newest record, if the guard lets it through, and stores the decision before revealing it. A repeated
 * success is written again, though nothing changes, because only the store's `true` may reveal it.
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
