/** What one user has: its shape, its bounds, how it travels, and the summary that a report may see. */

import {
  ascending,
  type Codec,
  instant,
  integer,
  list,
  nullable,
  oneOf,
  struct,
  text,
} from "./internal/codec.ts";
import type { HashName } from "./internal/hmac.ts";

const ID = text(22); // 16 random bytes in base64url
const SHORT_ID = text(8); // 6 random bytes: enough to tell the few of one user apart
export const MAX_DEVICES = 10;
export const MAX_SPENT_CHALLENGES = 32;
export const MAX_BATCH = 16;
export const MAX_SECRET_LENGTH = 103; // 64 bytes in Base32
export const MAX_LABEL_BYTES = 64;
/** How many accepted steps are remembered one by one, for the rare case that the clock is put back before them. */
export const MAX_ACCEPTED_STEPS = 16;
export const MAX_SUPERSEDED = 4;
export const MAX_REGENERATIONS = 5;
/** How many batches confirming may issue a day: each costs derivations, and an enrollment can be begun again and again. */
export const MAX_ISSUES = 10;
/** How many challenges that have failed are noted, and how many failures of each a success of its own forgives. */
export const MAX_FAILING_CHALLENGES = 6;
export const MAX_FORGIVEN = 8;
/** The longest list of failures that the limits of `throttle.unknown` may ask for. */
export const MAX_UNKNOWN_FAILURES = 100;
const COUNT = integer(0, 1_000_000);

/** What turns a secret into codes. */
export interface Parameters {
  algorithm: HashName;
  digits: number;
  period: number;
}

/** A confirmed authenticator app. The accepted steps belong to the secret, so they live beside it. */
export interface Authenticator extends Parameters {
  id: string;
  label: string | null;
  secret: string;
  /** The highest steps that were accepted, ascending; none of them is accepted again, and none below them all. */
  acceptedSteps: readonly number[];
  enrolledAt: number;
  lastUsedAt: number | null;
  /** How many successes in a row were off by a step, signed by the direction. */
  offRun: number;
}

/** Backup codes: digests under one salt, and when each code was used. */
export interface Batch {
  id: string;
  alphabet: "digits" | "base32";
  length: number;
  /** 16 random bytes, base64url. */
  salt: string;
  createdAt: number;
  codes: readonly { digest: string; usedAt: number | null }[];
}

/** An enrollment or replacement that is not active yet. */
export interface Pending extends Parameters {
  id: string;
  secret: string;
  bindingHash: string | null;
  purpose: "enroll" | "replace";
  /** When the first code was right, or the last of those that asked for the backup codes again; and their steps. */
  verified: { at: number; acceptedSteps: readonly number[]; offset: number } | null;
  /** The codes that wait for "I have saved them". */
  batch: Batch | null;
  /** Ids that this one replaced, so that another tab is told the truth. */
  superseded: readonly string[];
  expiresAt: number;
}

/** A browser that has passed the second factor before, with an attempt budget of its own. */
export interface KnownDevice extends Row {
  id: string;
  tokenHash: string;
  label: string | null;
  createdAt: number;
  lastUsedAt: number;
  knownUntilAt: number;
  trustedUntilAt: number | null;
  /** Failures since the device became known; only those of a challenge that ends in a success are taken back. */
  totalFailures: number;
  /** When the device was last asked to be trusted; null if it never was. */
  trustedAt: number | null;
}

/** Failures in a row, and until when they close the door. */
export interface Row {
  failures: number;
  lockedUntilAt: number | null;
}

/** What an open challenge has cost: failures of unknown devices by kind of code, in hours, and of its known device. */
export interface FailingChallenge {
  id: string;
  expiresAt: number;
  app: readonly number[];
  backup: readonly number[];
  device: number;
}

/** The row of one factor, with the failures of unknown devices that a success does not clear, in hours. */
export interface FactorRow extends Row {
  unknown: readonly number[];
}

/** Everything about one user's second factor. */
export interface UserRecord {
  /** 16 random bytes, or empty before the first change; whatever was sealed under an older epoch is dead. */
  epoch: string;
  authenticators: readonly Authenticator[];
  /** When a factor was last turned off or reset; null if none ever was. */
  removedAt: number | null;
  pending: Pending | null;
  backupCodes: Batch | null;
  /** Regenerated codes that wait for acknowledgement; the others work until then. */
  nextBackupCodes: Batch | null;
  regeneratedAt: readonly number[];
  issuedAt: readonly number[];
  devices: readonly KnownDevice[];
  app: FactorRow;
  backup: FactorRow;
  password: Row;
  enrollment: Row;
  spentChallenges: readonly { id: string; expiresAt: number }[];
  failingChallenges: readonly FailingChallenge[];
}

