/** Several calls at once, over a store that answers in whatever order fast-check chooses. */

import fc from "fast-check";
import type { UserStore } from "../../src/store.ts";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import { instance, type Own, type Person, storedRecord } from "./person.ts";

const RUNS = Number(process.env["TWINLOCK_MODEL_RUNS"] ?? 25);

/**
 * A store whose every call is held back before and after it takes effect, until the scheduler lets it go; but for the
 * first few, which go through at once.
 */
function scheduled(inner: UserStore, scheduler: fc.Scheduler, free: number): UserStore {
  let calls = 0;
  const held = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (calls++ < free) return run();
    await scheduler.schedule(Promise.resolve(), name);
    const answer = await run();
    await scheduler.schedule(Promise.resolve(), `${name}, answered`);
    return answer;
  };
  return {
    get: (userId) => held("get", () => inner.get(userId)),
    compareAndSet: (userId, expected, next) =>
      held("write", () => inner.compareAndSet(userId, expected, next)),
  };
}

export type Call<T> = (service: TwoFactor<Own>) => Promise<T>;

/**
 * Makes all calls at once, each on an instance of its own, and checks what came of them, in many orders. With
 * `sameStart`, all have read the record before any of them writes.
 */
export async function inAnyOrder<T>(
  prepare: () => Promise<{ person: Person; calls: readonly Call<T>[]; sameStart?: boolean }>,
  check: (results: readonly T[], person: Person) => Promise<void> | void,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { person, calls, sameStart } = await prepare();
      const store = scheduled(person.options.store, scheduler, sameStart ? calls.length : 0);
      const results = await scheduler.waitFor(
        Promise.all(calls.map((call) => call(instance(person, { store, queue: false })))),
      );
      await storedRecord(person);
      await check(results, person);
    }),
    { numRuns: RUNS },
  );
}
