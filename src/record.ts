/** The record of one user: its shape and its bounds. `record/format.ts` reads and writes it. */

import type { HashName } from "./internal/hmac.ts";

export const MAX_DEVICES = 10;
export const MAX_AUTHENTICATORS = 5;
export const MAX_PASSKEYS = 10;
/** The most authenticators and passkeys together: a user with five authenticators has room for seven passkeys. */
export const MAX_FACTORS = 12;
/** The most characters of a credential id or public key. `rules/passkeys.ts` bounds those of all passkeys together. */
export const MAX_CREDENTIAL_LENGTH = 512;
/** As many bits as there are transports. */
export const MAX_TRANSPORTS = 127;
export const MAX_SPENT_CHALLENGES = 32;
export const MAX_SPENT_ELEVATIONS = 32;
export const MAX_BATCH = 16;
export const MAX_SECRET_LENGTH = 103; // the length of 64 bytes in Base32
export const MAX_LABEL_BYTES = 64;
/** How many accepted steps are remembered, for the rare case that the clock is put back before them. */
export const MAX_ACCEPTED_STEPS = 16;
export const MAX_SUPERSEDED = 4;
export const MAX_REGENERATIONS = 5;
/** How many batches confirming may issue a day. Each costs derivations, and enrollments can be begun again and again. */
export const MAX_ISSUES = 10;
/** How many failing challenges are noted, and how many failures of each are forgiven when it succeeds. */
export const MAX_FAILING_CHALLENGES = 6;
export const MAX_FORGIVEN = 8;
/** How many successes are kept for a form that is sent twice within a minute. */
export const MAX_ANSWERS = 3;
/** The longest list of failures that the limits of `throttle.unknown` may ask for. */
export const MAX_UNKNOWN_FAILURES = 100;

/** The parameters with which a secret makes codes. */
export interface Parameters {
  algorithm: HashName;
  digits: number;
  period: number;
}

/** A confirmed authenticator app. The accepted steps belong to its secret, so they are kept beside it. */
export interface Authenticator extends Parameters {
  id: string;
  label: string | null;
  secret: string;
  /** The highest accepted steps, ascending. None of them is accepted again, nor any step below them all. */
  acceptedSteps: readonly number[];
  enrolledAt: number;
  lastUsedAt: number | null;
  /** How many successes in a row were off in the same direction; negative where the phone is behind. */
  offRun: number;
}

/** A passkey or security key. Its counter and backup state change with every use. */
export interface Passkey {
  /** The id of the credential, base64url. */
  id: string;
  /** The public key as COSE, in base64url. */
  publicKey: string;
  counter: number;
  label: string | null;
  /** How the passkey can be reached: one bit for each transport in `passkeys/transports.ts`. */
  transports: number;
  /** 1 if the passkey may be copied to other devices. */
  synced: 0 | 1;
  backedUp: 0 | 1;
  enrolledAt: number;
  lastUsedAt: number | null;
}

/** A batch of backup codes: digests under one salt, and when each code was used. */
export interface Batch {
  id: string;
  /** `text`: any code of another system. `legacy`: the codes stay there, and the record knows which are unused. */
  alphabet: "digits" | "base32" | "text" | "legacy";
  /** The number of characters of a code; `text` and `legacy` codes have at least so many. */
  length: number;
  /** 16 random bytes, base64url; empty for `legacy`. */
  salt: string;
  createdAt: number;
  codes: readonly { digest: string; usedAt: number | null }[];
}

/** An enrollment or replacement that is not active yet. */
export interface Pending extends Parameters {
  id: string;
  secret: string;
  bindingHash: string | null;
  /** What the enrollment leads to; `add` puts another authenticator beside the active ones. */
  purpose: "enroll" | "replace" | "add" | "passkey";
  /** Set once a first code was right: when the latest one was, the steps of all, and the offset of the latest. */
  verified: { at: number; acceptedSteps: readonly number[]; offset: number } | null;
  /** The backup codes that wait to be acknowledged. */
  batch: Batch | null;
  /** The ids of enrollments that this one replaced, so that another tab is told why its own fails. */
  superseded: readonly string[];
  expiresAt: number;
  /** The id of the authenticator to replace; null where there is none, or only one. */
  replaces: string | null;
  label: string | null;
  /** The passkey that waits until its backup codes are acknowledged; null for an authenticator. */
  passkey: Passkey | null;
}

