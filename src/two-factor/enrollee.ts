/** The user who enrolls, and whether they still may. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { checkOptions } from "../internal/check.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { type Call, callOf, type Guard, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { bindingHash, type Service } from "./service.ts";
import { type Challenge, openChallenge, stale } from "./tokens.ts";
import type { Loaded } from "./transact.ts";
import type { Context, Who } from "./types.ts";

/** The user who enrolls: a signed-in user, or the holder of an `enroll` challenge, which is the proof. */
export interface Enrollee {
  call: Call;
  bindingHash: string | null;
  challenge: Challenge | null;
  /** Refuses a challenge that is spent or, unless it is for adding a passkey, with which a factor became active. */
  guard: Guard;
}

/** The purposes of challenges to enroll. With `add` only a passkey can be enrolled. */
export const TO_ENROLL = ["enroll", "add"] as const;

export async function identify(
  service: Service,
  operation: "begin" | "confirm" | "acknowledge" | "cancel",
  who: Who,
  options: { binding: string | null; context?: Context | undefined },
  purposes: readonly Challenge["purpose"][] = TO_ENROLL,
): Promise<Enrollee | Failure> {
  checkCallOptions(`enrollment.${operation}`, options);
  const { binding, context } = options;
  const hash = bindingHash(binding);
  if (typeof who === "string") {
    return { call: callOf(service, who, { context }), bindingHash: hash, challenge: null, guard: () => null };
  }
  checkOptions("who", who, ["challenge"]);
  const challenge = await openChallenge(service, who.challenge, purposes, hash, service.now());
  if (isFailure(challenge)) return challenge;
  const guard = (record: UserRecord) => stale(challenge, record);
  return { call: callOf(service, challenge.userId, { context }), bindingHash: hash, challenge, guard };
}

/** Loads the record if `authorize` still allows what was begun. */
export async function permitted(call: Call): Promise<Loaded | Failure> {
  const loaded = await loadRecord(call);
  const operation = hasFactor(loaded.record) ? "replace" : "enroll";
  return (await call.service.authorized(call, operation)) ? loaded : failure("not_authorized");
}
