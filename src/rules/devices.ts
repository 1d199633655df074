/** Devices that have passed the second factor before: known, and for a while perhaps trusted. */

import { equalBytes, toBase64Url, utf8 } from "../internal/bytes.ts";
import type { KnownDevice, UserRecord } from "../record.ts";
import { type Decision, type NamedPart, type RuleEvent, unchanged } from "./decision.ts";
import { isAhead } from "./lifetime.ts";

/** Durations in seconds; `mayTrust` false removes the skipping, not the knowing. */
export interface DevicePolicy {
  mayTrust: boolean;
  trustedFor: number;
  knownFor: number;
  max: number;
  /** At this many failures a device is forgotten, whatever succeeded in between. */
  maxFailures: number;
}

/** A token that was just made, and what is kept of it. */
export interface FreshDevice {
  id: string;
  token: string;
  tokenHash: string;
}

/** What a success by code hands to the device, for `deviceCookie`. Instants are epoch milliseconds. */
export interface DeviceGrant {
  /** 43 characters; the record holds its hash. */
  token: string;
  knownUntilAt: number;
  /** Null: the device is known and not trusted. */
  trustedUntilAt: number | null;
}

const DAY_MS = 86_400_000;

/** Whether a device is still known. */
export function isKnown(device: KnownDevice, now: number, policy: DevicePolicy): boolean {
  return knownUntil(device, policy) > now && device.totalFailures < policy.maxFailures;
}

/** Until when a device is known: the option may have been lowered since, and the shorter one holds. */
export function knownUntil(device: KnownDevice, policy: DevicePolicy): number {
  const { createdAt, knownUntilAt } = device;
  const allowed = Math.max(createdAt + policy.knownFor * 1000, trustedUntil(device, policy) ?? 0);
  return Math.min(knownUntilAt, allowed);
}

/** Until when a device is trusted, or null: the option may have been lowered since, and the shorter one holds. */
export function trustedUntil(
  { createdAt, trustedAt, trustedUntilAt }: KnownDevice,
  policy: DevicePolicy,
): number | null {
  if (!policy.mayTrust || trustedUntilAt === null) return null;
  const since = trustedAt ?? createdAt; // records of before that field: trusted when it became known, at the earliest
  return Math.min(trustedUntilAt, since + policy.trustedFor * 1000);
}

/** The known device whose token has this hash, if it is still known. Every device is compared. */
export function liveDevice(
  record: UserRecord | null,
  tokenHash: string | null,
  now: number,
  policy: DevicePolicy,
): KnownDevice | undefined {
  if (!record || tokenHash === null) return undefined;
  let found: KnownDevice | undefined;
  for (const device of record.devices) {
    if (hasToken(device, tokenHash) && isKnown(device, now, policy)) found = device;
  }
  return found;
}

/** Whether this is the device whose token has that hash; compared in constant time. */
export function hasToken(device: KnownDevice, tokenHash: string | null): boolean {
  return tokenHash !== null && equalBytes(utf8(tokenHash), utf8(device.tokenHash));
}

/** Whether a device may skip the second factor: not if it was last used under a clock that has since been put back. */
export function isTrusted(device: KnownDevice, now: number, policy: DevicePolicy): boolean {
  const until = trustedUntil(device, policy);
  return until !== null && until > now && !isAhead(device.lastUsedAt, now);
}

/** Notes that a trusted device skipped the second factor; at most once a day, since it costs a write. */
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
    const stays = isTrusted(live, now, policy) ? live.trustedUntilAt : null; // or a wrong clock's date would hold again
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

/** Makes room for one more: expired devices go first, then those that are merely known, then the least recent. */
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

/** Forgets the devices that are meant. The outcome says whether there was one. */
export function revoke(record: UserRecord, meant: (device: KnownDevice) => boolean): Decision<boolean> {
  const gone = record.devices.filter(meant);
  if (gone.length === 0) return unchanged(record, false);
  const devices = record.devices.filter((device) => !gone.includes(device));
  return { record: { ...record, devices }, outcome: true, events: revocations(gone) };
}

/** What the host hears of when devices are forgotten. */
export function revocations(devices: readonly KnownDevice[]): readonly RuleEvent[] {
  return devices.map((device) => ({ type: "device_revoked", device: nameOf(device) }));
}

/** How events name a device. */
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
