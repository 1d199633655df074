import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTwoFactor, generateKey, type TwoFactorOptions } from "../../../src/index.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { resolveSettings } from "../../../src/two-factor/settings.ts";

const DAY = 86_400;

function options(more: object = {}): TwoFactorOptions {
  const sound = { issuer: "Acme", store: memoryStore(), keys: generateKey(), verifyPassword: () => false };
  return { ...sound, ...more };
}

/** Options, as a caller without types may write them, and how each is refused. */
const REFUSED: readonly (readonly [given: object, said: string])[] = [
  ...["verifyPassword", "requirement", "authorize", "onEvent", "clock"].map(
    (name) => [{ [name]: 1 }, `TypeError: ${name}: want a function`] as const,
  ),
  ...["lifetimes", "reauthentication", "totp", "backupCodes", "trustedDevices", "throttle", "passkeys"].map(
    (name) => [{ [name]: 5 }, `TypeError: ${name}: want an object`] as const,
  ),
  ...["challenge", "elevation", "enrollment"].map(
    (name) => [{ lifetimes: { [name]: "600" } }, `TypeError: lifetimes.${name}: want an integer`] as const,
  ),
  [{ authorise: () => false }, "TypeError: authorise: there is no such option"],
  [{ trustedDevice: false }, "TypeError: trustedDevice: there is no such option"],
  [{ totp: { digit: 8 } }, "TypeError: totp.digit: there is no such option"],
  [{ totp: { window: { before: 1 } } }, "TypeError: totp.window.before: there is no such option"],
  [{ backupCodes: { number: 5 } }, "TypeError: backupCodes.number: there is no such option"],
  [{ trustedDevices: { days: 5 } }, "TypeError: trustedDevices.days: there is no such option"],
  [{ throttle: { hardstop: 5 } }, "TypeError: throttle.hardstop: there is no such option"],
  [{ lifetimes: { device: 5 } }, "TypeError: lifetimes.device: there is no such option"],
  [{ reauthentication: { disbale: "none" } }, "TypeError: reauthentication.disbale: there is no such option"],
  [{ throttle: { unknown: [{ failures: 9, in: DAY }] } }, "TypeError: throttle.unknown.in: there is no such"],
  [{ storeTimeout: "5" }, "TypeError: storeTimeout: want an integer"],
  [{ queue: 1 }, "TypeError: queue: want true or false"],
  [{ totp: { window: 1 } }, "TypeError: totp.window: want an object"],
  [{ totp: { algorithm: "MD5" } }, "TypeError: totp.algorithm: want one of SHA1, SHA256, SHA512"],
  [{ totp: { digits: "6" } }, "TypeError: totp.digits: want an integer"],
  [{ totp: { period: "30" } }, "TypeError: totp.period: want an integer"],
  [{ totp: { window: { past: "1" } } }, "TypeError: totp.window.past: want an integer"],
  [{ totp: { window: { future: "1" } } }, "TypeError: totp.window.future: want an integer"],
  [{ store: undefined }, "TypeError: store: want an object"],
  [{ store: {} }, "TypeError: store.get: want a function"],
  [{ store: { get() {} } }, "TypeError: store.compareAndSet: want a function"],
  [{ issuer: 5 }, "TypeError: issuer: want a string"],
  [{ issuer: "  " }, "RangeError: issuer: must not be empty"],
  [{ issuer: "Acme: Bank" }, "RangeError: issuer: must not contain a colon"],
  [{ issuer: "Acme\nBank" }, "RangeError: issuer: must not contain control characters"],
  [{ backupCodes: { atEnrollment: 1 } }, "TypeError: backupCodes.atEnrollment: want true or false"],
  [{ backupCodes: { count: "10" } }, "TypeError: backupCodes.count: want an integer"],
  [{ backupCodes: { alphabet: "hex" } }, "TypeError: backupCodes.alphabet: want one of digits, base32"],
  [{ backupCodes: { length: "8" } }, "TypeError: backupCodes.length: want an integer"],
  [{ backupCodes: { acknowledge: 1 } }, "TypeError: backupCodes.acknowledge: want true or false"],
  [{ backupCodes: { low: "3" } }, "TypeError: backupCodes.low: want an integer"],
  [{ totp: { digits: 8 } }, "RangeError: backupCodes.length: must differ from totp.digits"],
  [
    { backupCodes: { atEnrollment: false, acknowledge: true } },
    "RangeError: backupCodes.acknowledge: needs atEnrollment",
  ],
  ...["trustedFor", "knownFor", "max"].map(
    (name) =>
      [{ trustedDevices: { [name]: "1" } }, `TypeError: trustedDevices.${name}: want an integer`] as const,
  ),
  ...["free", "firstDelay", "maxDelay", "hardStop"].map(
    (name) => [{ throttle: { [name]: "1" } }, `TypeError: throttle.${name}: want an integer`] as const,
  ),
  [{ throttle: { free: 4, hardStop: 4 } }, "RangeError: throttle.hardStop: want 5 to 100"],
  [{ legacy: { enrollment: 1 } }, "TypeError: legacy.enrollment: want a function"],
  [{ throttle: { unknown: 5 } }, "TypeError: throttle.unknown: want a list of at most 4 limits"],
  [
    { throttle: { unknown: Array(5).fill({ failures: 20, within: 365 * DAY }) } },
    "TypeError: throttle.unknown: want a list of at most 4 limits",
  ],
  [{ throttle: { unknown: [5] } }, "TypeError: throttle.unknown: want an object"],
  [{ throttle: { unknown: [{ within: DAY }] } }, "TypeError: throttle.unknown.failures: want an integer"],
  [{ throttle: { unknown: [{ failures: 9 }] } }, "TypeError: throttle.unknown.within: want an integer"],
  [{ throttle: { unknown: [] } }, "RangeError: throttle.unknown: lets guessing succeed"],
];

describe("wrong options are refused at construction, by name", () => {
  for (const [given, said] of REFUSED) {
    test(`${JSON.stringify(given)}: ${said}`, () => {
      assert.throws(
        () => createTwoFactor(options(given)),
        (error) => String(error).startsWith(said),
      );
    });
  }

  test("no object at all", () => {
    assert.throws(
      () => createTwoFactor(5 as unknown as TwoFactorOptions),
      /^TypeError: options: want an object$/,
    );
  });
});

test("attempts take turns by default", () => {
  assert.equal(resolveSettings(options()).queue, true);
});

test("there may be at most four limits for unknown devices", () => {
  const unknown = Array(4).fill({ failures: 20, within: 365 * DAY });
  assert.equal(resolveSettings(options({ throttle: { unknown } })).throttle.unknown.length, 4);
});

test("an issuer loses the spaces around it", () => {
  assert.equal(resolveSettings(options({ issuer: " Acme Bank " })).issuer, "Acme Bank");
});

test("without trusted devices, devices are known for as long and skip nothing", () => {
  const { devices } = resolveSettings(options({ trustedDevices: false }));
  assert.deepEqual(devices, { ...resolveSettings(options()).devices, mayTrust: false });
});

test("options that the host changes after construction change nothing", () => {
  const reauthentication: { disable?: "app" | "none" } = { disable: "app" };
  const settings = resolveSettings(options({ reauthentication }));
  reauthentication.disable = "none";
  assert.deepEqual(settings.rows.get("disable"), {
    ...{ level: "app", maxAge: 600, once: false, firstFactor: false },
  });
});
