/** Stores that take one user for another: each with one fault, as hosts write them. */

import { keyed, over, type Planted, type Row } from "./tools.ts";

export const ids: Readonly<Record<string, Planted>> = {
  "folds the case of ids": {
    make: keyed((id) => id.toLowerCase()),
    caughtBy: "ids that differ in case are different users",
    says: /differ only in case.*VARBINARY/,
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
