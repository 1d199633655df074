/** The store: two methods, and the contract that every guarantee rests on. */

/**
 * The state of a user: no factor; a secret that is yet to be confirmed; backup codes that are yet to be acknowledged; or
 * an active factor. Only `active` asks for a code at sign-in.
 */
export type State = "none" | "pending" | "awaiting_acknowledgement" | "active";

/**
 * A summary of a record for reports, made on each write. It is neither secret nor authenticated, and no decision reads
 * it. Stores put it into columns. `enrolledAt` is in epoch milliseconds; `keyId` names the sealing key.
 */
export interface RecordSummary {
  state: State;
  enrolledAt: number | null;
  backupCodesActive: number;
  keyId: string;
}

/**
 * What the library writes. `version` is a fresh random id (22 URL-safe characters) that the store only compares; `data`
 * is sealed ASCII text of at most 16 KiB.
 */
export interface StoredRecord {
  version: string;
  data: string;
  summary: RecordSummary;
}

/**
 * Your storage: one row per user, keyed by your own user id.
 *
 * The contract:
 * 1. `get` returns the last version and data written for exactly this id, or null. It reads its own writes. Ids are
 *    compared byte by byte: `Alice` is not `alice`, and a space at the end counts.
 * 2. `compareAndSet` writes `next` if and only if the stored version equals `expected`, atomically, and says whether
 *    it did. `expected: null` creates a row and never replaces one.
 * 3. `true` means durable, and not part of a transaction that somebody may still roll back.
 * 4. `false` means that nothing changed. Anything else (a lost connection, a full disk) rejects.
 * 5. Both return promises, and `get` gives copies of the strings that were written.
 *
 * An id is well-formed Unicode without NUL, of 1 to 1,024 bytes in UTF-8. The library never deletes a row: do that
 * when you delete an account.
 */
export interface UserStore {
  get(userId: string): Promise<{ version: string; data: string } | null>;
  compareAndSet(userId: string, expected: string | null, next: StoredRecord): Promise<boolean>;
}
