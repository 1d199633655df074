/** Between "the password was right" and "here is your session". */

import { type Failure, failure, TwoFactorError } from "../errors.ts";
import { checkBoolean, checkInteger, checkObject, checkText } from "../internal/check.ts";
import { activeAuthenticator, type UserRecord, unusedCodes } from "../record.ts";
import { workingBatch } from "../rules/backup-codes.ts";
import type { Method } from "../rules/decision.ts";
import { isTrusted, liveDevice, touch } from "../rules/devices.ts";
import { admission } from "../rules/policy.ts";
import { blockOf } from "../rules/throttle.ts";
import { attempt } from "./attempt.ts";
import { bindingHash, checkUserId, deviceTokenHash, type Service } from "./service.ts";
import { admitBrowser, oneFactor, signedIn } from "./success.ts";
import { type FirstFactor, MAX_AMR, MAX_AMR_LENGTH, openChallenge, sealChallenge, stale } from "./tokens.ts";
import { load, transact } from "./transact.ts";
import type { Seen, SignedIn, SignInOptions, SignInStep } from "./types.ts";

function checkFirstFactor(firstFactor: SignInOptions["firstFactor"]): FirstFactor | null {
  if (firstFactor === undefined) return null;
  checkObject("firstFactor", firstFactor);
  const { amr, authenticatedAt } = firstFactor;
  if (!Array.isArray(amr) || amr.length > MAX_AMR) {
    throw new TypeError(`firstFactor.amr: want a list of at most ${MAX_AMR} names`);
  }
  for (const name of amr) checkText("firstFactor.amr", name, MAX_AMR_LENGTH);
  if (authenticatedAt === undefined) return { amr: [...amr], authenticatedAt: null };
  checkInteger("firstFactor.authenticatedAt", authenticatedAt, 0, Number.MAX_SAFE_INTEGER);
  return { amr: [...amr], authenticatedAt };
}

export async function beginSignIn(
  service: Service,
  user: string,
  options: SignInOptions,
): Promise<SignInStep> {
  const userId = checkUserId(user);
  checkObject("options", options);
  const binding = bindingHash(options.binding);
  const firstFactor = checkFirstFactor(options.firstFactor);
  if (options.enrolled !== undefined) checkBoolean("enrolled", options.enrolled);
  const now = service.now();
  if (!(await service.authorized(userId, "sign_in"))) return { step: "refused" };
  const loaded = await load(service, userId);
  const { record } = loaded;
  if (options.enrolled === true && !activeAuthenticator(record) && record.removedAt === null) {
    throw new TwoFactorError(
      "record_missing",
      "This user is known to be enrolled, and the store has no record of it, nor of its end.",
    );
  }
  const challenge = async (purpose: "code" | "enroll", deviceToken: string | null = null) => {
    const expiresAt = now + service.settings.lifetimes.challenge * 1_000;
    const about = { userId, purpose, epoch: record.epoch, binding, expiresAt, firstFactor, deviceToken };
    return { challenge: await sealChallenge(service, about), expiresAt };
  };

  if (activeAuthenticator(record)) {
    const device = liveDevice(record, deviceTokenHash(options.deviceToken), now, service.settings.devices);
    if (device && isTrusted(device, now, service.settings.devices)) {
      await transact(service, userId, now, (current) => touch(current, device.id, now), { from: loaded });
      return { step: "done", userId, assurance: oneFactor(firstFactor, now), reason: "trusted_device" };
    }
    const { methods, retryAt } = openMethods(service, record, device?.id ?? null, now);
    const sealed = await challenge("code", device ? (options.deviceToken ?? null) : null);
    return { step: "code", ...sealed, methods, ...(retryAt === null ? {} : { retryAt }) };
  }

  const requirement = await service.requirement(userId).catch((error: unknown) => {
    service.emit(userId, now, [{ type: "policy_error" }], { context: options.context });
    throw error;
  });
  const admitted = admission(requirement, now);
  if (admitted.step === "enroll") return { step: "enroll", ...(await challenge("enroll")) };
  return { ...admitted, userId, assurance: oneFactor(firstFactor, now) };
}

/** Which kinds of code the user has, and when the first of them may be tried if none may be now. */
function openMethods(service: Service, record: UserRecord, device: string | null, now: number) {
  const methods: readonly Method[] =
    unusedCodes(workingBatch(record, service.settings)) > 0 ? ["app", "backup"] : ["app"];
  const blocks = methods.map((factor) => blockOf(record, { factor, device }, now, service.settings.throttle));
  const waits = blocks.flatMap((block) => (block?.detail === "locked" ? [block.retryAt] : []));
  const retryAt = blocks.every((block) => block !== null) && waits.length > 0 ? Math.min(...waits) : null;
  return { methods, retryAt };
}

export async function completeSignIn(
  service: Service,
  token: string | undefined,
  code: string | undefined,
  options: Omit<Seen, "deviceToken">,
): Promise<SignedIn | Failure> {
  checkObject("options", options);
  const now = service.now();
  const challenge = await openChallenge(service, token, "code", options.binding, now);
  if ("ok" in challenge) return challenge;
  const { userId, deviceToken, firstFactor, binding } = challenge;
  if (!(await service.authorized(userId, "sign_in"))) return failure("not_authorized");
  const { context, trustDevice } = options;
  const tokenHash = deviceTokenHash(deviceToken);
  const browser = { deviceToken, tokenHash, trustDevice, context };
  const run = () =>
    attempt(
      service,
      { userId, code, tokenHash, accepts: "any", challenge, now, trace: { context } },
      (record) => stale(challenge, record),
      (record, verified) => admitBrowser(service, record, verified, browser, now, challenge),
    );
  const success = await service.inTurn(userId, run, deviceToken);
  return success.ok
    ? signedIn(service, userId, success, { bindingHash: binding, firstFactor, now })
    : success;
}

export async function verify(
  service: Service,
  user: string,
  code: string | undefined,
  options: Seen,
): Promise<SignedIn | Failure> {
  const userId = checkUserId(user);
  checkObject("options", options);
  const binding = bindingHash(options.binding);
  const now = service.now();
  if (!(await service.authorized(userId, "sign_in"))) return failure("not_authorized");
  const { context, deviceToken, trustDevice } = options;
  const tokenHash = deviceTokenHash(deviceToken);
  const browser = { deviceToken, tokenHash, trustDevice, context };
  const success = await service.inTurn(userId, () =>
    attempt(
      service,
      { userId, code, tokenHash, accepts: "any", now, trace: { context } },
      () => null,
      (record, verified) => admitBrowser(service, record, verified, browser, now),
    ),
  );
  return success.ok
    ? signedIn(service, userId, success, { bindingHash: binding, firstFactor: null, now })
    : success;
}
