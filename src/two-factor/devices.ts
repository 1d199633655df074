/** What a person sees of the known devices, and how to forget them. */

import { type Failure, failure } from "../errors.ts";
import { isKnown, isTrusted, knownUntil, revoke, trustedUntil } from "../rules/devices.ts";
import { checkUserId, type Service } from "./service.ts";
import { load, transact } from "./transact.ts";
import type { Device, Ok } from "./types.ts";

export async function listDevices(service: Service, user: string): Promise<readonly Device[]> {
  const now = service.now();
  const policy = service.settings.devices;
  const { record } = await load(service, checkUserId(user));
  return record.devices
    .filter((device) => isKnown(device, now, policy))
    .map((device) => {
      const { id, createdAt, lastUsedAt, label } = device;
      const knownUntilAt = knownUntil(device, policy);
      const trustedUntilAt = isTrusted(device, now, policy) ? trustedUntil(device, policy) : null;
      return { id, createdAt, lastUsedAt, knownUntilAt, trustedUntilAt, label };
    });
}

export async function revokeDevice(service: Service, user: string, deviceId: unknown): Promise<Ok<object>> {
  const userId = checkUserId(user);
  if (typeof deviceId !== "string") return failure("device_not_found");
  const { outcome } = await transact<boolean | Failure>(service, userId, service.now(), (record) =>
    revoke(record, deviceId),
  );
  if (typeof outcome === "object") return outcome;
  return outcome ? { ok: true } : failure("device_not_found");
}

export async function revokeAllDevices(service: Service, user: string): Promise<Ok<object>> {
  const userId = checkUserId(user);
  const { outcome } = await transact<boolean | Failure>(service, userId, service.now(), (record) =>
    revoke(record, null),
  );
  return typeof outcome === "object" ? outcome : { ok: true };
}
