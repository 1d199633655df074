/**
 * The calls that change a second factor without proof from the person. A deployment that promises "we cannot reset it"
 * never imports this.
 *
 * @module
 */

import { type Admin, createAdminWith } from "./two-factor/administration.ts";
import type { TwoFactorOptions } from "./two-factor/options.ts";

export type { By } from "./two-factor/acting.ts";
export type { Admin } from "./two-factor/administration.ts";
export type { SkippedCode } from "./two-factor/carried.ts";
export type { ImportedEnrollment } from "./two-factor/importing.ts";

/**
 * Creates the administrator's calls over the same records; pass the options of `createTwoFactor`.
 *
 * Guard it with your own roles and, for `reset`, with an identity check as strong as at enrollment (OWASP ASVS 5
 * s.6.4.4). `authorize` is asked here too.
 *
 * @throws TypeError or RangeError that names the option; later calls throw a TwoFactorError on trouble.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateKey } from "twinlock";
 * import { createAdmin } from "twinlock/admin";
 * import { memoryStore } from "twinlock/stores/memory";
 *
 * const admin = createAdmin({
 *   issuer: "Acme",
 *   store: memoryStore(),
 *   keys: generateKey(),
 *   reauthentication: { enroll: "none" },
 * });
 * const result = await admin.reset("alice", { actor: "support:7", reason: "lost phone, passport checked" });
 * assert.ok(!result.ok && result.detail === "not_enrolled"); // alice is not enrolled
 * ```
 */
export function createAdmin<HostOperation extends string = never>(
  options: TwoFactorOptions<HostOperation>,
): Admin {
  return createAdminWith(options, {});
}
