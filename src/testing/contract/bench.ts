/** The tools of the contract's checks: two connections, fresh users, records and failures. */

import type { StoredRecord, UserStore } from "../../store.ts";

/** The clauses of the contract, as `UserStore` numbers them. */
export const CLAUSES = {
  1: "get returns what was written, for exactly this id",
  2: "compareAndSet writes only over the expected version",
  3: "true means durable",
  4: "false means that nothing changed",
  5: "promises, strings and copies",
} as const;

export interface Bench {
  readonly store: UserStore;
  /** A store over a second connection to the same data, if there is one; otherwise the same store. */
  readonly other: UserStore;
  /** Makes a user id that no other check has. */
  user(): string;
}

export interface Check<B = Bench> {
  readonly clause: keyof typeof CLAUSES;
  readonly name: string;
  /** How to mend a store that fails here. */
  readonly mend: string;
  readonly run: (bench: B) => Promise<void>;
}

/** Ends the check if the condition is false; `seen` says what the store did. */
export function want(condition: boolean, seen: string): asserts condition {
  if (!condition) throw new Broken(seen);
}

class Broken extends Error {}

/** Runs a check. Its failure says which clause broke, what was seen and how to mend it. */
export async function runCheck<B>({ clause, mend, run }: Check<B>, bench: () => Promise<B>): Promise<void> {
  try {
    await run(await bench());
  } catch (error) {
    const seen = error instanceof Broken ? error.message : `the store failed: ${messageOf(error)}`;
    throw new Error(`contract ${clause} (${CLAUSES[clause]}): ${seen}. To mend it: ${mend}.`, {
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Makes a random id like the library's versions. It only has to be unique, so Math.random will do. */
export function freshId(length = 22): string {
  let id = "";
  while (id.length < length) id += URL_SAFE.charAt(Math.random() * 64);
  return id;
}

/** Makes a record like those of the library, with a fresh version. */
export function record(data: string = freshId(900)): StoredRecord {
  return {
    version: freshId(),
    data,
    summary: { state: "active", enrolledAt: 1_700_000_000_000, backupCodesActive: 10, keyId: freshId(11) },
  };
}

/** Creates a row, and ends the check if that fails. */
export async function create(store: UserStore, userId: string, next: StoredRecord): Promise<StoredRecord> {
  want(
    (await store.compareAndSet(userId, null, next)) === true,
    "creating a new user's row did not give true",
  );
  return next;
}

/** Replaces a row, and ends the check if that fails. */
export async function replace(
  store: UserStore,
  userId: string,
  held: StoredRecord,
  next: StoredRecord,
): Promise<StoredRecord> {
  const done = await store.compareAndSet(userId, held.version, next);
  want(done === true, "replacing the row over its current version did not give true");
  return next;
}

/** Tells whether the row that was read equals this record, or both are null. */
export function isSame(row: Awaited<ReturnType<UserStore["get"]>>, wanted: StoredRecord | null): boolean {
  return row === null || wanted === null
    ? row === wanted
    : row.version === wanted.version && row.data === wanted.data;
}

/** Reads a row and tells whether it equals this record. */
export async function holds(store: UserStore, userId: string, wanted: StoredRecord | null): Promise<boolean> {
  return isSame(await store.get(userId), wanted);
}

/** Tries a write that must be refused and leave the row as it is; `accepted` and `changed` say what else it did. */
export async function refused(
  store: UserStore,
  userId: string,
  expected: string | null,
  held: StoredRecord | null,
  accepted: string,
  changed = "a refused write changed the row",
): Promise<void> {
  want(!(await store.compareAndSet(userId, expected, record())), accepted);
  want(await holds(store, userId, held), changed);
}

/** Checks that similar ids are different users. */
export async function apart(store: UserStore, userIds: readonly string[], difference: string): Promise<void> {
  const written: StoredRecord[] = [];
  for (const userId of userIds) {
    want(await holds(store, userId, null), `ids that differ only in ${difference} read the same row`);
    const next = record();
    const created = await store.compareAndSet(userId, null, next);
    want(created, `ids that differ only in ${difference} share a row`);
    written.push(next);
  }
  for (const [index, userId] of userIds.entries()) {
    const own = await holds(store, userId, written[index] ?? null);
    want(own, `ids that differ only in ${difference} overwrite each other`);
  }
}
