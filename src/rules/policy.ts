/** Who must have a second factor, what a sign-in asks for, and what proof an operation takes. */

import type { ProofNeed } from "../errors.ts";
import { checkBoolean, checkNumber, checkOptions } from "../internal/check.ts";
import type { RecordSummary } from "../store.ts";
import type { Method } from "./decision.ts";

/**
 * Whether a user must have a second factor. `sinceAt` (epoch milliseconds) is when that began for this user: the
 * later of the rule and the membership; `grace` is in seconds, and without `sinceAt` there is none.
 */
export type Requirement =
  | { required: false }
  | { required: true; sinceAt?: number | undefined; grace?: number | undefined };

/**
 * Checks what the host's `requirement` answered. An instant as text, a BigInt or a misspelled key would drop the grace
 * in silence, and everybody would have to enroll at once.
 *
 * @throws TypeError or RangeError that names the field.
 */
export function checkRequirement(answer: unknown): Requirement {
  checkOptions("requirement", answer, ["required", "sinceAt", "grace"]);
  const { required, sinceAt, grace } = answer as Record<string, unknown>;
  checkBoolean("requirement.required", required);
  if (sinceAt !== undefined) checkNumber("requirement.sinceAt", sinceAt);
  if (grace !== undefined) checkNumber("requirement.grace", grace);
  return answer as Requirement;
}

/** What someone without an active factor meets at sign-in. */
export type Admission =
  | { step: "done"; reason: "no_factor" }
  | { step: "done"; reason: "grace"; graceEndsAt: number }
  | { step: "enroll" };

/** Applies a requirement to someone who has no active factor. */
export function admission(requirement: Requirement, now: number): Admission {
  if (!requirement.required) return { step: "done", reason: "no_factor" };
  const { sinceAt, grace = 0 } = requirement;
  const graceEndsAt = sinceAt === undefined ? Number.NEGATIVE_INFINITY : sinceAt + grace * 1000;
  return now < graceEndsAt ? { step: "done", reason: "grace", graceEndsAt } : { step: "enroll" };
}

/** What an operation may ask for: `code` is either kind, `app` the authenticator only. */
export type ProofLevel = "none" | "password" | "code" | "app" | "password+code" | "password+app";

/** The operations that ask for proof. */
export const PROOF_OPERATIONS = ["enroll", "replace", "disable", "regenerate"] as const;
export type ProofOperation = (typeof PROOF_OPERATIONS)[number];

/** What has been proved. */
export interface ProofHeld {
  password: boolean;
  code: Method | null;
}

/**
 * What an operation asks for now. Without a level of its own: the password wherever it can be checked and, where a
 * factor is active, a code, which for `disable` must come from the app. Without an active factor there is no code
 * that could be asked for.
 */
export function proofNeed(
  operation: ProofOperation,
  level: ProofLevel | undefined,
  situation: { active: boolean; canCheckPassword: boolean },
): ProofNeed {
  const asked = level ?? defaultLevel(operation, situation.canCheckPassword);
  const code = asked.endsWith("app") ? "app" : asked.endsWith("code") ? "any" : null;
  return { password: asked.startsWith("password"), code: situation.active ? code : null };
}

function defaultLevel(operation: ProofOperation, canCheckPassword: boolean): ProofLevel {
  const code = operation === "disable" ? "app" : "code";
  return canCheckPassword ? `password+${code}` : code;
}

/** What of a need the proofs held so far leave open, or null if nothing. */
export function stillNeeded(need: ProofNeed, held: ProofHeld): ProofNeed | null {
  const password = need.password && !held.password;
  const satisfied = need.code === "any" ? held.code !== null : held.code === need.code;
  const code = satisfied ? null : need.code;
  return password || code !== null ? { password, code } : null;
}

/**
 * Counts what a set of record summaries says about an account's users, before a requirement is switched on.
 *
 * `active` users have a second factor; `pending` began to enroll and are not protected; `none` have none. Users
 * without a row are not in it: they are the host's count of users less `total`. The counts inform and decide
 * nothing, since summaries are not authenticated.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { policyReport } from "twinlock";
 *
 * const keyId = "0123456789A";
 * const report = policyReport([
 *   { state: "active", enrolledAt: 0, backupCodesActive: 10, keyId },
 *   { state: "none", enrolledAt: null, backupCodesActive: 0, keyId },
 * ]);
 * assert.deepEqual(report, { total: 2, active: 1, pending: 0, none: 1 });
 * ```
 */
export function policyReport(summaries: readonly RecordSummary[]): {
  total: number;
  active: number;
  pending: number;
  none: number;
} {
  const count = (...states: readonly string[]) =>
    summaries.filter((summary) => states.includes(summary.state)).length;
  return {
    total: summaries.length,
    active: count("active"),
    pending: count("pending", "awaiting_acknowledgement"),
    none: count("none"),
  };
}
