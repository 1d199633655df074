/** A store that fails on a schedule that a seed repeats, or at a call that the test chooses. */

import { checkFunction, checkInteger, checkOptions } from "../internal/check.ts";
import type { UserStore } from "../store.ts";
import type { MaybePromise } from "../two-factor/types.ts";

/**
 * What happens to a call.
 *
 * - `fail`: it rejects without reaching the store.
 * - `loseAnswer`: the store carries it out, and it rejects all the same.
 * - `hang`: it never reaches the store and never settles; the service gives up after its `storeTimeout`.
 * - `hangAfter`: the store carries it out, and it never settles.
 * - `conflict`: a write that answers `false` and is not carried out, as if another had come first.
 * - `deny`: a write that is carried out and answers `false`, as from a driver that tried twice.
 */
export type StoreFault = "fail" | "loseAnswer" | "hang" | "hangAfter" | "conflict" | "deny";

/** A call on its way to the store. */
export interface StoreCall {
  method: keyof UserStore;
  userId: string;
  /** How many calls came before this one. */
  index: number;
}

interface Fault {
  /** Whether the store carries the call out. */
  does: boolean;
  answer(): Promise<unknown>;
  /** The only method that the fault applies to. */
  only?: StoreCall["method"];
}

const rejection = (message: string) => () => Promise.reject(new Error(`faultyStore: ${message}`));
const silence = () => new Promise<never>(() => {});
const no = async () => false;
const FAULTS: Readonly<Record<StoreFault, Fault>> = {
  fail: { does: false, answer: rejection("the call did not reach the store") },
  loseAnswer: { does: true, answer: rejection("the store did it, and the answer was lost") },
  hang: { does: false, answer: silence },
  hangAfter: { does: true, answer: silence },
  conflict: { does: false, answer: no, only: "compareAndSet" },
  deny: { does: true, answer: no, only: "compareAndSet" },
};

/**
 * Wraps a store so that calls fail, lose their answers, hang and overtake each other, as the seed or the plan decides.
 *
 * Print the seed when a test fails: it repeats the run. Shares are 0 to 1.
 *
 * @throws TypeError or RangeError if an option is out of range. A call rejects with a TypeError if the plan returns
 *   something else than a fault of that method.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryStore } from "twinlock/stores/memory";
 * import { createTestTwoFactor, faultyStore } from "twinlock/testing";
 *
 * let down = false;
 * const store = faultyStore(memoryStore(), { plan: () => (down ? "fail" : undefined) });
 * const { twoFactor } = createTestTwoFactor({ store });
 * assert.equal((await twoFactor.status("alice")).state, "none");
 * down = true;
 * await assert.rejects(twoFactor.status("alice"), { code: "store_unavailable" });
 * ```
 */
export function faultyStore(
  inner: UserStore,
  options: {
    /** The seed of the schedule: the same seed and the same calls give the same faults. Default 0. */
    seed?: number | undefined;
    /** Share of the calls that reject before they reach the store. Default 0. */
    fail?: number | undefined;
    /** Share of the calls that reach the store, are carried out, and reject all the same. Default 0. */
    loseAnswer?: number | undefined;
    /** Share of the calls that are carried out and never settle. Default 0; at most 1 with `loseAnswer`. */
    hangAfter?: number | undefined;
    /**
     * The most microtask turns, 0 to 1,000, for which a call is held back before and after the store, so that calls
     * overtake each other. Default 0.
     */
    delay?: number | undefined;
    /**
     * Decides what happens to a call; for `undefined` the shares do. A promise holds the call back until it settles.
     */
    plan?: ((call: StoreCall) => MaybePromise<StoreFault | undefined>) | undefined;
  },
): UserStore {
  checkOptions("options", options, ["seed", "fail", "loseAnswer", "hangAfter", "delay", "plan"], "");
  const { seed = 0, fail = 0, loseAnswer = 0, hangAfter = 0, delay = 0, plan = () => undefined } = options;
  const random = generator(checkInteger("seed", seed, 0, 0xffffffff));
  checkShare("fail", fail);
  checkShare("loseAnswer", loseAnswer);
  checkShare("hangAfter", hangAfter);
  if (loseAnswer + hangAfter > 1) throw new RangeError("hangAfter: want at most 1 together with loseAnswer");
  checkInteger("delay", delay, 0, 1000);
  checkFunction("plan", plan);
  let calls = 0;

  const chance = (failing: number, losing: number): StoreFault | undefined => {
    if (failing < fail) return "fail";
    if (losing < loseAnswer) return "loseAnswer";
    return losing < loseAnswer + hangAfter ? "hangAfter" : undefined;
  };
  const call = async <T>(method: StoreCall["method"], userId: string, run: () => Promise<T>): Promise<T> => {
    const [failing, losing, before, after] = [random(), random(), random(), random()];
    const fault = (await plan({ method, userId, index: calls++ })) ?? chance(failing, losing);
    await turns(before * (delay + 1));
    if (fault === undefined || faultOf(fault, method).does) {
      const answer = await run();
      await turns(after * (delay + 1));
      if (fault === undefined) return answer;
    }
    return faultOf(fault, method).answer() as Promise<T>;
  };
  return {
    get: (userId) => call("get", userId, () => inner.get(userId)),
    compareAndSet: (userId, expected, next) =>
      call("compareAndSet", userId, () => inner.compareAndSet(userId, expected, next)),
  };
}

function faultOf(fault: StoreFault, method: StoreCall["method"]): Fault {
  if (!Object.hasOwn(FAULTS, fault)) throw new TypeError("plan: want a fault or undefined");
  const found = FAULTS[fault];
  if (found.only && found.only !== method) throw new TypeError(`plan: ${fault} is for ${found.only}`);
  return found;
}

function checkShare(name: string, value: unknown): void {
  if (typeof value !== "number") throw new TypeError(`${name}: want a number`);
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name}: want 0 to 1`);
}

async function turns(count: number): Promise<void> {
  for (let i = 1; i <= count; i++) await undefined;
}

/** Makes a random generator (Mulberry32) with a 32-bit state, which is enough for a schedule. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
