/** Checks of clauses 1 and 5: the store returns what was written, as copies of the strings. */

import type { StoredRecord } from "../../store.ts";
import { type Check, create, freshId, holds, isSame, record, replace, want } from "./bench.ts";

const AS_TEXT =
  "store data and version in text columns and return them as they are: no JSON, no numbers, no trimming";

function comesBack(name: string, values: readonly string[]): Check {
  return {
    clause: 1,
    name,
    mend: AS_TEXT,
    async run({ store, user }) {
      const userId = user();
      let held: StoredRecord | undefined;
      for (const data of values) {
        const next = record(data);
        held = await (held ? replace(store, userId, held, next) : create(store, userId, next));
        const row = await store.get(userId);
        want(row !== null && row.version === next.version, "the version did not come back as written");
        want(typeof row.data === "string", `data came back as ${typeof row.data}`);
        want(row.data === data, `data of ${data.length} characters came back changed`);
      }
    },
  };
}

/** Returns the result of a call, which may reject but not throw. */
async function settled<T>(call: () => Promise<T>): Promise<T | "rejected"> {
  let answer: Promise<T>;
  try {
    answer = call();
  } catch {
    want(false, "a call threw instead of returning a promise that rejects");
  }
  return answer.catch(() => "rejected" as const);
}

function promised<T>(call: Promise<T> | undefined): Promise<T> {
  want(typeof call?.then === "function", "a call did not return a promise");
  return call;
}

/** Every printable ASCII character, more than sealed text uses. */
const PRINTABLE = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));

export const valueChecks: readonly Check[] = [
  comesBack("a record comes back as written", [freshId(900), freshId(1)]),
  comesBack("data of 16 KiB comes back whole, and a shorter one after it", [
    freshId(16_384),
    freshId(10),
    freshId(8191),
  ]),
  comesBack("every printable character comes back", [`x${PRINTABLE}x`]),
  comesBack("data that looks like a number comes back as text", [
    "0012",
    "1e3",
    "123456789012345678901",
    "-0",
    "1.50",
  ]),
  comesBack("data that looks like JSON comes back as text", [
    '{"a":1}',
    "[1, 2]",
    "null",
    "true",
    '"quoted"',
    "NaN",
  ]),
  {
    clause: 1,
    name: "a version that looks like a number comes back as text",
    mend: AS_TEXT,
    async run({ store, user }) {
      for (const version of ["0000000000000000000012", "1234567890123456789012", "1e00000000000000000003"]) {
        const userId = user();
        const next = await create(store, userId, { ...record(), version });
        want(await holds(store, userId, next), "the version came back as another text or as a number");
        want(
          await store.compareAndSet(userId, version, record()),
          "the version that get returned was not accepted",
        );
      }
    },
  },
  {
    clause: 1,
    name: "every summary can be written",
    mend: "the summary's columns need room for the longest state, and enrolled_at allows NULL and 53 bits",
    async run({ store, user }) {
      for (const state of ["none", "pending", "awaiting_acknowledgement", "active"] as const) {
        for (const enrolledAt of [null, 0, 1_700_000_000_000, Number.MAX_SAFE_INTEGER]) {
          const summary = {
            state,
            enrolledAt,
            backupCodesActive: enrolledAt === null ? 0 : 20,
            keyId: freshId(11),
          };
          await create(store, user(), { ...record(), summary });
        }
      }
    },
  },
  {
    clause: 4,
    name: "data that is too large is held or rejected",
    mend: "let the driver's error reject; false is for a version that differs, and data is never cut",
    async run({ store, user }) {
      const [userId, next] = [user(), record(freshId(64).repeat(16_384))];
      const created = await settled(() => store.compareAndSet(userId, null, next));
      if (created === "rejected")
        return want(await holds(store, userId, null), "rejected, but a row was left behind");
      want(created === true, "compareAndSet gave false for a row that does not exist");
      want(await holds(store, userId, next), "true, but one megabyte of data did not come back whole");
    },
  },
  {
    clause: 5,
    name: "both methods return promises",
    mend: "make get and compareAndSet async functions",
    async run({ store, user }) {
      want((await promised(store.get(user()))) === null, "a new user has a row");
      const created = await promised(store.compareAndSet(user(), null, record()));
      want(created === true, "creating a new user's row did not give true");
    },
  },
  {
    clause: 5,
    name: "compareAndSet gives true and false, not something like them",
    mend: "return `changedRows === 1`, not the count, the row or undefined",
    async run({ store, user }) {
      const userId = user();
      const created: unknown = await store.compareAndSet(userId, null, record());
      const refused: unknown = await store.compareAndSet(userId, null, record());
      want(created === true, `a write that was done gave ${typeof created} instead of true`);
      want(refused === false, `a write that was refused gave ${typeof refused} instead of false`);
    },
  },
  {
    clause: 5,
    name: "changing what was written does not change what is stored",
    mend: "copy the record when it comes in",
    async run({ store, user }) {
      const [userId, next] = [user(), record()];
      const given = { ...next, summary: { ...next.summary } };
      await create(store, userId, given);
      Object.assign(given, record());
      want(await holds(store, userId, next), "the store kept the caller's object, and the caller changed it");
    },
  },
  {
    clause: 5,
    name: "changing what was read does not change what is stored",
    mend: "return a new object from every get",
    async run({ store, user }) {
      const [userId, next] = [user(), record()];
      await create(store, userId, next);
      const row = await store.get(userId);
      want(isSame(row, next), "the record did not come back as written");
      if (row && !Object.isFrozen(row)) Object.assign(row, record());
      want(
        await holds(store, userId, next),
        "get gave out the stored object itself, and the reader changed it",
      );
    },
  },
  {
    clause: 5,
    name: "the record that is handed in is left as it was",
    mend: "do not write to the argument; it may be frozen",
    async run({ store, user }) {
      const next = record();
      await create(store, user(), Object.freeze({ ...next, summary: Object.freeze(next.summary) }));
    },
  },
];
