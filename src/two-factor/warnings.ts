/** Warnings about options that are allowed but worth a second look. */

import { isVolatile } from "../internal/volatile.ts";
import { riskOf } from "../rules/risk.ts";
import type { TwoFactorOptions } from "./options.ts";
import { type FactorSettings, resolveFactors, resolveSettings, type Settings } from "./settings.ts";

/** A warning: its id, the option it is about, and a sentence. */
export interface ConfigurationWarning {
  /** Ids are stable, so that you can leave out those that you have decided on. */
  id:
    | "issuer_characters"
    | "ignored_parameter"
    | "wide_window"
    | "guess_risk"
    | "volatile_store"
    | "no_password_check"
    | "no_proof"
    | "password_suffices"
    | "no_backup_codes"
    | "no_events";
  option: string;
  message: string;
}

type WarningId = ConfigurationWarning["id"];

const MESSAGES: Readonly<Record<WarningId, string>> = {
  issuer_characters: "some apps cut or garble & ? # % + and what is not ASCII",
  ignored_parameter: "some apps ignore it and show codes that do not match",
  wide_window: "a code is good for longer than phones need",
  guess_risk: "guessing succeeds more often than by default; see guessRisk",
  volatile_store: "everything is gone when the process ends",
  no_password_check: "no operation can ask for the password",
  no_proof: "whoever holds the session may do it",
  password_suffices: "a password alone passes for two factors",
  no_backup_codes: "a lost phone takes an administrator's reset",
  no_events: "nobody is told of guesses, locks and changes",
};

const SAFE_ISSUER = /^[ !"$'-*,-9;->@-~]+$/; // printable ASCII without the characters : & ? # % +

/**
 * Lists what is allowed in these options but worth a second look. The library itself prints nothing.
 *
 * Call it where the application starts, or in a test that names what you decided on purpose. Pass the options of
 * `createTwoFactor`.
 *
 * @throws TypeError or RangeError that names the option, as `createTwoFactor` does; `keys` are not looked at.
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
export function configurationWarnings<HostOperation extends string = never>(
  options: TwoFactorOptions<HostOperation>,
): readonly ConfigurationWarning[] {
  const given = options as TwoFactorOptions<string>;
  const found = [...findings(given, resolveSettings(given))];
  return found.map(([id, option]) => ({ id, option, message: MESSAGES[id] }));
}

function* findings(
  options: TwoFactorOptions<string>,
  settings: Settings,
): Iterable<readonly [WarningId, string]> {
  const defaults = resolveFactors({});
  if (!SAFE_ISSUER.test(settings.issuer)) yield ["issuer_characters", "issuer"];
  for (const name of ["algorithm", "digits", "period"] as const) {
    if (settings.parameters[name] !== defaults.parameters[name]) yield ["ignored_parameter", `totp.${name}`];
  }
  if (Math.max(settings.window.past, settings.window.future) > 1) yield ["wide_window", "totp.window"];
  const yearly = (factors: FactorSettings) => riskOf(factors).leakedPassword.perYear;
  if (yearly(settings) > yearly(defaults)) yield ["guess_risk", "throttle.unknown"];
  if (isVolatile(options.store)) yield ["volatile_store", "store"];
  if (!options.verifyPassword) yield ["no_password_check", "verifyPassword"];
  for (const [operation, row] of settings.rows) {
    if (typeof row === "object" && row.level === "none") yield ["no_proof", `reauthentication.${operation}`];
  }
  if (passwordSuffices(options)) yield ["password_suffices", "sufficientFirstFactor"];
  if (!settings.backupCodes) yield ["no_backup_codes", "backupCodes"];
  if (!options.onEvent) yield ["no_events", "onEvent"];
}

/** Tells whether `sufficientFirstFactor` accepts a password alone. */
function passwordSuffices({ sufficientFirstFactor, clock = Date.now }: TwoFactorOptions<string>): boolean {
  try {
    return sufficientFirstFactor?.({ amr: ["pwd"], authenticatedAt: clock() }) === true;
  } catch {
    return false;
  }
}
