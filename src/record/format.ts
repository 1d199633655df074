/**
 * The stored form of a record: JSON without keys, with every field checked when it is written and when it is read.
 *
 * Versions of the library share a table while a deployment rolls. So fields are only appended, never moved or removed,
 * and a version keeps the fields that it does not know. A change that an older version must not overlook raises
 * {@link READER}, and older versions then refuse the record.
 */

import {
  ascending,
  type Codec,
  growing,
  instant,
  integer,
  list,
  nullable,
  oneOf,
  text,
} from "../internal/codec.ts";
import type { HashName } from "../internal/hmac.ts";
import {
  type Answer,
  type Authenticator,
  type Batch,
  type FactorRow,
  type FailingChallenge,
  type KnownDevice,
  MAX_ACCEPTED_STEPS,
  MAX_ANSWERS,
  MAX_AUTHENTICATORS,
  MAX_BATCH,
  MAX_CREDENTIAL_LENGTH,
  MAX_DEVICES,
  MAX_FAILING_CHALLENGES,
  MAX_FORGIVEN,
  MAX_ISSUES,
  MAX_LABEL_BYTES,
  MAX_PASSKEYS,
  MAX_REGENERATIONS,
  MAX_SECRET_LENGTH,
  MAX_SPENT_CHALLENGES,
  MAX_SPENT_ELEVATIONS,
  MAX_SUPERSEDED,
  MAX_TRANSPORTS,
  MAX_UNKNOWN_FAILURES,
  type Passkey,
  type Pending,
  type UserRecord,
} from "../record.ts";

const ID = text(22); // 16 random bytes in base64url
const SHORT_ID = text(8); // 6 random bytes in base64url, enough for the few ids of one user
const COUNT = integer(0, 1_000_000);
const parameters = {
  algorithm: oneOf<HashName>("SHA1", "SHA256", "SHA512"),
  digits: integer(6, 8),
  period: integer(1, 120),
};
const row = { failures: COUNT, lockedUntilAt: nullable(instant) };
const factorRow: Codec<FactorRow> = growing({ ...row, unknown: ascending(MAX_UNKNOWN_FAILURES) });

const authenticator: Codec<Authenticator> = growing({
  ...parameters,
  id: ID,
  label: nullable(text(MAX_LABEL_BYTES)),
  secret: text(MAX_SECRET_LENGTH),
  acceptedSteps: ascending(MAX_ACCEPTED_STEPS),
  enrolledAt: instant,
  lastUsedAt: nullable(instant),
  offRun: integer(-1_000, 1_000),
});

const bit = integer(0, 1) as Codec<0 | 1>;
const passkey: Codec<Passkey> = growing({
  id: text(MAX_CREDENTIAL_LENGTH),
  publicKey: text(MAX_CREDENTIAL_LENGTH),
  counter: integer(0, 2 ** 32 - 1),
  label: nullable(text(MAX_LABEL_BYTES)),
  transports: integer(0, MAX_TRANSPORTS),
  synced: bit,
  backedUp: bit,
  enrolledAt: instant,
  lastUsedAt: nullable(instant),
});

const batch: Codec<Batch> = growing({
  id: ID,
  alphabet: oneOf<Batch["alphabet"]>("digits", "base32", "text", "legacy"),
  length: integer(6, 64),
  salt: ID,
  createdAt: instant,
  codes: list(growing({ digest: ID, usedAt: nullable(instant) }), MAX_BATCH),
});

/** Copies the fields of a batch. Throws a TypeError if it is none. */
export function copyBatch(value: unknown): Batch {
  return batch.decode(batch.encode(value as Batch));
}

