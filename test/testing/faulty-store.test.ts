import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../src/stores/memory.ts";
import { record } from "../../src/testing/contract/bench.ts";
import { type FaultyStoreOptions, faultyStore } from "../../src/testing/faulty-store.ts";

/** Runs writers that go at once, and gives each one's fate and whose write is stored in the end. */
async function run(options: FaultyStoreOptions): Promise<{ fates: unknown[]; stored: number[] }> {
  const inner = memoryStore();
  const store = faultyStore(inner, options);
  const fates: unknown[] = [];
  const stored: number[] = [];
  const users = Array.from({ length: 200 }, (_, i) => `user-${i}`);
  await Promise.all(
    users.map(async (user, i) => {
      const answer = store.compareAndSet(user, null, record());
      fates.push([i, await answer.catch((error: Error) => error.message)]);
    }),
  );
  for (const [i, user] of users.entries()) if (await inner.get(user)) stored.push(i);
  return { fates, stored };
}

test("without faults it is the store inside", async () => {
  const { fates, stored } = await run({ seed: 1 });
  assert.deepEqual(
    fates,
    stored.map((i) => [i, true]),
  );
  assert.equal(stored.length, 200);
});

test("a seed repeats its schedule, and another seed gives another", async () => {
  const options = { fail: 0.3, loseAnswer: 0.3, delay: 10 };
  assert.deepEqual(await run({ seed: 7, ...options }), await run({ seed: 7, ...options }));
  assert.notDeepEqual(await run({ seed: 7, ...options }), await run({ seed: 8, ...options }));
});

test("a call that fails never reached the store, and one whose answer was lost did", async () => {
  const { fates, stored } = await run({ seed: 3, fail: 0.3, loseAnswer: 0.3 });
  const count = (pattern: RegExp): number => fates.filter((fate) => pattern.test(String(fate))).length;
  assert.ok(count(/did not reach/) > 30 && count(/answer was lost/) > 20 && count(/true/) > 50);
  assert.equal(stored.length, 200 - count(/did not reach/));
});

test("a delay lets calls overtake each other without a clock", async () => {
  const order = (await run({ seed: 5, delay: 20 })).fates.map((fate) => (fate as [number])[0]);
  assert.notDeepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test("reads fail and lose their answers too", async () => {
  const store = faultyStore(memoryStore(), { seed: 1, loseAnswer: 1 });
  await assert.rejects(store.get("alice"), /answer was lost/);
});

test("refuses options that are out of range", () => {
  const make = (options: object) => () => faultyStore(memoryStore(), options as FaultyStoreOptions);
  assert.throws(make({}), /^TypeError: seed: want an integer/);
  assert.throws(make({ seed: 1, fail: 2 }), /^RangeError: fail: want 0 to 1/);
  assert.throws(make({ seed: 1, fail: -0.1 }), /^RangeError: fail: want 0 to 1/);
  assert.throws(make({ seed: 1, loseAnswer: "1" }), /^TypeError: loseAnswer: want a number/);
  assert.throws(make({ seed: 1, delay: -1 }), /^RangeError: delay: want 0 to 1000/);
});
