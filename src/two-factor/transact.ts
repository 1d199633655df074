/** Load, decide, compare-and-set, reveal: the one way in which anything about a user changes. */

import { type Failure, failure, TwoFactorError } from "../errors.ts";
import { toBase64Url } from "../internal/bytes.ts";
import { NONCE_BYTES, type RecordSeal } from "../keyring.ts";
import {
  activeAuthenticator,
  decodeRecord,
  emptyRecord,
  encodeRecord,
  type UserRecord,
  unusedCodes,
} from "../record.ts";
import type { Decision } from "../rules/decision.ts";
import { livePending } from "../rules/enrollment.ts";
import type { RecordSummary, State, StoredRecord, UserStore } from "../store.ts";
import type { Trace } from "./events.ts";
import type { Service } from "./service.ts";

/** What the store held: `version` is null, and the record that of nobody, where there was no row. */
export interface Loaded {
  version: string | null;
  record: UserRecord;
  keyId: string | undefined;
}

const MAX_TRIES = 10;
const VERSION_BYTES = 16;
const MAX_DATA_LENGTH = 8_192;

/** The state of the active factor, and of the one that may follow it. */
export function stateOf(
  record: UserRecord,
  now: number,
): { state: State; replacing: "pending" | "awaiting_acknowledgement" | null } {
  const pending = livePending(record, now);
  const next = pending ? (pending.verified ? "awaiting_acknowledgement" : "pending") : null;
  return activeAuthenticator(record)
    ? { state: "active", replacing: next }
    : { state: next ?? "none", replacing: null };
}

export async function load(service: Service, userId: string, seal?: RecordSeal): Promise<Loaded> {
  const row = await callStore(service, (store) => store.get(userId)).catch((cause: unknown) => {
    throw new TwoFactorError("store_unavailable", "The store could not be read.", cause);
  });
  if (row === null) return { version: null, record: emptyRecord(), keyId: undefined };
  if (typeof row?.version !== "string" || typeof row.data !== "string") {
    throw new TwoFactorError(
      "record_invalid",
      "The store gave back something else than { version, data } as strings.",
    );
  }
  const json = await (seal ?? service.keyring.forUser(userId)).open(row.version, row.data);
  try {
    return { version: row.version, record: decodeRecord(json), keyId: service.keyring.keyIdOf(row.data) };
  } catch (cause) {
    throw new TwoFactorError(
      "record_invalid",
      "The stored record does not have the shape of a record.",
      cause,
    );
  }
}

/** A store call as a promise that settles in time, whatever the store does. */
function callStore<T>(service: Service, call: (store: UserStore) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error("The store did not answer in time."));
    const cancel = service.after(service.settings.storeTimeout * 1_000, late);
    const settle =
      <V>(how: (value: V) => void) =>
      (value: V) => {
        cancel();
        how(value);
      };
    try {
      Promise.resolve(call(service.store)).then(settle(resolve), settle(reject));
    } catch (cause) {
      settle(reject)(cause);
    }
  });
}

/**
 * Runs a decision against the newest record and stores what it decided, again from the start whenever another write
 * came first. The outcome is revealed only if the write that carries it landed.
 */
export async function transact<T>(
  service: Service,
  userId: string,
  now: number,
  decide: (record: UserRecord, loaded: Loaded) => Decision<T>,
  options: { from?: Loaded | undefined; trace?: Trace } = {},
): Promise<{ outcome: T | Failure; at?: Loaded }> {
  const seal = service.keyring.forUser(userId);
  const trace = options.trace ?? {};
  let loaded = options.from;
  let written: { version: string; decision: Decision<T> } | undefined;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    if (attempt > 1) await jitter(service, attempt);
    loaded ??= await load(service, userId, seal);
    if (written && loaded.version === written.version) return reveal(written.decision, loaded); // it landed after all
    const decision = decide(loaded.record, loaded);
    if (decision.record === loaded.record) return reveal(decision, loaded);
    const { record } = decision;
    const fresh = service.random(VERSION_BYTES + NONCE_BYTES); // at once: a call costs as much as an HMAC
    const version = toBase64Url(fresh.subarray(0, VERSION_BYTES));
    const data = await seal.seal(version, encodeRecord(record), fresh.subarray(VERSION_BYTES));
    const next = { version, data, summary: summarize(record, service.keyring.keyId, now) };
    if (await write(service, userId, loaded.version, next)) {
      return reveal(decision, { version, record, keyId: service.keyring.keyId });
    }
    written = { version, decision };
    loaded = undefined;
  }
  return { outcome: failure("conflict", { retryAt: now + 1_000 }) };

  function reveal(decision: Decision<T>, at: Loaded) {
    service.emit(userId, now, decision.events, trace);
    return { outcome: decision.outcome, at };
  }
}

/** Writes once. When the store fails, one more read tells whether the write landed. */
async function write(
  service: Service,
  userId: string,
  expected: string | null,
  next: StoredRecord,
): Promise<boolean> {
  if (next.data.length > MAX_DATA_LENGTH)
    throw new RangeError(`record: over ${MAX_DATA_LENGTH} characters when sealed`);
  let written: unknown;
  try {
    written = await callStore(service, (store) => store.compareAndSet(userId, expected, next));
  } catch (cause) {
    const row = await callStore(service, (store) => store.get(userId)).catch(() => null);
    if (row?.version === next.version) return true;
    throw new TwoFactorError(
      "store_unavailable",
      "The store could not be written, and nothing is revealed.",
      cause,
    );
  }
  if (typeof written !== "boolean") throw new TypeError("store.compareAndSet: must resolve to true or false");
  return written;
}

function summarize(record: UserRecord, keyId: string, now: number): RecordSummary {
  return {
    state: stateOf(record, now).state,
    enrolledAt: activeAuthenticator(record)?.enrolledAt ?? null,
    backupCodesActive: unusedCodes(record.backupCodes),
    keyId,
  };
}

/** Lets the others go first, for a random time that grows with every lost race. */
async function jitter(service: Service, attempt: number): Promise<void> {
  const [byte = 0] = service.random(1);
  await new Promise<void>((resolve) => service.after(1 + (byte * 2 ** attempt) / 256, resolve));
}
