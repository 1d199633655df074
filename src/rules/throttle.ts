/** How fast anybody may guess: waits that double, a hard stop, and counters that only time clears. */

import { type Failure, failure } from "../errors.ts";
import type { FactorRow, KnownDevice, Row, UserRecord } from "../record.ts";
import type { RuleEvent } from "./decision.ts";
import { isAhead, isLive } from "./lifetime.ts";

/** The limits; delays and `within` are in seconds. */
export interface ThrottlePolicy {
  free: number;
  firstDelay: number;
  maxDelay: number;
  hardStop: number;
  unknown: readonly { failures: number; within: number }[];
}

/** Whose budget an attempt is charged to: a factor's, for unknown devices, or that of one known device. */
export interface Account {
  factor: "app" | "backup";
  /** The id of the known device that the attempt comes from, if any. */
  device: string | null;
}

/** Why an attempt may not be made now. */
export type Block = { detail: "exhausted" } | { detail: "locked"; retryAt: number };

/** A device is forgotten at this many failures, whatever succeeded in between. */
const DEVICE_FAILURES = 20;
/** The host hears of guesses from unknown devices at this many. */
const UNKNOWN_ALERT = 5;
/** The grain of the failures of unknown devices. */
export const HOUR_MS = 3_600_000;

/** The wait in seconds that the given number of failures in a row leads to. */
function delayAfter(failures: number, policy: ThrottlePolicy): number {
  if (failures <= policy.free) return 0;
  return Math.min(policy.maxDelay, policy.firstDelay * 2 ** Math.min(failures - policy.free - 1, 40));
}

/** Why a run of failures closes the door now, or null. */
export function rowBlock(row: Row, now: number, policy: ThrottlePolicy): Block | null {
  if (row.failures >= policy.hardStop) return { detail: "exhausted" };
  const until = row.lockedUntilAt;
  if (until === null || !isLive(until, now, delayAfter(row.failures, policy))) return null;
  return { detail: "locked", retryAt: until };
}

/** How many failures a known device has in all. */
export function deviceBudget(policy: ThrottlePolicy): number {
  return Math.min(DEVICE_FAILURES, policy.hardStop);
}

/** Adds a failure to a row. */
export function chargeRow<R extends Row>(row: R, now: number, policy: ThrottlePolicy): R {
  const failures = row.failures + 1;
  const delay = delayAfter(failures, policy);
  return { ...row, failures, lockedUntilAt: delay === 0 ? null : now + delay * 1000 };
}

/** A row with no failures. */
export function clearRow<R extends Row>(row: R): R {
  return { ...row, failures: 0, lockedUntilAt: null };
}

/** How many more failures a row allows before it closes the door. */
export function rowLeft(row: Row, policy: ThrottlePolicy): number {
  const untilWait = Math.max(1, policy.free + 1 - row.failures);
  return Math.max(0, Math.min(untilWait, policy.hardStop - row.failures));
}

/** The refusal of an attempt while the door is closed. */
export function refusal(block: Block): Failure {
  return block.detail === "locked" ? failure("locked", { retryAt: block.retryAt }) : failure("exhausted");
}

/** What a person hears with a wrong code: how many attempts are left or, if none is, when the door opens. */
export function outlook(block: Block | null, left: number): { attemptsLeft: number; retryAt?: number } {
  if (!block) return { attemptsLeft: left };
  return block.detail === "locked" ? { attemptsLeft: 0, retryAt: block.retryAt } : { attemptsLeft: 0 };
}

/** When enough failures of unknown devices have aged out, or null if they do not close the door. */
function unknownBlock(row: FactorRow, now: number, policy: ThrottlePolicy): Block | null {
  const ends = policy.unknown.flatMap(({ failures, within }) => {
    const decisive = hoursWithin(row.unknown, now, within).at(-failures);
    return decisive === undefined ? [] : [endOf(decisive, within)];
  });
  return ends.length > 0 ? { detail: "locked", retryAt: Math.max(...ends) } : null;
}

function unknownLeft(row: FactorRow, now: number, policy: ThrottlePolicy): number {
  const left = policy.unknown.map(
    (limit) => limit.failures - hoursWithin(row.unknown, now, limit.within).length,
  );
  return Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, ...left));
}

function hoursWithin(hours: readonly number[], now: number, within: number): readonly number[] {
  return hours.filter((hour) => endOf(hour, within) > now && !isAhead(hour * HOUR_MS, now));
}

