/** The one way in which a record changes: load, decide, compare-and-set, reveal. */

import { type Failure, failure, TwoFactorError } from "../errors.ts";
import { toBase64Url } from "../internal/bytes.ts";
import { NONCE_BYTES } from "../keyring.ts";
import { decodeRecord, encodeRecord } from "../record/format.ts";
import { emptyRecord, enrolledSince, hasFactor, type UserRecord, unusedCodes } from "../record.ts";
import { workingBatch } from "../rules/backup-codes.ts";
import type { Decision } from "../rules/decision.ts";
import { livePending } from "../rules/pending.ts";
import type { RecordSummary, State, StoredRecord, UserStore } from "../store.ts";
import { inTime } from "./in-time.ts";
import type { Call, Service } from "./service.ts";

/** What the store holds. Without a row `version` is null and the record is empty. */
export interface Loaded {
  version: string | null;
  record: UserRecord;
  keyId: string | undefined;
}

const NEWER = "The stored record needs a newer version of Twinlock: finish its deployment, or go back to it.";
const MAX_TRIES = 10;
const VERSION_BYTES = 16;
const MAX_DATA_LENGTH = 16_384;

/** Returns the state of the active factor, and of a new one beside it. */
export function stateOf(
  record: UserRecord,
  now: number,
): { state: State; replacing: "pending" | "awaiting_acknowledgement" | null } {
  const pending = livePending(record, now);
  const next = pending ? (pending.verified ? "awaiting_acknowledgement" : "pending") : null;
  return hasFactor(record)
    ? { state: "active", replacing: next }
    : { state: next ?? "none", replacing: null };
}

/** Reads the row of a user, or null. */
export async function rowOf(
  service: Service,
  userId: string,
): Promise<Pick<StoredRecord, "version" | "data"> | null> {
  const row = await callStore(service, (store) => store.get(userId)).catch((cause: unknown) => {
    throw new TwoFactorError("store_unavailable", "The store could not be read.", cause);
  });
  if (row === null) return null;
  if (typeof row?.version !== "string" || typeof row.data !== "string") {
    throw new TwoFactorError(
      "record_invalid",
      "The store gave back something else than { version, data } as strings.",
    );
  }
  return row;
}

export async function load({ service, userId, seal }: Call): Promise<Loaded> {
  const row = await rowOf(service, userId);
  if (row === null) return { version: null, record: emptyRecord(), keyId: undefined };
  const json = await seal.open(row.version, row.data);
  try {
    return { version: row.version, record: decodeRecord(json), keyId: service.keyring.keyIdOf(row.data) };
  } catch (cause) {
    if (cause instanceof RangeError) throw new TwoFactorError("record_newer", NEWER, cause);
    throw new TwoFactorError(
      "record_invalid",
      "The stored record does not have the shape of a record.",
      cause,
    );
  }
}

/** Calls the store with a time limit. `onLate` gets an answer that comes later. */
function callStore<T>(
  service: Service,
  call: (store: UserStore) => Promise<T>,
  onLate?: (value: T) => void,
): Promise<T> {
  return inTime(service, "The store", () => call(service.store), onLate);
}

/**
 * Runs a decision with the newest record and stores the result, and starts again whenever another write came first. The
 * outcome is revealed only if the store said `true` to a write of it. A write that landed without a `true` (the store
 * rejected, or said `false` of its own second try) may still be rolled back, so the same record is written over it.
 */
export async function transact<T>(
  call: Call,
  decide: (record: UserRecord, loaded: Loaded) => Decision<T>,
  from?: Loaded,
): Promise<{ outcome: T | Failure; at?: Loaded }> {
  const { service, userId, seal, now, trace } = call;
  let loaded = from;
  let written: { version: string; decision: Decision<T> } | undefined;
  let told = false;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    if (attempt > 1) await jitter(service, attempt);
    loaded ??= await load(call);
    const landed = written && written.version === loaded.version ? written.decision : undefined;
    const decision = landed ?? decide(loaded.record, loaded);
    const { record } = decision;
    if (!landed && record === loaded.record) return reveal(decision, loaded);
    const fresh = service.random(VERSION_BYTES + NONCE_BYTES); // one call, which costs as much as an HMAC
    const version = toBase64Url(fresh.subarray(0, VERSION_BYTES));
    const data = await seal.seal(version, encodeRecord(record), fresh.subarray(VERSION_BYTES));
    const next = { version, data, summary: summarize(service, record, now) };
    const answer = await write(service, userId, loaded.version, next, () => tell(decision));
    if (answer === true) return reveal(decision, { version, record, keyId: service.keyring.keyId });
    if (landed) throw unavailable(answer);
    written = { version, decision };
    loaded = answer === false ? undefined : await load(call).catch(() => undefined);
    if (answer !== false && loaded?.version !== version) throw unavailable(answer);
  }
  return { outcome: failure("conflict", { retryAt: now + 1_000 }) };

  function reveal(decision: Decision<T>, at: Loaded) {
    tell(decision);
    return { outcome: decision.outcome, at };
  }
  function tell(decision: Decision<T>) {
    if (!told) service.emit(userId, now, decision.events, trace);
    told = true;
  }
}

/** Why a write was not confirmed: the store's error, or `false` for a version that was not the expected one. */
type Denial = false | { cause: unknown };

/** Writes once. `onLate` is called if the store says `true` after the time limit. */
async function write(
  service: Service,
  userId: string,
  expected: string | null,
  next: StoredRecord,
  onLate: () => void,
): Promise<true | Denial> {
  if (next.data.length > MAX_DATA_LENGTH)
    throw new RangeError(`record: over ${MAX_DATA_LENGTH} characters when sealed`);
  let written: unknown;
  try {
    written = await callStore(
      service,
      (store) => store.compareAndSet(userId, expected, next),
      (late) => late === true && onLate(),
    );
  } catch (cause) {
    return { cause };
  }
  if (typeof written !== "boolean") throw new TypeError("store.compareAndSet: must resolve to true or false");
  return written;
}

function unavailable(denial: Denial): TwoFactorError {
  return new TwoFactorError(
    "store_unavailable",
    "The store did not confirm the write, and nothing is revealed. It may have been written.",
    denial ? denial.cause : undefined,
  );
}

function summarize(service: Service, record: UserRecord, now: number): RecordSummary {
  return {
    state: stateOf(record, now).state,
    enrolledAt: enrolledSince(record),
    backupCodesActive: unusedCodes(workingBatch(record, service.settings)),
    keyId: service.keyring.keyId,
  };
}

/** Waits for a random time that grows with every lost race. */
async function jitter(service: Service, attempt: number): Promise<void> {
  const [byte = 0] = service.random(1);
  await new Promise<void>((resolve) => service.after(1 + (byte * 2 ** attempt) / 256, resolve));
}
