/** How every act of an administrator goes: by whom and why, allowed by the host, and told of in an event. */

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

/** Who did it and why: both go into the event, neither may be empty. */
export interface By {
  /** 1 to 256 characters. */
  actor: string;
  /** 1 to 1,024 characters. */
  reason: string;
  /** For the event. */
  context?: Context | undefined;
}

export const BY: Names<By> = { actor: true, reason: true, context: true };

/** Opens the call of an act that the host allows. */
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

/** What an act decides, and the record that it starts from if it read one. */
export interface Act {
  decide: Decide;
  from?: Loaded;
}

/** `prepare` runs once the host has allowed the act, and does what takes long. */
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
