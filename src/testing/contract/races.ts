/** Checks of clauses 2 and 3 under concurrency: several writers, two connections, and transactions of the application. */

import type { StoredRecord, UserStore } from "../../store.ts";
import { type Bench, type Check, create, holds, isSame, record, refused, replace, want } from "./bench.ts";

const ONE_STATEMENT =
  "compare and write in one statement or script of the database; reading first and writing afterwards is not atomic";
const NO_CACHE =
  "read from the database itself each time: no cache, no replica that lags, no snapshot that stays open";
const COMMITTED =
  "write on a connection of the store's own that commits at once, and return true only after the commit: never inside a caller's transaction";

const WRITERS = 50;

/** Runs fifty writers at once over one version: one wins, and its record is stored. */
async function race(
  stores: readonly UserStore[],
  userId: string,
  expected: string | null,
): Promise<StoredRecord> {
  const writes = Array.from({ length: WRITERS }, () => record());
  const answers = await Promise.all(
    writes.map((next, i) => (stores[i % stores.length] as UserStore).compareAndSet(userId, expected, next)),
  );
  const winners = writes.filter((_, i) => answers[i]);
  want(
    winners.length === 1,
    `${winners.length} of ${WRITERS} writers over one version were told that they won: want one`,
  );
  const winner = winners[0] as StoredRecord;
  for (const store of stores) {
    want(
      await holds(store, userId, winner),
      "the stored row is not the winner's: a write that got false was written",
    );
  }
  return winner;
}

function races(name: string, storesOf: (bench: Bench) => readonly UserStore[]): Check {
  return {
    clause: 2,
    name,
    mend: ONE_STATEMENT,
    async run(bench) {
      const userId = bench.user();
      const created = await race(storesOf(bench), userId, null);
      await race(storesOf(bench), userId, created.version);
    },
  };
}

