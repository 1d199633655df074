/** The second factor as a whole: its status, turning it off, and what ends when a credential changes. */

import { failure, isFailure, TwoFactorError } from "../errors.ts";
import { checkOneOf } from "../internal/check.ts";
import { enrolledSince, hasFactor, type UserRecord, unusedCodes } from "../record.ts";
import { methodsOf, workingBatch } from "../rules/backup-codes.ts";
import { unchanged } from "../rules/decision.ts";
import { isKnown } from "../rules/devices.ts";
import { locksOfCodes, locksOfRows } from "../rules/locks.ts";
import { endSessions, remove } from "../rules/removal.ts";
import { type Call, callOf, change, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { openOperation } from "./proof.ts";
import type { Service } from "./service.ts";
import type { Status } from "./status.ts";
import { stateOf } from "./transact.ts";
import type { Proof, Result } from "./types.ts";

export async function status(service: Service, user: string): Promise<Status> {
  const call = callOf(service, user);
  const { now } = call;
  const { record } = await loadRecord(call);
  const used = record.authenticators.flatMap(({ lastUsedAt }) => lastUsedAt ?? []);
  const batch = workingBatch(record, service.settings);
  const active = unusedCodes(batch);
  const { throttle, devices } = service.settings;
  const methods = methodsOf(record, service.settings);
  const codes = hasFactor(record) ? locksOfCodes(record, methods, null, now, throttle) : [];
  return {
    ...stateOf(record, now),
    enrolledAt: enrolledSince(record),
    lastUsedAt: used.length > 0 ? Math.max(...used) : null,
    backupCodes: batch && {
      total: batch.codes.length,
      active,
      used: batch.codes.length - active,
      createdAt: batch.createdAt,
      ...(batch.alphabet === "legacy" && { legacy: true as const }),
    },
    authenticators: record.authenticators.length,
    devices: record.devices.filter((device) => isKnown(device, now, devices)).length,
    locks: [...codes, ...locksOfRows(record, now, throttle)],
    retryAt: codes.find(({ of }) => of === "app")?.retryAt ?? null,
  };
}

export async function disable(
  service: Service,
  user: string,
  proof: Proof,
): Promise<Result<{ mustEnroll: boolean }>> {
  const opened = await openOperation(service, user, "disable", proof, (record) =>
    hasFactor(record) ? null : failure("not_enrolled"),
  );
  if (!opened.ok) return opened;
  const { call, guard } = opened;
  const turnOff = (record: UserRecord) => remove(record, service.id(), call.now, "disabled");
  const { outcome } = await change(call, turnOff, { guard });
  return outcome ?? { ok: true, mustEnroll: await mustEnroll(call) };
}

/** Tells whether the policy asks for a second factor. If it fails, the answer is yes. */
async function mustEnroll(call: Call): Promise<boolean> {
  return call.service.requirement(call).then(
    ({ required }) => required,
    () => true,
  );
}

export async function credentialChanged(
  service: Service,
  user: string,
  what: string,
  options: Pick<Proof, "context"> = {},
): Promise<void> {
  checkCallOptions("credentialChanged", options);
  const { context } = options;
  const reason = checkOneOf("what", what, ["password", "email", "recovery"]);
  const call = callOf(service, user, { reason, context });
  const { outcome } = await change(call, (record) => endSessions(record, service.id(), call.now));
  if (outcome) throw lostEveryRace();
}

export async function rewrap(service: Service, user: string): Promise<boolean> {
  const { outcome } = await change<boolean>(callOf(service, user), (record, { keyId }) => {
    if (keyId === undefined || keyId === service.keyring.keyId) return unchanged(record, false);
    return { record: { ...record }, outcome: true, events: [{ type: "rewrapped" }] };
  });
  if (isFailure(outcome)) throw lostEveryRace();
  return outcome;
}

/** Makes the error of calls that cannot return a failure: `false` would say that there was nothing to do. */
function lostEveryRace(): TwoFactorError {
  return new TwoFactorError("store_unavailable", "Too many other writes came first; try again.");
}
