/** Steps of time (RFC 6238 s.4.2): which are spent, and which are further ahead than a right clock can be. */

import { MAX_ACCEPTED_STEPS } from "../record.ts";
import { CLOCK_TOLERANCE_MS } from "./lifetime.ts";

/** How many steps a phone's clock may be off, in the past and in the future. */
export interface Window {
  past: number;
  future: number;
}

/**
 * Tells whether a step is spent: it, or a later one up to the horizon, has been accepted, so that accepted steps
 * increase. Steps beyond the horizon were accepted under a clock that has since been put back, and must not lock people
 * out until the clock catches up. Steps that are no longer remembered are below all that are.
 */
export function isSpent(step: number, accepted: readonly number[], horizon: number): boolean {
  const [lowest = 0] = accepted;
  if (accepted.length === MAX_ACCEPTED_STEPS && step < lowest) return true;
  return accepted.some((other) => step <= other && other <= horizon);
}

/** Returns the last step that a phone and a server with right clocks could have been at. */
export function horizonOf(now: number, period: number, window: Window): number {
  return stepAt(now, period) + window.future + Math.ceil(CLOCK_TOLERANCE_MS / 1000 / period);
}

/** Adds an accepted step. Of too many, the highest are kept. */
export function withStep(accepted: readonly number[], step: number): readonly number[] {
  return [...accepted, step].sort((a, b) => a - b).slice(-MAX_ACCEPTED_STEPS);
}

/** Returns the step of an instant, T in RFC 6238. */
export function stepAt(now: number, period: number): number {
  return Math.floor(now / 1000 / period);
}
