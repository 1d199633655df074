/** Stores that compare badly: each with one fault, as hosts write them. */

import { over, type Planted, put } from "./tools.ts";

/** A store that takes some versions for the one that it holds. */
const accepting = (isTaken: (expected: string, held: string) => boolean): Planted => ({
  make: over((rows, right) => ({
    async compareAndSet(id, expected, next) {
      const { version } = rows.get(id) ?? {};
      if (version && expected !== null && isTaken(expected, version)) return put(rows, id, next);
      return right.compareAndSet(id, expected, next);
    },
  })),
  caughtBy: "a version that never was is refused",
  says: /a version that the row does not have was accepted/,
});

/** A store that writes well until it has refused twelve times. */
const afterRefusals = (write: () => boolean, says: RegExp): Planted => ({
  make: over((_rows, right) => {
    let refused = 0;
    return {
      async compareAndSet(...args) {
        if (refused >= 12) return write();
        const done = await right.compareAndSet(...args);
        if (!done) refused += 1;
        return done;
      },
    };
  }),
  caughtBy: "a refused write does not spoil the next one",
  says,
});

export const writes: Readonly<Record<string, Planted>> = {
  "last write wins": {
    make: over((rows) => ({ compareAndSet: async (id, _expected, next) => put(rows, id, next) })),
    caughtBy: "a stale version is refused",
    says: /an update was lost/,
  },
  "never replaces": {
    make: over((_rows, right) => ({
      compareAndSet: async (id, expected, next) =>
        expected === null && right.compareAndSet(id, expected, next),
    })),
    caughtBy: "the current version is replaced",
    says: /replacing the row over its current version did not give true/,
    also: {
      "no increment is lost among workers that read, add and compare": /refused a thousand times/,
      "two who read the same version cannot both write": /the first of two writers was refused/,
    },
  },
  "writes the version without the data": {
    make: over((rows, right) => ({
      compareAndSet: (id, expected, next) =>
        right.compareAndSet(id, expected, { ...next, ...(rows.has(id) && { data: "" }) }),
    })),
    caughtBy: "the current version is replaced",
    says: /true, but the new record does not read back/,
  },
  "replace writes, then says false": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        const done = await right.compareAndSet(id, expected, next);
        if (!done && expected !== null) put(rows, id, next);
        return done;
      },
    })),
    caughtBy: "a stale version is refused",
    says: /a refused write changed the row/,
    also: {
      "replace refuses a user who has no row": /a replacement made a row for a user who had none/,
      "two who read the same version cannot both write": /the row is not the first writer's/,
    },
  },
  "upsert on create": {
    make: over((rows, right) => ({
      compareAndSet: async (id, expected, next) =>
        expected === null ? put(rows, id, next) : right.compareAndSet(id, expected, next),
    })),
    caughtBy: "create refuses a user who has a row",
    says: /create gave true over a row that was there/,
  },
  "upsert on replace": {
    make: over((rows, right) => ({
      compareAndSet: async (id, expected, next) =>
        rows.has(id) ? right.compareAndSet(id, expected, next) : put(rows, id, next),
    })),
    caughtBy: "replace refuses a user who has no row",
    says: /a replacement without a row gave true/,
  },
  "create writes, then says false": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        const done = await right.compareAndSet(id, expected, next);
        if (!done && expected === null) put(rows, id, next);
        return done;
      },
    })),
    caughtBy: "create refuses a user who has a row",
    says: /counters start over/,
    also: {
      "two who read no row cannot both create": /the row is not the first creator's/,
      "of fifty writers at once one wins": /the stored row is not the winner's/,
    },
  },
  "compares the data instead of the version": {
    make: over((rows) => {
      const seen = new Map<string, string>();
      return {
        async compareAndSet(id, expected, next) {
          if ((rows.get(id)?.data ?? null) !== (expected === null ? null : (seen.get(expected) ?? "")))
            return false;
          seen.set(next.version, next.data);
          return put(rows, id, next);
        },
      };
    }),
    caughtBy: "equal data does not make an old version current again",
    says: /an old version with equal data was accepted.*compare the version/,
  },
  "compares versions in any case": {
    make: over((rows) => ({
      async compareAndSet(id, expected, next) {
        const held = rows.get(id)?.version.toLowerCase() ?? null;
        return held === (expected?.toLowerCase() ?? null) && put(rows, id, next);
      },
    })),
    caughtBy: "versions that differ in case are different",
    says: /a version in other case was accepted/,
  },
  "keeps the version when only the version changes": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        if (rows.get(id)?.data === next.data && rows.get(id)?.version === expected) return true;
        return right.compareAndSet(id, expected, next);
      },
    })),
    caughtBy: "a write that changes nothing but the version is a write",
    says: /the version was not written/,
  },
  "writes, then rejects: S1": {
    make: over((rows) => ({
      async compareAndSet(id, expected, next) {
        if ((rows.get(id)?.version ?? null) !== expected) return false;
        put(rows, id, next);
        throw new Error("the write was not committed");
      },
    })),
    caughtBy: "the current version is replaced",
    says: /the store failed: the write was not committed/,
  },
  "says false of a second try of its own: S1": {
    make: over((_rows, right) => ({
      async compareAndSet(...args) {
        await right.compareAndSet(...args);
        return right.compareAndSet(...args);
      },
    })),
    caughtBy: "the current version is replaced",
    says: /creating a new user's row did not give true/,
  },
  "stays locked after a refusal": afterRefusals(() => {
    throw new Error("timeout exceeded when trying to connect");
  }, /timeout exceeded.*no open transaction/),
  "loses the write after a refusal": afterRefusals(() => true, /write after a refusal does not read back/),
  "answers before it writes": {
    make: over((rows, right) => ({
      async compareAndSet(id, expected, next) {
        if ((rows.get(id)?.version ?? null) !== expected) return false;
        setImmediate(() => void right.compareAndSet(id, expected, next));
        return true;
      },
    })),
    caughtBy: "the current version is replaced",
    says: /did not give true|does not read back/,
  },
  "compares the start of the version": accepting((expected, held) => held.startsWith(expected)),
  "compares as much as it holds": accepting((expected, held) => expected.startsWith(held)),
  "takes an empty version for any": accepting((expected) => expected === ""),
  "takes a version for a pattern": accepting((expected) => expected === "%"),
  "takes a version for SQL": accepting((expected) => expected === "null"),
  "creates beside a row that has moved on": {
    make: over((rows, right) => {
      const created = new Set<string>();
      return {
        async compareAndSet(id, expected, next) {
          if (expected === null && !created.has(id)) {
            created.add(id);
            return put(rows, id, next);
          }
          const done = await right.compareAndSet(id, expected, next);
          if (done) created.delete(id);
          return done;
        },
      };
    }),
    caughtBy: "create is refused after replacements too",
    says: /create gave true over a row that was there/,
  },
};
