/** What a person sees of the known devices, and how to forget them. */

import { failure, isFailure } from "../errors.ts";
import { isKnown, isTrusted, knownUntil, revoke, trustedUntil } from "../rules/devices.ts";
import { callOf, change, loadRecord } from "./call.ts";
import type { Service } from "./service.ts";
import type { Device, Result } from "./types.ts";

export async function listDevices(service: Service, user: string): Promise<readonly Device[]> {
  const call = callOf(service, user);
  const { now } = call;
  const policy = service.settings.devices;
  const { record } = await loadRecord(call);
  return record.devices
    .filter((device) => isKnown(device, now, policy))
    .map((device) => {
      const { id, createdAt, lastUsedAt, label } = device;
      const knownUntilAt = knownUntil(device, policy);
      const trustedUntilAt = isTrusted(device, now, policy) ? trustedUntil(device, policy) : null;
      return { id, createdAt, lastUsedAt, knownUntilAt, trustedUntilAt, label };
    });
}

export async function revokeDevice(
  service: Service,
  user: string,
  deviceId: unknown,
): Promise<Result<object>> {
  const call = callOf(service, user);
  if (typeof deviceId !== "string") return failure("device_not_found");
  const { outcome } = await change(call, (record) => revoke(record, deviceId));
  if (isFailure(outcome)) return outcome;
  return outcome ? { ok: true } : failure("device_not_found");
}

export async function revokeAllDevices(service: Service, user: string): Promise<Result<object>> {
  const { outcome } = await change(callOf(service, user), (record) => revoke(record, null));
  return isFailure(outcome) ? outcome : { ok: true };
}
