/** The table of what proof each operation takes, and which parts of a proof count: by level, age and use. */

import type { Failure, ProofNeed } from "../errors.ts";
import { MAX_SPENT_ELEVATIONS, type UserRecord } from "../record.ts";
import type { Method } from "./decision.ts";
import { isLive } from "./lifetime.ts";
import { isListed, isPastRemembering, type TokenId, withSpent } from "./spent.ts";

/** What an operation may ask for: `code` is either kind of code, `app` that of the authenticator only. */
export type ProofLevel = "none" | "password" | "code" | "app" | "password+code" | "password+app";

export const PROOF_LEVELS: readonly ProofLevel[] = [
  "none",
  "password",
  "code",
  "app",
  "password+code",
  "password+app",
];

/** The operations of the library that ask for proof. */
export type ProofOperation = "enroll" | "replace" | "disable" | "regenerate";
export const PROOF_OPERATIONS: readonly ProofOperation[] = ["enroll", "replace", "disable", "regenerate"];

/** The longest name of an operation of your own. */
export const MAX_OPERATION = 64;

/** A row of the table: what an operation asks for, how old that may be, and how often it may be used. */
export interface ProofRow {
  level: ProofLevel;
  /** How old each part may be, in seconds. */
  maxAge: number;
  /** Whether the operation spends the elevation that allows it. */
  once: boolean;
  /** Whether a fresh first factor of your own takes the password's place. */
  firstFactor: boolean;
}

/** Returns the default row of an operation of the library. */
export function defaultRow(
  operation: ProofOperation,
  { canCheckPassword, maxAge }: { canCheckPassword: boolean; maxAge: number },
): ProofRow {
  const code = operation === "disable" ? "app" : "code";
  const level = canCheckPassword ? (`password+${code}` as const) : code;
  return { level, maxAge, once: false, firstFactor: false };
}

/** Returns what a row asks for. Enrolling takes no code, since there is no factor yet that could give one. */
export function needOf({ level, firstFactor }: ProofRow, active: boolean): ProofNeed {
  const password = level.startsWith("password");
  const code = level.endsWith("app") ? "app" : level.endsWith("code") ? "any" : null;
  return { password, code: active ? code : null, ...(password && firstFactor && { firstFactor }) };
}

/**
 * Tells whether an operation of the application takes a code and the user has no factor. Enrolling and making the first
 * backup codes go without, but an operation that you guard with a code must not be open to users who never enrolled.
 */
export function lacksFactor(operation: string, { level }: ProofRow, active: boolean): boolean {
  const own = !(PROOF_OPERATIONS as readonly string[]).includes(operation);
  return own && !active && (level.endsWith("app") || level.endsWith("code"));
}

/** What a person is asked for, or why no proof would help. */
export interface AskedFor {
  need: ProofNeed;
  refusal: Failure | null;
}

/** What you say about the first factor: RFC 8176 method names, and when it was shown (epoch milliseconds). */
export interface FirstFactor {
  amr: readonly string[];
  authenticatedAt: number;
}

/** The parts of a proof, and when each was shown: a first factor, such as the password, and a code or passkey. */
export interface Proven {
  firstFactor: FirstFactor | null;
  /** `amr` holds RFC 8176's names for what a passkey has shown; null for codes. */
  code: { method: Method; at: number; amr: readonly string[] | null } | null;
}

export const NOTHING_PROVEN: Proven = { firstFactor: null, code: null };

/** Returns the parts of a proof that are young enough for a row. */
export function fresh({ firstFactor, code }: Proven, { maxAge }: ProofRow, now: number): Proven {
  const counts = (at: number) => isLive(at + maxAge * 1_000, now, maxAge);
  return {
    firstFactor: firstFactor && counts(firstFactor.authenticatedAt) ? firstFactor : null,
    code: code && counts(code.at) ? code : null,
  };
}

/** Joins two proofs. Where both have a part, that of the second counts. */
export function together(first: Proven, second: Proven): Proven {
  return { firstFactor: second.firstFactor ?? first.firstFactor, code: second.code ?? first.code };
}

/** Returns what is needed beyond the proofs shown so far, or null. */
export function stillNeeded(need: ProofNeed, { firstFactor, code: shown }: Proven): ProofNeed | null {
  const serves = firstFactor !== null && (need.firstFactor === true || isPassword(firstFactor));
  const password = need.password && !serves;
  const satisfied =
    need.code === "any" ? shown !== null : shown?.method === "passkey" || shown?.method === need.code;
  const code = satisfied ? null : need.code;
  if (!password && code === null) return null;
  return { password, code, ...(password && need.firstFactor && { firstFactor: true }) };
}

/** Tells whether a first factor was the password. */
export function isPassword({ amr }: FirstFactor): boolean {
  return amr.includes("pwd");
}

/** What an elevation is limited to: an operation, and the hash of the confirmed transaction, if there is one. */
export interface Scope {
  operation: string;
  transaction: string | null;
}

/**
 * Tells whether an elevation can be used here. One with a scope allows that operation and that transaction only. One
 * without allows every operation but no transaction, because nobody has confirmed it.
 */
export function serves(madeFor: Scope | null, { operation, transaction }: Scope): boolean {
  if (madeFor === null) return transaction === null;
  return madeFor.operation === operation && madeFor.transaction === transaction;
}

/** Returns why an elevation cannot be spent any more, or null. A full list refuses what expires before all on it. */
export function refusalOfSpentElevation(
  { spentElevations }: UserRecord,
  elevation: TokenId,
): "elevation_used" | "elevation_expired" | null {
  if (isListed(spentElevations, elevation)) return "elevation_used";
  return isPastRemembering(spentElevations, elevation, MAX_SPENT_ELEVATIONS) ? "elevation_expired" : null;
}

/** Notes that an elevation is spent. */
export function spendElevation(record: UserRecord, elevation: TokenId, now: number): UserRecord {
  const spentElevations = withSpent(record.spentElevations, elevation, now, MAX_SPENT_ELEVATIONS);
  return { ...record, spentElevations };
}
