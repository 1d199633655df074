/** The challenges that a record knows: those that are spent, and those that were charged failures. */

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

/** A challenge as the record knows it: its id, and when it expires. */
export type ChallengeId = TokenId;

/**
 * Returns why a challenge cannot lead to a success any more, or null. Once the list of spent challenges is full, one
 * that expires before all on it is refused, because it may have been spent and dropped from the list.
 */
export function refusalOfSpent({ spentChallenges }: UserRecord, challenge: ChallengeId): Failure | null {
  if (isListed(spentChallenges, challenge)) return failure("challenge_used");
  const isPast = isPastRemembering(spentChallenges, challenge, MAX_SPENT_CHALLENGES);
  return isPast ? failure("challenge_expired") : null;
}

/** Notes that a challenge is spent. Of too many, those that expire last are kept. */
export function spendChallenge(record: UserRecord, challenge: ChallengeId, now: number): UserRecord {
  const spentChallenges = withSpent(record.spentChallenges, challenge, now, MAX_SPENT_CHALLENGES);
  return { ...record, spentChallenges };
}

/**
 * Notes a failure that was just charged with its challenge, so that {@link forgiveChallenge} can take it back. The
 * number of challenges and of failures of each is bounded: what finds no room stays charged.
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
 * Takes back the failures of a challenge that has just succeeded: they were typing errors, and a guesser who succeeds
 * has won anyway. The failures of other challenges stay.
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
