/** Between "the password was right" and "here is your session". */

import { type Failure, failure, isFailure, TwoFactorError } from "../errors.ts";
import { checkBoolean } from "../internal/check.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { methodsOf } from "../rules/backup-codes.ts";
import { isTrusted, liveDevice, nameOf, touch } from "../rules/devices.ts";
import { locksOfCodes } from "../rules/locks.ts";
import { admission } from "../rules/policy.ts";
import type { FirstFactor } from "../rules/proof.ts";
import type { Sent, Told } from "../rules/repeat.ts";
import { readCode } from "../rules/verification.ts";
import { attempt, type PasskeyPolicy, passkeyPolicy } from "./attempt.ts";
import { type Call, callOf, change, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { checkFirstFactor } from "./proof.ts";
import { freshSource, kept, sentBy, successAgain } from "./repeat.ts";
import { bindingHash, deviceTokenHash, type Service } from "./service.ts";
import { admitDevice, hostsTwoFactors, oneFactor, type Shown, type Success, signedIn } from "./success.ts";
import { type Challenge, openChallenge, sealChallenge, stale } from "./tokens.ts";
import type { Loaded } from "./transact.ts";
import type { CodeOptions, SignedIn, SignInOptions, SignInStep } from "./types.ts";

/** A sign-in that has begun: what the host said of it, and what the store holds. */
interface Begun {
  call: Call;
  binding: string | null;
  firstFactor: FirstFactor | null;
  deviceToken: string | undefined;
  loaded: Loaded;
}

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
  const policy = await passkeyPolicy(call);
  const suffices = firstFactor && service.suffices(call, firstFactor);
  if (suffices && policy?.suffices(firstFactor) !== false) return passOn(begun, firstFactor, active);
  return active ? askForCode(begun, policy) : admit(begun, policy);
}

/** What somebody meets whose first factor is two, by the word of the host. */
function passOn({ call }: Begun, firstFactor: FirstFactor, active: boolean): SignInStep {
  const { service, userId, now, trace } = call;
  if (active) service.emit(userId, now, [{ type: "code_skipped" }], trace);
  return { step: "done", userId, assurance: hostsTwoFactors(firstFactor), reason: "first_factor" };
}

/** What somebody meets who has a second factor: a question, unless the device is trusted. */
async function askForCode(begun: Begun, policy: PasskeyPolicy | undefined): Promise<SignInStep> {
  const { call, deviceToken, firstFactor, loaded } = begun;
  const { service, userId, now, trace } = call;
  const { devices } = service.settings;
  const { record } = loaded;
  const device = liveDevice(record, deviceTokenHash(deviceToken), now, devices);
  if (device && !policy?.strict && isTrusted(device, now, devices)) {
    await change(call, (current) => touch(current, device.id, now), { from: loaded });
    service.emit(userId, now, [{ type: "code_skipped", device: nameOf(device) }], trace);
    return { step: "done", userId, assurance: oneFactor(firstFactor, now), reason: "trusted_device" };
  }
  const barsApp = policy?.onlyPasskeys(record);
  const methods = methodsOf(record, service.settings).filter((method) => !barsApp || method !== "app");
  const locks = locksOfCodes(record, methods, device?.id ?? null, now, service.settings.throttle);
  const waits = locks.flatMap(({ retryAt }) => (retryAt === null ? [] : [retryAt]));
  const closed = locks.length === methods.length && waits.length > 0;
  const sealed = await challengeOf(begun, "code", device ? (deviceToken ?? null) : null);
  service.emit(userId, now, [{ type: "challenged", ...(device && { device: nameOf(device) }) }], trace);
  return { step: "code", ...sealed, methods, locks, ...(closed ? { retryAt: Math.min(...waits) } : {}) };
}

/** What somebody meets who has none: nothing, or a forced enrollment. */
async function admit(begun: Begun, policy: PasskeyPolicy | undefined): Promise<SignInStep> {
  const { call, binding, firstFactor, loaded } = begun;
  const { service, userId, now } = call;
  const admitted = admission(policy?.requirement ?? (await service.requirement(call)), now);
  if (admitted.step === "enroll") {
    const forced = policy
      ? await policy.enroll(loaded.record, { binding, firstFactor })
      : { ...(await challengeOf(begun, "enroll")), methods: ["app"] as const };
    return { step: "enroll", ...forced };
  }
  return { ...admitted, userId, assurance: oneFactor(firstFactor, now) };
}

async function challengeOf(
  { call: { service, userId, now }, binding, firstFactor, loaded }: Begun,
  purpose: Challenge["purpose"],
  deviceToken: string | null = null,
): Promise<{ challenge: string; expiresAt: number }> {
  const { epoch } = loaded.record;
  const expiresAt = now + service.settings.lifetimes.challenge * 1_000;
  const about = { userId, purpose, epoch, binding, expiresAt, firstFactor, deviceToken };
  return { challenge: await sealChallenge(service, about), expiresAt };
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
  const sent = sentBy(challenge.id, ["sign_in", token, options.binding, readCode(code)]);
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

/** Checks a code and makes the device known: what a sign-in and `verify` share. */
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
  const policy = await passkeyPolicy(call);
  const fallsShort = ({ method }: Shown) => policy?.strict && method !== "passkey";
  const { challenge, binding, firstFactor, sent = null } = from;
  const tokenHash = deviceTokenHash(deviceToken);
  const sender = { deviceToken, tokenHash, trustDevice, remember, context };
  const purpose = {
    guard: (record: UserRecord) =>
      (challenge && stale(challenge, record)) ?? policy?.refusal(record, code) ?? null,
    repeat: sent && {
      sent,
      tell: (record: UserRecord, told: Told) => successAgain(call, record, told, deviceToken),
    },
    accept(record: UserRecord, verified: Shown) {
      const source = freshSource(call, sent);
      const drawing = { ...sender, random: source?.random("device") };
      if (fallsShort(verified)) drawing.remember = false; // nobody is signed in yet
      const admitted = admitDevice(call, record, verified, drawing, challenge);
      return { ...admitted, record: kept(call, admitted.record, { sent, source }, verified) };
    },
  };
  const typed = { code, tokenHash, accepts: "any", bindingHash: binding, challenge } as const;
  const success = await attempt<Success>(call, typed, purpose, challenge?.deviceToken); // live when it was sealed
  if (isFailure(success)) return success;
  if (policy && fallsShort(success)) {
    const enroll = await policy.enroll(success.record, { binding, firstFactor });
    return failure("enrollment_required", { enroll });
  }
  const done = await signedIn(call, success, { bindingHash: binding, firstFactor });
  return { ...done, ...policy?.grace(success.record) };
}