/** A device that has passed the second factor before. It has an attempt budget of its own. */
export interface KnownDevice extends Row {
  id: string;
  tokenHash: string;
  label: string | null;
  createdAt: number;
  lastUsedAt: number;
  knownUntilAt: number;
  trustedUntilAt: number | null;
  /** Failures since the device became known. Only the success of their own challenge takes them back. */
  totalFailures: number;
  /** When the device was last asked to be trusted; null if it never was. */
  trustedAt: number | null;
}

/** A run of failures: how many there were in a row, and until when no further attempt is allowed. */
export interface Row {
  failures: number;
  lockedUntilAt: number | null;
}

/** The failures that an open challenge was charged: from unknown devices as hours, and from its known device. */
export interface FailingChallenge {
  id: string;
  expiresAt: number;
  app: readonly number[];
  backup: readonly number[];
  device: number;
}

/** A success that a form sent twice is told again, with what the rest of the record does not say of it. */
export interface Answer {
  /** The id of the challenge, the enrollment or the batch. */
  of: string;
  at: number;
  salt: string;
  fingerprint: string;
  method: "app" | "backup" | "passkey";
  stepOffset: number;
  verifiedAt: number;
  /** The id of the backup codes that were shown with it. */
  batchId: string | null;
}

/** The row of one factor, with the hours of failures from unknown devices, which a success does not clear. */
export interface FactorRow extends Row {
  unknown: readonly number[];
}

/** Everything that is stored about one user's second factor. */
export interface UserRecord {
  /** The form that a version must know to read this record. */
  reader: number;
  /** 16 random bytes, or empty before the first change. Tokens that were sealed under an older epoch no longer count. */
  epoch: string;
  authenticators: readonly Authenticator[];
  /** When a factor was last turned off or reset; null if that never happened. */
  removedAt: number | null;
  pending: Pending | null;
  backupCodes: Batch | null;
  /** Regenerated backup codes that wait for acknowledgement; the current ones work until then. */
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
  /** Spent elevations of operations that take each elevation once. */
  spentElevations: readonly { id: string; expiresAt: number }[];
  answers: readonly Answer[];
  passkeys: readonly Passkey[];
  /** Failures of passkeys. Signatures cannot be guessed, so counting failures only limits the work. */
  passkey: FactorRow;
  /** The random id by which authenticators know the user. It is kept when the last passkey is removed. */
  userHandle: string | null;
}

const EMPTY_ROW: Row = { failures: 0, lockedUntilAt: null };

/** Makes the record of a user without a second factor. */
export function emptyRecord(): UserRecord {
  return {
    reader: 1,
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
    spentElevations: [],
    answers: [],
    passkeys: [],
    passkey: { ...EMPTY_ROW, unknown: [] },
    userHandle: null,
  };
}

/** Counts active authenticators and passkeys. Backup codes are no factor of their own. */
export function countFactors({ authenticators, passkeys }: UserRecord): number {
  return authenticators.length + passkeys.length;
}

/** Tells whether any second factor is active. */
export function hasFactor(record: UserRecord): boolean {
  return countFactors(record) > 0;
}

/** Returns when the first of the active factors was enrolled, or null. */
export function enrolledSince(record: UserRecord): number | null {
  const factors = [...record.authenticators, ...record.passkeys];
  return hasFactor(record) ? Math.min(...factors.map(({ enrolledAt }) => enrolledAt)) : null;
}

/** Counts the unused codes of a batch. */
export function unusedCodes(batch: Batch | null): number {
  return batch ? batch.codes.filter((code) => code.usedAt === null).length : 0;
}
