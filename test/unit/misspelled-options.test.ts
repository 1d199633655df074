import assert from "node:assert/strict";
import { test } from "node:test";
import { codeInputAttributes, deviceCookie, formatBackupCodes, guessRisk } from "../../src/index.ts";
import {
  formatKeyUri,
  generateSecret,
  hotp,
  matchTotp,
  secondsRemaining,
  totp,
} from "../../src/otp/index.ts";
import { qrDataUrl, qrTerminal } from "../../src/qr.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import {
  createTestTwoFactor,
  faultyStore,
  userStoreTests,
  virtualAuthenticator,
} from "../../src/testing/index.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const now = 59_000;

/** A call with right options and others beside them, by name; `within` names an object of options inside. */
type Calls = Readonly<Record<string, (more: object) => unknown>>;

const CALLS: Calls = {
  hotp: (more) => hotp(SECRET, 1, { digits: 6, ...more }),
  totp: (more) => totp(SECRET, { now, ...more }),
  matchTotp: (more) => matchTotp(SECRET, "287082", { now, ...more }),
  secondsRemaining: (more) => secondsRemaining({ now, ...more }),
  generateSecret: (more) => generateSecret({ ...more }),
  formatKeyUri: (more) => formatKeyUri({ secret: SECRET, accountName: "ada", ...more }),
  qrDataUrl: (more) => qrDataUrl("x", { ...more }),
  qrTerminal: (more) => qrTerminal("x", { ...more }),
  codeInputAttributes: (more) => codeInputAttributes({ methods: ["app"], ...more }),
  deviceCookie: (more) => deviceCookie("ada", { ...more }),
  formatBackupCodes: (more) =>
    formatBackupCodes({ issuer: "Acme", accountName: "ada", codes: ["12345678"], createdAt: 0, ...more }),
  guessRisk: (more) => guessRisk({ ...more }),
  virtualAuthenticator: (more) => virtualAuthenticator({ ...more }),
  faultyStore: (more) => faultyStore(memoryStore(), { ...more }),
  userStoreTests: (more) => userStoreTests(() => undefined, memoryStore, { ...more }),
};

const NESTED: Calls = {
  "window in matchTotp": (more) => matchTotp(SECRET, "287082", { now, window: { past: 1, ...more } }),
  "totp in guessRisk": (more) => guessRisk({ totp: { ...more } }),
  "totp.window in guessRisk": (more) => guessRisk({ totp: { window: { ...more } } }),
  "backupCodes in guessRisk": (more) => guessRisk({ backupCodes: { ...more } }),
  "trustedDevices in guessRisk": (more) => guessRisk({ trustedDevices: { ...more } }),
  "throttle in guessRisk": (more) => guessRisk({ throttle: { ...more } }),
  "throttle.unknown in guessRisk": (more) =>
    guessRisk({ throttle: { unknown: [{ failures: 20, within: 2_592_000, ...more }] } }),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`I2 ${name} refuses an option that it does not have, by its name, whatever its value`, () => {
    call({});
    for (const value of [1, undefined, null]) {
      assert.throws(() => call({ mispelled: value }), {
        name: "TypeError",
        message: "mispelled: there is no such option",
      });
    }
  });
}

for (const [name, call] of Object.entries(NESTED)) {
  test(`I2 ${name} refuses an option that it does not have, by its name`, () => {
    call({});
    const [option = ""] = name.split(" ");
    assert.throws(() => call({ mispelled: 1 }), {
      name: "TypeError",
      message: `${option}.mispelled: there is no such option`,
    });
  });
}

