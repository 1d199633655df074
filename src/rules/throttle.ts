/** The throttle of an account: waits that double, a hard stop, and counters that only time clears. */

import { type FactorRow, type KnownDevice, MAX_AUTHENTICATORS, type UserRecord } from "../record.ts";
import type { RuleEvent } from "./decision.ts";
import { isAhead } from "./lifetime.ts";
import {
  type Block,
  chargeRow,
  clearRow,
  delayAfter,
  room,
  rowBlock,
  rowLeft,
  type ThrottlePolicy,
} from "./row.ts";

/** The budget that an attempt is charged to: that of a factor, for all unknown devices, or that of one known device. */
export interface Account {
  factor: "app" | "backup";
  /** The id of the known device that the attempt comes from, if any. */
  device: string | null;
  /** How many secrets a code is tried against, each of which counts as a guess; 1 by default. */
  weight?: number;
}

/** Returns the account of a kind of code. An app code is tried against the secret of every authenticator. */
export function accountOf(
  record: UserRecord,
  factor: Account["factor"],
  device: string | null,
): Required<Account> {
  return { factor, device, weight: factor === "app" ? Math.max(1, record.authenticators.length) : 1 };
}

/** Returns how many authenticators a user may have. Every limit must have room for one guess at all of them. */
export function authenticatorsAllowed({ hardStop, unknown }: ThrottlePolicy): number {
  return Math.min(MAX_AUTHENTICATORS, hardStop, ...unknown.map(({ failures }) => failures));
}

/** After this many failures a device is forgotten, whatever succeeded in between. */
const DEVICE_FAILURES = 20;
/** After this many failures from unknown devices there is an event. */
const UNKNOWN_ALERT = 5;
/** Failures from unknown devices are counted by the hour. */
export const HOUR_MS = 3_600_000;

/** Returns how many failures a known device may have in all. */
export function deviceBudget(policy: ThrottlePolicy): number {
  return Math.min(DEVICE_FAILURES, policy.hardStop);
}

/** Returns the block by failures from unknown devices, which lasts until enough of them have aged out, or null. */
function unknownBlock(row: FactorRow, now: number, policy: ThrottlePolicy, weight: number): Block | null {
  const ends = policy.unknown.flatMap(({ failures, within }) => {
    const spare = Math.max(0, failures - weight); // how many may be counted beside the next guess
    const decisive = hoursWithin(row.unknown, now, within).at(-spare - 1);
    return decisive === undefined ? [] : [endOf(decisive, within)];
  });
  return ends.length > 0 ? { detail: "locked", retryAt: Math.max(...ends) } : null;
}

function unknownLeft(row: FactorRow, now: number, policy: ThrottlePolicy, weight: number): number {
  const left = policy.unknown.map(({ failures, within }) =>
    room(failures, hoursWithin(row.unknown, now, within).length, weight),
  );
  return Math.min(Number.MAX_SAFE_INTEGER, ...left);
}

function hoursWithin(hours: readonly number[], now: number, within: number): readonly number[] {
  return hours.filter((hour) => endOf(hour, within) > now && !isAhead(hour * HOUR_MS, now));
}

/** Returns when a failure of this hour stops counting for a limit. */
function endOf(hour: number, within: number): number {
  return (hour + 1) * HOUR_MS + within * 1000;
}

/**
 * Records a failure for the limits of `unknown`. The list is sorted, and keeps only what the limits need. Hours that lie
 * ahead become the present one, or they would crowd out what happens now.
 */
function chargeUnknown(row: FactorRow, now: number, policy: ThrottlePolicy, weight: number): FactorRow {
  const longest = Math.max(0, ...policy.unknown.map((limit) => limit.failures));
  if (longest === 0) return row;
  const thisHour = Math.floor(now / HOUR_MS);
  const hours = row.unknown.map((hour) => (isAhead(hour * HOUR_MS, now) ? thisHour : hour));
  const within = Math.max(...policy.unknown.map((limit) => limit.within));
  const charged = Array<number>(weight).fill(thisHour);
  const recent = [...hoursWithin(hours, now, within), ...charged].sort((a, b) => a - b);
  return { ...row, unknown: recent.slice(-longest) };
}

function knownDevice(record: UserRecord, account: Account): KnownDevice | undefined {
  return record.devices.find((device) => device.id === account.device);
}

function withDevice(record: UserRecord, device: KnownDevice): UserRecord {
  return { ...record, devices: record.devices.map((other) => (other.id === device.id ? device : other)) };
}

/** Returns why this account may not attempt a code now, or null. */
export function blockOf(
  record: UserRecord,
  account: Account,
  now: number,
  policy: ThrottlePolicy,
): Block | null {
  const { factor, weight = 1 } = account;
  const device = knownDevice(record, account);
  if (device) return rowBlock(device, now, policy, weight);
  const row = record[factor];
  const byRow = rowBlock(row, now, policy, weight);
  const byUnknown = unknownBlock(row, now, policy, weight);
  if (byRow?.detail !== "locked" || byUnknown?.detail !== "locked") return byRow ?? byUnknown;
  return byRow.retryAt > byUnknown.retryAt ? byRow : byUnknown;
}

