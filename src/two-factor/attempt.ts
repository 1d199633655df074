/** One attempt with one code, of either kind: evaluated once, charged always, revealed only when stored. */

import type { Failure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import type { ChallengeId } from "../rules/challenges.ts";
import { type Decision, unchanged } from "../rules/decision.ts";
import { liveDevice } from "../rules/devices.ts";
import { evaluate, type Reservation, readCode, redeem, type Verified } from "../rules/verification.ts";
import type { Trace } from "./events.ts";
import type { Service } from "./service.ts";
import { transact } from "./transact.ts";

export interface Attempt {
  userId: string;
  code: unknown;
  /** What the token of a known device is kept as, if there is one. */
  tokenHash: string | null;
  accepts: "app" | "any";
  /** The challenge of a sign-in, whose success forgives its failures. */
  challenge?: ChallengeId;
  now: number;
  trace: Trace;
}

/** Adds what a second decision did to what a first one did. */
export function followedBy<A, B>(
  first: Decision<A>,
  next: (record: UserRecord, outcome: A) => Decision<B>,
): Decision<B> {
  const second = next(first.record, first.outcome);
  return { ...second, events: [...first.events, ...second.events] };
}

/**
 * Verifies a code. `guard` can refuse before anything is evaluated; `accept` adds to the same write what a success
 * brings about.
 */
export async function attempt<T extends { ok: true }>(
  service: Service,
  { userId, code, tokenHash, accepts, challenge, now, trace }: Attempt,
  guard: (record: UserRecord) => Failure | null,
  accept: (record: UserRecord, verified: Verified) => Decision<T>,
): Promise<T | Failure> {
  const typed = readCode(code);
  if (typeof typed !== "string") return typed;
  const { window, throttle, backupCodes, devices } = service.settings;
  const policy = { window, throttle, backupCodes };

  const settle = <U>(decision: Decision<U | Verified>): Decision<U | T> =>
    followedBy(decision, (record, outcome): Decision<U | T> => {
      const verified = outcome as { ok?: unknown };
      return verified.ok === true ? accept(record, outcome as Verified) : unchanged(record, outcome as U);
    });

  const first = await transact<T | Failure | Reservation>(
    service,
    userId,
    now,
    (record) => {
      const refusal = guard(record);
      if (refusal) return unchanged(record, refusal);
      const device = liveDevice(record, tokenHash, now, devices)?.id ?? null;
      return settle<Failure | Reservation>(
        evaluate(record, { code: typed, now, device, challenge: challenge ?? null, accepts }, policy),
      );
    },
    { trace },
  );
  if (first.outcome.ok !== null) return first.outcome;

  const reservation = first.outcome;
  const digest = await service.derive(reservation.code, reservation.salt, "urgent");
  const second = await transact<T | Failure>(
    service,
    userId,
    now,
    (record) => {
      const refusal = guard(record);
      if (!refusal) return settle<Failure>(redeem(record, reservation, digest, now, policy));
      return { record, outcome: refusal, events: reservation.events }; // the charge stays: it was derived
    },
    { from: first.at, trace },
  );
  return second.outcome;
}
