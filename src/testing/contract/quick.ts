/** A few quick checks of the contract for a store in use. They write to three rows of their own and no other. */

import type { StoredRecord, UserStore } from "../../store.ts";
import { type Check, freshId, isSame, want } from "./bench.ts";

export interface QuickBench {
  readonly store: UserStore;
  /** Makes a record of this user for the next write, which jobs that go through the table can open. */
  fresh(userId: string): Promise<StoredRecord>;
}

/** The user ids of the three rows, which some databases take for one. */
export const QUICK_USER = "twinlock-check";
const ALIKE = [QUICK_USER, "Twinlock-check", `${QUICK_USER} `];
const WRITERS = 10;

/** Writes a record over the one of an earlier run. */
async function write({ store, fresh }: QuickBench, userId: string): Promise<StoredRecord> {
  const held = await store.get(userId);
  const next = await fresh(userId);
  const answer: unknown = await store.compareAndSet(userId, held?.version ?? null, next);
  want(answer === true, `a write over the version that is stored gave ${String(answer)} instead of true`);
  return next;
}

async function wantHeld({ store }: QuickBench, userId: string, held: StoredRecord, seen: string) {
  want(isSame(await store.get(userId), held), seen);
}

async function wantRefused(bench: QuickBench, expected: string | null, seen: string): Promise<void> {
  const held = await write(bench, QUICK_USER);
  const answer: unknown = await bench.store.compareAndSet(
    QUICK_USER,
    expected,
    await bench.fresh(QUICK_USER),
  );
  want(answer === false, `${seen} gave ${String(answer)} instead of false`);
  await wantHeld(bench, QUICK_USER, held, `${seen} gave false and changed the row`);
}

export const quickChecks: readonly Check<QuickBench>[] = [
  {
    clause: 1,
    name: "an unknown user reads as null",
    mend: "return null, and nothing else, when there is no row",
    async run({ store }) {
      const row = await store.get(`${QUICK_USER}-${freshId()}`);
      want(row === null, `get of an unknown user gave ${row === undefined ? "undefined" : "a row"}`);
    },
  },
  {
    clause: 1,
    name: "a record comes back as written",
    mend: "store data and version in text columns with room for 16 KiB, and return them as they are",
    async run(bench) {
      const held = await write(bench, QUICK_USER);
      await wantHeld(bench, QUICK_USER, held, "a record did not come back as it was written");
    },
  },
  {
    clause: 1,
    name: "ids that look alike are different users",
    mend: "compare ids byte by byte: VARBINARY in MySQL, COLLATE BINARY in SQLite, text in PostgreSQL",
    async run(bench) {
      const written: StoredRecord[] = [];
      for (const userId of ALIKE) written.push(await write(bench, userId));
      for (const [index, userId] of ALIKE.entries()) {
        const seen = "ids that differ only in case or in a space at the end share a row";
        await wantHeld(bench, userId, written[index] as StoredRecord, seen);
      }
    },
  },
  {
    clause: 2,
    name: "a stale version is refused",
    mend: "one conditional statement, `UPDATE ... WHERE user_id = ? AND version = ?`, and true only if it changed a row",
    async run(bench) {
      const { version } = await write(bench, QUICK_USER);
      await wantRefused(bench, version, "a write over a version that is gone");
    },
  },
  {
    clause: 2,
    name: "create refuses a user who has a row",
    mend: "with `expected: null` insert only: ON CONFLICT DO NOTHING, NX, or an error caught as false",
    run: (bench) => wantRefused(bench, null, "creating a row that was there"),
  },
  {
    clause: 2,
    name: "of ten writers at once one wins",
    mend: "compare and write in one statement of the database; reading first and writing afterwards is not atomic",
    async run(bench) {
      const { version } = await write(bench, QUICK_USER);
      const writes = await Promise.all(Array.from({ length: WRITERS }, () => bench.fresh(QUICK_USER)));
      const answers = await Promise.all(
        writes.map((next) => bench.store.compareAndSet(QUICK_USER, version, next)),
      );
      const winners = writes.filter((_, index) => answers[index]);
      const [winner] = winners;
      const seen = `${winners.length} of ${WRITERS} writers over one version were told that they won: want one`;
      want(winners.length === 1 && winner !== undefined, seen);
      await wantHeld(bench, QUICK_USER, winner, "the stored row is not the winner's");
    },
  },
];
