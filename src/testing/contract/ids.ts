/** Checks of clause 1: different ids are different users. */

import { apart, type Bench, type Check, create, holds, record, replace, want } from "./bench.ts";

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
  {
    clause: 1,
    name: "a write to one user leaves every other user alone",
    mend: "put the id into the WHERE of every statement",
    async run({ store, user }) {
      const [mine, theirs] = [user(), user()];
      const first = await create(store, mine, record());
      const second = await create(store, theirs, record());
      await replace(store, mine, first, record());
      want(await holds(store, theirs, second), "writing one user's row changed the row of another");
      const crossed = await store.compareAndSet(mine, second.version, record());
      want(!crossed, "the version of another user's row was accepted");
    },
  },
];
