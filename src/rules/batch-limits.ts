/** The daily limit of new backup codes, whose derivation is expensive. */

import { type Failure, failure } from "../errors.ts";

const DAY_MS = 86_400_000;

/** Returns why no further batch may be made today, or null. */
export function tooMany(times: readonly number[], max: number, now: number): Failure | null {
  const recent = withinDay(times, now);
  const oldest = recent[0];
  if (oldest === undefined || recent.length < max) return null;
  return failure("too_many_batches", { retryAt: oldest + DAY_MS });
}

/** Returns the instants of the last day. One far ahead was written by a clock that has since been put back. */
export function withinDay(times: readonly number[], now: number): readonly number[] {
  return times.filter((at) => Math.abs(now - at) < DAY_MS);
}
