/**
 * What the service should do, written a second time and naively: plain mutable objects, secrets and codes in the open,
 * one user after the other, no store. It knows nothing of src/rules; it says what each call must answer.
 */

import { totp } from "../../src/otp/totp.ts";
import type { ModelAnswer } from "./model-repeat.ts";

export const STEP_MS = 30_000;
const HOUR_MS = 3_600_000;

/** The options of the service that is compared with this model. */
export const LIMITS = {
  ...{ free: 2, firstDelay: 30, maxDelay: 120, hardStop: 6 },
  unknown: [
    { failures: 5, within: 3_600 },
    { failures: 40, within: 365 * 86_400 },
  ],
};
export const DEVICES = { trustedFor: 2 * 86_400, knownFor: 5 * 86_400, max: 2 };
export const LIFETIME_MS = 600_000;

interface Row {
  failures: number;
  lockedUntil: number;
  /** Failures of unknown devices, as hours. */
  hours: number[];
}
export interface ModelDevice extends Row {
  token: string;
  lastUsed: number;
  knownUntil: number;
  trustedUntil: number;
  total: number;
}
export interface ModelBatch {
  batchId: string;
  codes: readonly string[];
  used: Set<string>;
}
export interface Pending {
  id: string;
  secret: string;
  session: string;
  expiresAt: number;
  verified: number[] | null;
  batch: ModelBatch | null;
  superseded: string[];
}
/** One user. `epoch` counts what ends challenges and elevations. */
export interface ModelUser {
  epoch: number;
  active: { secret: string; accepted: number[]; enrolledAt: number } | null;
  pending: Pending | null;
  batch: ModelBatch | null;
  nextBatch: ModelBatch | null;
  devices: ModelDevice[];
  app: Row;
  backup: Row;
  enrollment: Row;
  batchesAt: number[];
  issuedAt: number[];
  /** Open challenges that have failed, oldest first. */
  failing: ModelChallenge[];
  /** Successes that may be told again. */
  answers: ModelAnswer[];
}
/** What a challenge has cost so far: which counters, and the hours in those of unknown devices. */
export interface ModelChallenge {
  expiresAt: number;
  charged: { counter: Row; hour: number }[];
}

export const row = (): Row => ({ failures: 0, lockedUntil: 0, hours: [] });

export function newUser(): ModelUser {
  return {
    ...{ epoch: 0, active: null, pending: null, batch: null, nextBatch: null, devices: [] },
    ...{
      app: row(),
      backup: row(),
      enrollment: row(),
      batchesAt: [],
      issuedAt: [],
      failing: [],
      answers: [],
    },
  };
}

/** "ok", or the detail of the failure. */
export type Answer = string;

export function closed(counter: Row, now: number): Answer | null {
  if (counter.failures >= LIMITS.hardStop) return "exhausted";
  if (counter.lockedUntil > now) return "locked";
  return null;
}

function closedToUnknown(counter: Row, now: number): Answer | null {
  const counts = (within: number) =>
    counter.hours.filter((hour) => (hour + 1) * HOUR_MS + within * 1_000 > now).length;
  return LIMITS.unknown.some(({ failures, within }) => counts(within) >= failures) ? "locked" : null;
}

export function fail(counter: Row, now: number): void {
  counter.failures++;
  const waits = counter.failures - LIMITS.free;
  const delay = waits > 0 ? Math.min(LIMITS.maxDelay, LIMITS.firstDelay * 2 ** (waits - 1)) : 0;
  counter.lockedUntil = delay === 0 ? 0 : now + delay * 1_000;
}

export function clear(counter: Row): void {
  counter.failures = 0;
  counter.lockedUntil = 0;
}

export function liveDevice(user: ModelUser, token: string | undefined, now: number): ModelDevice | undefined {
  return user.devices.find((device) => device.token === token && device.knownUntil > now);
}

/** Whether the app factor is closed to an unknown device: what a status says. */
export function isLocked(user: ModelUser, now: number): boolean {
  if (user.app.failures >= LIMITS.hardStop) return false;
  return closed(user.app, now) !== null || closedToUnknown(user.app, now) !== null;
}

