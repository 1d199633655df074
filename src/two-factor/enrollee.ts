/** Who enrolls, by what right, and whether they still may. */

import { type Failure, failure } from "../errors.ts";
import { checkObject } from "../internal/check.ts";
import { activeAuthenticator, type UserRecord } from "../record.ts";
import { bindingHash, checkUserId, type Service } from "./service.ts";
import { type Challenge, openChallenge, stale } from "./tokens.ts";
import { type Loaded, load } from "./transact.ts";
import type { ChallengeHolder, Who } from "./types.ts";

/** Who enrolls: a signed-in user, or the holder of an `enroll` challenge, which is the proof. */
export interface Person {
  userId: string;
  binding: string | null;
  challenge: Challenge | null;
}

export async function identify(
  service: Service,
  who: Who,
  options: { binding?: string | null },
  now: number,
): Promise<Person | Failure> {
  checkObject("options", options);
  if (typeof who === "string") {
    const { binding } = options;
    bindingHash(binding);
    return { userId: checkUserId(who), binding: binding ?? null, challenge: null };
  }
  checkObject("who", who);
  const holder: ChallengeHolder = who;
  const challenge = await openChallenge(service, holder.challenge, "enroll", holder.binding, now);
  return "ok" in challenge ? challenge : { userId: challenge.userId, binding: holder.binding, challenge };
}

/** An `enroll` challenge serves only while it is unspent and no factor is active. */
export function guardOf(person: Person): (record: UserRecord) => Failure | null {
  const { challenge } = person;
  if (!challenge) return () => null;
  return (record) =>
    stale(challenge, record) ?? (activeAuthenticator(record) ? failure("already_enrolled") : null);
}

/** The record to go on with, if the host still allows what was begun; it may have changed its mind since. */
export async function permitted(service: Service, { userId }: Person): Promise<Loaded | Failure> {
  const loaded = await load(service, userId);
  const operation = activeAuthenticator(loaded.record) ? "replace" : "enroll";
  return (await service.authorized(userId, operation)) ? loaded : failure("not_authorized");
}
