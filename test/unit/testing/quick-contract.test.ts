import assert from "node:assert/strict";
import { test } from "node:test";
import type { UserStore } from "../../../src/store.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { freshId, record, runCheck } from "../../../src/testing/contract/bench.ts";
import { quickChecks } from "../../../src/testing/contract/quick.ts";
import { connections } from "./broken/connections.ts";
import { ids } from "./broken/ids.ts";
import { values } from "./broken/values.ts";
import { writes } from "./broken/writes.ts";

const BROKEN = { ...ids, ...values, ...writes, ...connections };

/** Which check of the quick part finds each of these faults, and what it says. */
const FOUND: readonly (readonly [fault: string, check: string, says: RegExp])[] = [
  ["undefined for no row", "an unknown user reads as null", /gave undefined\./],
  ["some row for an unknown user", "an unknown user reads as null", /gave a row\./],
  ["one row for everybody", "ids that look alike are different users", /in case or in a space.* share a row/],
  ["folds the case of ids", "ids that look alike are different users", /share a row/],
  ["trims spaces from the end of ids", "ids that look alike are different users", /share a row/],
  ["cuts data at 4,096 characters", "a record comes back as written", /did not come back as it was written/],
  ["a count instead of a boolean", "a record comes back as written", /is stored gave 1 instead of true/],
  ["last write wins", "a stale version is refused", /a version that is gone gave true instead of false/],
  ["replace writes, then says false", "a stale version is refused", /gave false and changed the row/],
  ["upsert on create", "create refuses a user who has a row", /a row that was there gave true instead of/],
  ["reads, then writes: not atomic", "of ten writers at once one wins", /10 of 10 writers over one version/],
  [
    "replace writes, then says false",
    "of ten writers at once one wins",
    /the stored row is not the winner's/,
  ],
];

/** The checks that fail on a store, with what they say. */
async function failures(store: UserStore): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>();
  for (const check of quickChecks) {
    const bench = { store, fresh: async () => record(freshId(10_000)) };
    await runCheck(check, async () => bench).catch((error: Error) => failed.set(check.name, error.message));
  }
  return failed;
}

for (const [fault, name, says] of FOUND) {
  test(`the quick part fails a store with this fault: ${fault}, ${name}`, async () => {
    const made = BROKEN[fault]?.make();
    assert.ok(made);
    const failed = await failures("store" in made ? made.store : made);
    assert.match(failed.get(name) ?? "", /^contract [12] \(.+\): .+\. To mend it: .+\.$/);
    assert.match(failed.get(name) ?? "", says);
  });
}

test("every quick check is the one that finds some fault", () => {
  assert.deepEqual(new Set(FOUND.map(([, name]) => name)), new Set(quickChecks.map(({ name }) => name)));
});

test("a right store passes twice over the same three rows, and no other is written", async () => {
  const inner = memoryStore();
  const written = new Set<string>();
  const store: UserStore = {
    ...inner,
    compareAndSet: (userId, expected, next) =>
      inner.compareAndSet(userId, expected, next).finally(() => written.add(userId)),
  };
  for (let i = 0; i < 2; i++) assert.deepEqual([...(await failures(store))], []);
  assert.deepEqual([...written].sort(), ["Twinlock-check", "twinlock-check", "twinlock-check "]);
});