export function matchingStep(secret: string, code: string, now: number): number | undefined {
  const current = Math.floor(now / STEP_MS);
  return [current + 1, current, current - 1].find((step) => totp(secret, { now: step * STEP_MS }) === code);
}

/** One attempt with one code. */
export function attempt(
  user: ModelUser,
  code: string,
  token: string | undefined,
  now: number,
  { appOnly = false, challenge = null }: { appOnly?: boolean; challenge?: ModelChallenge | null } = {},
): Answer {
  if (!user.active) return "not_enrolled";
  const isApp = /^\d{6}$/.test(code);
  const isBackup = !isApp && user.batch !== null && /^\d{8}$/.test(code);
  if (!isApp && !isBackup) return "malformed_code";
  if (isBackup && appOnly) return "app_code_required";
  const counter = isApp ? user.app : user.backup;
  const device = liveDevice(user, token, now);
  const shut = device ? closed(device, now) : (closed(counter, now) ?? closedToUnknown(counter, now));
  if (shut) return shut;

  const charge = () => {
    if (!device) counter.hours.push(Math.floor(now / HOUR_MS));
    else if (++device.total >= LIMITS.hardStop)
      user.devices = user.devices.filter((other) => other !== device);
    fail(device ?? counter, now);
    if (challenge) note(user, challenge, device ?? counter, now);
  };
  if (isApp) {
    const step = matchingStep(user.active.secret, code, now);
    if (step === undefined) {
      charge();
      return "wrong_code";
    }
    if (user.active.accepted.some((other) => step <= other)) return "app_code_reused";
    user.active.accepted.push(step);
  } else {
    if (!user.batch?.codes.includes(code) || user.batch.used.has(code)) {
      charge();
      return user.batch?.used.has(code) ? "backup_code_reused" : "wrong_code";
    }
    user.batch.used.add(code);
  }
  clear(device ?? counter);
  if (challenge && user.failing.includes(challenge)) forgive(user, challenge);
  return "ok";
}

/** Notes a failure with its challenge: six challenges, eight failures each. */
function note(user: ModelUser, challenge: ModelChallenge, counter: Row, now: number): void {
  user.failing = user.failing.filter(({ expiresAt }) => expiresAt + 300_000 > now);
  if (!user.failing.includes(challenge)) {
    challenge.charged = [];
    user.failing.push(challenge);
    user.failing.sort((a, b) => a.expiresAt - b.expiresAt);
    user.failing = user.failing.slice(-6);
  }
  if (challenge.charged.length < 8) challenge.charged.push({ counter, hour: Math.floor(now / HOUR_MS) });
}

/** Whoever has succeeded with a challenge is forgiven its failures. */
function forgive(user: ModelUser, challenge: ModelChallenge): void {
  for (const { counter, hour } of challenge.charged) {
    if ("total" in counter) (counter as ModelDevice).total--;
    else {
      const at = counter.hours.indexOf(hour);
      if (at >= 0) counter.hours.splice(at, 1);
      counter.failures = Math.max(0, counter.failures - 1);
      if (counter.failures <= LIMITS.free) counter.lockedUntil = 0;
    }
  }
  user.failing = user.failing.filter((other) => other !== challenge);
}

/** After a success: the browser becomes known. `token` is what the service gave it, or what it had. */
export function admit(
  user: ModelUser,
  had: string | undefined,
  given: string | null,
  trust: boolean,
  now: number,
): void {
  const trustedUntil = trust ? now + DEVICES.trustedFor * 1_000 : 0;
  const live = liveDevice(user, had, now);
  if (live) {
    live.lastUsed = now;
    if (trust) Object.assign(live, { trustedUntil, knownUntil: Math.max(live.knownUntil, trustedUntil) });
    return;
  }
  const trusted = (device: ModelDevice) => (device.trustedUntil > now ? 1 : 0);
  const kept = user.devices
    .filter((device) => device.knownUntil > now)
    .sort((a, b) => trusted(b) - trusted(a) || b.lastUsed - a.lastUsed)
    .slice(0, DEVICES.max - 1);
  const knownUntil = now + DEVICES.knownFor * 1_000;
  user.devices = [
    ...kept,
    { ...row(), token: given ?? "", lastUsed: now, knownUntil, trustedUntil, total: 0 },
  ];
}