const pending: Codec<Pending> = growing(
  {
    ...parameters,
    id: ID,
    secret: text(MAX_SECRET_LENGTH),
    bindingHash: nullable(text(43)),
    purpose: oneOf<Pending["purpose"]>("enroll", "replace", "add", "passkey"),
    verified: nullable(
      growing({ at: instant, acceptedSteps: ascending(MAX_ACCEPTED_STEPS), offset: integer(-2, 2) }),
    ),
    batch: nullable(batch),
    superseded: list(ID, MAX_SUPERSEDED),
    expiresAt: instant,
    replaces: nullable(ID),
    label: nullable(text(MAX_LABEL_BYTES)),
    passkey: nullable(passkey),
  },
  { replaces: null, label: null, passkey: null },
);

const device: Codec<KnownDevice> = growing(
  {
    ...row,
    id: SHORT_ID,
    tokenHash: text(43),
    label: nullable(text(MAX_LABEL_BYTES)),
    createdAt: instant,
    lastUsedAt: instant,
    knownUntilAt: instant,
    trustedUntilAt: nullable(instant),
    totalFailures: COUNT,
    trustedAt: nullable(instant),
  },
  { trustedAt: null },
);

const failingChallenge: Codec<FailingChallenge> = growing({
  id: SHORT_ID,
  expiresAt: instant,
  app: ascending(MAX_FORGIVEN),
  backup: ascending(MAX_FORGIVEN),
  device: integer(0, MAX_FORGIVEN),
});

const answer: Codec<Answer> = growing({
  of: ID,
  at: instant,
  salt: text(43),
  fingerprint: ID,
  method: oneOf<Answer["method"]>("app", "backup", "passkey"),
  stepOffset: integer(-2, 2),
  verifiedAt: instant,
  batchId: nullable(ID),
});

/** The newest form that this version reads. Each record says which form its reader has to know. */
const READER = 2;

const record: Codec<UserRecord> = growing(
  {
    reader: integer(1, READER),
    epoch: ID,
    authenticators: list(authenticator, MAX_AUTHENTICATORS),
    removedAt: nullable(instant),
    pending: nullable(pending),
    backupCodes: nullable(batch),
    nextBackupCodes: nullable(batch),
    regeneratedAt: list(instant, MAX_REGENERATIONS),
    issuedAt: list(instant, MAX_ISSUES),
    devices: list(device, MAX_DEVICES),
    app: factorRow,
    backup: factorRow,
    password: growing(row),
    enrollment: growing(row),
    spentChallenges: list(growing({ id: SHORT_ID, expiresAt: instant }), MAX_SPENT_CHALLENGES),
    failingChallenges: list(failingChallenge, MAX_FAILING_CHALLENGES),
    spentElevations: list(growing({ id: SHORT_ID, expiresAt: instant }), MAX_SPENT_ELEVATIONS),
    answers: list(answer, MAX_ANSWERS),
    passkeys: list(passkey, MAX_PASSKEYS),
    passkey: factorRow,
    userHandle: nullable(ID),
  },
  {
    failingChallenges: [],
    spentElevations: [],
    answers: [],
    passkeys: [],
    passkey: { failures: 0, lockedUntilAt: null, unknown: [] },
    userHandle: null,
  },
);

/** Writes a record as JSON. Throws a TypeError when a bound is exceeded; nothing is ever truncated. */
export function encodeRecord(value: UserRecord): string {
  return JSON.stringify(record.encode(value));
}

/**
 * Reads what {@link encodeRecord} wrote, in this version or another. Throws a RangeError if the record needs a newer
 * reader, and a TypeError that shows nothing of the text if it is no record.
 */
export function decodeRecord(json: string): UserRecord {
  let wire: unknown;
  try {
    wire = JSON.parse(json);
  } catch {
    throw new TypeError("want JSON"); // the parser's own message quotes the text
  }
  const first: unknown = Array.isArray(wire) ? wire[0] : undefined;
  if (Number.isSafeInteger(first) && (first as number) > READER) {
    throw new RangeError(`want a reader of form ${READER} at most`);
  }
  return record.decode(typeof first === "string" ? [1, ...(wire as unknown[])] : wire); // the first form named no reader
}
