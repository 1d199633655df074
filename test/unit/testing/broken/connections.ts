/** Stores that fail only when several write: each with one fault, as hosts write them. */

import type { StoredRecord } from "../../../../src/store.ts";
import { over, type Planted, put, type Row, twoConnections } from "./tools.ts";

export const connections: Readonly<Record<string, Planted>> = {
  "reads, then writes: not atomic": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        if (((await right.get(id))?.version ?? null) !== expected) return false;
        return put(rows, id, next);
      },
    })),
    caughtBy: "of fifty writers at once one wins",
    says: /were told that they won.*in one statement/,
  },
  "one version for the whole table": {
    make: () => {
      let writing: object | undefined;
      return twoConnections(({ get, compareAndSet }) => {
        const connection = {};
        return {
          get,
          async compareAndSet(...args) {
            if (writing && writing !== connection) throw new Error("database is locked");
            writing = connection;
            await undefined;
            writing = undefined;
            return compareAndSet(...args);
          },
        };
      });
    },
    caughtBy: "writers of different users do not hinder each other",
    says: /database is locked.*wait out a busy database/,
  },
  "writes version and data in two steps": {
    make: over((rows) => ({
      async compareAndSet(id, expected, { version, data }) {
        const held = rows.get(id);
        if ((held?.version ?? null) !== expected) return false;
        rows.set(id, { version, data: held?.data ?? data });
        for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
        rows.set(id, { version, data });
        return true;
      },
    })),
    caughtBy: "a reader sees version and data of one write",
    says: /two different writes/,
  },
  "deletes, then inserts": {
    make: over((rows) => ({
      async compareAndSet(id, expected, { version, data }) {
        if ((rows.get(id)?.version ?? null) !== expected) return false;
        rows.delete(id);
        for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
        rows.set(id, { version, data });
        return true;
      },
    })),
    caughtBy: "a reader sees version and data of one write",
    says: /the row was gone for a moment/,
  },
  "caches what it read": {
    make: () =>
      twoConnections((shared) => {
        const cache = new Map<string, Row | null>();
        return {
          async get(id) {
            const row = cache.get(id) ?? (await shared.get(id));
            cache.set(id, row);
            return row && { ...row };
          },
          async compareAndSet(id, expected, next) {
            const done = await shared.compareAndSet(id, expected, next);
            if (done) cache.set(id, { version: next.version, data: next.data });
            return done;
          },
        };
      }),
    caughtBy: "what was read before does not hide what others write",
    says: /still gives the old row.*no cache/,
    also: { "another connection sees a write as soon as it is done": /does not see the new version/ },
  },
  "reads in a transaction that stays open: S2": {
    make: () =>
      twoConnections((shared) => {
        const snapshot = new Map<string, Row | null>();
        return {
          async get(id) {
            if (!snapshot.has(id)) snapshot.set(id, await shared.get(id));
            return snapshot.get(id) ?? null;
          },
          async compareAndSet(id, expected, next) {
            const done = await shared.compareAndSet(id, expected, next);
            if (done) snapshot.set(id, { version: next.version, data: next.data });
            return done;
          },
        };
      }),
    caughtBy: "what was read before does not hide what others write",
    says: /get still gives null.*no snapshot that stays open/,
  },
  "writes in a transaction that stays open": {
    make: () =>
      twoConnections((shared) => {
        const open = new Map<string, StoredRecord>();
        return {
          get: async (id) => open.get(id) ?? shared.get(id),
          async compareAndSet(id, expected, next) {
            const held = open.get(id) ?? (await shared.get(id));
            if ((held?.version ?? null) !== expected) return false;
            open.set(id, { ...next });
            return true;
          },
        };
      }),
    caughtBy: "another connection sees a write as soon as it is done",
    says: /does not see the new row: it is not committed.*never inside a caller's transaction/,
    also: { "two who read the same version cannot both write": /was created does not read back/ },
  },
  "checks the version on its own connection only": {
    make: () =>
      twoConnections((shared) => {
        const known = new Map<string, string>();
        return {
          async get(id) {
            const row = await shared.get(id);
            if (row) known.set(id, row.version);
            return row;
          },
          async compareAndSet(id, expected, next) {
            const held = known.get(id) ?? (await shared.get(id))?.version ?? null;
            if (held !== expected) return false;
            known.set(id, next.version);
            return shared.compareAndSet(id, (await shared.get(id))?.version ?? null, next);
          },
        };
      }),
    caughtBy: "two who read the same version cannot both write",
    says: /overwrote the first/,
  },
  "tries a refused write again by itself": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        if (await right.compareAndSet(id, expected, next)) return true;
        return expected !== null && rows.has(id) && put(rows, id, next);
      },
    })),
    caughtBy: "no increment is lost among workers that read, add and compare",
    says: /an increment was lost/,
  },
  "locks in the process instead of the database": {
    make: () =>
      twoConnections((shared) => {
        let last: Promise<unknown> = Promise.resolve();
        return {
          get: shared.get,
          compareAndSet(id, expected, next) {
            const own = last.then(async () => {
              const held = (await shared.get(id))?.version ?? null;
              if (held !== expected) return false;
              await new Promise((resolve) => setImmediate(resolve));
              return shared.compareAndSet(id, (await shared.get(id))?.version ?? null, next);
            });
            last = own;
            return own;
          },
        };
      }),
    caughtBy: "of fifty writers over two connections one wins",
    says: /2 of 50 writers over one version were told that they won/,
  },
  "remembers that there was no row": {
    make: () =>
      twoConnections((shared) => {
        const absent = new Set<string>();
        return {
          async get(id) {
            const row = await shared.get(id);
            if (!row) absent.add(id);
            return row;
          },
          async compareAndSet(id, expected, next) {
            const blind = expected === null && absent.delete(id);
            return shared.compareAndSet(
              id,
              blind ? ((await shared.get(id))?.version ?? null) : expected,
              next,
            );
          },
        };
      }),
    caughtBy: "two who read no row cannot both create",
    says: /the second of two creators overwrote the first/,
  },
};
