/** One counter of failures in a row: the waits that it leads to, and the hard stop. */

import { type Failure, failure } from "../errors.ts";
import type { Row } from "../record.ts";
import { isLive } from "./lifetime.ts";

/** The limits of the throttle. Delays and `within` are in seconds. */
export interface ThrottlePolicy {
  free: number;
  firstDelay: number;
  maxDelay: number;
  hardStop: number;
  unknown: readonly { failures: number; within: number }[];
}

/** Why an attempt may not be made now. */
export type Block = { detail: "exhausted" } | { detail: "locked"; retryAt: number };

/** Returns how many guesses of a weight a limit still has room for. The first one always fits. */
export function room(limit: number, used: number, weight: number): number {
  return used === 0
    ? Math.max(1, Math.floor(limit / weight))
    : Math.max(0, Math.floor((limit - used) / weight));
}

/** Returns the wait in seconds after so many failures in a row. */
export function delayAfter(failures: number, policy: ThrottlePolicy, weight: number): number {
  const burst = policy.free + 1;
  if (room(burst, failures, weight) > 0) return 0;
  const beyond = Math.max(0, Math.ceil((failures - burst) / weight));
  return Math.min(policy.maxDelay, policy.firstDelay * 2 ** Math.min(beyond, 40));
}

/** Returns why a run of failures allows no attempt now, or null. */
export function rowBlock(row: Row, now: number, policy: ThrottlePolicy, weight = 1): Block | null {
  if (room(policy.hardStop, row.failures, weight) === 0) return { detail: "exhausted" };
  const until = row.lockedUntilAt;
  if (until === null || !isLive(until, now, delayAfter(row.failures, policy, weight))) return null;
  return { detail: "locked", retryAt: until };
}

/** Adds a failure to a row. */
export function chargeRow<R extends Row>(row: R, now: number, policy: ThrottlePolicy, weight = 1): R {
  const failures = row.failures + weight;
  const delay = delayAfter(failures, policy, weight);
  return { ...row, failures, lockedUntilAt: delay === 0 ? null : now + delay * 1000 };
}

/** Returns the row without failures. */
export function clearRow<R extends Row>(row: R): R {
  return { ...row, failures: 0, lockedUntilAt: null };
}

/** Returns how many more failures a row allows before the next wait. */
export function rowLeft(row: Row, policy: ThrottlePolicy, weight = 1): number {
  const untilWait = Math.max(1, room(policy.free + 1, row.failures, weight));
  return Math.min(untilWait, room(policy.hardStop, row.failures, weight));
}

/** Makes the failure of an attempt that is not allowed now. */
export function refusal(block: Block): Failure {
  return block.detail === "locked" ? failure("locked", { retryAt: block.retryAt }) : failure("exhausted");
}

/** Returns what goes with a wrong code: how many attempts are left or, if none is, when the next one is allowed. */
export function outlook(block: Block | null, left: number): { attemptsLeft: number; retryAt?: number } {
  if (!block) return { attemptsLeft: left };
  return block.detail === "locked" ? { attemptsLeft: 0, retryAt: block.retryAt } : { attemptsLeft: 0 };
}

/**
 * Returns the throttle of passkeys. Signatures cannot be guessed, so it only limits the work: all waits are as short as
 * the first, and there is no hard stop by which somebody else could take a passkey out of use.
 */
export function throttleOfPasskeys(throttle: ThrottlePolicy): ThrottlePolicy {
  return { ...throttle, maxDelay: throttle.firstDelay, hardStop: Number.MAX_SAFE_INTEGER };
}
