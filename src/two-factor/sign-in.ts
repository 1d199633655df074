/** The calls of a sign-in, and `verify`: what comes after the first factor. */

import { type Failure, failure, isFailure, TwoFactorError } from "../errors.ts";
import { checkBoolean } from "../internal/check.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { methodsOf } from "../rules/backup-codes.ts";
import type { Method } from "../rules/decision.ts";
import { isTrusted, liveDevice, nameOf, touch } from "../rules/devices.ts";
import { locksOfCodes } from "../rules/locks.ts";
import { admission, type Requirement } from "../rules/policy.ts";
import type { FirstFactor } from "../rules/proof.ts";
import type { Sent, Told } from "../rules/repeat.ts";
import { readCode } from "../rules/verification.ts";
import { attempt } from "./attempt.ts";
import { type Begun, challengeOf } from "./begun.ts";
import { type Call, callOf, change, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { passkeyMethod } from "./passkey-method.ts";
import { checkFirstFactor } from "./proof.ts";
import { freshSource, kept, sentBy, successAgain } from "./repeat.ts";
import { bindingHash, deviceTokenHash, type Service } from "./service.ts";
import { admitDevice, hostsTwoFactors, oneFactor, type Shown, type Success, signedIn } from "./success.ts";
import { type Challenge, openChallenge, stale } from "./tokens.ts";
import type { CodeOptions, SignedIn, SignInOptions, SignInStep } from "./types.ts";

export async function beginSignIn(
  service: Service,
  user: string,
  options: SignInOptions,
): Promise<SignInStep> {
  checkCallOptions("signIn.begin", options);
  const { enrolled, deviceToken, context } = options;
  const binding = bindingHash(options.binding);
  if (enrolled !== undefined) checkBoolean("enrolled", enrolled);
  const call = callOf(service, user, { context });
  const firstFactor = checkFirstFactor(options.firstFactor, call.now);
  if (!(await service.authorized(call, "sign_in"))) return { step: "refused" };
  const loaded = await loadRecord(call);
  const begun: Begun = { call, binding, firstFactor, deviceToken, loaded };
  const active = hasFactor(loaded.record);
  if (!active && enrolled === true && loaded.record.removedAt === null) {
    throw new TwoFactorError(
      "record_missing",
      "This user is known to be enrolled, and the store has no record of it, nor of its end.",
    );
  }
  const suffices = firstFactor !== null && service.suffices(call, firstFactor);
  const ruled = await passkeyMethod(service)?.begin(begun, suffices);
  if (ruled) return ruled;
  if (suffices) return passOn(begun, firstFactor, active);
  return active ? askForCode(begun) : admit(begun);
}

/** Returns the step for a user whose first factor is two factors already, as the application says. */
function passOn({ call }: Begun, firstFactor: FirstFactor, active: boolean): SignInStep {
  const { service, userId, now, trace } = call;
  if (active) service.emit(userId, now, [{ type: "code_skipped" }], trace);
  return { step: "done", userId, assurance: hostsTwoFactors(firstFactor), reason: "first_factor" };
}

/** Returns the step for a user with a second factor: `code`, unless the device is trusted and no method is named. */
export async function askForCode(begun: Begun, only?: readonly Method[]): Promise<SignInStep> {
  const { call, deviceToken, firstFactor, loaded } = begun;
  const { service, userId, now, trace } = call;
  const { devices } = service.settings;
  const { record } = loaded;
  const device = liveDevice(record, deviceTokenHash(deviceToken), now, devices);
  if (device && !only && isTrusted(device, now, devices)) {
    await change(call, (current) => touch(current, device.id, now), { from: loaded });
    service.emit(userId, now, [{ type: "code_skipped", device: nameOf(device) }], trace);
    return { step: "done", userId, assurance: oneFactor(firstFactor, now), reason: "trusted_device" };
  }
  const methods = only ?? methodsOf(record, service.settings);
  const locks = locksOfCodes(record, methods, device?.id ?? null, now, service.settings.throttle);
  const waits = locks.flatMap(({ retryAt }) => (retryAt === null ? [] : [retryAt]));
  const closed = locks.length === methods.length && waits.length > 0;
  const sealed = await challengeOf(begun, record.epoch, "code", device ? (deviceToken ?? null) : null);
  service.emit(userId, now, [{ type: "challenged", ...(device && { device: nameOf(device) }) }], trace);
  return { step: "code", ...sealed, methods, locks, ...(closed ? { retryAt: Math.min(...waits) } : {}) };
}

/** Returns the step for a user without a second factor: `done`, or a forced enrollment. */
export async function admit(
  begun: Begun,
  requirement?: Requirement,
  purpose: Challenge["purpose"] = "enroll",
): Promise<SignInStep> {
  const { call, firstFactor, loaded } = begun;
  const { service, userId, now } = call;
  const admitted = admission(requirement ?? (await service.requirement(call)), now);
  if (admitted.step === "enroll") {
    return { step: "enroll", methods: ["app"], ...(await challengeOf(begun, loaded.record.epoch, purpose)) };
  }
  return { ...admitted, userId, assurance: oneFactor(firstFactor, now) };
}

export async function completeSignIn(
  service: Service,
  token: string | undefined,
  code: unknown,
  options: Omit<CodeOptions, "deviceToken">,
): Promise<SignedIn | Failure> {
  checkCallOptions("signIn.complete", options);
  const challenge = await openChallenge(
    service,
    token,
    ["code"],
    bindingHash(options.binding),
    service.now(),
  );
  if (isFailure(challenge)) return challenge;
  const { userId, binding, firstFactor } = challenge;
  const call = callOf(service, userId, { context: options.context });
  const deviceToken = challenge.deviceToken ?? undefined;
  const sent = sentBy(challenge.id, [token, options.binding, readCode(code)]);
  return passCode(call, code, { ...options, deviceToken }, { binding, firstFactor, challenge, sent });
}

export async function verify(
  service: Service,
  user: string,
  code: unknown,
  options: CodeOptions,
): Promise<SignedIn | Failure> {
  checkCallOptions("verify", options);
  const binding = bindingHash(options.binding);
  const call = callOf(service, user, { context: options.context });
  return passCode(call, code, options, { binding, firstFactor: null });
}

/** Checks a code and makes the device known, for a sign-in and for `verify`. */
async function passCode(
  call: Call,
  code: unknown,
  { deviceToken, trustDevice, remember, context }: CodeOptions,
  from: {
    binding: string | null;
    firstFactor: FirstFactor | null;
    challenge?: Challenge;
    sent?: Sent | null;
  },
): Promise<SignedIn | Failure> {
  if (!(await call.service.authorized(call, "sign_in"))) return failure("not_authorized");
  const { challenge, binding, firstFactor, sent = null } = from;
  const tokenHash = deviceTokenHash(deviceToken);
  const sender = { deviceToken, tokenHash, trustDevice, remember, context };
  const purpose = {
    guard: (record: UserRecord) => (challenge ? stale(challenge, record) : null),
    repeat: sent && {
      sent,
      tell: (record: UserRecord, told: Told) => successAgain(call, record, told, deviceToken),
    },
    accept(record: UserRecord, verified: Shown) {
      const source = freshSource(call, sent);
      const drawing = { ...sender, random: source?.random("device") };
      const admitted = admitDevice(call, record, verified, drawing, challenge);
      return { ...admitted, record: kept(call, admitted.record, { sent, source }, verified) };
    },
  };
  const typed = { code, tokenHash, accepts: "sign_in", bindingHash: binding, challenge } as const;
  const success = await attempt<Success>(call, typed, purpose, challenge?.deviceToken); // the token was checked when it was sealed
  return isFailure(success) ? success : signedIn(call, success, { bindingHash: binding, firstFactor });
}
