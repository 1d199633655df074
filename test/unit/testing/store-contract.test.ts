import assert from "node:assert/strict";
import { test } from "node:test";
import type { UserStore } from "../../../src/store.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { connections } from "./broken/connections.ts";
import { ids } from "./broken/ids.ts";
import { values } from "./broken/values.ts";
import { writes } from "./broken/writes.ts";

type Options = Parameters<typeof userStoreTests>[2];

const BROKEN = { ...ids, ...values, ...writes, ...connections };

/** Runs the kit as a runner would, and gives the failures by the name of the check. */
async function failures(make: () => UserStore, options?: Options): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  for (const [name, run] of checks(make, options)) {
    await run().catch((error: Error) => failed.set(name, error.message));
  }
  return failed;
}

function checks(make: () => UserStore, options?: Options): [string, () => Promise<void>][] {
  const all: [string, () => Promise<void>][] = [];
  userStoreTests((name, run) => all.push([name.replace(/^store contract( \d)?: /, ""), run]), make, options);
  return all;
}

for (const [fault, { make, caughtBy, says, also }] of Object.entries(BROKEN)) {
  test(`the kit fails a store with this fault: ${fault}`, async () => {
    for (const [name, seen] of [[caughtBy, says] as const, ...Object.entries(also ?? {})]) {
      const made = make();
      const { store, second } = "store" in made ? made : { store: made, second: () => made };
      const [, check] = checks(() => store, { second }).find((one) => one[0] === name) ?? [];
      const error = await check?.().catch((thrown: Error) => thrown);
      assert.ok(error?.cause, `"${name}" did not fail`);
      assert.match(error.message, /^contract [1-5] \(.+\): .+\. To mend it: .+\.$/);
      assert.match(error.message, seen);
    }
  });
}

test("every check is the one that names some planted fault", () => {
  const named = new Set(Object.values(BROKEN).map(({ caughtBy }) => caughtBy));
  const unnamed = checks(memoryStore)
    .map(([name]) => name)
    .filter((name) => !named.has(name));
  assert.deepEqual(unnamed, []);
});

test("V28 the kit fails a store that a caller's transaction can roll back", async () => {
  const inner = memoryStore();
  let undo: (() => Promise<boolean>) | undefined;
  let inTransaction = false;
  const drawnIn: UserStore = {
    get: (id) => inner.get(id),
    async compareAndSet(id, expected, next) {
      const before = await inner.get(id);
      const done = await inner.compareAndSet(id, expected, next);
      if (inTransaction && before) {
        undo = () => inner.compareAndSet(id, next.version, { ...next, ...before });
      }
      return done;
    },
  };
  const failed = await failures(() => drawnIn, {
    async rollback(work) {
      inTransaction = true;
      await work();
      inTransaction = false;
      await undo?.();
    },
  });
  const text = failed.get("a caller's transaction that rolls back takes nothing with it");
  assert.match(text ?? "", /rollback undid a write that had given true: a charge is lost/);
  assert.equal(failed.size, 1);
});

test("S2 the kit fails a store that reads in the snapshot of a caller's transaction", async () => {
  const inner = memoryStore();
  let snapshot: Map<string, Awaited<ReturnType<UserStore["get"]>>> | undefined;
  const frozen: UserStore = {
    async get(id) {
      if (!snapshot) return inner.get(id);
      if (!snapshot.has(id)) snapshot.set(id, await inner.get(id));
      return snapshot.get(id) ?? null;
    },
    compareAndSet: inner.compareAndSet,
  };
  const options: Options = {
    second: () => inner,
    async rollback(work) {
      snapshot = new Map();
      await work();
      snapshot = undefined;
    },
  };
  const failed = await failures(() => frozen, options);
  assert.deepEqual([...failed.keys()], ["a caller's transaction does not hide what others write"]);
  assert.match([...failed.values()].join(), /get still gives the row that another connection replaced/);
  const rejecting: UserStore = {
    get: (id) => (snapshot ? Promise.reject(new Error("a transaction is open")) : inner.get(id)),
    compareAndSet: (...args) =>
      snapshot ? Promise.reject(new Error("a transaction is open")) : inner.compareAndSet(...args),
  };
  assert.deepEqual([...(await failures(() => rejecting, options)).keys()], []);
});

test("a rollback hook that does not run its work is reported", async () => {
  const failed = await failures(memoryStore, { rollback: async () => {} });
  assert.match([...failed.values()].join(), /options\.rollback did not run the work/);
});

/** A right store that takes nothing but records like the library's, of a limited size, and gives frozen rows. */
function strictStore(): UserStore {
  const { get, compareAndSet } = memoryStore();
  return {
    get: async (id) => Object.freeze(await get(id)),
    async compareAndSet(id, expected, next) {
      const { version, data, summary } = next;
      assert.deepEqual([version.length, summary.keyId.length], [22, 11]);
      assert.match(summary.state, /^(none|pending|awaiting_acknowledgement|active)$/);
      assert.ok(summary.enrolledAt === null || summary.backupCodesActive > 0);
      assert.ok(data.length < 65_535, "data too long");
      return compareAndSet(id, expected, next);
    },
  };
}

test("passes a right store, which it makes once a check and closes once at the end", async () => {
  const calls: string[] = [];
  const all = checks(strictStore, { close: async () => void calls.push("close") });
  for (const [, run] of all) {
    assert.deepEqual(calls, []);
    await run();
  }
  assert.deepEqual(calls, ["close"]);
  assert.ok(all.length > 40);
  assert.equal(all.at(-1)?.[0], "closes");
});

test("says so when what it is given is no store", async () => {
  const { get, compareAndSet } = memoryStore();
  for (const part of [{}, { get }, { compareAndSet }]) {
    const failed = await failures(() => part as UserStore);
    assert.equal(failed.size, checks(memoryStore).length);
    for (const text of failed.values()) assert.match(text, /gave something without get and compareAndSet/);
  }
});

test("refuses a call without a runner or a factory", () => {
  assert.throws(() => userStoreTests(undefined as never, memoryStore), /^TypeError: test: want/);
  assert.throws(() => userStoreTests(() => {}, memoryStore() as never), /^TypeError: makeStore: want/);
});
