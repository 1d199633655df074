/** Passkeys in a record: registering, renaming and removing them. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { utf8 } from "../internal/bytes.ts";
import {
  type Batch,
  countFactors,
  MAX_FACTORS,
  MAX_ISSUES,
  MAX_PASSKEYS,
  MAX_SUPERSEDED,
  type Parameters,
  type Passkey,
  type Pending,
  type UserRecord,
} from "../record.ts";
import { workingBatch } from "./backup-codes.ts";
import { tooMany, withinDay } from "./batch-limits.ts";
import { type Decision, unchanged } from "./decision.ts";
import { nameOf } from "./devices.ts";
import { activate, type Confirmed, type EnrollmentPolicy, type NeedsBatch } from "./enrollment.ts";
import { refusalOfPasskeys } from "./passkey-use.ts";
import { findPending, livePending, supersession } from "./pending.ts";
import { retired } from "./removal.ts";
import { clearRow, type ThrottlePolicy } from "./row.ts";

/** The form of a record with passkeys. A version that does not know them must not take it for one without a factor. */
const READER = 2;
/** How many bytes the ids, keys and labels of all passkeys may take, since a record has a bound. */
export const MAX_CREDENTIALS_LENGTH = 1_480;

/** Returns why no more passkeys fit, or null; `next` is the one to be added. */
export function crowded(record: UserRecord, next?: Passkey): Failure | null {
  const { passkeys } = record;
  const isFull = passkeys.length >= MAX_PASSKEYS || countFactors(record) >= MAX_FACTORS;
  return isFull || !fits(passkeys, next) ? failure("too_many_passkeys") : null;
}

function fits(passkeys: readonly Passkey[], next?: Passkey | null): boolean {
  const texts = (next ? [...passkeys, next] : passkeys).flatMap(({ id, publicKey, label }) => [
    id,
    publicKey,
    label ?? "",
  ]);
  return utf8(texts.join("")).length <= MAX_CREDENTIALS_LENGTH;
}

/** Returns the id by which authenticators know the user, or will: it stays the same once there was a passkey. */
export function userHandleOf(record: UserRecord, pending: Pending): string {
  return record.userHandle ?? pending.id;
}

/** Starts a registration, which ends any other pending enrollment. */
export function beginRegistration(
  record: UserRecord,
  asked: { label: string | null; bindingHash: string | null; parameters: Parameters },
  now: number,
  id: string,
  policy: EnrollmentPolicy,
): Decision<Pending | Failure> {
  const full = crowded(record);
  if (full) return unchanged(record, full);
  const current = livePending(record, now);
  const pending: Pending = {
    ...asked.parameters,
    id,
    secret: "",
    bindingHash: asked.bindingHash,
    purpose: "passkey",
    verified: null,
    batch: null,
    superseded: current ? [...current.superseded, current.id].slice(-MAX_SUPERSEDED) : [],
    expiresAt: now + policy.lifetime * 1_000,
    replaces: null,
    label: asked.label,
    passkey: null,
  };
  return {
    record: { ...record, reader: READER, pending },
    outcome: pending,
    events: [...supersession(record, now), { type: "enrollment_started", method: "passkey" }],
  };
}

/** Finds the pending registration of this id and session, if it may be confirmed now. */
export function findRegistration(
  record: UserRecord,
  asked: { id: string; bindingHash: string | null },
  now: number,
  throttle: ThrottlePolicy,
): Pending | Failure {
  const found = findPending(record, asked, now);
  if (isFailure(found)) return found;
  if (found.purpose !== "passkey") return failure("enrollment_not_found");
  return refusalOfPasskeys(record, now, throttle) ?? found;
}

/** Adds a passkey whose registration was verified, or lets it wait until its backup codes are acknowledged. */
export function register(
  record: UserRecord,
  asked: { id: string; bindingHash: string | null; passkey: Passkey },
  now: number,
  fresh: { id: string; epoch: string; batch: Batch | null },
  policy: EnrollmentPolicy,
): Decision<Confirmed | NeedsBatch | Failure> {
  const found = findRegistration(record, asked, now, policy.throttle);
  if (isFailure(found)) return unchanged(record, found);
  const { passkey } = asked;
  const known = record.passkeys.some(({ id }) => id === passkey.id);
  const full = known ? failure("already_enrolled") : crowded(record, passkey);
  if (full) return unchanged(record, full);
  const underived = policy.issueCodes && !fresh.batch && workingBatch(record, policy) === null;
  if (underived) {
    const spent = tooMany(record.issuedAt, MAX_ISSUES, now);
    if (spent) return unchanged(record, spent);
    const issuedAt = [...withinDay(record.issuedAt, now), now];
    return {
      record: { ...record, issuedAt },
      outcome: { kind: "needs_batch", digits: [found.digits] },
      events: [],
    };
  }
  const verified = { at: now, acceptedSteps: [], offset: 0 };
  const pending = { ...found, passkey, verified, batch: fresh.batch };
  const userHandle = userHandleOf(record, found);
  const cleared = { ...record, userHandle, passkey: clearRow(record.passkey) };
  if (!policy.acknowledge || !fresh.batch) return activate(cleared, pending, now, fresh, policy);
  const extension = found.verified ? 0 : policy.lifetime * 1_000; // extended once only
  const waiting = { ...pending, expiresAt: found.expiresAt + extension };
  return {
    record: { ...cleared, pending: waiting, nextBackupCodes: null },
    outcome: { kind: "awaiting_acknowledgement" },
    events: [{ type: "verified", method: "passkey" }],
  };
}

/** Returns why this passkey cannot be renamed or removed, or null. */
export function refusalOfPasskey(record: UserRecord, id: unknown): Failure | null {
  return record.passkeys.some((other) => other.id === id) ? null : failure("passkey_not_found");
}

/** Gives a passkey another name. */
export function renamePasskey(
  record: UserRecord,
  id: unknown,
  label: string | null,
): Decision<Failure | null> {
  const found = record.passkeys.find((other) => other.id === id);
  if (!found) return unchanged(record, failure("passkey_not_found"));
  const renamed = { ...found, label };
  const passkeys = record.passkeys.map((other) => (other === found ? renamed : other));
  if (!fits(passkeys, record.pending?.passkey)) return unchanged(record, failure("too_many_passkeys"));
  return {
    record: { ...record, passkeys },
    outcome: null,
    events: [{ type: "passkey_renamed", method: "passkey", passkey: nameOf(renamed) }],
  };
}

/** Removes one of several factors and starts a new epoch, because the passkey may be in other hands. */
export function removePasskey(
  record: UserRecord,
  id: unknown,
  epoch: string,
  now: number,
): Decision<Failure | null> {
  const gone = record.passkeys.find((other) => other.id === id);
  if (!gone) return unchanged(record, failure("passkey_not_found"));
  const passkeys = record.passkeys.filter((other) => other !== gone);
  return {
    record: { ...record, ...retired(epoch), passkeys },
    outcome: null,
    events: [
      ...supersession(record, now),
      { type: "passkey_removed", method: "passkey", passkey: nameOf(gone) },
    ],
  };
}
