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
import { faultyStore, userStoreTests, virtualAuthenticator } from "../../src/testing/index.ts";

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

test("I2 what others misspelled is no replay and no wider window", () => {
  const step = matchTotp(SECRET, "287082", { now });
  assert.throws(
    () => matchTotp(SECRET, "287082", { now, lastStep: step } as never),
    /^TypeError: lastStep: /,
  );
  assert.throws(() => matchTotp(SECRET, "287082", { now, window: { before: 0 } } as never), {
    message: "window.before: there is no such option",
  });
});