/** When a failure of this hour stops to count for a limit. */
function endOf(hour: number, within: number): number {
  return (hour + 1) * HOUR_MS + within * 1000;
}

/**
 * Records a failure for the limits of `unknown`, kept sorted and no longer than the longest limit needs, in number and
 * in time. Hours that lie ahead become this one: left there, they would crowd out what happens now.
 */
function chargeUnknown(row: FactorRow, now: number, policy: ThrottlePolicy): FactorRow {
  const longest = Math.max(0, ...policy.unknown.map((limit) => limit.failures));
  if (longest === 0) return row;
  const thisHour = Math.floor(now / HOUR_MS);
  const hours = row.unknown.map((hour) => (isAhead(hour * HOUR_MS, now) ? thisHour : hour));
  const within = Math.max(...policy.unknown.map((limit) => limit.within));
  const recent = [...hoursWithin(hours, now, within), thisHour].sort((a, b) => a - b);
  return { ...row, unknown: recent.slice(-longest) };
}

function knownDevice(record: UserRecord, account: Account): KnownDevice | undefined {
  return record.devices.find((device) => device.id === account.device);
}

function withDevice(record: UserRecord, device: KnownDevice): UserRecord {
  return { ...record, devices: record.devices.map((other) => (other.id === device.id ? device : other)) };
}

/** Why this account may not attempt a code now, or null. */
export function blockOf(
  record: UserRecord,
  account: Account,
  now: number,
  policy: ThrottlePolicy,
): Block | null {
  const device = knownDevice(record, account);
  if (device) return rowBlock(device, now, policy);
  const row = record[account.factor];
  const byRow = rowBlock(row, now, policy);
  const byUnknown = unknownBlock(row, now, policy);
  if (byRow?.detail !== "locked" || byUnknown?.detail !== "locked") return byRow ?? byUnknown;
  return byRow.retryAt > byUnknown.retryAt ? byRow : byUnknown;
}

/** Charges one failure to an account, and says what the host should hear of. */
export function charge(
  record: UserRecord,
  account: Account,
  now: number,
  policy: ThrottlePolicy,
): { record: UserRecord; events: readonly RuleEvent[] } {
  const device = knownDevice(record, account);
  if (device) {
    const charged = { ...chargeRow(device, now, policy), totalFailures: device.totalFailures + 1 };
    const after = withDevice(record, charged);
    const spent = charged.totalFailures >= deviceBudget(policy);
    return { record: after, events: spent ? [] : lockEvents(after, account, now, policy) };
  }
  const row = chargeUnknown(chargeRow(record[account.factor], now, policy), now, policy);
  const after = { ...record, [account.factor]: row };
  const events = [...lockEvents(after, account, now, policy)];
  const [first] = policy.unknown;
  if (
    first &&
    hoursWithin(row.unknown, now, first.within).length === Math.min(UNKNOWN_ALERT, first.failures)
  ) {
    events.push({ type: "unknown_device_failures", method: account.factor });
  }
  return { record: after, events };
}

/** Forgets the device of an account once its failures have used up its budget, and lets the host hear of it. */
export function forgetFailing(
  record: UserRecord,
  account: Account,
  policy: ThrottlePolicy,
): { record: UserRecord; events: readonly RuleEvent[] } {
  const device = knownDevice(record, account);
  if (!device || device.totalFailures < deviceBudget(policy)) return { record, events: [] };
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

/** Takes back failures of unknown devices that were charged in the given hours, and the wait if they had led to it. */
export function forgive(row: FactorRow, hours: readonly number[], policy: ThrottlePolicy): FactorRow {
  if (hours.length === 0) return row;
  const unknown = [...row.unknown];
  for (const hour of hours) {
    const at = unknown.lastIndexOf(hour);
    if (at >= 0) unknown.splice(at, 1);
  }
  const failures = Math.max(0, row.failures - hours.length);
  const lockedUntilAt = delayAfter(failures, policy) === 0 ? null : row.lockedUntilAt;
  return { ...row, failures, lockedUntilAt, unknown };
}

/** How many more failures the account has before it has to wait. */
export function attemptsLeft(
  record: UserRecord,
  account: Account,
  now: number,
  policy: ThrottlePolicy,
): number {
  const device = knownDevice(record, account);
  if (device) return Math.min(rowLeft(device, policy), deviceBudget(policy) - device.totalFailures);
  const row = record[account.factor];
  return Math.min(rowLeft(row, policy), unknownLeft(row, now, policy));
}
