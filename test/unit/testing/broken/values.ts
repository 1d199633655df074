/** Stores that give back something else than they were given: each with one fault, as hosts write them. */

import type { StoredRecord, UserStore } from "../../../../src/store.ts";
import { memoryStore } from "../../../../src/stores/memory.ts";
import { changing, mapStore, over, type Planted, type Row } from "./tools.ts";

/** By check, texts that a store might change on the way in. */
const CHANGED: Readonly<Record<string, readonly string[]>> = {
  "data that looks like a number comes back as text": [
    ...["0012", "1e3", "123456789012345678901", "-0", "1.50"],
  ],
  "data that looks like JSON comes back as text": [
    ...['{"a":1}', "[1, 2]", "null", "true", '"quoted"', "NaN"],
  ],
  "a version that looks like a number comes back as text": [
    ...["0000000000000000000012", "1234567890123456789012", "1e00000000000000000003"],
  ],
};
const changed = Object.entries(CHANGED).flatMap(([caughtBy, texts]) =>
  texts.map((text): [string, Planted] => [
    `changes ${text}`,
    {
      make: changing(({ version, data }) =>
        version === text ? { version: "" } : data === text ? { data: "" } : {},
      ),
      caughtBy,
      says: /came back (changed|as another text)/,
    },
  ]),
);

/** Parts of a summary for which a table might have no room. */
const SUMMARIES: readonly Partial<StoredRecord["summary"]>[] = [
  ...(["none", "pending", "awaiting_acknowledgement", "active"] as const).map((state) => ({ state })),
  ...[null, 0, 1_700_000_000_000, Number.MAX_SAFE_INTEGER].map((enrolledAt) => ({ enrolledAt })),
  ...[0, 20].map((backupCodesActive) => ({ backupCodesActive })),
];
const noRoom = SUMMARIES.map((part): [string, Planted] => {
  const [name, value] = Object.entries(part)[0] as [keyof StoredRecord["summary"], unknown];
  return [
    `no room for the ${name} ${value}`,
    {
      make: changing(({ summary }) => {
        if (summary[name] === value) throw new Error("out of range");
        return {};
      }),
      caughtBy: "every summary can be written",
      says: /the store failed: out of range/,
    },
  ];
});

const tooLarge = (next: StoredRecord): boolean => next.data.length > 65_535;

