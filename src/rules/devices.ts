/** Known and trusted devices. */

import { equalBytes, toBase64Url, utf8 } from "../internal/bytes.ts";
import type { KnownDevice, UserRecord } from "../record.ts";
import { type Decision, type NamedPart, type RuleEvent, unchanged } from "./decision.ts";
import { isAhead } from "./lifetime.ts";

/** How long devices are known and trusted, in seconds. With `mayTrust` false no device skips the second factor. */
export interface DevicePolicy {
  mayTrust: boolean;
  trustedFor: number;
  knownFor: number;
  max: number;
  /** After this many failures a device is forgotten, whatever succeeded in between. */
  maxFailures: number;
}

/** A new device token, and what the record keeps of it. */
export interface FreshDevice {
  id: string;
  token: string;
  tokenHash: string;
}

/** The device token of a success by code, for `deviceCookie`. Instants are epoch milliseconds. */
export interface DeviceGrant {
  /** The token: 43 characters, of which the record holds a hash. */
  token: string;
  knownUntilAt: number;
  /** When the trust ends; null for a device that is known and not trusted. */
  trustedUntilAt: number | null;
}

const DAY_MS = 86_400_000;

/** Tells whether a device is still known. */
export function isKnown(device: KnownDevice, now: number, policy: DevicePolicy): boolean {
  return knownUntil(device, policy) > now && device.totalFailures < policy.maxFailures;
}

/** Returns until when a device is known. If the option was lowered since, the shorter time holds. */
export function knownUntil(device: KnownDevice, policy: DevicePolicy): number {
  const { createdAt, knownUntilAt } = device;
  const allowed = Math.max(createdAt + policy.knownFor * 1000, trustedUntil(device, policy));
  return Math.min(knownUntilAt, allowed);
}

/** Returns until when a device is trusted: 0 if it is not. If the option was lowered since, the shorter time holds. */
export function trustedUntil(
  { createdAt, trustedAt, trustedUntilAt }: KnownDevice,
  policy: DevicePolicy,
): number {
  if (!policy.mayTrust) return 0;
  const since = trustedAt ?? createdAt; // records from before that field: not trusted before it was known
  return Math.min(trustedUntilAt ?? 0, since + policy.trustedFor * 1000);
}

/** Finds the known device whose token has this hash. It compares every device, in constant time. */
export function liveDevice(
  record: UserRecord | null,
  tokenHash: string | null,
  now: number,
  policy: DevicePolicy,
): KnownDevice | undefined {
  if (!record) return undefined;
  let found: KnownDevice | undefined;
  for (const device of record.devices) {
    if (hasToken(device, tokenHash) && isKnown(device, now, policy)) found = device;
  }
  return found;
}

/** Tells whether the token of this device has that hash, in constant time. */
export function hasToken(device: KnownDevice, tokenHash: string | null): boolean {
  return tokenHash !== null && equalBytes(utf8(tokenHash), utf8(device.tokenHash));
}

/** Tells whether a device may skip the second factor. One that was last used under a clock ahead of this one may not. */
export function isTrusted(device: KnownDevice, now: number, policy: DevicePolicy): boolean {
  return trustedUntil(device, policy) > now && !isAhead(device.lastUsedAt, now);
}

/** Notes that a trusted device skipped the second factor, at most once a day, because that takes a write. */
export function touch(record: UserRecord, id: string, now: number): Decision<null> {
  const device = record.devices.find((other) => other.id === id);
  if (!device || now - device.lastUsedAt < DAY_MS) return unchanged(record, null);
  return { record: replaceDevice(record, { ...device, lastUsedAt: now }), outcome: null, events: [] };
}

/** Remembers the device of a success by code, and trusts it if asked. The token of a live device never changes. */
export function admit(
  record: UserRecord,
  asked: { tokenHash: string | null; token: string | null; trust: boolean; label: string | null },
  now: number,
  makeDevice: () => FreshDevice,
  policy: DevicePolicy,
): Decision<DeviceGrant | null> {
  const trustedUntilAt = asked.trust && policy.mayTrust ? now + policy.trustedFor * 1000 : null;
  const trusted = (device: KnownDevice): RuleEvent[] =>
    trustedUntilAt === null ? [] : [{ type: "device_trusted", device: nameOf(device) }];
  const trustedAt = trustedUntilAt === null ? null : now;
  const live = liveDevice(record, asked.tokenHash, now, policy);
  if (live && asked.token !== null) {
    const stays = isTrusted(live, now, policy) ? live.trustedUntilAt : null; // a wrong clock's date must not count again
    const used = { ...live, lastUsedAt: now, label: asked.label ?? live.label, trustedUntilAt: stays };
    if (trustedUntilAt === null) {
      return { record: replaceDevice(record, used), outcome: null, events: [] };
    }
    const knownUntilAt = Math.max(knownUntil(live, policy), trustedUntilAt);
    return {
      record: replaceDevice(record, { ...used, knownUntilAt, trustedUntilAt, trustedAt }),
      outcome: { token: asked.token, knownUntilAt, trustedUntilAt },
      events: trusted(used),
    };
  }
  const fresh = makeDevice();
  const knownUntilAt = Math.max(now + policy.knownFor * 1000, trustedUntilAt ?? 0);
  const device: KnownDevice = {
    id: fresh.id,
    tokenHash: fresh.tokenHash,
    label: asked.label,
    createdAt: now,
    lastUsedAt: now,
    knownUntilAt,
    trustedUntilAt,
    failures: 0,
    lockedUntilAt: null,
    totalFailures: 0,
    trustedAt,
  };
  const devices = [...keepBest(record.devices, now, policy), device];
  return {
    record: { ...record, devices },
    outcome: { token: fresh.token, knownUntilAt, trustedUntilAt },
    events: [{ type: "device_known", device: nameOf(device) }, ...trusted(device)],
  };
}

/** Makes room for one more device: expired ones go first, then those that are only known, then the least recent. */
function keepBest(
  devices: readonly KnownDevice[],
  now: number,
  policy: DevicePolicy,
): readonly KnownDevice[] {
  const rank = (device: KnownDevice) => (isTrusted(device, now, policy) ? 1 : 0);
  return devices
    .filter((device) => isKnown(device, now, policy))
    .sort((a, b) => rank(b) - rank(a) || b.lastUsedAt - a.lastUsedAt)
    .slice(0, policy.max - 1);
}

/** Forgets the devices for which `meant` is true. The outcome says whether there was one. */
export function revoke(record: UserRecord, meant: (device: KnownDevice) => boolean): Decision<boolean> {
  const gone = record.devices.filter(meant);
  if (gone.length === 0) return unchanged(record, false);
  const devices = record.devices.filter((device) => !gone.includes(device));
  return { record: { ...record, devices }, outcome: true, events: revocations(gone) };
}

/** Returns the events of devices that are forgotten. */
export function revocations(devices: readonly KnownDevice[]): readonly RuleEvent[] {
  return devices.map((device) => ({ type: "device_revoked", device: nameOf(device) }));
}

/** Returns the id and label by which events name a device. */
export function nameOf({ id, label }: NamedPart): NamedPart {
  return { id, label };
}

/** Makes a device from 32 random bytes for the token and 6 for the id. */
export function freshDevice(
  random: (length: number) => Uint8Array,
  hash: (token: string) => string,
): FreshDevice {
  const token = toBase64Url(random(32));
  return { id: toBase64Url(random(6)), token, tokenHash: hash(token) };
}

function replaceDevice(record: UserRecord, device: KnownDevice): UserRecord {
  return { ...record, devices: record.devices.map((other) => (other.id === device.id ? device : other)) };
}
