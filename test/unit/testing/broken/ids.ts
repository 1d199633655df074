/** Stores that take one user for another: each with one fault, as hosts write them. */

import { keyed, over, type Planted, put, type Row } from "./tools.ts";

/** By check, ids that a store might take for the first of them. */
const ALIKE: Readonly<Record<string, readonly string[]>> = {
  "ids that differ in case are different users": ["alice", "Alice", "ALICE"],
  "ids that differ in spaces at the end are different users": ["bob", "bob ", "bob  "],
  "ids that differ in accents are different users": ["jose\u0301", "jose", "jos\u00e9"],
  "ids that look like equal numbers are different users": [":1", ":01", ":1.0", ":1e0", ":+1"],
  "ids with wildcards and quotes are taken literally": ["ab", "a%", "a_", "a*", "a'", 'a"', "a`"].concat(
    ...["a\\", "a'; --", "a$b", "a$1", "a?"],
  ),
  "ids with separators are different users": [":a", "/a", ":a:", "{a}", "|a", "\ta", "\na", ".a"],
  "ids in any script are held exactly": ["fi", "ﬁ", "äöü", "Владимир", "山田太郎", "محمد", "😀", "👩‍👩‍👧"],
};

const takenForAnother = Object.entries(ALIKE).flatMap(([caughtBy, [id = "", ...others]]) =>
  others.map((other): [string, Planted] => [
    `takes ${JSON.stringify(other)} for ${JSON.stringify(id)}`,
    {
      make: keyed((key) => (key.endsWith(`-${other}`) ? key.slice(0, -other.length) + id : key)),
      caughtBy,
      says: /read the same row/,
    },
  ]),
);

const isFolded = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

export const ids: Readonly<Record<string, Planted>> = {
  ...Object.fromEntries(takenForAnother),
  "folds the case of ids": {
    make: keyed((id) => id.toLowerCase()),
    caughtBy: "ids that differ in case are different users",
    says: /differ only in case.*VARBINARY/,
  },
  "folds the case of ids when it creates": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        if (expected === null && [...rows.keys()].some((key) => isFolded(key, id))) return false;
        return right.compareAndSet(id, expected, next);
      },
    })),
    caughtBy: "ids that differ in case are different users",
    says: /share a row/,
  },
  "folds the case of ids when it writes": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        const done = await right.compareAndSet(id, expected, next);
        for (const key of rows.keys()) if (done && isFolded(key, id)) put(rows, key, next);
        return done;
      },
    })),
    caughtBy: "ids that differ in case are different users",
    says: /overwrite each other/,
  },
  "trims spaces from the end of ids": {
    make: keyed((id) => id.trimEnd()),
    caughtBy: "ids that differ in spaces at the end are different users",
    says: /spaces at the end/,
  },
  "trims spaces from the start of ids": {
    make: keyed((id) => id.trimStart()),
    caughtBy: "spaces at the start of an id count",
    says: /spaces at the start/,
  },
  "composes accents": {
    make: keyed((id) => id.normalize("NFC")),
    caughtBy: "ids that differ in accents are different users",
    says: /accents or in how they are composed/,
  },
  "cuts ids at 255 characters": {
    make: keyed((id) => id.slice(0, 255)),
    caughtBy: "ids of a kilobyte are held whole",
    says: /the last of 1,024 bytes.*reject what is longer/,
  },
  "keeps ids as numbers where it can": {
    make: keyed((id) => id.replace(/[\d.+]+(e\d)?$/, (digits) => String(Number(digits)))),
    caughtBy: "ids that look like equal numbers are different users",
    says: /how they spell a number/,
  },
  "takes ids as patterns": {
    make: keyed((id) => id.replace(/[%_*]$/, "b")),
    caughtBy: "ids with wildcards and quotes are taken literally",
    says: /wildcards or quotes/,
  },
  "keeps rows in a plain object": {
    make: () => {
      const rows: Record<string, Row> = {};
      return {
        get: async (id) => rows[id] ?? null,
        async compareAndSet(id, expected, { version, data }) {
          if ((rows[id]?.version ?? null) !== expected) return false;
          rows[id] = { version, data };
          return true;
        },
      };
    },
    caughtBy: "names that every JavaScript object has are unknown users",
    says: /a row that nobody wrote.*Map/,
  },
  "undefined for no row": {
    make: over((rows) => ({
      get: async (id) => (rows.get(id) ? { ...(rows.get(id) as Row) } : (undefined as unknown as null)),
    })),
    caughtBy: "an unknown user reads as null",
    says: /gave undefined: want null/,
  },
  "some row for an unknown user": {
    make: over((rows) => ({ get: async (id) => ({ version: "", data: "", ...rows.get(id) }) })),
    caughtBy: "an unknown user reads as null",
    says: /gave a row: want null/,
    also: {
      "both methods return promises": /a new user has a row/,
      "two who read no row cannot both create": /a new user has a row/,
      "what was read before does not hide what others write": /a new user has a row/,
    },
  },
  "one user's write in every row": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        const done = await right.compareAndSet(id, expected, next);
        for (const key of rows.keys()) if (done && expected !== null) put(rows, key, next);
        return done;
      },
    })),
    caughtBy: "a write to one user leaves every other user alone",
    says: /writing one user's row changed the row of another/,
  },
  "a version that any user has": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        const held = [...rows.values()].some(({ version }) => version === expected);
        return held ? put(rows, id, next) : right.compareAndSet(id, expected, next);
      },
    })),
    caughtBy: "a write to one user leaves every other user alone",
    says: /the version of another user's row was accepted/,
  },
  "one row for everybody": {
    make: keyed(() => "the row"),
    caughtBy: "a write to one user leaves every other user alone",
    says: /did not give true.*WHERE/,
  },
  "takes a separator in an id for its own": {
    make: keyed((id) => id.replace(/[:/|]a:?$/, ":a")),
    caughtBy: "ids with separators are different users",
    says: /differ only in separators/,
  },
  "stores ids in Latin-1": {
    make: keyed((id) => id.replace(/[^ -\u00ff]/gu, "?")),
    caughtBy: "ids in any script are held exactly",
    says: /differ only in script/,
  },
};
