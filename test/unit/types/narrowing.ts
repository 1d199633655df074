/** Every result narrows: one check of `ok`, `step` or `state`, and what belongs to that case is there and no more. */

import {
  type BackupCodeBatch,
  createTwoFactor,
  type EnrollmentStart,
  type Failure,
  type Method,
  type SignedIn,
  type TwoFactor,
} from "../../../src/index.ts";
import type { Expect, Same } from "./expect.ts";

declare const t: TwoFactor;
declare const keys: string | undefined;
declare const binding: string;
const proof = { binding };
type Keys<T> = T extends unknown ? keyof T : never;

export async function signIn(): Promise<void> {
  const step = await t.signIn.begin("u", { binding });
  switch (step.step) {
    case "done":
      step satisfies { userId: string; reason: "no_factor" | "trusted_device" | "first_factor" | "grace" };
      step.assurance.aal satisfies 1 | 2;
      step.assurance.vouchedBy satisfies "host" | undefined;
      break;
    case "code":
      step satisfies { challenge: string; expiresAt: number; methods: readonly Method[] };
      step.retryAt satisfies number | undefined;
      break;
    case "enroll":
      step satisfies { challenge: string; expiresAt: number };
      break;
    default:
      step satisfies { step: "refused" };
      null as unknown as Expect<Same<Keys<typeof step>, "step">>;
  }
  for (const result of [
    await t.signIn.complete(undefined, undefined, { binding }),
    await t.verify("u", "1", { binding }),
  ]) {
    if (result.ok) {
      result satisfies SignedIn;
      result.device?.trustedUntilAt satisfies number | null | undefined;
      result.stepOffset satisfies number;
    } else {
      result satisfies Failure;
      result.detail satisfies string;
      result.retryAt satisfies number | undefined;
    }
  }
}

export async function enrollment(): Promise<void> {
  const who = { challenge: "c" };
  for (const begun of [
    await t.enrollment.begin("u", { accountName: "a", ...proof }),
    await t.enrollment.begin(who, { binding, accountName: (userId) => `${userId}@example.com` }),
  ]) {
    if (begun.ok) begun satisfies EnrollmentStart;
    else begun satisfies Failure;
  }
  for (const confirmed of [
    await t.enrollment.confirm("u", { enrollmentId: "e", code: undefined, binding }),
    await t.enrollment.confirm(who, { binding, enrollmentId: undefined, code: "1" }),
  ]) {
    if (!confirmed.ok) confirmed satisfies Failure;
    else if (confirmed.state === "active") {
      confirmed.signIn satisfies SignedIn;
      confirmed.backupCodes satisfies BackupCodeBatch | null;
    } else {
      confirmed.state satisfies "awaiting_acknowledgement";
      confirmed.backupCodes satisfies BackupCodeBatch;
    }
  }
  const acknowledged = await t.enrollment.acknowledge("u", { batchId: "b", binding });
  if (acknowledged.ok) acknowledged.signIn satisfies SignedIn;
  else acknowledged satisfies Failure;
  const canceled = await t.enrollment.cancel(who, { binding });
  if (!canceled.ok) canceled satisfies Failure;
}

export async function management(): Promise<void> {
  const status = await t.status("u");
  status.backupCodes?.active satisfies number | undefined;
  status.replacing satisfies null | "pending" | "awaiting_acknowledgement";
  const elevated = await t.reauthenticate("u", { binding, password: "p" });
  if (elevated.ok) elevated satisfies { elevation: string; expiresAt: number };
  else elevated satisfies Failure;
  const batch = await t.backupCodes.regenerate("u", proof);
  if (batch.ok) batch satisfies BackupCodeBatch;
  else batch satisfies Failure;
  const disabled = await t.disable("u", proof);
  if (disabled.ok) disabled.mustEnroll satisfies boolean;
  else disabled satisfies Failure;
  for (const device of await t.devices.list("u")) device.label satisfies string | null;
  const revoked = await t.devices.revoke("u", "d");
  if (!revoked.ok) revoked satisfies Failure;
  (await t.rewrap("u")) satisfies boolean;
}

/** An environment variable is a string or undefined, and goes in as it is; a callback may be async or not. */
export function options(): TwoFactor {
  const store = { get: async () => null, compareAndSet: async () => true };
  createTwoFactor({ issuer: "Acme", store, keys, verifyPassword: () => true, onEvent: () => {} });
  return createTwoFactor({
    issuer: "Acme",
    store,
    keys,
    backupCodes: false,
    trustedDevices: false,
    verifyPassword: async (_userId, password) => password.length > 0,
    requirement: (userId) => (userId === "u" ? { required: true } : { required: false }),
    onEvent: async (event) => void event.type,
  });
}
