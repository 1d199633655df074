/** Several authenticators of one user: adding, replacing, renaming and removing them. */

import { type Failure, failure } from "../errors.ts";
import {
  type Authenticator,
  countFactors,
  hasFactor,
  MAX_FACTORS,
  type Pending,
  type UserRecord,
} from "../record.ts";
import { type Decision, unchanged } from "./decision.ts";
import { supersession } from "./pending.ts";
import { retired } from "./removal.ts";
import type { ThrottlePolicy } from "./row.ts";
import { authenticatorsAllowed } from "./throttle.ts";

/** What an enrollment does beside active authenticators: it adds one, or replaces the one that is named. */
export type Beside = { add: true } | { replace: true | string } | null;

/** Returns the purpose of an enrollment, or why it may not begin. */
export function purposeOf(
  record: UserRecord,
  beside: Beside,
  throttle: ThrottlePolicy,
): Pick<Pending, "purpose" | "replaces"> | Failure {
  const { authenticators } = record;
  if (!hasFactor(record)) return { purpose: "enroll", replaces: null };
  if (!beside) return failure("already_enrolled");
  if ("add" in beside) {
    const allowed = authenticatorsAllowed(throttle);
    return authenticators.length >= allowed || countFactors(record) >= MAX_FACTORS
      ? failure("too_many_authenticators")
      : { purpose: "add", replaces: null };
  }
  const meant = authenticators.filter(({ id }) => beside.replace === true || id === beside.replace);
  const [only] = meant;
  return only && meant.length === 1
    ? { purpose: "replace", replaces: only.id }
    : failure("authenticator_not_found");
}

/** Returns the authenticators with the confirmed one added, or in the place of the one that it replaces. */
export function withConfirmed(
  { authenticators }: UserRecord,
  { purpose, replaces }: Pending,
  confirmed: Authenticator,
): readonly Authenticator[] {
  if (purpose === "add") return [...authenticators, confirmed];
  if (replaces === null) return [confirmed];
  return authenticators.map((other) => (other.id === replaces ? confirmed : other));
}

/** Returns why this authenticator cannot be renamed or removed, or null. */
export function refusalOf(record: UserRecord, id: string): Failure | null {
  return record.authenticators.some((other) => other.id === id) ? null : failure("authenticator_not_found");
}

/** Gives an authenticator another name. */
export function renameAuthenticator(
  record: UserRecord,
  id: string,
  label: string | null,
): Decision<Failure | null> {
  const refusal = refusalOf(record, id);
  if (refusal) return unchanged(record, refusal);
  const authenticators = record.authenticators.map((other) =>
    other.id === id ? { ...other, label } : other,
  );
  const events = [{ type: "authenticator_renamed", method: "app", authenticator: { id, label } }] as const;
  return { record: { ...record, authenticators }, outcome: null, events };
}

/** Removes one of several authenticators and starts a new epoch, because its phone may be in other hands. */
export function removeAuthenticator(
  record: UserRecord,
  id: string,
  epoch: string,
  now: number,
): Decision<Failure | null> {
  const gone = record.authenticators.find((other) => other.id === id);
  if (!gone) return unchanged(record, failure("authenticator_not_found"));
  const authenticators = record.authenticators.filter((other) => other !== gone);
  return {
    record: { ...record, ...retired(epoch), authenticators },
    outcome: null,
    events: [
      ...supersession(record, now),
      { type: "authenticator_removed", method: "app", authenticator: { id, label: gone.label } },
    ],
  };
}
