import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../src/stores/memory.ts";
import { faultyStore, type StoreCall } from "../../../src/testing/index.ts";
import { type Enrolled, enrolled, nextCode, outcome, recordOf, wrongCode } from "../../support/world.ts";

const settle = async () => {
  for (let i = 0; i < 100; i++) await null;
};

/** A store that can be told not to answer: reads, writes, or writes that land all the same. */
function stuckStore() {
  const state = { gets: false, writes: false as false | "hang" | "hangAfter" };
  const plan = ({ method }: StoreCall) =>
    method === "compareAndSet" ? state.writes || undefined : state.gets ? "hang" : undefined;
  return { state, store: faultyStore(memoryStore(), { plan }) };
}

async function setup(): Promise<{ w: Enrolled; state: ReturnType<typeof stuckStore>["state"] }> {
  const { store, state } = stuckStore();
  return { w: await enrolled({ store }), state };
}

/** What a promise has come to by now. */
function watch(promise: Promise<unknown>): { now(): string } {
  let state = "pending";
  promise.then(
    (value) => {
      state = (value as { ok?: boolean }).ok === true ? "ok" : "refused";
    },
    (error: { code?: string }) => {
      state = error.code ?? "threw";
    },
  );
  return { now: () => state };
}

test("a read that is never answered fails after the time-out, at its very end", async () => {
  const { w, state } = await setup();
  state.gets = true;
  const attempt = watch(w.twoFactor.verify("ada", w.phone.code(), { binding: null }));
  await settle();
  w.clock.advance(4.999);
  await settle();
  assert.equal(attempt.now(), "pending");
  w.clock.advance(0.001);
  await settle();
  assert.equal(attempt.now(), "store_unavailable");
});

test("the time-out is the host's to set", async () => {
  const { store, state } = stuckStore();
  const w = await enrolled({ store, storeTimeout: 2 });
  state.gets = true;
  const status = watch(w.twoFactor.status("ada"));
  await settle();
  w.clock.advance(2);
  await settle();
  assert.equal(status.now(), "store_unavailable");
});

test("V20 S1 a write whose answer is lost is found, written once more, and its outcome told", async () => {
  const { w, state } = await setup();
  state.writes = "hangAfter";
  const right = watch(w.twoFactor.verify("ada", w.phone.code(), { binding: null }));
  await settle();
  state.writes = false;
  w.clock.advance(5);
  await settle();
  assert.equal(right.now(), "ok");
  assert.equal(w.events.filter((event) => event.type === "verified").length, 1);
});

test("V26 a write that did not land reveals nothing, though the code was right", async () => {
  const { w, state } = await setup();
  const code = w.phone.code();
  for (const typed of [code, wrongCode(w)]) {
    state.writes = "hang";
    const attempt = watch(w.twoFactor.verify("ada", typed, { binding: null }));
    await settle();
    w.clock.advance(5);
    await settle();
    assert.equal(attempt.now(), "store_unavailable");
  }
  state.writes = false;
  assert.equal((await recordOf(w)).app.failures, 0);
  assert.equal(w.events.filter((event) => event.type === "verification_failed").length, 0);
  assert.equal(outcome(await w.twoFactor.verify("ada", code, { binding: null })), "ok");
});

test("S1 what is there but never confirmed is not revealed, within three time-outs", async () => {
  const { w, state } = await setup();
  state.writes = "hangAfter";
  const right = watch(w.twoFactor.verify("ada", w.phone.code(), { binding: null }));
  await settle();
  w.clock.advance(5);
  await settle();
  assert.equal(right.now(), "pending"); // it is writing the same record again
  w.clock.advance(5);
  await settle();
  assert.equal(right.now(), "store_unavailable");
  assert.equal(w.events.filter((event) => event.type === "verified").length, 0);
});

test("a store that answers neither write nor read holds nobody for longer than two time-outs", async () => {
  const { w, state } = await setup();
  state.writes = "hang";
  const attempt = watch(w.twoFactor.verify("ada", w.phone.code(), { binding: null }));
  await settle();
  state.gets = true;
  w.clock.advance(5);
  await settle();
  assert.equal(attempt.now(), "pending"); // it is looking whether the write landed
  w.clock.advance(5);
  await settle();
  assert.equal(attempt.now(), "store_unavailable");
});

test("an attempt that hangs holds up nobody else, and the same user for two seconds", async () => {
  const { w, state } = await setup();
  state.writes = "hang";
  const hanging = watch(w.twoFactor.verify("ada", wrongCode(w), { binding: null }));
  await settle();
  state.writes = false;
  const next = watch(w.twoFactor.verify("ada", w.phone.code(), { binding: null }));
  const other = watch(w.twoFactor.verify("eve", "123456", { binding: null }));
  await settle();
  assert.deepEqual([next.now(), other.now()], ["pending", "refused"]);
  w.clock.advance(2);
  await settle();
  assert.deepEqual([hanging.now(), next.now()], ["pending", "ok"]);
  w.clock.advance(3);
  await settle();
  assert.equal(hanging.now(), "store_unavailable");
});

test("with the queue off, attempts do not wait for each other at all", async () => {
  const { store, state } = stuckStore();
  const w = await enrolled({ store, queue: false });
  state.writes = "hang";
  const hanging = watch(w.twoFactor.verify("ada", wrongCode(w), { binding: null }));
  await settle();
  state.writes = false;
  const next = watch(w.twoFactor.verify("ada", w.phone.code(), { binding: null }));
  await settle();
  assert.deepEqual([hanging.now(), next.now()], ["pending", "ok"]);
});

test("no timer outlives the call it was set for", async () => {
  const timers = globalThis as { setTimeout: unknown; clearTimeout: unknown };
  const { setTimeout: set, clearTimeout: clear } = timers;
  const open = new Set<unknown>();
  let begun = 0;
  const { createTwoFactor } = await import("../../../src/index.ts");
  const w = await enrolled();
  const twoFactor = createTwoFactor({ ...w.options, onEvent: undefined });
  timers.setTimeout = (run: () => void, ms: number) => {
    const timer = (set as typeof setTimeout)(run, ms);
    open.add(timer);
    begun++;
    return timer;
  };
  timers.clearTimeout = (timer: NodeJS.Timeout) => {
    open.delete(timer);
    (clear as typeof clearTimeout)(timer);
  };
  try {
    const codes = [nextCode(w), wrongCode(w), wrongCode(w, 1)];
    await Promise.all(codes.map((code) => twoFactor.verify("ada", code, { binding: null })));
    await twoFactor.status("ada");
    for (const get of [() => Promise.reject(new Error("lost")), () => assert.fail("lost")]) {
      const failing = createTwoFactor({ ...w.options, store: { ...w.options.store, get } });
      await assert.rejects(failing.status("ada"), { code: "store_unavailable" });
    }
  } finally {
    Object.assign(timers, { setTimeout: set, clearTimeout: clear });
  }
  assert.ok(begun > 0);
  assert.equal(open.size, 0);
});
