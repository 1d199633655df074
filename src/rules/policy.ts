/** Who must have a second factor, and what a sign-in asks for. */

import { checkBoolean, checkNumber, checkOptions } from "../internal/check.ts";
import type { RecordSummary } from "../store.ts";

/**
 * Whether a user must have a second factor. `sinceAt` (epoch milliseconds) is when that began for this user: the
 * later of the rule and the membership; `grace` is in seconds, and without `sinceAt` there is none. With `methods:
 * ["passkey"]` only passkeys count, which resist phishing: whoever has an app alone adds one at the next sign-in.
 */
export type Requirement =
  | { required: false }
  | {
      required: true;
      sinceAt?: number | undefined;
      grace?: number | undefined;
      /** Which factors count; all by default. `"passkey"` has to be among them, and needs the option `passkeys`. */
      methods?: readonly ("app" | "passkey")[] | undefined;
    };

const NAMES = ["required", "sinceAt", "grace"];

/**
 * Checks what the host's `requirement` answered; `checkMethods` is there where there are passkeys. An instant as text, a BigInt or a misspelled key would drop the grace
 * in silence, and everybody would have to enroll at once.
 *
 * @throws TypeError or RangeError that names the field.
 */
export function checkRequirement(answer: unknown, checkMethods?: (methods: unknown) => void): Requirement {
  checkOptions("requirement", answer, [...NAMES, ...(checkMethods ? ["methods"] : [])]);
  const { required, sinceAt, grace, methods } = answer as Record<string, unknown>;
  checkBoolean("requirement.required", required);
  if (sinceAt !== undefined) checkNumber("requirement.sinceAt", sinceAt);
  if (grace !== undefined) checkNumber("requirement.grace", grace);
  checkMethods?.(methods);
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
