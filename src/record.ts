/** What one user has: its shape and its bounds. How it travels is in `record/format.ts`. */

import type { HashName } from "./internal/hmac.ts";

export const MAX_DEVICES = 10;
export const MAX_AUTHENTICATORS = 5;
export const MAX_PASSKEYS = 10;
/** Characters of one credential id or public key; those of all passkeys together are bounded, too, in `rules/passkeys`. */
export const MAX_CREDENTIAL_LENGTH = 512;
export const MAX_TRANSPORTS = 2;
export const MAX_SPENT_CHALLENGES = 32;
export const MAX_SPENT_ELEVATIONS = 32;
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
/** How many successes can be told once more, to whoever sends the same within a minute. */
export const MAX_ANSWERS = 3;
/** The longest list of failures that the limits of `throttle.unknown` may ask for. */
export const MAX_UNKNOWN_FAILURES = 100;

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

/** A passkey or security key. Its counter and its backup state move with every use. */
export interface Passkey {
  /** The id of the credential, base64url. */
  id: string;
  /** COSE, base64url. */
  publicKey: string;
  counter: number;
  label: string | null;
  transports: readonly string[];
  /** Whether it may be copied to other devices (`multi`), and whether it has been. */
  device: "single" | "multi";
  backedUp: 0 | 1;
  enrolledAt: number;
  lastUsedAt: number | null;
}

/** Backup codes: digests under one salt, and when each code was used. */
export interface Batch {
  id: string;
  /** `text` is any code of another system; `legacy` codes stay there, and here is which of them are unused. */
  alphabet: "digits" | "base32" | "text" | "legacy";
  /** Characters; of `text` and `legacy` codes at least so many. */
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
  /** `add` puts another authenticator beside those that are there. */
  purpose: "enroll" | "replace" | "add" | "passkey";
  /** When the first code was right, or the last of those that asked for the backup codes again; and their steps. */
  verified: { at: number; acceptedSteps: readonly number[]; offset: number } | null;
  /** The codes that wait for "I have saved them". */
  batch: Batch | null;
  /** Ids that this one replaced, so that another tab is told the truth. */
  superseded: readonly string[];
  expiresAt: number;
  /** The authenticator that this one will replace; null where there is nothing to replace, or only one. */
  replaces: string | null;
  label: string | null;
  /** The passkey that waits for "I have saved them"; null for an authenticator. */
  passkey: Passkey | null;
}

/** A device that has passed the second factor before, with an attempt budget of its own. */
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

/** A success that may be told again: to which call, and what of it cannot be read from the rest of the record. */
export interface Answer {
  /** The id of the challenge, the enrollment or the batch. */
  of: string;
  at: number;
  salt: string;
  fingerprint: string;
  method: "app" | "backup" | "passkey";
  stepOffset: number;
  verifiedAt: number;
  /** The backup codes that were shown with it. */
  batchId: string | null;
}

/** The row of one factor, with the failures of unknown devices that a success does not clear, in hours. */
export interface FactorRow extends Row {
  unknown: readonly number[];
}

/** Everything about one user's second factor. */
export interface UserRecord {
  /** The form that a reader has to know at least. */
  reader: number;
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
  /** Elevations that have allowed an operation which takes each of them once. */
  spentElevations: readonly { id: string; expiresAt: number }[];
  answers: readonly Answer[];
  passkeys: readonly Passkey[];
  /** Failures of passkeys: nothing can be guessed, so they only bound the work. */
  passkey: FactorRow;
  /** What authenticators know the user by: random, and kept when the last passkey goes. */
  userHandle: string | null;
}

const EMPTY_ROW: Row = { failures: 0, lockedUntilAt: null };

/** The record of somebody who has no second factor. */
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

/** The first of the active authenticators, if there is one. */
export function activeAuthenticator(record: UserRecord | null): Authenticator | undefined {
  return record?.authenticators[0];
}

/** How many authenticators and passkeys are active. Backup codes are no factor of their own. */
export function countFactors({ authenticators, passkeys }: UserRecord): number {
  return authenticators.length + passkeys.length;
}

/** Whether a second factor is active, of whatever kind. */
export function hasFactor(record: UserRecord): boolean {
  return countFactors(record) > 0;
}

/** Since when the first of the active factors is there, or null. */
export function enrolledSince(record: UserRecord): number | null {
  const factors = [...record.authenticators, ...record.passkeys];
  return hasFactor(record) ? Math.min(...factors.map(({ enrolledAt }) => enrolledAt)) : null;
}

/** How many codes of a batch are still good. */
export function unusedCodes(batch: Batch | null): number {
  return batch ? batch.codes.filter((code) => code.usedAt === null).length : 0;
}