/** Charges one failure to an account, and returns the events. */
export function charge(
  record: UserRecord,
  account: Account,
  now: number,
  policy: ThrottlePolicy,
): { record: UserRecord; events: readonly RuleEvent[] } {
  const { factor, weight = 1 } = account;
  const device = knownDevice(record, account);
  if (device) {
    const totalFailures = device.totalFailures + weight;
    const after = withDevice(record, { ...chargeRow(device, now, policy, weight), totalFailures });
    const spent = room(deviceBudget(policy), totalFailures, weight) === 0;
    return { record: after, events: spent ? [] : lockEvents(after, account, now, policy) };
  }
  const row = chargeUnknown(chargeRow(record[factor], now, policy, weight), now, policy, weight);
  const after = { ...record, [factor]: row };
  const events = [...lockEvents(after, account, now, policy)];
  const [first] = policy.unknown;
  const [before, count] = [record[factor], row].map(({ unknown }) =>
    first ? hoursWithin(unknown, now, first.within).length : 0,
  ) as [number, number];
  const alert = Math.min(UNKNOWN_ALERT, first?.failures ?? 0);
  if (before < alert && count >= alert) events.push({ type: "unknown_device_failures", method: factor });
  return { record: after, events };
}

/** Forgets the device of an account once its failures have used up its budget, with an event. */
export function forgetFailing(
  record: UserRecord,
  account: Account,
  policy: ThrottlePolicy,
): { record: UserRecord; events: readonly RuleEvent[] } {
  const device = knownDevice(record, account);
  const spent = device && room(deviceBudget(policy), device.totalFailures, account.weight ?? 1) === 0;
  if (!spent) return { record, events: [] };
  const devices = record.devices.filter((other) => other !== device);
  return {
    record: { ...record, devices },
    events: [{ type: "device_revoked", device: { id: device.id, label: device.label } }],
  };
}

function lockEvents(
  record: UserRecord,
  account: Account,
  now: number,
  policy: ThrottlePolicy,
): readonly RuleEvent[] {
  const block = blockOf(record, account, now, policy);
  return block ? [{ type: "locked", method: account.factor, detail: block.detail }] : [];
}

/**
 * Ends an account's run of failures after a right code. `reserved` takes back the one failure that was charged at the
 * given instant before the code was known to be right.
 */
export function settle(record: UserRecord, account: Account, reserved: number | null): UserRecord {
  if (account.device !== null) {
    const device = knownDevice(record, account);
    if (!device) return record;
    const taken = reserved === null ? 0 : 1;
    return withDevice(record, {
      ...clearRow(device),
      totalFailures: Math.max(0, device.totalFailures - taken),
    });
  }
  const row = clearRow(record[account.factor]);
  const at = reserved === null ? -1 : row.unknown.lastIndexOf(Math.floor(reserved / HOUR_MS));
  const unknown = row.unknown.filter((_, i) => i !== at);
  return { ...record, [account.factor]: { ...row, unknown } };
}

/** Takes back the one failure that was charged to an account at the given instant, and the wait that it led to. */
export function takeBack(
  record: UserRecord,
  account: Account,
  chargedAt: number,
  policy: ThrottlePolicy,
): UserRecord {
  const { factor, weight = 1 } = account;
  const device = knownDevice(record, account);
  if (!device) {
    const hours = Array<number>(weight).fill(Math.floor(chargedAt / HOUR_MS));
    return { ...record, [factor]: forgive(record[factor], hours, policy, weight) };
  }
  const failures = Math.max(0, device.failures - weight);
  const lockedUntilAt = delayAfter(failures, policy, weight) === 0 ? null : device.lockedUntilAt;
  const totalFailures = Math.max(0, device.totalFailures - weight);
  return withDevice(record, { ...device, failures, lockedUntilAt, totalFailures });
}

/** Takes back failures from unknown devices that were charged in the given hours, and the wait that they led to. */
export function forgive(
  row: FactorRow,
  hours: readonly number[],
  policy: ThrottlePolicy,
  weight: number,
): FactorRow {
  const unknown = [...row.unknown];
  for (const hour of hours) {
    const at = unknown.lastIndexOf(hour);
    if (at >= 0) unknown.splice(at, 1);
  }
  const failures = Math.max(0, row.failures - hours.length);
  const lockedUntilAt = delayAfter(failures, policy, weight) === 0 ? null : row.lockedUntilAt;
  return { ...row, failures, lockedUntilAt, unknown };
}

/** Returns how many more failures the account may have before it has to wait. */
export function attemptsLeft(
  record: UserRecord,
  account: Account,
  now: number,
  policy: ThrottlePolicy,
): number {
  const { factor, weight = 1 } = account;
  const device = knownDevice(record, account);
  if (device) {
    const inAll = room(deviceBudget(policy), device.totalFailures, weight);
    return Math.min(rowLeft(device, policy, weight), inAll);
  }
  const row = record[factor];
  return Math.min(rowLeft(row, policy, weight), unknownLeft(row, now, policy, weight));
}
