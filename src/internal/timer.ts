/** Waits that can be canceled. */

/** Runs a function once after so many milliseconds, and returns a function that cancels it. */
export type After = (ms: number, run: () => void) => () => void;

interface Timers {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}
const timers = globalThis as unknown as Timers;

export const after: After = (ms, run) => {
  const timer = timers.setTimeout(run, ms);
  return () => timers.clearTimeout(timer);
};
