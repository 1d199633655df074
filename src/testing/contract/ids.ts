/** Checks of clause 1: an id is that id and no other. */

import { apart, type Bench, type Check, create, holds, record, want } from "./bench.ts";

const BYTE_EXACT =
  "compare ids byte by byte: VARBINARY in MySQL, COLLATE BINARY in SQLite, text and not citext or char(n) in PostgreSQL";

function alike(name: string, difference: string, ends: readonly string[]): Check {
  return {
    clause: 1,
    name,
    mend: BYTE_EXACT,
    run: ({ store, user }) => {
      const stem = user();
      return apart(
        store,
        ends.map((end) => stem + end),
        difference,
      );
    },
  };
}

/** An id that a database may be unable to hold: then it must say so, and never hold another in its place. */
function heldOrRejected(name: string, difference: string, ends: readonly [string, string]): Check {
  return {
    clause: 4,
    name,
    mend: "reject what cannot be held exactly, before it reaches the driver; false is for a version that differs",
    async run({ store, user }) {
      const stem = user();
      const written: [string, ReturnType<typeof record>][] = [];
      for (const end of ends) {
        const next = record();
        const created = await settled(() => store.compareAndSet(stem + end, null, next));
        if (created === "rejected") continue;
        want(created === true, `the new id ${difference} got false, or the row of another id`);
        written.push([stem + end, next]);
      }
      for (const [userId, next] of written) {
        want(await holds(store, userId, next), `true, but the id ${difference} does not read back`);
      }
    },
  };
}

async function settled<T>(call: () => Promise<T>): Promise<T | "rejected"> {
  let answer: Promise<T>;
  try {
    answer = call();
  } catch {
    want(false, "a call threw instead of returning a promise that rejects");
  }
  return answer.catch(() => "rejected" as const);
}

async function unknownIsNull({ store, user }: Bench): Promise<void> {
  const row = await store.get(user());
  want(row === null, `get of an unknown user gave ${row === undefined ? "undefined" : "a row"}: want null`);
}

export const idChecks: readonly Check[] = [
  {
    clause: 1,
    name: "an unknown user reads as null",
    mend: "return null, and nothing else, when there is no row",
    run: unknownIsNull,
  },
  {
    clause: 1,
    name: "names that every JavaScript object has are unknown users",
    mend: "keep rows in a Map or in a table, never in a plain object",
    async run({ store }) {
      for (const userId of ["__proto__", "constructor", "toString"]) {
        want((await store.get(userId)) === null, `get("${userId}") found a row that nobody wrote`);
      }
    },
  },
  alike("ids that differ in case are different users", "case", ["Alice", "alice", "ALICE"]),
  alike("ids that differ in spaces at the end are different users", "spaces at the end", [
    "bob",
    "bob ",
    "bob  ",
  ]),
  alike("ids that differ in accents are different users", "accents or in how they are composed", [
    "jose",
    "jos\u00e9",
    "jose\u0301",
  ]),
  alike("ids that look like equal numbers are different users", "how they spell a number", [
    ":1",
    ":01",
    ":1.0",
    ":1e0",
    ":+1",
  ]),
  alike("ids with wildcards and quotes are taken literally", "wildcards or quotes", [
    "a%",
    "a_",
    "ab",
    "a*",
    "a'",
    'a"',
    "a`",
    "a\\",
    "a'; --",
    "a$b",
    "a$1",
    "a?",
  ]),
  alike("ids with separators are different users", "separators", [
    ":a",
    "/a",
    ":a:",
    "{a}",
    "|a",
    "\ta",
    "\na",
    ".a",
  ]),
  alike("ids in any script are held exactly", "script", [
    "äöü",
    "Владимир",
    "山田太郎",
    "محمد",
    "😀",
    "👩‍👩‍👧",
    "ﬁ",
    "fi",
  ]),
  {
    clause: 1,
    name: "spaces at the start of an id count",
    mend: BYTE_EXACT,
    run: ({ store, user }) => {
      const id = user();
      return apart(store, [id, ` ${id}`], "spaces at the start");
    },
  },
  {
    clause: 1,
    name: "ids of a kilobyte are held whole",
    mend: "give the id column room for 1,024 bytes, and reject what is longer instead of cutting it",
    run: ({ store, user }) => {
      const stem = user().padEnd(1023, "x");
      return apart(store, [`${stem}1`, `${stem}2`], "the last of 1,024 bytes");
    },
  },
  heldOrRejected("an id of 100,000 characters is held or rejected", "of 100,000 characters", [
    `${"x".repeat(100_000)}1`,
    `${"x".repeat(100_000)}2`,
  ]),
  heldOrRejected("an id that is not well-formed is held or rejected", "with half of a surrogate pair", [
    "\ud800",
    "\ud801",
  ]),
  heldOrRejected("an id with a NUL is held or rejected", "with a NUL", ["\0a", "\0b"]),
  {
    clause: 1,
    name: "a write to one user leaves every other user alone",
    mend: "put the id into the WHERE of every statement",
    async run({ store, user }) {
      const [mine, theirs] = [user(), user()];
      const first = await create(store, mine, record());
      const second = await create(store, theirs, record());
      await store.compareAndSet(mine, first.version, record());
      want(await holds(store, theirs, second), "writing one user's row changed the row of another");
      const crossed = await store.compareAndSet(mine, second.version, record());
      want(!crossed, "the version of another user's row was accepted");
    },
  },
];
