/** The list of a user's passkeys, the options for using one, renaming and removing them. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { checkOptions } from "../internal/check.ts";
import { countFactors, type UserRecord } from "../record.ts";
import { labelText } from "../rules/label.ts";
import { refusalOfPasskey, removePasskey, renamePasskey } from "../rules/passkeys.ts";
import { disable } from "../two-factor/account.ts";
import { type Call, callOf, change, loadRecord } from "../two-factor/call.ts";
import { checkCallOptions } from "../two-factor/call-options.ts";
import type { PasskeyCalls, PasskeyInfo } from "../two-factor/passkey-types.ts";
import { openOperation } from "../two-factor/proof.ts";
import { bindingHash, type Service } from "../two-factor/service.ts";
import { type Challenge, openChallenge, stale } from "../two-factor/tokens.ts";
import type { Proof, Result, Who } from "../two-factor/types.ts";
import { challengeOfSignIn, sealProofChallenge } from "./challenge.ts";
import type { PasskeySettings } from "./library.ts";
import { isStrict } from "./policy.ts";
import { descriptor } from "./registration.ts";

export async function requestOptions(
  { rpId, userVerification }: PasskeySettings,
  service: Service,
  who: Who,
  options: Parameters<PasskeyCalls["options"]>[1],
): ReturnType<PasskeyCalls["options"]> {
  checkOptions("options", options, ["binding", "context"], "");
  const binding = bindingHash(options.binding);
  const asked = await whoAsks(service, who, binding);
  if (isFailure(asked)) return asked;
  const { call, signIn } = asked;
  const { record } = await loadRecord(call);
  const refused = signIn && stale(signIn, record);
  if (refused) return refused;
  if (record.passkeys.length === 0) return failure("passkey_not_found");
  const { challenge, expiresAt } = signIn
    ? { challenge: challengeOfSignIn(signIn), expiresAt: signIn.expiresAt }
    : await sealProofChallenge(call, record.epoch, binding);
  const timeout = Math.max(0, expiresAt - call.now);
  const allowCredentials = record.passkeys.map(descriptor);
  return { ok: true, options: { rpId, challenge, timeout, allowCredentials, userVerification }, expiresAt };
}

async function whoAsks(
  service: Service,
  who: Who,
  binding: string | null,
): Promise<{ call: Call; signIn: Challenge | null } | Failure> {
  if (typeof who === "string") return { call: callOf(service, who), signIn: null };
  checkOptions("who", who, ["challenge"]);
  const signIn = await openChallenge(service, who.challenge, ["code"], binding, service.now());
  return isFailure(signIn) ? signIn : { call: callOf(service, signIn.userId), signIn };
}

export async function listPasskeys(service: Service, user: string): Promise<readonly PasskeyInfo[]> {
  const { record } = await loadRecord(callOf(service, user));
  return record.passkeys.map(({ id, label, enrolledAt, lastUsedAt, synced, backedUp }) => ({
    ...{ id, label, enrolledAt, lastUsedAt, synced: synced === 1, backedUp: backedUp === 1 },
  }));
}

export async function renamePasskeyOf(
  service: Service,
  user: string,
  options: Parameters<PasskeyCalls["rename"]>[1],
): Promise<Result<object>> {
  checkOptions("options", options, ["id", "label", "context"], "");
  const { id, label, context } = options;
  const rename = (record: UserRecord) => renamePasskey(record, id, labelText(label));
  return (await change(callOf(service, user, { context }), rename)).outcome ?? { ok: true };
}

/** Removes a passkey. Removing the last factor turns the second factor off, and asks for the same proof. */
export async function removePasskeyOf(
  service: Service,
  user: string,
  options: { id: string | undefined } & Proof,
): Promise<Result<{ mustEnroll: boolean }>> {
  checkCallOptions("authenticators.remove", options); // the same names
  const { id, ...proof } = options;
  const asking = callOf(service, user, { context: proof.context });
  const { userId } = asking;
  const { record } = await loadRecord(asking);
  const strict = await isStrict(asking);
  const refusal = (current: UserRecord) => {
    const isLast = strict && current.passkeys.length === 1;
    return refusalOfPasskey(current, id) ?? (isLast ? failure("required_by_policy") : null);
  };
  const refused = refusal(record);
  if (refused) return refused;
  if (countFactors(record) === 1) return disable(service, userId, proof);
  const opened = await openOperation(service, userId, "replace", proof, refusal);
  if (isFailure(opened)) return opened;
  const { call, guard } = opened;
  const remove = (current: UserRecord) => removePasskey(current, id, service.id(), call.now);
  const unlessLast = (current: UserRecord) =>
    guard(current) ?? (countFactors(current) > 1 ? null : failure("elevation_invalid"));
  return (await change(call, remove, { guard: unlessLast })).outcome ?? { ok: true, mustEnroll: false };
}
