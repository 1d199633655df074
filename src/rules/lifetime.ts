/** Until when something lives, under clocks that may be put back. */

/** Whatever lies further ahead than the rules allow plus this was written by a clock that has since been put back. */
export const CLOCK_TOLERANCE_MS = 300_000;

/** The longest that the options let a challenge, an elevation or a pending enrollment live, in seconds. */
export const MAX_LIFETIME = 3_600;

/** Whether an end lies ahead, and no further than a lifetime of so many seconds allows. */
export function isAhead(end: number, now: number, seconds: number): boolean {
  return end > now && end - now <= seconds * 1000 + CLOCK_TOLERANCE_MS;
}
