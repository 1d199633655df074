/** What a record knows of challenges: which have led to their one success, and which of its failures each has cost. */

import { type Failure, failure } from "../errors.ts";
import {
  type FailingChallenge,
  MAX_FAILING_CHALLENGES,
  MAX_FORGIVEN,
  MAX_SPENT_CHALLENGES,
  type UserRecord,
} from "../record.ts";
import type { ThrottlePolicy } from "./row.ts";
import { isListed, isOpen, isPastRemembering, lastToExpire, type TokenId, withSpent } from "./spent.ts";
import { type Account, accountOf, forgive, HOUR_MS } from "./throttle.ts";

/** A challenge as the record knows it. */
export type ChallengeId = TokenId;

/**
 * Why a challenge cannot lead to a success any more, or null. The list of spent challenges is short: once it is full,
 * it cannot vouch for one that expires before all that are on it, which may have been spent and forgotten.
 */
export function refusalOfSpent({ spentChallenges }: UserRecord, challenge: ChallengeId): Failure | null {
  if (isListed(spentChallenges, challenge)) return failure("challenge_used");
  const isPast = isPastRemembering(spentChallenges, challenge, MAX_SPENT_CHALLENGES);
  return isPast ? failure("challenge_expired") : null;
}

/** Notes that a challenge has led to its success. Of too many, those that expire last are kept. */
export function spendChallenge(record: UserRecord, challenge: ChallengeId, now: number): UserRecord {
  const spentChallenges = withSpent(record.spentChallenges, challenge, now, MAX_SPENT_CHALLENGES);
  return { ...record, spentChallenges };
}

/**
 * Notes a failure that was just charged under the challenge it came with, so that {@link forgiveChallenge} can take it
 * back. The room is bounded, in challenges and in failures of each: what finds none stays charged.
 */
export function noteFailure(
  record: UserRecord,
  challenge: ChallengeId | null,
  account: Account,
  now: number,
): UserRecord {
  if (!challenge) return record;
  const open = record.failingChallenges.filter((other) => isOpen(other, now) && other.id !== challenge.id);
  const { id, expiresAt } = challenge;
  const noted = failingChallenge(record, id) ?? { id, expiresAt, app: [], backup: [], device: 0 };
  const { factor, device, weight = 1 } = account;
  if (noted.app.length + noted.backup.length + noted.device + weight > MAX_FORGIVEN) return record;
  const hours = Array<number>(weight).fill(Math.floor(now / HOUR_MS));
  const charged: FailingChallenge =
    device === null
      ? { ...noted, [factor]: [...noted[factor], ...hours].sort((a, b) => a - b) }
      : { ...noted, device: noted.device + weight };
  return { ...record, failingChallenges: lastToExpire([...open, charged], MAX_FAILING_CHALLENGES) };
}

/**
 * Takes back what the failures of a challenge were charged that has just led to its success: whoever succeeds has won
 * anyway, so those failures tell of typing and not of guessing. The failures of every other challenge stay.
 */
export function forgiveChallenge(
  record: UserRecord,
  challenge: ChallengeId | null,
  account: Account,
  policy: ThrottlePolicy,
): UserRecord {
  const noted = challenge ? failingChallenge(record, challenge.id) : undefined;
  if (!noted) return record;
  return {
    ...record,
    app: forgive(record.app, noted.app, policy, accountOf(record, "app", null).weight),
    backup: forgive(record.backup, noted.backup, policy, 1),
    devices: record.devices.map((device) =>
      device.id === account.device
        ? { ...device, totalFailures: Math.max(0, device.totalFailures - noted.device) }
        : device,
    ),
    failingChallenges: record.failingChallenges.filter((other) => other !== noted),
  };
}

function failingChallenge(record: UserRecord, id: string): FailingChallenge | undefined {
  return record.failingChallenges.find((other) => other.id === id);
}
