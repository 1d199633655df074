/** Steps of time: which are accepted, which are spent, and which lie beyond what any clock may show (RFC 6238 s.4.2). */

import { MAX_ACCEPTED_STEPS } from "../record.ts";
import { CLOCK_TOLERANCE_MS } from "./lifetime.ts";

/** How many steps a phone's clock may be off, in the past and in the future. */
export interface Window {
  past: number;
  future: number;
}

/**
 * Whether a step is spent: it, or a later one up to the horizon, has been accepted, so accepted steps increase. What
 * was accepted beyond the horizon was accepted under a clock that has since been put back: nobody waits for the clock
 * to catch up with it. What is no longer remembered lies below everything that is.
 */
export function isSpent(step: number, accepted: readonly number[], horizon: number): boolean {
  const [lowest = 0] = accepted;
  if (accepted.length === MAX_ACCEPTED_STEPS && step < lowest) return true;
  return accepted.some((other) => step <= other && other <= horizon);
}

/** The last step that a phone and a machine whose clocks are right could have been at. */
export function horizonOf(now: number, period: number, window: Window): number {
  return stepAt(now, period) + window.future + Math.ceil(CLOCK_TOLERANCE_MS / 1000 / period);
}

/** The accepted steps and one more; of too many the highest are kept. */
export function withStep(accepted: readonly number[], step: number): readonly number[] {
  return [...accepted, step].sort((a, b) => a - b).slice(-MAX_ACCEPTED_STEPS);
}

/** RFC 6238's T: the step of an instant. */
export function stepAt(now: number, period: number): number {
  return Math.floor(now / 1000 / period);
}
