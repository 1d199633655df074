import assert from "node:assert/strict";
import { test } from "node:test";
import type { UserStore } from "../../src/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { userStoreTests } from "../../src/testing/store-contract.ts";

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
const MOST_PLACES = 30;

/** Runs a check on a store that lies in answer number `at`: how many there were, and what came of it. */
async function run(check: string, lie: Lie, at: number) {
  let answers = 0;
  let lied = false;
  const tell = <T>(truth: T, lieAbout = (told: T) => told): T => {
    const told = answers++ === at ? lieAbout(truth) : truth;
    lied ||= told !== truth;
    return told;
  };
  const inner = memoryStore();
  const store: UserStore = {
    get: async (id) => tell(await inner.get(id), lie.get),
    compareAndSet: async (...write) => tell(await inner.compareAndSet(...write), lie.compareAndSet),
  };
  const runs = new Map<string, () => Promise<void>>();
  userStoreTests(
    (name, runCheck) => runs.set(name, runCheck),
    () => store,
  );
  const failure = await runs
    .get(check)?.()
    .catch((error: Error) => error.message);
  return { answers, lied, failure };
}

const checks: string[] = [];
userStoreTests((name) => checks.push(name), memoryStore);

for (const check of checks) {
  test(`no answer goes unseen in "${check}"`, async () => {
    const { answers, failure } = await run(check, {}, -1);
    assert.equal(failure, undefined);
    for (const [what, lie] of Object.entries(LIES)) {
      if (check.endsWith(RETRIES) && what !== "the opposite") continue;
      for (let at = 0; at < answers; at += Math.ceil(answers / MOST_PLACES)) {
        const { lied, failure } = await run(check, lie, at);
        const seen = `${what} in answer ${at}: ${failure ?? "passed"}`;
        if (lied) assert.match(seen, /: contract \d \(.+\): .+\. To mend it: .+\.$/);
      }
    }
  });
}