export const raceChecks: readonly Check[] = [
  races("of fifty writers at once one wins", ({ store }) => [store]),
  races("of fifty writers over two connections one wins", ({ store, other }) => [store, other]),
  {
    clause: 2,
    name: "no increment is lost among workers that read, add and compare",
    mend: ONE_STATEMENT,
    async run({ store, other, user }) {
      const userId = user();
      await create(store, userId, record("0"));
      const worker = async (own: UserStore): Promise<void> => {
        let added = 0;
        for (let attempt = 0; added < 5; attempt++) {
          want(
            attempt < 1000,
            "a worker was refused a thousand times over the version that it had just read",
          );
          const row = await own.get(userId);
          want(row !== null, "the row was gone for a moment while others wrote it");
          const next = record(String(Number(row.data) + 1));
          if (await own.compareAndSet(userId, row.version, next)) added += 1;
        }
      };
      await Promise.all([store, other, store, other].map(worker));
      const total = (await store.get(userId))?.data;
      want(total === "20", `four workers added 5 each, and ${total} is stored: an increment was lost`);
    },
  },
  {
    clause: 2,
    name: "two who read the same version cannot both write",
    mend: ONE_STATEMENT,
    async run({ store, other, user }) {
      const userId = user();
      const created = await create(store, userId, record());
      const [mine, theirs] = [await store.get(userId), await other.get(userId)];
      want(isSame(mine, created) && isSame(theirs, created), "a row that was created does not read back");
      const held = record();
      want(await other.compareAndSet(userId, created.version, held), "the first of two writers was refused");
      const overwrote = "the second of two writers overwrote the first";
      await refused(store, userId, created.version, held, overwrote, "the row is not the first writer's");
    },
  },
  {
    clause: 2,
    name: "two who read no row cannot both create",
    mend: ONE_STATEMENT,
    async run({ store, other, user }) {
      const userId = user();
      for (const own of [store, other]) want(await holds(own, userId, null), "a new user has a row");
      const held = await create(other, userId, record());
      const overwrote = "the second of two creators overwrote the first";
      await refused(store, userId, null, held, overwrote, "the row is not the first creator's");
    },
  },
  {
    clause: 2,
    name: "writers of different users do not hinder each other",
    mend: "one row a user: no table-wide version, and wait out a busy database instead of failing",
    async run({ store, other, user }) {
      const users = Array.from({ length: WRITERS }, () => user());
      const written = await Promise.all(users.map((id, i) => create(i % 2 ? store : other, id, record())));
      const reads = users.map(async (id, i) =>
        want(
          await holds(store, id, written[i] ?? null),
          "a row that was written beside others does not read back",
        ),
      );
      await Promise.all(reads);
    },
  },
  {
    clause: 1,
    name: "a reader sees version and data of one write",
    mend: "read both columns in one statement, and write them in one",
    async run({ store, other, user }) {
      const userId = user();
      let held = record();
      held = await create(store, userId, { ...held, data: held.version });
      let writing = true;
      const write = async (): Promise<void> => {
        for (let i = 0; i < 25; i++) {
          const next = record();
          held = await replace(store, userId, held, { ...next, data: next.version });
        }
      };
      const read = async (): Promise<void> => {
        while (writing) {
          const row = await other.get(userId);
          want(row !== null, "the row was gone for a moment while it was written");
          want(row.data === row.version, "version and data came from two different writes");
          await new Promise<void>((resolve) => (globalThis as unknown as Timers).setTimeout(resolve, 0));
        }
      };
      await Promise.all([write().finally(() => (writing = false)), read()]);
    },
  },
  {
    clause: 3,
    name: "another connection sees a write as soon as it is done",
    mend: COMMITTED,
    async run({ store, other, user }) {
      const userId = user();
      const created = await create(store, userId, record());
      want(
        await holds(other, userId, created),
        "a second connection does not see the new row: it is not committed",
      );
      const held = await replace(store, userId, created, record());
      want(
        await holds(other, userId, held),
        "a second connection does not see the new version: it is not committed",
      );
    },
  },
  {
    clause: 1,
    name: "what was read before does not hide what others write",
    mend: NO_CACHE,
    async run({ store, other, user }) {
      const userId = user();
      want(await holds(store, userId, null), "a new user has a row");
      const created = await create(other, userId, record());
      want(
        await holds(store, userId, created),
        "get still gives null after another connection created the row",
      );
      const held = await replace(other, userId, created, record());
      want(
        await holds(store, userId, held),
        "get still gives the old row after another connection replaced it",
      );
    },
  },
];

type Rollback = (work: () => Promise<void>) => Promise<void>;

/** Checks for applications that pass `rollback`. Inside a transaction a store may reject. */
export const rollbackChecks = (rollback: Rollback): readonly Check[] => [
  undone(rollback),
  {
    clause: 1,
    name: "a caller's transaction does not hide what others write",
    mend: NO_CACHE,
    async run({ store, other, user }) {
      const userId = user();
      let held = await create(store, userId, record());
      let inside = true;
      await rollback(async () => {
        const before = await store.get(userId).catch(() => null);
        if (before === null) return;
        held = await replace(other, userId, held, record());
        inside = isSame(await store.get(userId).catch(() => held), held);
      });
      want(
        inside,
        "inside the caller's transaction get still gives the row that another connection replaced",
      );
    },
  },
];

const undone = (rollback: Rollback): Check => ({
  clause: 3,
  name: "a caller's transaction that rolls back takes nothing with it",
  mend: COMMITTED,
  async run({ store, other, user }) {
    const userId = user();
    const created = await create(store, userId, record());
    let held = created;
    let ran = false;
    await rollback(async () => {
      ran = true;
      const next = record();
      const done = await store.compareAndSet(userId, created.version, next).catch(() => false);
      if (done) held = next;
    });
    want(ran, "options.rollback did not run the work that it was given");
    want(
      await holds(other, userId, held),
      "the caller's rollback undid a write that had given true: a charge is lost",
    );
  },
});

interface Timers {
  setTimeout(run: () => void, milliseconds: number): unknown;
}