const EMPTY_ROW: Row = { failures: 0, lockedUntilAt: null };

/** The record of somebody who has no second factor. */
export function emptyRecord(): UserRecord {
  return {
    epoch: "",
    authenticators: [],
    removedAt: null,
    pending: null,
    backupCodes: null,
    nextBackupCodes: null,
    regeneratedAt: [],
    issuedAt: [],
    devices: [],
    app: { ...EMPTY_ROW, unknown: [] },
    backup: { ...EMPTY_ROW, unknown: [] },
    password: EMPTY_ROW,
    enrollment: EMPTY_ROW,
    spentChallenges: [],
    failingChallenges: [],
  };
}

/** The active authenticator, if there is one. */
export function activeAuthenticator(record: UserRecord | null): Authenticator | undefined {
  return record?.authenticators[0];
}

/** How many codes of a batch are still good. */
export function unusedCodes(batch: Batch | null): number {
  return batch ? batch.codes.filter((code) => code.usedAt === null).length : 0;
}

const parameters = {
  algorithm: oneOf<HashName>("SHA1", "SHA256", "SHA512"),
  digits: integer(6, 8),
  period: integer(1, 120),
};
const row = { failures: COUNT, lockedUntilAt: nullable(instant) };
const factorRow: Codec<FactorRow> = struct({ ...row, unknown: ascending(MAX_UNKNOWN_FAILURES) });

const authenticator: Codec<Authenticator> = struct({
  ...parameters,
  id: ID,
  label: nullable(text(MAX_LABEL_BYTES)),
  secret: text(MAX_SECRET_LENGTH),
  acceptedSteps: ascending(MAX_ACCEPTED_STEPS),
  enrolledAt: instant,
  lastUsedAt: nullable(instant),
  offRun: integer(-1_000, 1_000),
});

const batch: Codec<Batch> = struct({
  id: ID,
  alphabet: oneOf<"digits" | "base32">("digits", "base32"),
  length: integer(6, 32),
  salt: ID,
  createdAt: instant,
  codes: list(struct({ digest: ID, usedAt: nullable(instant) }), MAX_BATCH),
});

const pending: Codec<Pending> = struct({
  ...parameters,
  id: ID,
  secret: text(MAX_SECRET_LENGTH),
  bindingHash: nullable(text(43)),
  purpose: oneOf<"enroll" | "replace">("enroll", "replace"),
  verified: nullable(
    struct({ at: instant, acceptedSteps: ascending(MAX_ACCEPTED_STEPS), offset: integer(-2, 2) }),
  ),
  batch: nullable(batch),
  superseded: list(ID, MAX_SUPERSEDED),
  expiresAt: instant,
});

const device: Codec<KnownDevice> = struct({
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
});

const failingChallenge: Codec<FailingChallenge> = struct({
  id: SHORT_ID,
  expiresAt: instant,
  app: ascending(MAX_FORGIVEN),
  backup: ascending(MAX_FORGIVEN),
  device: integer(0, MAX_FORGIVEN),
});

const record: Codec<UserRecord> = struct({
  epoch: ID,
  authenticators: list(authenticator, 1),
  removedAt: nullable(instant),
  pending: nullable(pending),
  backupCodes: nullable(batch),
  nextBackupCodes: nullable(batch),
  regeneratedAt: list(instant, MAX_REGENERATIONS),
  issuedAt: list(instant, MAX_ISSUES),
  devices: list(device, MAX_DEVICES),
  app: factorRow,
  backup: factorRow,
  password: struct(row),
  enrollment: struct(row),
  spentChallenges: list(struct({ id: SHORT_ID, expiresAt: instant }), MAX_SPENT_CHALLENGES),
  failingChallenges: list(failingChallenge, MAX_FAILING_CHALLENGES),
});

/** Writes a record as JSON. Throws a TypeError when a bound is exceeded: nothing is ever truncated. */
export function encodeRecord(value: UserRecord): string {
  return JSON.stringify(record.encode(value));
}

/** Reads what {@link encodeRecord} wrote. Throws a TypeError that shows nothing of the text. */
export function decodeRecord(json: string): UserRecord {
  let wire: unknown;
  try {
    wire = JSON.parse(json);
  } catch {
    throw new TypeError("want JSON"); // the parser's own message quotes the text
  }
  return record.decode(wire);
}
