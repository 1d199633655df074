import assert from "node:assert/strict";
import { test } from "node:test";
import type { UserRecord } from "../../../src/record.ts";
import type { UserStore } from "../../../src/store.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { faultyStore, type StoreCall } from "../../../src/testing/index.ts";
import type { TwoFactorEvent } from "../../../src/two-factor/event.ts";
import { createEmitter } from "../../../src/two-factor/events.ts";
import { CHANGES } from "../../support/changes.ts";
import {
  binding,
  enrolled,
  enrollIn,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  USER,
  world,
  wrongCode,
} from "../../support/world.ts";

test("V79 an event comes after its write is stored", async () => {
  const heard: Promise<string>[] = [];
  const w = world({
    onEvent: ({ type, userId }) => {
      const read = recordOf(w, userId);
      const state = ({ authenticators, pending }: UserRecord) =>
        `${authenticators.length} ${pending !== null}`;
      heard.push(read.then((record) => `${type}: ${state(record)}`));
    },
  });
  await enrollIn(w);
  must(await w.twoFactor.disable(USER, { code: w.phone.code(), binding }));
  assert.deepEqual(await Promise.all(heard), [
    "enrollment_started: 0 true",
    "enrolled: 1 false",
    "device_known: 1 false",
    "verified: 1 false",
    "disabled: 0 false",
  ]);
});

test("V79 there is no event of what was not written", async () => {
  let broken = false;
  const plan = ({ method }: StoreCall) => (broken && method === "compareAndSet" ? "fail" : undefined);
  const w = await enrolled({ store: faultyStore(memoryStore(), { plan }) });
  const heard = w.events.length;
  broken = true;
  for (const change of Object.values(CHANGES)) {
    if (change.readsOnly) continue;
    if (change.options || change.before || change.told[0] === "code_reused") continue;
    await change.run(w).catch((error: unknown) => assert.match(String(error), /TwoFactorError|unexpected/));
  }
  const told = w.events.slice(heard).filter(({ type }) => type !== "challenged"); // takes no write
  assert.deepEqual(told, []);
});

test("V79 when the store's answer is lost after the write, there is one event", async () => {
  for (const seed of [91, 92, 93]) {
    const inner = memoryStore();
    const w = await enrolled({ store: inner });
    const store = faultyStore(inner, { seed, loseAnswer: 0.3 });
    const shaky = world({ ...w.options, onEvent: undefined, store });
    for (let i = 0; i < 10; i++) {
      const before = (await recordOf(w)).authenticators[0]?.acceptedSteps.length ?? 0;
      const heard = shaky.events.filter(({ type }) => type === "verified").length;
      const code = nextCode(w);
      const result = await shaky.twoFactor.verify(USER, code, { binding }).then(outcome, () => "error");
      const after = (await recordOf(w)).authenticators[0]?.acceptedSteps.length ?? 0;
      const told = shaky.events.filter(({ type }) => type === "verified").length - heard;
      assert.equal(told, result === "ok" ? 1 : 0);
      if (result === "ok") assert.equal(after, before + 1);
    }
  }
});

test("V79 a write whose answer is lost or late is confirmed by another, and told once", async () => {
  const w = await enrolled();
  const away = new Error("away");
  const fail = () => {
    throw away;
  };
  for (const lose of [fail, () => w.clock.advance(5)]) {
    let [writes, broken] = [0, false];
    const compareAndSet: UserStore["compareAndSet"] = async (...row) => {
      const written = await w.store.compareAndSet(...row);
      if (writes++ === 0 || broken) lose();
      return written;
    };
    const get: UserStore["get"] = async (userId) => (broken && writes > 2 ? fail() : w.store.get(userId));
    const shaky = world({ ...w.options, onEvent: undefined, store: { get, compareAndSet } });
    must(await shaky.twoFactor.verify(USER, nextCode(w), { binding, remember: false }));
    assert.deepEqual([writes, ...shaky.events.map(({ type }) => type)], [2, "verified"]);
    broken = true;
    await assert.rejects(shaky.twoFactor.verify(USER, nextCode(w), { binding }), {
      code: "store_unavailable",
      message: "The store did not confirm the write, and nothing is revealed. It may have been written.",
      cause: lose === fail ? away : new Error("The store did not answer in time."),
    });
  }
  const store = { ...w.store, compareAndSet: async () => "yes" as unknown as boolean };
  const foreign = world({ ...w.options, onEvent: undefined, store }).twoFactor.credentialChanged(
    USER,
    "email",
  );
  await assert.rejects(foreign, /^TypeError: store\.compareAndSet: must resolve to true or false/);
});

