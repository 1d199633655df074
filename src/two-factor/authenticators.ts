/** The list of a user's authenticators, renaming and removing them. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { countFactors, type UserRecord } from "../record.ts";
import { refusalOf, removeAuthenticator, renameAuthenticator } from "../rules/authenticators.ts";
import { labelText } from "../rules/label.ts";
import { disable } from "./account.ts";
import { callOf, change, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { openOperation } from "./proof.ts";
import { checkUserId, type Service } from "./service.ts";
import type { AuthenticatorInfo, Proof, Result } from "./types.ts";

export async function listAuthenticators(
  service: Service,
  user: string,
): Promise<readonly AuthenticatorInfo[]> {
  const { record } = await loadRecord(callOf(service, user));
  return record.authenticators.map(({ id, label, enrolledAt, lastUsedAt }) => ({
    ...{ id, label, enrolledAt, lastUsedAt },
  }));
}

export async function renameAuthenticatorOf(
  service: Service,
  user: string,
  options: { id: string | undefined; label: string | null } & Pick<Proof, "context">,
): Promise<Result<object>> {
  checkCallOptions("authenticators.rename", options);
  const { id, label, context } = options;
  const call = callOf(service, user, { context });
  if (typeof id !== "string") return failure("authenticator_not_found");
  const { outcome } = await change(call, (record) => renameAuthenticator(record, id, labelText(label)));
  return outcome ?? { ok: true };
}

/** Removes an authenticator. Removing the last one turns the second factor off, and asks for the same proof. */
export async function removeAuthenticatorOf(
  service: Service,
  user: string,
  options: { id: string | undefined } & Proof,
): Promise<Result<{ mustEnroll: boolean }>> {
  checkCallOptions("authenticators.remove", options);
  const { id, ...proof } = options;
  const userId = checkUserId(user);
  if (typeof id !== "string") return failure("authenticator_not_found");
  const { record } = await loadRecord(callOf(service, userId));
  const refusal = refusalOf(record, id);
  if (refusal) return refusal;
  if (countFactors(record) === 1) return disable(service, userId, proof);
  const look = (current: UserRecord) => refusalOf(current, id) ?? refusalOfLast(current);
  const opened = await openOperation(service, userId, "replace", proof, look);
  if (isFailure(opened)) return opened;
  const { call, guard } = opened;
  const remove = (current: UserRecord) => removeAuthenticator(current, id, service.id(), call.now);
  const { outcome } = await change(call, remove, { guard });
  return outcome ?? { ok: true, mustEnroll: false };
}

/** Keeps two removals at once from removing the last factor, which asks for more proof. */
function refusalOfLast(record: UserRecord): Failure | null {
  return countFactors(record) > 1 ? null : failure("elevation_invalid");
}
