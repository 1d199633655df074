/** The odds of guessing under given options. */

import { type GuessRisk, riskOf } from "../rules/risk.ts";
import type { TwoFactorOptions } from "./options.ts";
import { resolveFactors } from "./settings.ts";

/**
 * Computes how likely guessing succeeds: per guess, per burst (all guesses before the first wait) and per year.
 *
 * The figures are upper bounds, between 0 and 1, for one user and an attacker who already has the password: `app` and
 * `backup` for each kind of code, `leakedPassword` for both together, `knownDevice` for what the token of one stolen
 * device adds. They hold whatever the owner does in the meantime, for any number of challenges, sessions, addresses and
 * machines; an administrator's `unlock` grants the budgets once more. It takes any options of `createTwoFactor`, also a
 * `throttle.unknown` that `createTwoFactor` refuses, with which `leakedPassword` is above 1 in 1,000 a year.
 *
 * @throws TypeError or RangeError that names the option, if one is not as described.
 * @see RFC 4226 appendix A; NIST SP 800-63B-4 s.3.2.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { guessRisk } from "twinlock";
 *
 * const { app, leakedPassword } = guessRisk({});
 * assert.equal(app.perGuess, 3 / 1_000_000); // three steps of six digits
 * assert.ok(app.perYear <= 3 / 10_000);
 * assert.ok(leakedPassword.perYear <= 1 / 1_000);
 * assert.ok(guessRisk({ totp: { window: { past: 1, future: 0 } } }).app.perYear <= 2 / 10_000);
 * ```
 */
export function guessRisk(
  options: Pick<TwoFactorOptions, "totp" | "backupCodes" | "trustedDevices" | "throttle">,
): GuessRisk {
  return riskOf(resolveFactors(options));
}
