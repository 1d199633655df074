/** The second factor as a whole: its status, its end, and what must die when a credential changes. */

import { type Failure, failure, TwoFactorError } from "../errors.ts";
import { toBase64Url } from "../internal/bytes.ts";
import { checkObject, checkOneOf } from "../internal/check.ts";
import { activeAuthenticator, type UserRecord, unusedCodes } from "../record.ts";
import { workingBatch } from "../rules/backup-codes.ts";
import { type RuleEvent, unchanged } from "../rules/decision.ts";
import { isKnown } from "../rules/devices.ts";
import { endSessions, remove } from "../rules/enrollment.ts";
import { blockOf } from "../rules/throttle.ts";
import { prove, sameEpoch } from "./proof.ts";
import { bindingHash, checkUserId, type Service } from "./service.ts";
import { load, stateOf, transact } from "./transact.ts";
import type { Ok, Proof, Status } from "./types.ts";

export async function status(service: Service, user: string): Promise<Status> {
  const now = service.now();
  const { record } = await load(service, checkUserId(user));
  const authenticator = activeAuthenticator(record);
  const batch = workingBatch(record, service.settings);
  const active = unusedCodes(batch);
  const block = blockOf(record, { factor: "app", device: null }, now, service.settings.throttle);
  return {
    ...stateOf(record, now),
    enrolledAt: authenticator?.enrolledAt ?? null,
    lastUsedAt: authenticator?.lastUsedAt ?? null,
    backupCodes: batch && {
      total: batch.codes.length,
      active,
      used: batch.codes.length - active,
      createdAt: batch.createdAt,
    },
    devices: record.devices.filter((device) => isKnown(device, now, service.settings.devices)).length,
    retryAt: authenticator && block?.detail === "locked" ? block.retryAt : null,
  };
}

export async function disable(
  service: Service,
  user: string,
  proof: Proof,
): Promise<Ok<{ mustEnroll: boolean }>> {
  const userId = checkUserId(user);
  checkObject("proof", proof);
  bindingHash(proof.binding);
  const now = service.now();
  if (!(await service.authorized(userId, "disable"))) return failure("not_authorized");
  const loaded = await load(service, userId);
  if (!activeAuthenticator(loaded.record)) return failure("not_enrolled");
  const proved = await prove(service, userId, "disable", proof, now, loaded);
  if (!proved.ok) return proved;
  const guard = sameEpoch(proved);
  const trace = { context: proof.context };
  const { outcome } = await transact<Failure | null>(
    service,
    userId,
    now,
    (record) => {
      const refusal = guard(record); // the same epoch: the same factor is active
      return refusal
        ? unchanged(record, refusal)
        : remove(record, toBase64Url(service.random(16)), now, "disabled");
    },
    { trace },
  );
  if (outcome) return outcome;
  try {
    return { ok: true, mustEnroll: (await service.requirement(userId)).required };
  } catch {
    service.emit(userId, now, [{ type: "policy_error" }], trace);
    return { ok: true, mustEnroll: true };
  }
}

export async function credentialChanged(service: Service, user: string, what: string): Promise<void> {
  const userId = checkUserId(user);
  const reason = checkOneOf("what", what, ["password", "email", "recovery"]);
  const now = service.now();
  const decide = (record: UserRecord) => endSessions(record, toBase64Url(service.random(16)), now);
  const { outcome } = await transact(service, userId, now, decide, { trace: { reason } });
  if (outcome) throw lostEveryRace();
}

export async function rewrap(service: Service, user: string): Promise<boolean> {
  const userId = checkUserId(user);
  const events: readonly RuleEvent[] = [{ type: "rewrapped" }];
  const { outcome } = await transact<boolean | Failure>(
    service,
    userId,
    service.now(),
    (record, { keyId }) => {
      if (keyId === undefined || keyId === service.keyring.keyId) return unchanged(record, false);
      return { record: { ...record }, outcome: true, events };
    },
  );
  if (typeof outcome === "object") throw lostEveryRace();
  return outcome;
}

/** For the calls that have no failure to return: a false here would say that there was nothing to do. */
function lostEveryRace(): TwoFactorError {
  return new TwoFactorError("store_unavailable", "Too many other writes came first; try again.");
}
