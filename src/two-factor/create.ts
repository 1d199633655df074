/** Puts the calls of the service together. */

import type { Failure } from "../errors.ts";
import { credentialChanged, disable, rewrap, status } from "./account.ts";
import { listAuthenticators, removeAuthenticatorOf, renameAuthenticatorOf } from "./authenticators.ts";
import { acknowledgeBackupCodes, regenerateBackupCodes } from "./backup-codes.ts";
import { listDevices, revokeAllDevices, revokeDevice } from "./devices.ts";
import { acknowledgeEnrollment, beginEnrollment, cancelEnrollment, confirmEnrollment } from "./enrollment.ts";
import type { TwoFactor } from "./interface.ts";
import type { TwoFactorOptions } from "./options.ts";
import { passkeyMethod } from "./passkey-method.ts";
import type { PasskeyCalls, Passkeys } from "./passkey-types.ts";
import { allow, asks, reauthenticate } from "./reauthenticate.ts";
import { createService, type Seams } from "./service.ts";
import { beginSignIn, completeSignIn, verify } from "./sign-in.ts";
import type { BeginOptions, Proof, Who } from "./types.ts";

/**
 * Creates the second factor for an application.
 *
 * Its guarantees do not depend on state in the process, so any number of processes can share one store. Outcomes that a
 * person can cause are values, `{ ok: true, ... }` or a {@link Failure}; no user input ever throws.
 *
 * @throws TypeError or RangeError that names the option, when the options are wrong or unsafe; later calls throw a
 * TwoFactorError when the store, the keys or a callback fail.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createTwoFactor, generateKey } from "twinlock";
 * import { totp } from "twinlock/otp";
 * import { memoryStore } from "twinlock/stores/memory";
 *
 * const twoFactor = createTwoFactor({
 *   issuer: "Acme",
 *   store: memoryStore(),
 *   keys: generateKey(),
 *   reauthentication: { enroll: "none" },
 * });
 * const binding = "a random value from the session";
 * const begun = await twoFactor.enrollment.begin("alice", { accountName: "alice@example.com", binding });
 * assert.ok(begun.ok);
 * const code = totp(begun.secret, { now: Date.now() });
 * const confirmed = await twoFactor.enrollment.confirm("alice", {
 *   enrollmentId: begun.enrollmentId,
 *   code,
 *   binding,
 * });
 * assert.ok(confirmed.ok);
 * const step = await twoFactor.signIn.begin("alice", { binding });
 * assert.ok(step.step === "code");
 * const again = await twoFactor.signIn.complete(step.challenge, code, { binding });
 * assert.equal(again.ok, false); // the code that confirmed the enrollment is spent
 * ```
 */
export function createTwoFactor<HostOperation extends string = never>(
  options: TwoFactorOptions<HostOperation> & { passkeys: Passkeys },
): TwoFactor<HostOperation> & { passkeys: PasskeyCalls };
/** Creates the second factor without passkeys, where the option `passkeys` is left out. */
export function createTwoFactor<HostOperation extends string = never>(
  options: TwoFactorOptions<HostOperation>,
): TwoFactor<HostOperation>;
export function createTwoFactor<HostOperation extends string = never>(
  options: TwoFactorOptions<HostOperation>,
): TwoFactor<HostOperation> {
  return createTwoFactorWith(options, {});
}

/** Creates the second factor for tests, which may replace derivation, randomness and waiting. Not exported. */
export function createTwoFactorWith<HostOperation extends string = never>(
  options: TwoFactorOptions<HostOperation>,
  seams: Seams,
): TwoFactor<HostOperation> {
  const service = createService(options as TwoFactorOptions<string>, seams);
  const passkeys = passkeyMethod(service)?.callsOf(service);
  return {
    ...(passkeys && { passkeys }),
    status: (userId) => status(service, userId),
    signIn: {
      begin: (userId, given) => beginSignIn(service, userId, given),
      complete: (challenge, code, given) => completeSignIn(service, challenge, code, given),
    },
    verify: (userId, code, given) => verify(service, userId, code, given),
    reauthenticate: (userId, given) => reauthenticate(service, userId, given),
    allow: (userId, operation, proof) => allow(service, userId, operation, proof),
    asks: (userId, operation, given) => asks(service, userId, operation, given),
    enrollment: {
      begin: (who: Who, given: BeginOptions & Proof) => beginEnrollment(service, who, given),
      confirm: (who, given) => confirmEnrollment(service, who, given),
      acknowledge: (who, given) => acknowledgeEnrollment(service, who, given),
      cancel: (who, given) => cancelEnrollment(service, who, given),
    },
    authenticators: {
      list: (userId) => listAuthenticators(service, userId),
      rename: (userId, given) => renameAuthenticatorOf(service, userId, given),
      remove: (userId, given) => removeAuthenticatorOf(service, userId, given),
    },
    backupCodes: {
      regenerate: (userId, proof) => regenerateBackupCodes(service, userId, proof),
      acknowledge: (userId, given) => acknowledgeBackupCodes(service, userId, given),
    },
    devices: {
      list: (userId, given) => listDevices(service, userId, given),
      revoke: (userId, device, given) => revokeDevice(service, userId, device, given),
      revokeAll: (userId, given) => revokeAllDevices(service, userId, given),
    },
    disable: (userId, proof) => disable(service, userId, proof),
    credentialChanged: (userId, what, given) => credentialChanged(service, userId, what, given),
    rewrap: (userId) => rewrap(service, userId),
  };
}
