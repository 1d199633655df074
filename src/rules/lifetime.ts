/** Until when something lives, under clocks that may be put back. */

/** Whatever lies further ahead than the rules allow plus this was written by a clock that has since been put back. */
export const CLOCK_TOLERANCE_MS = 300_000;

/** The longest that the options let a challenge, an elevation or a pending enrollment live, in seconds. */
export const MAX_LIFETIME = 3_600;

/** Whether an end is yet to come, and no further ahead than so many seconds allow. */
export function isLive(end: number, now: number, seconds: number): boolean {
  return end > now && end - now <= seconds * 1000 + CLOCK_TOLERANCE_MS;
}

/** Whether an instant that was written as past lies ahead, further than clocks of one system differ. */
export function isAhead(at: number, now: number): boolean {
  return at > now + CLOCK_TOLERANCE_MS;
}
