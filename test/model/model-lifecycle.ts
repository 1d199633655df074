/** The naive model, second part: how a factor comes, changes and goes. */

import {
  type Answer,
  clear,
  closed,
  fail,
  LIFETIME_MS,
  type ModelBatch,
  type ModelUser,
  matchingStep,
  type Pending,
  row,
} from "./model.ts";

const BATCHES_A_DAY = 5;
const ISSUES_A_DAY = 10;
const DAY_MS = 86_400_000;

const today = (times: number[], now: number) => times.filter((at) => now - at < DAY_MS);

function newEpoch(user: ModelUser): void {
  user.epoch++;
  user.pending = null;
  user.devices = [];
  user.failing = [];
}

export function livePending(user: ModelUser, now: number): Pending | null {
  return user.pending && user.pending.expiresAt > now ? user.pending : null;
}

/** What a begin shows again, if it does. */
export function shownAgain(user: ModelUser, session: string, now: number): Pending | null {
  const pending = livePending(user, now);
  return pending && pending.session === session ? pending : null;
}

export function begin(
  user: ModelUser,
  session: string,
  shown: { id: string; secret: string },
  now: number,
): void {
  const before = livePending(user, now);
  const superseded = before ? [...before.superseded, before.id].slice(-4) : [];
  user.pending = { ...shown, session, expiresAt: now + LIFETIME_MS, verified: null, batch: null, superseded };
}

export function confirm(
  user: ModelUser,
  session: string,
  id: string,
  code: string,
  now: number,
  later: boolean,
): Answer {
  const { pending } = user;
  if (pending?.superseded.includes(id)) return "enrollment_superseded";
  if (!pending || pending.id !== id || pending.session !== session) return "enrollment_not_found";
  if (pending.expiresAt <= now) return "enrollment_expired";
  const backup = /^\d{8}$/.test(code) && (pending.batch ?? user.batch) !== null;
  if (!/^\d{6}$/.test(code)) return backup ? "app_code_required" : "malformed_code";
  const shut = closed(user.enrollment, now);
  if (shut) return shut;
  if (today(user.issuedAt, now).length >= ISSUES_A_DAY) return "too_many_batches";
  const step = matchingStep(pending.secret, code, now);
  if (step === undefined) {
    fail(user.enrollment, now);
    return "wrong_code";
  }
  if (pending.verified?.some((other) => step <= other)) return "app_code_reused";
  if (later && pending.verified === null) pending.expiresAt += LIFETIME_MS;
  pending.verified = [...(pending.verified ?? []), step];
  user.issuedAt = [...today(user.issuedAt, now), now];
  clear(user.enrollment);
  if (later) user.nextBatch = null;
  return "ok";
}

/** A verified enrollment becomes the active factor. */
export function activate(user: ModelUser, batch: ModelBatch | null, now: number): void {
  const { secret, verified } = user.pending as Pending;
  newEpoch(user);
  user.active = { secret, accepted: [...(verified ?? [])], enrolledAt: now };
  user.batch = batch;
  user.nextBatch = null;
  clear(user.app);
  clear(user.backup);
  clear(user.enrollment);
}

export function acknowledgeable(user: ModelUser, session: string, batchId: string, now: number): boolean {
  const pending = livePending(user, now);
  return pending?.verified !== null && pending?.batch?.batchId === batchId && pending.session === session;
}

/** Whether new codes may be made for this session, and for what. */
export function regenerable(user: ModelUser, session: string, now: number): Answer | "pending" | "active" {
  const pending = livePending(user, now);
  const waiting = pending?.batch && pending.session === session;
  if (!waiting && !user.active) return "not_enrolled";
  if (today(user.batchesAt, now).length >= BATCHES_A_DAY) return "too_many_batches";
  return waiting ? "pending" : "active";
}

export function regenerate(
  user: ModelUser,
  of: string,
  batch: ModelBatch,
  now: number,
  later: boolean,
): void {
  user.batchesAt = [...today(user.batchesAt, now), now];
  if (of === "pending" && user.pending) {
    user.pending.batch = batch;
    return;
  }
  if (user.pending?.batch) user.pending = null;
  if (later) user.nextBatch = batch;
  else install(user, batch);
}

export function install(user: ModelUser, batch: ModelBatch): void {
  user.batch = batch;
  user.nextBatch = null;
  clear(user.backup);
}

export function remove(user: ModelUser): void {
  newEpoch(user);
  user.active = null;
  user.batch = null;
  user.nextBatch = null;
}

export function credentialChanged(user: ModelUser): void {
  newEpoch(user);
}

export function unlock(user: ModelUser): void {
  user.failing = [];
  for (const counter of [user.app, user.backup, user.enrollment]) Object.assign(counter, row());
  for (const device of user.devices) Object.assign(device, { failures: 0, lockedUntil: 0, total: 0 });
}
