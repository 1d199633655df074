import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../src/stores/memory.ts";
import { record } from "../../../src/testing/contract/bench.ts";
import { faultyStore, type StoreCall, type StoreFault } from "../../../src/testing/index.ts";

type Options = Parameters<typeof faultyStore>[1];

/** Runs writers that go at once, and gives each one's fate and whose write is stored in the end. */
async function run(options: Options): Promise<{ fates: unknown[]; stored: number[] }> {
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
  assert.deepEqual(order.slice(0, 10), [104, 157, 195, 62, 101, 35, 48, 60, 78, 120], "as this seed has it");
});

test("reads fail and lose their answers too", async () => {
  const store = faultyStore(memoryStore(), { seed: 1, loseAnswer: 1 });
  await assert.rejects(store.get("alice"), /answer was lost/);
});

/** What a promise has come to once everything is done that needs no time. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  let came: unknown = "nothing";
  promise.then(
    (value) => {
      came = value;
    },
    (error: Error) => {
      came = error.message;
    },
  );
  for (let i = 0; i < 20; i++) await null;
  return came;
}

test("the store carries out calls that hang afterwards, and their share is as given", async () => {
  const inner = memoryStore();
  const store = faultyStore(inner, { hangAfter: 0.5 });
  let hanging = 0;
  for (let i = 0; i < 100; i++) {
    if ((await settled(store.compareAndSet(`user-${i}`, null, record()))) === "nothing") hanging++;
    assert.notEqual(await inner.get(`user-${i}`), null);
  }
  assert.ok(hanging > 35 && hanging < 65, `${hanging} of 100`);
});

test("calls that keep their answers may hang, and both shares together leave no answer", async () => {
  const store = faultyStore(memoryStore(), { loseAnswer: 0.5, hangAfter: 0.5 });
  const fates = new Set<unknown>();
  for (let i = 0; i < 50; i++) fates.add(await settled(store.get("ada")));
  assert.deepEqual([...fates].sort(), ["faultyStore: the store did it, and the answer was lost", "nothing"]);
});

const FATES: Readonly<Record<StoreFault, { stored: boolean; answer: unknown }>> = {
  fail: { stored: false, answer: "faultyStore: the call did not reach the store" },
  loseAnswer: { stored: true, answer: "faultyStore: the store did it, and the answer was lost" },
  hang: { stored: false, answer: "nothing" },
  hangAfter: { stored: true, answer: "nothing" },
  conflict: { stored: false, answer: false },
  deny: { stored: true, answer: false },
};

for (const [fault, { stored, answer }] of Object.entries(FATES) as [StoreFault, (typeof FATES)["fail"]][]) {
  test(`a plan decides what becomes of a call, and of no other: ${fault}`, async () => {
    const inner = memoryStore();
    const seen: StoreCall[] = [];
    const store = faultyStore(inner, {
      plan(call) {
        seen.push(call);
        return call.index === 1 ? fault : undefined;
      },
    });
    assert.equal(await store.get("ada"), null);
    assert.equal(await settled(store.compareAndSet("ada", null, record())), answer);
    assert.equal((await inner.get("ada")) !== null, stored);
    assert.equal(await store.compareAndSet("eve", null, record()), true);
    assert.deepEqual(seen, [
      { method: "get", userId: "ada", index: 0 },
      { method: "compareAndSet", userId: "ada", index: 1 },
      { method: "compareAndSet", userId: "eve", index: 2 },
    ]);
  });
}

test("where the plan says nothing the seed decides, and where it speaks the seed does not", async () => {
  let planned: StoreFault | undefined;
  const store = faultyStore(memoryStore(), { fail: 1, plan: () => planned });
  await assert.rejects(store.get("ada"), /did not reach/);
  planned = "loseAnswer";
  await assert.rejects(store.get("ada"), /answer was lost/);
});

test("a promise of the plan holds the call back, and then decides its fault", async () => {
  const inner = memoryStore();
  let release = (_: StoreFault | undefined): void => undefined;
  const store = faultyStore(inner, {
    plan: () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  });
  for (const [fault, answer] of [
    [undefined, true],
    ["fail", "faultyStore: the call did not reach the store"],
  ] as const) {
    const user = String(fault);
    const call = store.compareAndSet(user, null, record());
    assert.equal(await settled(call), "nothing");
    assert.equal(await inner.get(user), null);
    release(fault);
    assert.equal(await settled(call), answer);
  }
});

test("a plan that returns no fault of that method is a programmer's mistake", async () => {
  const call = (fault: unknown) => faultyStore(memoryStore(), { plan: () => fault as StoreFault }).get("ada");
  for (const fault of [true, "", "toString", "never", {}]) {
    await assert.rejects(call(fault), /^TypeError: plan: want a fault or undefined$/);
  }
  for (const fault of ["conflict", "deny"]) {
    await assert.rejects(call(fault), new RegExp(`^TypeError: plan: ${fault} is for compareAndSet$`));
  }
});

test("refuses options that are out of range", () => {
  const make = (options: object) => () => faultyStore(memoryStore(), options as Options);
  assert.throws(make(undefined as never), /^TypeError: options: want an object/);
  assert.throws(make({ fial: 1 }), /^TypeError: fial: there is no such option/);
  assert.throws(make({ seed: "1" }), /^TypeError: seed: want an integer/);
  assert.throws(make({ fail: 2 }), /^RangeError: fail: want 0 to 1/);
  assert.throws(make({ fail: -0.1 }), /^RangeError: fail: want 0 to 1/);
  assert.throws(make({ fail: Number.NaN }), /^RangeError: fail: want 0 to 1/);
  assert.throws(make({ loseAnswer: "1" }), /^TypeError: loseAnswer: want a number/);
  assert.throws(make({ hangAfter: 1.1 }), /^RangeError: hangAfter: want 0 to 1/);
  assert.throws(
    make({ loseAnswer: 0.6, hangAfter: 0.6 }),
    /^RangeError: hangAfter: want at most 1 together with loseAnswer/,
  );
  assert.throws(make({ delay: -1 }), /^RangeError: delay: want 0 to 1000/);
  assert.throws(make({ plan: "fail" }), /^TypeError: plan: want a function/);
  make({ loseAnswer: 0.6, hangAfter: 0.4 })();
  make({})();
});
