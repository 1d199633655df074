/** The list of known devices, and forgetting them. */

import { failure, isFailure } from "../errors.ts";
import { hasToken, isKnown, isTrusted, knownUntil, revoke, trustedUntil } from "../rules/devices.ts";
import { callOf, change, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { deviceTokenHash, type Service } from "./service.ts";
import type { Device, Proof, Result } from "./types.ts";

export async function listDevices(
  service: Service,
  user: string,
  options: { deviceToken?: string | undefined } = {},
): Promise<readonly Device[]> {
  checkCallOptions("devices.list", options);
  const call = callOf(service, user);
  const { now } = call;
  const policy = service.settings.devices;
  const { record } = await loadRecord(call);
  const tokenHash = deviceTokenHash(options.deviceToken);
  return record.devices
    .filter((device) => isKnown(device, now, policy))
    .map((device) => {
      const { id, createdAt, lastUsedAt, label } = device;
      const current = hasToken(device, tokenHash);
      const knownUntilAt = knownUntil(device, policy);
      const trustedUntilAt = isTrusted(device, now, policy) ? trustedUntil(device, policy) : null;
      return { id, current, createdAt, lastUsedAt, knownUntilAt, trustedUntilAt, label };
    });
}

export async function revokeDevice(
  service: Service,
  user: string,
  idOrToken: unknown,
  options: Pick<Proof, "context"> = {},
): Promise<Result<object>> {
  checkCallOptions("devices.revoke", options);
  const { context } = options;
  const call = callOf(service, user, { context });
  if (typeof idOrToken !== "string") return failure("device_not_found");
  const tokenHash = deviceTokenHash(idOrToken);
  const { outcome } = await change(call, (record) =>
    revoke(record, (device) => device.id === idOrToken || hasToken(device, tokenHash)),
  );
  if (isFailure(outcome)) return outcome;
  return outcome ? { ok: true } : failure("device_not_found");
}

export async function revokeAllDevices(
  service: Service,
  user: string,
  options: Pick<Proof, "context"> = {},
): Promise<Result<object>> {
  checkCallOptions("devices.revokeAll", options);
  const { context } = options;
  const { outcome } = await change(callOf(service, user, { context }), (record) =>
    revoke(record, () => true),
  );
  return isFailure(outcome) ? outcome : { ok: true };
}
