/** What is allowed and yet worth a second look, for the host to read when it starts. */

import { isVolatile } from "../internal/volatile.ts";
import { riskOf } from "../rules/risk.ts";
import { resolveFactors, resolveSettings, type Settings } from "./settings.ts";
import type { TwoFactorOptions } from "./types.ts";

/** What a warning is about; stable, so that a host can leave out what it has decided. */
export type WarningId =
  | "issuer_characters"
  | "ignored_parameter"
  | "wide_window"
  | "guess_risk"
  | "volatile_store"
  | "no_password_check"
  | "no_proof"
  | "no_backup_codes"
  | "no_events";

/** One thing worth a second look: the option it comes from, and what it means. */
export interface ConfigurationWarning {
  id: WarningId;
  option: string;
  message: string;
}

const SAFE_ISSUER = /^[\x20-\x7e]+$/;
const GARBLED = /[&?#%+]/;

/**
 * Lists what is allowed in these options and yet worth a second look. The library itself prints nothing.
 *
 * Call it where the application starts, or in a test that names what was decided on purpose. Pass the options of
 * `createTwoFactor`; an empty list means that there is nothing to say.
 *
 * @throws TypeError or RangeError that names the option, as `createTwoFactor` does.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { configurationWarnings, generateKey } from "twinlock";
 * import { memoryStore } from "twinlock/stores/memory";
 *
 * const warnings = configurationWarnings({
 *   issuer: "Research & Development",
 *   store: memoryStore(),
 *   keys: generateKey(),
 *   verifyPassword: () => false,
 *   onEvent: () => {},
 * });
 * assert.deepEqual(
 *   warnings.map((warning) => warning.id),
 *   ["issuer_characters", "volatile_store"],
 * );
 * ```
 */
export function configurationWarnings(options: TwoFactorOptions): readonly ConfigurationWarning[] {
  const settings = resolveSettings(options);
  const warnings: ConfigurationWarning[] = [];
  const warn = (applies: boolean, id: WarningId, option: string, message: string) => {
    if (applies) warnings.push({ id, option, message });
  };

  const { issuer } = settings;
  const garbled = !SAFE_ISSUER.test(issuer) || GARBLED.test(issuer);
  warn(garbled, "issuer_characters", "issuer", "some apps cut or garble & ? # % + and what is not ASCII");
  for (const name of ["algorithm", "digits", "period"] as const) {
    const ignored = settings.parameters[name] !== DEFAULTS.parameters[name];
    warn(
      ignored,
      "ignored_parameter",
      `totp.${name}`,
      "some apps ignore it and show codes that do not match",
    );
  }
  const { past, future } = settings.window;
  warn(
    Math.max(past, future) > 1,
    "wide_window",
    "totp.window",
    "a code is good for longer than phones need",
  );
  const risky = riskOf(settings).leakedPassword.perYear > riskOf(DEFAULTS).leakedPassword.perYear;
  warn(
    risky,
    "guess_risk",
    "throttle.unknown",
    "guessing succeeds more often than by default; see guessRisk",
  );
  warn(isVolatile(options.store), "volatile_store", "store", "everything is gone when the process ends");
  warn(
    !options.verifyPassword,
    "no_password_check",
    "verifyPassword",
    "no operation can ask for the password",
  );
  for (const operation of unproved(settings)) {
    warn(true, "no_proof", `reauthentication.${operation}`, "whoever holds the session may do it");
  }
  const codes = settings.backupCodes !== null;
  warn(!codes, "no_backup_codes", "backupCodes", "a lost phone takes an administrator's reset");
  warn(!options.onEvent, "no_events", "onEvent", "nobody is told of guesses, locks and changes");
  return warnings;
}

const DEFAULTS = /* @__PURE__ */ resolveFactors({});

function unproved({ levels }: Settings): readonly string[] {
  return Object.entries(levels).flatMap(([operation, level]) => (level === "none" ? [operation] : []));
}
