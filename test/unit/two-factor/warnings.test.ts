import assert from "node:assert/strict";
import { test } from "node:test";
import { configurationWarnings, generateKey, type TwoFactorOptions } from "../../../src/index.ts";
import { memoryStore } from "../../../src/stores/memory.ts";

const { get, compareAndSet } = memoryStore();
/** Options with nothing to warn of. */
const sound: TwoFactorOptions = {
  issuer: "Acme Inc.",
  store: { get, compareAndSet },
  keys: generateKey(),
  verifyPassword: () => false,
  onEvent: () => {},
};

/** What is warned of, as `id option`. */
const warned = (more: Partial<TwoFactorOptions> = {}) =>
  configurationWarnings({ ...sound, ...more }).map(({ id, option }) => `${id} ${option}`);

test("the defaults with a lasting store, a password check and a listener give no warning", () => {
  assert.deepEqual(configurationWarnings(sound), []);
});

/** Every printable ASCII character but those that break apps. */
const PLAIN = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))
  .filter((character) => !":&?#%+".includes(character))
  .join("")
  .trim();

test("U2 an issuer that some apps garble is warned of, and no other", () => {
  for (const character of ["&", "?", "#", "%", "+", "é", "日"]) {
    assert.deepEqual(warned({ issuer: `Acme ${character} Co` }), ["issuer_characters issuer"], character);
  }
  for (const issuer of ["Acme", "  Acme  ", "A.B-C_D (E) 1!", "~ ~", PLAIN.slice(0, 64), PLAIN.slice(64)])
    assert.deepEqual(warned({ issuer }), [], issuer);
});

test("U4 each parameter that authenticator apps ignore is warned of", () => {
  assert.deepEqual(warned({ totp: { algorithm: "SHA256" } }), ["ignored_parameter totp.algorithm"]);
  assert.deepEqual(warned({ totp: { digits: 7 } }), ["ignored_parameter totp.digits"]);
  assert.deepEqual(warned({ totp: { period: 60 } }), ["ignored_parameter totp.period"]);
  assert.deepEqual(warned({ totp: { algorithm: "SHA1", digits: 6, period: 30 } }), []);
});

test("V08 a wide window and a throttle that allows more guesses than the defaults are warned of", () => {
  const day = 86_400;
  assert.deepEqual(warned({ totp: { window: { past: 2, future: 0 } } }), ["wide_window totp.window"]);
  assert.deepEqual(warned({ totp: { window: { future: 2 } } }), [
    "wide_window totp.window",
    "guess_risk throttle.unknown",
  ]);
  assert.deepEqual(warned({ throttle: { unknown: [{ failures: 20, within: 30 * day }] } }), [
    "guess_risk throttle.unknown",
  ]);
  assert.deepEqual(warned({ throttle: { unknown: [{ failures: 99, within: 365 * day }] } }), []);
  assert.deepEqual(warned({ totp: { window: { past: 0, future: 0 } } }), []);
});

test("a volatile store, a missing password check and a missing listener are warned of", () => {
  assert.deepEqual(warned({ store: memoryStore() }), ["volatile_store store"]);
  assert.deepEqual(warned({ onEvent: undefined }), ["no_events onEvent"]);
  assert.deepEqual(warned({ verifyPassword: undefined, reauthentication: { enroll: "none" } }), [
    "no_password_check verifyPassword",
    "no_proof reauthentication.enroll",
  ]);
});

test("each operation that takes no proof is warned of, and backup codes that are off", () => {
  assert.deepEqual(warned({ reauthentication: { enroll: "password", disable: "none", replace: "none" } }), [
    "no_proof reauthentication.replace",
    "no_proof reauthentication.disable",
  ]);
  assert.deepEqual(warned({ backupCodes: false }), ["no_backup_codes backupCodes"]);
  assert.deepEqual(warned({ backupCodes: { atEnrollment: false } }), []);
});

test("options that construction refuses are refused here, too, and a message is one sentence", () => {
  assert.throws(() => configurationWarnings({ ...sound, issuer: "a:b" }), /^RangeError: issuer: /);
  const all = configurationWarnings({
    ...sound,
    issuer: "é",
    totp: { period: 60, window: { past: 2, future: 2 } },
    store: memoryStore(),
    backupCodes: false,
    verifyPassword: undefined,
    onEvent: undefined,
    reauthentication: { enroll: "none" },
  });
  assert.equal(new Set(all.map((warning) => warning.id)).size, 9);
  for (const { message } of all) assert.match(message, /^[a-z][^\n]{20,90}$/);
});
