/** Stores that give back something else than they were given: each with one fault, as hosts write them. */

import type { StoredRecord, UserStore } from "../../../../src/store.ts";
import { memoryStore } from "../../../../src/stores/memory.ts";
import { changing, mapStore, over, type Planted, type Row } from "./tools.ts";

export const values: Readonly<Record<string, Planted>> = {
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
  "no room for the longest state": {
    make: () => {
      const inner = memoryStore();
      return {
        ...inner,
        async compareAndSet(id, expected, next) {
          if (next.summary.state.length > 20)
            throw new Error("value too long for type character varying(20)");
          return inner.compareAndSet(id, expected, next);
        },
      };
    },
    caughtBy: "every summary can be written",
    says: /the store failed: value too long.*longest state/,
  },
  "swallows errors as false": {
    make: () => {
      const inner = memoryStore();
      const tooLarge = (next: StoredRecord): boolean => next.data.length > 65_535;
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
      const tooLarge = (next: StoredRecord): boolean => next.data.length > 65_535;
      return {
        ...inner,
        compareAndSet: async (id, expected, next) =>
          tooLarge(next) || inner.compareAndSet(id, expected, next),
      };
    },
    caughtBy: "data that is too large is held or rejected",
    says: /true, but one megabyte of data did not come back whole/,
  },
  "throws instead of rejecting": {
    make: () => {
      const inner = memoryStore();
      return {
        ...inner,
        compareAndSet(id, expected, next) {
          if (next.data.length > 65_535) throw new RangeError("too long");
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
