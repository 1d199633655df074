/** What proof an operation takes, and what of a proof counts for it: level, age and use, read from one table. */

import type { ProofNeed } from "../errors.ts";
import { MAX_SPENT_ELEVATIONS, type UserRecord } from "../record.ts";
import type { Method } from "./decision.ts";
import { isLive } from "./lifetime.ts";
import { isListed, isPastRemembering, type TokenId, withSpent } from "./spent.ts";

/** What an operation may ask for: `code` is either kind, `app` the authenticator only. */
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

/** The longest name that an operation of the host may have. */
export const MAX_OPERATION = 64;

/** A row of the table: what one operation asks for, how old that may be, and how often it serves. */
export interface ProofRow {
  level: ProofLevel;
  /** Seconds. */
  maxAge: number;
  /** Whether an elevation is spent by the operation that it allows. */
  once: boolean;
  /** Whether a fresh first factor of the host's takes the password's place. */
  firstFactor: boolean;
}

/** The row of an operation of the library for which the host has written none. */
export function defaultRow(
  operation: ProofOperation,
  { canCheckPassword, maxAge }: { canCheckPassword: boolean; maxAge: number },
): ProofRow {
  const code = operation === "disable" ? "app" : "code";
  const level = canCheckPassword ? (`password+${code}` as const) : code;
  return { level, maxAge, once: false, firstFactor: false };
}

/** What a row asks for. Enrolling takes no code, since there is no factor yet that could give one. */
export function needOf({ level, firstFactor }: ProofRow, active: boolean): ProofNeed {
  const password = level.startsWith("password");
  const code = level.endsWith("app") ? "app" : level.endsWith("code") ? "any" : null;
  return { password, code: active ? code : null, ...(password && firstFactor && { firstFactor }) };
}

/**
 * Whether an operation of the host takes a code of a user who has no factor that could give one. Enrolling and making
 * the first backup codes go without; whatever the host guards with a code must not be open to whoever never enrolled.
 */
export function lacksFactor(operation: string, { level }: ProofRow, active: boolean): boolean {
  const own = !(PROOF_OPERATIONS as readonly string[]).includes(operation);
  return own && !active && (level.endsWith("app") || level.endsWith("code"));
}

/** What a person is asked for, and whether they lack a factor that the operation takes. */
export interface AskedFor {
  need: ProofNeed;
  lacking: boolean;
  /** What a code has to be that is shown unasked. */
  other: "any" | "passkey";
}

/** What the host says about the first factor: RFC 8176 method names, and when (epoch milliseconds). */
export interface FirstFactor {
  amr: readonly string[];
  authenticatedAt: number;
}

/** What was proved, and when: a first factor, such as the password, and a code of either kind. */
export interface Proven {
  firstFactor: FirstFactor | null;
  /** `amr` holds what a passkey has shown, in RFC 8176's names; null for codes. */
  code: { method: Method; at: number; amr: readonly string[] | null } | null;
}

export const NOTHING_PROVEN: Proven = { firstFactor: null, code: null };

/** Each part of a proof that is young enough for a row. */
export function fresh({ firstFactor, code }: Proven, { maxAge }: ProofRow, now: number): Proven {
  const counts = (at: number) => isLive(at + maxAge * 1_000, now, maxAge);
  return {
    firstFactor: firstFactor && counts(firstFactor.authenticatedAt) ? firstFactor : null,
    code: code && counts(code.at) ? code : null,
  };
}

/** Both proofs: what the second shows goes before what the first does. */
export function together(first: Proven, second: Proven): Proven {
  return { firstFactor: second.firstFactor ?? first.firstFactor, code: second.code ?? first.code };
}

/** What of a need the proofs shown so far leave open, or null if nothing. */
export function stillNeeded(need: ProofNeed, { firstFactor, code: shown }: Proven): ProofNeed | null {
  const serves = firstFactor !== null && (need.firstFactor === true || isPassword(firstFactor));
  const password = need.password && !serves;
  const satisfied =
    need.code === "any" ? shown !== null : shown?.method === "passkey" || shown?.method === need.code;
  const code = satisfied ? null : need.code;
  if (!password && code === null) return null;
  return { password, code, ...(password && need.firstFactor && { firstFactor: true }) };
}

/** Whether a first factor was the password. */
export function isPassword({ amr }: FirstFactor): boolean {
  return amr.includes("pwd");
}

/** What an elevation was made for: an operation, and the hash of the transaction that was confirmed, if there was one. */
export interface Scope {
  operation: string;
  transaction: string | null;
}

/**
 * Whether an elevation serves here. One that was made for an operation serves that operation and that transaction; one
 * that was made for none serves every operation, and no transaction: nobody has confirmed it.
 */
export function serves(madeFor: Scope | null, { operation, transaction }: Scope): boolean {
  if (madeFor === null) return transaction === null;
  return madeFor.operation === operation && madeFor.transaction === transaction;
}

/** Why an elevation cannot be spent any more, or null. A full list vouches for none that expires before all on it. */
export function refusalOfSpentElevation(
  { spentElevations }: UserRecord,
  elevation: TokenId,
): "elevation_used" | "elevation_expired" | null {
  if (isListed(spentElevations, elevation)) return "elevation_used";
  return isPastRemembering(spentElevations, elevation, MAX_SPENT_ELEVATIONS) ? "elevation_expired" : null;
}

/** Notes that an elevation has allowed what it allows once. */
export function spendElevation(record: UserRecord, elevation: TokenId, now: number): UserRecord {
  const spentElevations = withSpent(record.spentElevations, elevation, now, MAX_SPENT_ELEVATIONS);
  return { ...record, spentElevations };
}
