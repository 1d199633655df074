/** The policy: who must have a second factor, and what that means for a sign-in. */

import { checkBoolean, checkNumber, checkOptions } from "../internal/check.ts";
import type { RecordSummary } from "../store.ts";

/**
 * Says whether a user must have a second factor. `sinceAt` (epoch milliseconds) is when that began for this user: the
 * later of the rule and the membership; `grace` is in seconds, and without `sinceAt` there is none. With `methods:
 * ["passkey"]` only passkeys count, which resist phishing: users who have an app alone add one at the next sign-in.
 */
export type Requirement =
  | { required: false }
  | {
      required: true;
      sinceAt?: number | undefined;
      grace?: number | undefined;
      /** The factors that count, all by default. `"passkey"` must be among them, and needs the option `passkeys`. */
      methods?: readonly ("app" | "passkey")[] | undefined;
    };

const NAMES = ["required", "sinceAt", "grace", "methods"];

/**
 * Checks the answer of `requirement`; `checkMethods` is given where there are passkeys. Without the check, an instant as
 * text, a BigInt or a misspelled key would drop the grace, and everybody would have to enroll at once.
 *
 * @throws TypeError or RangeError that names the field.
 */
export function checkRequirement(answer: unknown, checkMethods?: (methods: unknown) => void): Requirement {
  checkOptions("requirement", answer, NAMES);
  const { required, sinceAt, grace, methods } = answer as Record<string, unknown>;
  checkBoolean("requirement.required", required);
  if (sinceAt !== undefined) checkNumber("requirement.sinceAt", sinceAt);
  if (grace !== undefined) checkNumber("requirement.grace", grace);
  if (methods !== undefined) {
    if (!checkMethods) throw new TypeError("requirement.methods: needs the option passkeys");
    checkMethods(methods);
  }
  return answer as Requirement;
}

/** What a user without an active factor meets at sign-in. */
export type Admission =
  | { step: "done"; reason: "no_factor" }
  | { step: "done"; reason: "grace"; graceEndsAt: number }
  | { step: "enroll" };

/** Applies a requirement to a user without an active factor. */
export function admission(requirement: Requirement, now: number): Admission {
  if (!requirement.required) return { step: "done", reason: "no_factor" };
  const { sinceAt, grace = 0 } = requirement;
  const graceEndsAt = (sinceAt ?? Number.NEGATIVE_INFINITY) + grace * 1000;
  return now < graceEndsAt ? { step: "done", reason: "grace", graceEndsAt } : { step: "enroll" };
}

/**
 * Counts what a set of record summaries says about an account's users, before a requirement is switched on.
 *
 * `active` users have a second factor; `pending` began to enroll and are not protected; `none` have none. Users without
 * a row are not counted: they are the number of your users less `total`. Use the counts for information only, since
 * summaries are not authenticated.
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