export const values: Readonly<Record<string, Planted>> = {
  ...Object.fromEntries([...changed, ...noRoom]),
  "cuts data at 4,096 characters": {
    make: changing(({ data }) => ({ data: data.slice(0, 4096) })),
    caughtBy: "data of 16 KiB comes back whole, and a shorter one after it",
    says: /data of 16384 characters came back changed/,
  },
  "writes shorter data over longer": {
    make: () => {
      const rows = new Map<string, Row>();
      const right = mapStore(rows);
      return {
        get: right.get,
        compareAndSet(id, expected, next) {
          const rest = (rows.get(id)?.data ?? "").slice(next.data.length);
          return right.compareAndSet(id, expected, { ...next, data: next.data + rest });
        },
      };
    },
    caughtBy: "data of 16 KiB comes back whole, and a shorter one after it",
    says: /data of 10 characters came back changed/,
  },
  "coerces data to numbers": {
    make: () => {
      const inner = memoryStore();
      return {
        ...inner,
        async get(id) {
          const row = await inner.get(id);
          return (
            row && { ...row, data: (Number.isNaN(Number(row.data)) ? row.data : Number(row.data)) as string }
          );
        },
      };
    },
    caughtBy: "data that looks like a number comes back as text",
    says: /data came back as number/,
  },
  "coerces versions to numbers": {
    make: changing(({ version }) => ({
      version: Number.isNaN(Number(version)) ? version : String(Number(version)),
    })),
    caughtBy: "a version that looks like a number comes back as text",
    says: /another text or as a number/,
  },
  "parses data as JSON": {
    make: () => {
      const inner = memoryStore();
      return {
        ...inner,
        async get(id) {
          const row = await inner.get(id);
          try {
            return row && { ...row, data: JSON.parse(row.data) };
          } catch {
            return row;
          }
        },
      };
    },
    caughtBy: "data that looks like JSON comes back as text",
    says: /data came back as object.*no JSON/,
  },
  "unescapes backslashes": {
    make: changing(({ data }) => ({ data: data.replace("\\]", "]") })),
    caughtBy: "every printable character comes back",
    says: /came back changed/,
  },
  "compares versions as numbers": {
    make: over((_rows, right) => ({
      compareAndSet: (id, expected, next) =>
        right.compareAndSet(id, Number(expected) ? String(Number(expected)) : expected, next),
    })),
    caughtBy: "a version that looks like a number comes back as text",
    says: /the version that get returned was not accepted/,
  },
  "fails with a text": {
    make: over(() => ({ get: () => Promise.reject("busy") })),
    caughtBy: "a record comes back as written",
    says: /the store failed: busy\./,
  },
  "forgets what it wrote": {
    make: over(() => ({ get: async () => null })),
    caughtBy: "a record comes back as written",
    says: /the version did not come back as written/,
    also: {
      "the current version is replaced": /true, but the new record does not read back/,
      "changing what was read does not change what is stored": /the record did not come back as written/,
      "no increment is lost among workers that read, add and compare": /the row was gone for a moment while/,
      "writers of different users do not hinder each other": /written beside others does not read back/,
    },
  },
  "swallows errors as false": {
    make: () => {
      const inner = memoryStore();
      return {
        ...inner,
        compareAndSet: async (id, expected, next) =>
          !tooLarge(next) && inner.compareAndSet(id, expected, next),
      };
    },
    caughtBy: "data that is too large is held or rejected",
    says: /gave false for a row that does not exist.*error reject/,
  },
  "swallows errors as true": {
    make: () => {
      const inner = memoryStore();
      return {
        ...inner,
        compareAndSet: async (id, expected, next) =>
          tooLarge(next) || inner.compareAndSet(id, expected, next),
      };
    },
    caughtBy: "data that is too large is held or rejected",
    says: /true, but one megabyte of data did not come back whole/,
  },
  "rejects what it wrote": {
    make: over((_rows, right) => ({
      async compareAndSet(id, expected, next) {
        const done = await right.compareAndSet(id, expected, next);
        if (tooLarge(next)) throw new Error("too long");
        return done;
      },
    })),
    caughtBy: "data that is too large is held or rejected",
    says: /rejected, but a row was left behind/,
  },
  "throws instead of rejecting": {
    make: () => {
      const inner = memoryStore();
      return {
        ...inner,
        compareAndSet(id, expected, next) {
          if (tooLarge(next)) throw new RangeError("too long");
          return inner.compareAndSet(id, expected, next);
        },
      };
    },
    caughtBy: "data that is too large is held or rejected",
    says: /threw instead of returning a promise that rejects/,
  },
  "no promises": {
    make: over((rows) => ({
      get: ((id: string) =>
        rows.has(id) ? { ...(rows.get(id) as Row) } : null) as unknown as UserStore["get"],
    })),
    caughtBy: "both methods return promises",
    says: /did not return a promise.*async functions/,
  },
  "a count instead of a boolean": {
    make: over((_rows, right) => ({
      compareAndSet: async (...args) => Number(await right.compareAndSet(...args)) as unknown as boolean,
    })),
    caughtBy: "compareAndSet gives true and false, not something like them",
    says: /gave number instead of true/,
    also: { "both methods return promises": /creating a new user's row did not give true/ },
  },
  "nothing instead of false": {
    make: over((_rows, right) => ({
      compareAndSet: async (...args) => ((await right.compareAndSet(...args)) || undefined) as boolean,
    })),
    caughtBy: "compareAndSet gives true and false, not something like them",
    says: /a write that was refused gave undefined instead of false/,
  },
  "keeps the caller's object": {
    make: over((rows) => ({
      async compareAndSet(id, expected, next) {
        if ((rows.get(id)?.version ?? null) !== expected) return false;
        rows.set(id, next);
        return true;
      },
    })),
    caughtBy: "changing what was written does not change what is stored",
    says: /kept the caller's object.*copy/,
  },
  "gives out its own object": {
    make: over((rows) => ({ get: async (id) => rows.get(id) ?? null })),
    caughtBy: "changing what was read does not change what is stored",
    says: /gave out the stored object itself/,
  },
  "writes to its argument": {
    make: over((_rows, right) => ({
      compareAndSet(id, expected, next) {
        Object.assign(next, { updatedAt: 1 });
        return right.compareAndSet(id, expected, next);
      },
    })),
    caughtBy: "the record that is handed in is left as it was",
    says: /do not write to the argument/,
  },
  "makes versions of its own": {
    make: changing(({ version }) => ({ version: `${version}.1` })),
    caughtBy: "a record comes back as written",
    says: /the version did not come back as written/,
  },
};
