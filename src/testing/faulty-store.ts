/** A store that fails on a schedule: what a network, a restart and a slow disk do, in an order that a seed repeats. */

import { checkInteger } from "../internal/check.ts";
import type { UserStore } from "../store.ts";

/** How often and how a {@link faultyStore} fails. Each of `fail` and `loseAnswer` is a share of calls, 0 to 1. */
export interface FaultyStoreOptions {
  /** Repeats the schedule: the same seed and the same calls give the same faults. */
  seed: number;
  /** Share of calls that reject before they reach the store. Default 0. */
  fail?: number;
  /** Share of calls that the store carries out, and that reject all the same. Default 0. */
  loseAnswer?: number;
  /**
   * Holds each call back before and after the store by a random number of microtask turns up to this, 0 to 1,000: so
   * calls overtake each other, without a clock. Default 0.
   */
  delay?: number;
}

/**
 * Wraps a store so that calls fail, lose their answers and overtake each other, as the seed decides.
 *
 * Print the seed when a test fails: it repeats the run.
 *
 * @throws TypeError or RangeError if an option is out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryStore } from "twinlock/stores/memory";
 * import { faultyStore } from "twinlock/testing";
 *
 * const store = faultyStore(memoryStore(), { seed: 1, fail: 1 });
 * await assert.rejects(store.get("alice"), /the call did not reach the store/);
 * ```
 */
export function faultyStore(inner: UserStore, options: FaultyStoreOptions): UserStore {
  const { seed, fail = 0, loseAnswer = 0, delay = 0 } = options;
  const random = generator(checkInteger("seed", seed, 0, 0xffffffff));
  checkShare("fail", fail);
  checkShare("loseAnswer", loseAnswer);
  checkInteger("delay", delay, 0, 1000);

  const call = async <T>(run: () => Promise<T>): Promise<T> => {
    const [failing, losing, before, after] = [random(), random(), random(), random()];
    await turns(before * (delay + 1));
    if (failing < fail) throw new Error("faultyStore: the call did not reach the store");
    const answer = await run();
    await turns(after * (delay + 1));
    if (losing < loseAnswer) throw new Error("faultyStore: the store did it, and the answer was lost");
    return answer;
  };
  return {
    get: (userId) => call(() => inner.get(userId)),
    compareAndSet: (userId, expected, next) => call(() => inner.compareAndSet(userId, expected, next)),
  };
}

function checkShare(name: string, value: unknown): void {
  if (typeof value !== "number") throw new TypeError(`${name}: want a number`);
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name}: want 0 to 1`);
}

async function turns(count: number): Promise<void> {
  for (let i = 1; i <= count; i++) await undefined;
}

/** Mulberry32: a small generator with a 32-bit state, plenty for a schedule. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
