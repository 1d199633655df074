/** Checks the options, completes them with defaults, and refuses unsafe values with the reason. */

import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkObject,
  checkOneOf,
  checkOptions,
  checkText,
} from "../internal/check.ts";
import { HASH_NAMES } from "../internal/hmac.ts";
import { MAX_BATCH, MAX_DEVICES, MAX_UNKNOWN_FAILURES, type Parameters } from "../record.ts";
import type { DevicePolicy } from "../rules/devices.ts";
import { MAX_LIFETIME } from "../rules/lifetime.ts";
import { MAX_YEARLY_RISK, riskOf } from "../rules/risk.ts";
import type { ThrottlePolicy } from "../rules/row.ts";
import type { Window } from "../rules/steps.ts";
import { deviceBudget } from "../rules/throttle.ts";
import type { TwoFactorOptions } from "./options.ts";
import { type ProofRows, resolveRows } from "./proof-rows.ts";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const LIFETIMES = ["challenge", "elevation", "enrollment"];
const BACKUP_CODES = ["atEnrollment", "count", "alphabet", "length", "acknowledge", "low"];
const CALLBACKS = [
  "verifyPassword",
  "requirement",
  "authorize",
  "sufficientFirstFactor",
  "onEvent",
  "onEventError",
  "clock",
] as const;
const FACTORS = ["totp", "backupCodes", "trustedDevices", "throttle"];
const OTHERS = [
  "issuer",
  "store",
  "keys",
  "reauthentication",
  "lifetimes",
  "storeTimeout",
  "queue",
  "legacy",
  "passkeys",
];
const OPTIONS = [...CALLBACKS, ...FACTORS, ...OTHERS];

/** The object that a group of options is given as. */
export type Given<Group extends keyof TwoFactorOptions> = Exclude<TwoFactorOptions[Group], false | undefined>;

type BackupCodeOptions = Given<"backupCodes">;
export type BackupCodeSettings = { [K in keyof BackupCodeOptions]-?: NonNullable<BackupCodeOptions[K]> };

/** The options about codes and about how often they may be tried. */
export type FactorOptions = Pick<TwoFactorOptions, "totp" | "backupCodes" | "trustedDevices" | "throttle">;

/** The settings of codes and of how often they may be tried. Durations are in seconds. */
export interface FactorSettings {
  parameters: Parameters;
  window: Window;
  /** The settings of backup codes; null where they are turned off. */
  backupCodes: BackupCodeSettings | null;
  devices: DevicePolicy;
  throttle: ThrottlePolicy;
}

/** All settings. Durations are in seconds. */
export interface Settings extends FactorSettings {
  issuer: string;
  rows: ProofRows;
  lifetimes: { challenge: number; elevation: number; enrollment: number };
  storeTimeout: number;
  queue: boolean;
  /** Whether a callback can check backup codes that stayed in the old system. */
  legacyCodes: boolean;
}

/** Completes and checks the options. Throws a TypeError or RangeError that names the option first. */
export function resolveSettings<HostOperation extends string = never>(
  options: TwoFactorOptions<HostOperation>,
): Settings {
  const factors = resolveFactors(options);
  checkStore(options.store);
  if (options.passkeys !== undefined) checkObject("passkeys", options.passkeys);
  for (const name of CALLBACKS) {
    if (options[name] !== undefined) checkFunction(name, options[name]);
  }
  const lifetimes = resolveLifetimes(options.lifetimes ?? {});
  if (riskOf(factors).leakedPassword.perYear > MAX_YEARLY_RISK) {
    throw new RangeError(
      "throttle.unknown: lets guessing succeed with odds above 1 in 1,000 a year; a limit over 365 days ends that",
    );
  }
  return {
    ...factors,
    issuer: checkIssuer("issuer", options.issuer),
    rows: resolveRows(options.reauthentication ?? {}, {
      canCheckPassword: options.verifyPassword !== undefined,
      lifetime: lifetimes.elevation,
    }),
    lifetimes,
    storeTimeout: checkInteger("storeTimeout", options.storeTimeout ?? 5, 1, MINUTE),
    queue: checkBoolean("queue", options.queue ?? true),
    legacyCodes: checkLegacy(options.legacy ?? {}).backupCode !== undefined,
  };
}

function resolveLifetimes(options: Given<"lifetimes">): Settings["lifetimes"] {
  checkOptions("lifetimes", options, LIFETIMES);
  const seconds = (name: keyof typeof options) =>
    checkInteger(`lifetimes.${name}`, options[name] ?? 600, MINUTE, MAX_LIFETIME);
  return {
    challenge: seconds("challenge"),
    elevation: seconds("elevation"),
    enrollment: seconds("enrollment"),
  };
}

