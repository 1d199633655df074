/** A clock that stands still until a test moves it, and waits in its time. */

import type { After } from "../internal/timer.ts";

/** A clock for tests. Call it, or its `now`, for epoch milliseconds. */
export interface FakeClock {
  (): number;
  now(): number;
  /** Advances the clock by 0 or more seconds, which may have a fraction. */
  advance(seconds: number): void;
  /** Sets the clock to an instant in epoch milliseconds, forward or back. */
  set(at: number): void;
}

const START_AT = 1_893_456_000_000; // 2030-01-01T00:00:00Z, the start of a step and of a day
/** Waits that are shorter pass at once: they are pauses between retries, for which no test advances the clock. */
const PAUSE_MS = 1_000;

interface Waiter {
  dueAt: number;
  wake(): void;
}
const waitersOf = new WeakMap<() => number, Set<Waiter>>();

/**
 * Makes a clock that stands still until it is advanced or set.
 *
 * @param startAt - epoch milliseconds; by default 2030-01-01T00:00:00Z, so that every run has the same time. Use
 * `Date.now()` in a test that sets cookies in a real browser.
 * @throws TypeError or RangeError if an argument is not as described.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fakeClock } from "twinlock/testing";
 *
 * const clock = fakeClock(0);
 * clock.advance(30);
 * assert.equal(clock(), 30_000);
 * clock.set(5_000);
 * assert.equal(clock.now(), 5_000);
 * ```
 */
export function fakeClock(startAt: number = START_AT): FakeClock {
  let at = checkNumber("startAt", startAt);
  const waiters = new Set<Waiter>();
  const move = (to: number) => {
    at = to;
    for (const waiter of [...waiters].sort((a, b) => a.dueAt - b.dueAt)) {
      if (waiter.dueAt > at) break;
      waiters.delete(waiter);
      waiter.wake();
    }
  };
  const now = () => at;
  const clock: FakeClock = Object.assign(() => at, {
    now,
    advance: (seconds: number) => move(at + checkNumber("seconds", seconds) * 1_000),
    set: (to: number) => move(checkNumber("at", to)),
  });
  waitersOf.set(clock, waiters);
  return clock;
}

/** Waits in the clock's time. A short pause passes at once, a longer wait when the clock was advanced that far. */
export function afterOn(clock: FakeClock): After {
  const waiters = waitersOf.get(clock);
  if (!waiters) throw new TypeError("clock: want what fakeClock returned");
  return (ms, wake) => {
    if (ms < PAUSE_MS) {
      wake();
      return () => undefined;
    }
    // It wakes a turn later, like a real timer: what was answered before the clock moved is in time.
    const waiter: Waiter = { dueAt: clock() + ms, wake: () => void Promise.resolve().then(wake) };
    waiters.add(waiter);
    return () => void waiters.delete(waiter);
  };
}

function checkNumber(name: string, value: number): number {
  if (!Number.isFinite(value)) throw new TypeError(`${name}: want a number`);
  if (value < 0) throw new RangeError(`${name}: want 0 or more`);
  return value;
}
