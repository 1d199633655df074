/** What every call of an administrator does: it checks actor and reason, asks `authorize`, and sends an event. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { checkOptions, checkText } from "../internal/check.ts";
import type { UserRecord } from "../record.ts";
import type { Decision } from "../rules/decision.ts";
import { type Call, callOf, change } from "./call.ts";
import type { Names } from "./call-options.ts";
import type { Operation } from "./options.ts";
import type { Service } from "./service.ts";
import type { Loaded } from "./transact.ts";
import type { Context, MaybePromise } from "./types.ts";

/** Who does it and why. Both go into the event, and neither may be empty. */
export interface By {
  /** Who does it, 1 to 256 characters. */
  actor: string;
  /** Why, 1 to 1,024 characters. */
  reason: string;
  /** What the event carries as its `context`. */
  context?: Context | undefined;
}

export const BY: Names<By> = { actor: 0, reason: 0, context: 0 };

/** Opens a call of an administrator, if `authorize` allows it. */
export async function callBy(
  service: Service,
  user: string,
  operation: Operation,
  by: By,
): Promise<Call | Failure> {
  checkOptions("by", by, Object.keys(BY), "");
  const actor = checkText("actor", by.actor, 256);
  const reason = checkText("reason", by.reason, 1_024);
  const call = callOf(service, user, { actor, reason, context: by.context });
  return (await service.authorized(call, operation)) ? call : failure("not_authorized");
}

export type Decide = (record: UserRecord) => Decision<Failure | null>;

/** What an administrator's call decides, and the record that it starts from if it has read one. */
export interface Act {
  decide: Decide;
  from?: Loaded;
}

/** Runs a call of an administrator. `prepare` runs after `authorize` has allowed it, and does what takes long. */
export async function act(
  service: Service,
  user: string,
  operation: Operation,
  by: By,
  prepare: (call: Call) => MaybePromise<Act>,
): Promise<{ ok: true } | Failure> {
  const call = await callBy(service, user, operation, by);
  if (isFailure(call)) return call;
  const { decide, from } = await prepare(call);
  const { outcome } = await change(call, decide, { from });
  return outcome ?? { ok: true };
}