test("V79 a write that the store confirms too late is told then, and one that it denies is not", async () => {
  const w = await enrolled();
  for (const [answer, told] of [
    [false, []],
    [true, ["verified", "device_known"]],
  ] as const) {
    let confirm = (_: boolean) => {};
    const compareAndSet = () => {
      w.clock.advance(5);
      return new Promise<boolean>((resolve) => {
        confirm = resolve;
      });
    };
    const slow = world({ ...w.options, onEvent: undefined, store: { ...w.store, compareAndSet } });
    await assert.rejects(slow.twoFactor.verify(USER, w.phone.code(), { binding }), {
      code: "store_unavailable",
      cause: new Error("The store did not answer in time."),
    });
    assert.deepEqual(slow.events, []);
    confirm(answer);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      slow.events.map(({ type }) => type),
      told,
    );
  }
});

test("a handler that throws, rejects, hangs or changes its event changes nothing", async () => {
  const handlers: readonly ((event: TwoFactorEvent) => unknown)[] = [
    () => {
      throw new Error("mail server down");
    },
    () => Promise.reject(new Error("mail server down")),
    () => new Promise(() => {}),
    // biome-ignore lint/suspicious/noThenProperty: a thenable that throws is what this is about
    () => ({ then: () => assert.fail("a thenable that throws") }),
    (event) => {
      for (const key of Object.keys(event)) delete (event as unknown as Record<string, unknown>)[key];
    },
  ];
  for (const handler of handlers) {
    const w = await enrolled({ onEvent: handler as (event: TwoFactorEvent) => void });
    assert.equal((await signIn(w)).ok, true);
    assert.equal(outcome(await w.twoFactor.verify(USER, wrongCode(w), { binding })), "wrong_code");
    must(await w.twoFactor.disable(USER, { elevation: w.signIn.elevation, binding }));
  }
});

test("events of a thousand users are limited for each user, and cost nothing without onEvent", () => {
  const heard: string[] = [];
  const emit = createEmitter({ ...world().options, onEvent: ({ userId }) => void heard.push(userId) });
  const replay = (user: number, at: number) => emit(`user ${user}`, at, [{ type: "code_reused" }], {});
  for (let user = 0; user < 1_000; user++) replay(user, 5_000);
  for (const user of [0, 500, 999]) replay(user, 64_999);
  assert.equal(heard.length, 1_000, "each is silent for a minute");
  replay(1_000, 5_000);
  for (const user of [1, 999, 1_000]) replay(user, 6_000);
  assert.equal(heard.length, 1_001, "and still is when one more comes");
  replay(0, 6_000);
  assert.equal(heard.length, 1_002, "but for the oldest");
  replay(999, 65_000);
  assert.equal(heard.length, 1_003, "and again after the minute");
  createEmitter({ ...world().options, onEvent: undefined })("ada", 0, [{ type: "code_reused" }], {});
});

test("an event has no property that says nothing, and without onEvent none is lost", () => {
  const heard: TwoFactorEvent[] = [];
  const { options } = world();
  const hear = { onEvent: (event: TwoFactorEvent) => void heard.push(event) };
  const lose = {
    onEvent: undefined,
    onEventError: (_: unknown, event: TwoFactorEvent) => void heard.push(event),
  };
  for (const handlers of [hear, lose]) {
    createEmitter({ ...options, ...handlers })(USER, 0, [{ type: "verified" }], {});
  }
  assert.deepEqual(heard.map(Object.getOwnPropertyNames), [["type", "userId", "at", "notify"]]);
});

test("replays in a loop send one event a minute for each user", async () => {
  const w = await enrolled();
  const bob = await enrollIn(w, "bob");
  const reused = () => w.events.filter(({ type }) => type === "code_reused").map(({ userId }) => userId);
  const replay = async (code: string, user: string) => {
    for (let i = 0; i < 20; i++) await w.twoFactor.verify(user, code, { binding });
  };
  const ada = w.phone.code(USER);
  must(await w.twoFactor.verify(USER, ada, { binding }));
  await replay(ada, USER);
  await replay(bob.firstCode, "bob");
  assert.deepEqual(reused(), [USER, "bob"]);
  w.clock.advance(30);
  await replay(ada, USER);
  assert.deepEqual(reused(), [USER, "bob"]);
  w.clock.advance(30);
  const later = w.phone.code("bob");
  must(await w.twoFactor.verify("bob", later, { binding }));
  await replay(later, "bob");
  assert.deepEqual(reused(), [USER, "bob", "bob"]);
});