/** Completes and checks the options about codes and about how often they may be tried. */
export function resolveFactors(options: FactorOptions): FactorSettings {
  checkOptions("options", options, OPTIONS, "");
  if (options.totp !== undefined) {
    checkOptions("totp", options.totp, ["algorithm", "digits", "period", "window"]);
  }
  const { algorithm = "SHA1", digits = 6, period = 30, window = {} } = options.totp ?? {};
  checkOptions("totp.window", window, ["past", "future"]);
  const parameters: Parameters = {
    algorithm: checkOneOf("totp.algorithm", algorithm, HASH_NAMES),
    digits: checkInteger("totp.digits", digits, 6, 8),
    period: checkInteger("totp.period", period, 15, 120), // at most two minutes (NIST SP 800-63B-4 s.3.1.4.1)
  };
  const throttle = resolveThrottle(options.throttle ?? {});
  return {
    parameters,
    window: {
      past: checkInteger("totp.window.past", window.past ?? 1, 0, 2),
      future: checkInteger("totp.window.future", window.future ?? 1, 0, 2),
    },
    backupCodes: backupCodeSettings(options.backupCodes ?? {}, parameters.digits),
    devices: devicePolicy(options.trustedDevices ?? {}, throttle),
    throttle,
  };
}

function checkLegacy(legacy: Given<"legacy">): Given<"legacy"> {
  checkOptions("legacy", legacy, ["enrollment", "backupCode"]);
  if (legacy.enrollment !== undefined) checkFunction("legacy.enrollment", legacy.enrollment);
  if (legacy.backupCode !== undefined) checkFunction("legacy.backupCode", legacy.backupCode);
  return legacy;
}

function checkStore(store: unknown): void {
  checkObject("store", store);
  for (const method of ["get", "compareAndSet"]) {
    checkFunction(`store.${method}`, (store as Record<string, unknown>)[method]);
  }
}

/** Checks an issuer. A colon is refused, because apps split the issuer there in any encoding. */
export function checkIssuer(name: string, value: unknown): string {
  const issuer = checkText(name, value, 64).trim();
  if (issuer === "") throw new RangeError(`${name}: must not be empty`);
  if (issuer.includes(":")) throw new RangeError(`${name}: must not contain a colon`);
  if (/[\p{Cc}\p{Cs}]/u.test(issuer)) throw new RangeError(`${name}: must not contain control characters`);
  return issuer;
}

function backupCodeSettings(
  options: false | Given<"backupCodes">,
  digits: number,
): BackupCodeSettings | null {
  if (options === false) return null;
  checkOptions("backupCodes", options, BACKUP_CODES);
  const settings: BackupCodeSettings = {
    atEnrollment: checkBoolean("backupCodes.atEnrollment", options.atEnrollment ?? true),
    count: checkInteger("backupCodes.count", options.count ?? 10, 1, MAX_BATCH),
    alphabet: checkOneOf("backupCodes.alphabet", options.alphabet ?? "digits", ["digits", "base32"]),
    length: checkInteger("backupCodes.length", options.length ?? 8, 8, 32),
    acknowledge: checkBoolean("backupCodes.acknowledge", options.acknowledge ?? false),
    low: checkInteger("backupCodes.low", options.low ?? 3, 0, MAX_BATCH),
  };
  if (settings.length === digits) {
    throw new RangeError("backupCodes.length: must differ from totp.digits, or one field cannot take both");
  }
  if (settings.acknowledge && !settings.atEnrollment) {
    throw new RangeError("backupCodes.acknowledge: needs atEnrollment, or there is nothing to acknowledge");
  }
  return settings;
}

function devicePolicy(options: false | Given<"trustedDevices">, throttle: ThrottlePolicy): DevicePolicy {
  if (options !== false) checkOptions("trustedDevices", options, ["trustedFor", "knownFor", "max"]);
  const { trustedFor = 30 * DAY, knownFor = 365 * DAY, max = MAX_DEVICES } = options || {};
  return {
    mayTrust: options !== false,
    trustedFor: checkInteger("trustedDevices.trustedFor", trustedFor, MINUTE, 365 * DAY),
    knownFor: checkInteger("trustedDevices.knownFor", knownFor, MINUTE, 400 * DAY),
    max: checkInteger("trustedDevices.max", max, 1, MAX_DEVICES),
    maxFailures: deviceBudget(throttle),
  };
}

/** Completes and checks the throttle alone. */
export function resolveThrottle(options: Given<"throttle">): ThrottlePolicy {
  checkOptions("throttle", options, ["free", "firstDelay", "maxDelay", "hardStop", "unknown"]);
  const firstDelay = checkInteger("throttle.firstDelay", options.firstDelay ?? 30, 1, HOUR);
  const unknown = options.unknown ?? [
    { failures: 20, within: 30 * DAY },
    { failures: 100, within: 365 * DAY },
  ];
  if (!Array.isArray(unknown) || unknown.length > 4) {
    throw new TypeError("throttle.unknown: want a list of at most 4 limits");
  }
  const free = checkInteger("throttle.free", options.free ?? 4, 0, 10);
  return {
    free,
    firstDelay,
    maxDelay: checkInteger("throttle.maxDelay", options.maxDelay ?? HOUR, firstDelay, DAY),
    // NIST SP 800-63B-4 s.3.2.2 allows no more than 100 in a row
    hardStop: checkInteger("throttle.hardStop", options.hardStop ?? 100, free + 1, 100),
    unknown: unknown.map((limit: unknown) => {
      checkOptions("throttle.unknown", limit, ["failures", "within"]);
      const { failures, within } = limit as Record<string, unknown>;
      return {
        failures: checkInteger("throttle.unknown.failures", failures, 1, MAX_UNKNOWN_FAILURES),
        within: checkInteger("throttle.unknown.within", within, HOUR, 400 * DAY),
      };
    }),
  };
}
