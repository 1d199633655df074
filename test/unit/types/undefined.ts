/**
 * What a call takes as undefined at run time, its types take under `exactOptionalPropertyTypes` (I15); and a code may be
 * whatever a form gave (I11). This file is compiled with that option on.
 */

import type { Admin } from "../../../src/admin.ts";
import {
  codeInputAttributes,
  createTwoFactor,
  deviceCookie,
  guessRisk,
  type TwoFactor,
  type TwoFactorOptions,
} from "../../../src/index.ts";
import {
  decodeBase32,
  encodeBase32,
  formatKeyUri,
  generateSecret,
  hotp,
  type KeyUri,
  matchTotp,
  secondsRemaining,
  totp,
} from "../../../src/otp/index.ts";
import { qrDataUrl, qrTerminal } from "../../../src/qr.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { faultyStore, userStoreTests, virtualAuthenticator } from "../../../src/testing/index.ts";

const none = undefined;

export function codes(secret: string, form: FormData): void {
  hotp(secret, 1, { digits: none, algorithm: none });
  totp(secret, { now: 0, digits: none, algorithm: none, period: none });
  matchTotp(secret, form.get("code"), { now: 0, period: none, window: none, afterStep: none });
  matchTotp(secret, null, { now: 0, window: { past: none, future: none } });
  secondsRemaining({ now: 0, period: none });
  generateSecret({ bytes: none });
  const key = { secret, issuer: none, accountName: "a", digits: none, period: none, algorithm: none };
  formatKeyUri(key);
  ({ ...key, digits: 6, period: 30, algorithm: "SHA1" }) satisfies KeyUri;
}

export async function bytes(): Promise<void> {
  // I7: Web Crypto takes what is returned
  await crypto.subtle.importKey("raw", decodeBase32("GEZDGNBVGY3TQOJQ"), "AES-GCM", false, ["encrypt"]);
  const shared: Uint8Array = new Uint8Array(new SharedArrayBuffer(10));
  encodeBase32(shared); // and any bytes are taken
}

export function pages(): void {
  qrDataUrl("x", { format: none });
  qrTerminal("x", { plain: none });
  codeInputAttributes({ methods: ["app"], alphabet: none, spelling: none });
  deviceCookie("u", { name: none, sameSite: none, domain: none, secret: none });
}

export function harness(): void {
  virtualAuthenticator({ clock: none, skew: none, driftPerDay: none });
  const plan = none;
  faultyStore(memoryStore(), {
    seed: none,
    fail: none,
    loseAnswer: none,
    hangAfter: none,
    delay: none,
    plan,
  });
  userStoreTests(() => none, memoryStore, { second: none, rollback: none, close: none });
}

export async function calls(t: TwoFactor, admin: Admin, form: FormData): Promise<void> {
  const binding = null;
  const context = none;
  const proof = {
    elevation: none,
    password: form.get("password"),
    code: form.get("code"),
    deviceToken: none,
  };
  const names = { accountName: "a", issuer: none, replace: none };
  const device = { deviceToken: none, trustDevice: none, context };
  const firstFactor = { amr: [], authenticatedAt: none };
  await t.signIn.begin("u", { binding, deviceToken: none, enrolled: none, firstFactor: none, context });
  await t.signIn.begin("u", { binding, firstFactor });
  await t.signIn.complete(none, form.get("code"), { binding, trustDevice: none, context });
  await t.verify("u", none, { binding, ...device });
  await t.reauthenticate("u", { binding, password: none, code: none, deviceToken: none, context });
  await t.asks("u", "disable", { binding: none, elevation: none });
  await t.asks("u", "disable", none);
  await t.enrollment.begin("u", { binding, ...names, ...proof, context });
  await t.enrollment.begin({ challenge: none }, { binding, accountName: "a", issuer: none, context });
  await t.enrollment.confirm("u", { binding, enrollmentId: none, code: form.get("code"), ...device });
  await t.enrollment.acknowledge({ challenge: none }, { binding, batchId: none, ...device });
  await t.enrollment.cancel("u", { binding, context });
  await t.backupCodes.regenerate("u", { binding, ...proof, context });
  await t.backupCodes.acknowledge("u", { batchId: none, context });
  await t.disable("u", { binding, ...proof, context });
  const by = { actor: "a", reason: "r", context };
  await admin.reset("u", by);
  await admin.unlock("u", by);
  const parameters = { digits: none, period: none, algorithm: none, lastStep: none, enrolledAt: none };
  await admin.importEnrollment("u", { ...by, secret: new Uint8Array(20), ...parameters, backupCodes: none });
  await admin.importEnrollment("u", {
    ...by,
    secret: "s",
    lastStep: null,
    enrolledAt: null,
    backupCodes: null,
  });
}

export function options(base: TwoFactorOptions): void {
  guessRisk({ totp: none, backupCodes: none, trustedDevices: none, throttle: none });
  createTwoFactor({
    ...base,
    totp: { algorithm: none, digits: none, period: none, window: { past: none, future: none } },
    backupCodes: {
      atEnrollment: none,
      count: none,
      alphabet: none,
      length: none,
      acknowledge: none,
      low: none,
    },
    trustedDevices: { trustedFor: none, knownFor: none, max: none },
    throttle: { free: none, firstDelay: none, maxDelay: none, hardStop: none, unknown: none },
    reauthentication: { enroll: none, replace: none, disable: none, regenerate: none },
    lifetimes: { challenge: none, elevation: none, enrollment: none },
    storeTimeout: none,
    queue: none,
    clock: none,
  });
}
