import assert from "node:assert/strict";
import { test } from "node:test";
import type { UserStore } from "../../../src/store.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";

// A check that asks and does not look would pass a broken store. So a right store answers wrongly, once, at each call in
// turn: the check that asked has to fail, and to say what is wrong and how it is mended.

type Row = Awaited<ReturnType<UserStore["get"]>>;
interface Lie {
  get?: (row: Row) => Row;
  compareAndSet?: (done: boolean) => boolean;
}

const LIES: Readonly<Record<string, Lie>> = {
  "the opposite": {
    get: (row) => (row ? null : { version: "v", data: "d" }),
    compareAndSet: (done) => !done,
  },
  "another version": { get: (row) => row && { ...row, version: `${row.version}x` } },
  "other data": { get: (row) => row && { ...row, data: `${row.data}1` } },
};
/** Who reads something old is refused when writing, and reads again: that is how every store is to be used. */
const RETRIES = "no increment is lost among workers that read, add and compare";

/** Runs a check on a store that lies in its answer number `at`: which methods were asked, and what came of it. */
async function run(check: string, lie: Lie = {}, at = -1) {
  const asked: (keyof Lie)[] = [];
  let lied = false;
  const tell = <T>(method: keyof Lie, truth: T, lieAbout = (told: T) => told): T => {
    const told = asked.push(method) - 1 === at ? lieAbout(truth) : truth;
    lied ||= told !== truth;
    return told;
  };
  const inner = memoryStore();
  const store: UserStore = {
    get: async (id) => tell("get", await inner.get(id), lie.get),
    compareAndSet: async (...write) =>
      tell("compareAndSet", await inner.compareAndSet(...write), lie.compareAndSet),
  };
  const runs = new Map<string, () => Promise<void>>();
  userStoreTests(
    (name, runCheck) => runs.set(name, runCheck),
    () => store,
  );
  const failure = await runs
    .get(check)?.()
    .catch((error: Error) => error.message);
  return { asked, lied, failure };
}

const checks: string[] = [];
userStoreTests((name) => checks.push(name), memoryStore);

for (const check of checks) {
  test(`no answer goes unseen in "${check}"`, async () => {
    const { asked, failure } = await run(check);
    assert.equal(failure, undefined);
    for (const [what, lie] of Object.entries(LIES)) {
      if (check.endsWith(RETRIES) && what !== "the opposite") continue;
      for (const [at, method] of asked.entries()) {
        if (!lie[method]) continue;
        const { lied, failure } = await run(check, lie, at);
        const seen = `${what} in answer ${at}: ${failure ?? "passed"}`;
        if (lied) assert.match(seen, /: contract \d \(.+\): .+\. To mend it: .+\.$/);
      }
    }
  });
}