/** Every call of the service and of the administrator that takes options. */
const { twoFactor, admin } = createTestTwoFactor({ reauthentication: { payout: "code" } });
const by = { actor: "support", reason: "asked" };
const binding = null;
const who = { challenge: "c" };
const ASYNC: Readonly<Record<string, (more: object) => Promise<unknown>>> = {
  "signIn.begin": (more) => twoFactor.signIn.begin("u", { binding, ...more }),
  "signIn.complete": (more) => twoFactor.signIn.complete("c", "1", { binding, ...more }),
  verify: (more) => twoFactor.verify("u", "1", { binding, ...more }),
  allow: (more) => twoFactor.allow("u", "payout", { binding, ...more }),
  reauthenticate: (more) => twoFactor.reauthenticate("u", { binding, ...more }),
  asks: (more) => twoFactor.asks("u", "disable", { binding, ...more }),
  "enrollment.begin": (more) => twoFactor.enrollment.begin("u", { binding, accountName: "u", ...more }),
  "enrollment.begin by challenge": (more) =>
    twoFactor.enrollment.begin(who, { binding, accountName: "u", ...more }),
  "enrollment.confirm": (more) =>
    twoFactor.enrollment.confirm("u", { binding, enrollmentId: "e", code: "1", ...more }),
  "enrollment.acknowledge": (more) =>
    twoFactor.enrollment.acknowledge("u", { binding, batchId: "b", ...more }),
  "enrollment.cancel": (more) => twoFactor.enrollment.cancel("u", { binding, ...more }),
  "authenticators.rename": (more) => twoFactor.authenticators.rename("u", { id: "a", label: "x", ...more }),
  "authenticators.remove": (more) => twoFactor.authenticators.remove("u", { id: "a", binding, ...more }),
  "backupCodes.regenerate": (more) => twoFactor.backupCodes.regenerate("u", { binding, ...more }),
  "backupCodes.acknowledge": (more) => twoFactor.backupCodes.acknowledge("u", { batchId: "b", ...more }),
  disable: (more) => twoFactor.disable("u", { binding, ...more }),
  reset: (more) => admin.reset("u", { ...by, ...more }),
  unlock: (more) => admin.unlock("u", { ...by, ...more }),
  importEnrollment: (more) => admin.importEnrollment("v", { ...by, secret: SECRET, ...more }),
  "importEnrollment of several": (more) =>
    admin.importEnrollment("v", { ...by, enrollments: [{ secret: SECRET }], evenIfRemoved: false, ...more }),
};

for (const [name, call] of Object.entries(ASYNC)) {
  test(`I2 ${name} refuses an option that it does not have, by its name, and does nothing`, async () => {
    for (const value of [1, undefined, null]) {
      await assert.rejects(call({ mispelled: value }), {
        name: "TypeError",
        message: "mispelled: there is no such option",
      });
    }
    await call({}); // and takes the others
  });
}

test("I2 the test above covers every call of the service that takes options", () => {
  const takesNone = ["status", "authenticators.list", "devices.list", "devices.revoke", "devices.revokeAll"];
  const takesText = ["credentialChanged", "rewrap"];
  const named = Object.entries(twoFactor).flatMap(([name, value]) =>
    typeof value === "function" ? [name] : Object.keys(value).map((method) => `${name}.${method}`),
  );
  assert.deepEqual(named.filter((name) => !(name in ASYNC)).sort(), [...takesNone, ...takesText].sort());
});

test("I2 options inside of options are checked, too", async () => {
  const firstFactor = { amr: ["pwd"], authenticatedat: 1 };
  await assert.rejects(twoFactor.signIn.begin("u", { binding, firstFactor }), {
    message: "firstFactor.authenticatedat: there is no such option",
  });
  const holder = { challenge: "c", binding };
  await assert.rejects(twoFactor.enrollment.cancel(holder, { binding }), {
    message: "who.binding: there is no such option",
  });
});

test("I2 a misspelled flag weakens nothing", async () => {
  const lost = twoFactor.signIn.begin("u", { binding, enroled: true } as never);
  await assert.rejects(lost, /^TypeError: enroled: there is no such option/);
  const stepped = admin.importEnrollment("u", { ...by, secret: SECRET, step: 60 } as never);
  await assert.rejects(stepped, /^TypeError: step: there is no such option/);
});

test("I2 known misspellings cause no replay and no wider window", () => {
  const step = matchTotp(SECRET, "287082", { now });
  assert.throws(
    () => matchTotp(SECRET, "287082", { now, lastStep: step } as never),
    /^TypeError: lastStep: /,
  );
  assert.throws(() => matchTotp(SECRET, "287082", { now, window: { before: 0 } } as never), {
    message: "window.before: there is no such option",
  });
});
