/** Lifetimes, under clocks that may be put back. */

/** How far clocks may differ. An instant further ahead was written by a clock that has since been put back. */
export const CLOCK_TOLERANCE_MS = 300_000;

/** The longest lifetime of challenges, elevations and pending enrollments that the options allow, in seconds. */
export const MAX_LIFETIME = 3_600;

/** Tells whether an end is yet to come, and no further ahead than so many seconds allow. */
export function isLive(end: number, now: number, seconds: number): boolean {
  return end > now && end - now <= seconds * 1000 + CLOCK_TOLERANCE_MS;
}

/** Tells whether an instant that should be past lies ahead, further than clocks may differ. */
export function isAhead(at: number, now: number): boolean {
  return at > now + CLOCK_TOLERANCE_MS;
}
