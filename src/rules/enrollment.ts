/** Enrollment: from no factor to an active one, and from one authenticator to the next. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { matchTotp } from "../otp/totp.ts";
import {
  type Authenticator,
  type Batch,
  hasFactor,
  MAX_ISSUES,
  MAX_SUPERSEDED,
  type Parameters,
  type Passkey,
  type Pending,
  type UserRecord,
} from "../record.ts";
import { type Beside, purposeOf, withConfirmed } from "./authenticators.ts";
import { workingBatch } from "./backup-codes.ts";
import { tooMany, withinDay } from "./batch-limits.ts";
import { type Decision, type RuleEvent, unchanged } from "./decision.ts";
import { isAppCode } from "./matching.ts";
import { outsideWindow } from "./outside-window.ts";
import { findPending, livePending, supersession } from "./pending.ts";
import { retired } from "./removal.ts";
import { chargeRow, clearRow, outlook, refusal, rowBlock, rowLeft, type ThrottlePolicy } from "./row.ts";
import { horizonOf, isSpent, stepAt, type Window, withStep } from "./steps.ts";
import { noAppCode } from "./verification.ts";

export interface EnrollmentPolicy {
  window: Window;
  throttle: ThrottlePolicy;
  /** How long a pending enrollment lasts, in seconds. */
  lifetime: number;
  /** Whether confirming issues backup codes; with `acknowledge` they must be saved before the factor is active. */
  issueCodes: boolean;
  /** Null where backup codes are turned off. Existing ones then end with the next activation. */
  backupCodes: object | null;
  acknowledge: boolean;
}

/** The outcome of a right code for which a batch has yet to be derived: derive it, and confirm again. */
export interface NeedsBatch {
  kind: "needs_batch";
  /** The lengths of app codes, from which that of the backup codes must differ. */
  digits: readonly number[];
}

/**
 * The outcome of confirming or acknowledging. `offset` is how many steps the phone's clock was off, `verifiedAt` when
 * its code was right, since acknowledging proves nothing new.
 */
export type Confirmed =
  | { kind: "active"; offset: number; verifiedAt: number; passkey?: Passkey }
  | { kind: "awaiting_acknowledgement" };

/** Starts an enrollment, or shows a pending one again to the session that began it. */
export function begin(
  record: UserRecord,
  asked: { beside: Beside; label: string | null; bindingHash: string | null; parameters: Parameters },
  now: number,
  fresh: { id: string; secret: string },
  policy: EnrollmentPolicy,
): Decision<Pending | Failure> {
  const purposed = purposeOf(record, asked.beside, policy.throttle);
  if (isFailure(purposed)) return unchanged(record, purposed);
  const { purpose, replaces } = purposed;
  const current = livePending(record, now);
  const sameSession = asked.bindingHash !== null && current?.bindingHash === asked.bindingHash;
  const sameAim = current?.purpose === purpose && current.replaces === replaces;
  if (current && sameSession && sameAim) return unchanged(record, current);
  const pending: Pending = {
    ...asked.parameters,
    ...fresh,
    bindingHash: asked.bindingHash,
    purpose,
    verified: null,
    batch: null,
    superseded: current ? [...current.superseded, current.id].slice(-MAX_SUPERSEDED) : [],
    expiresAt: now + policy.lifetime * 1000,
    replaces,
    label: asked.label ?? labelOf(record, replaces),
    passkey: null,
  };
  return {
    record: { ...record, pending },
    outcome: pending,
    events: [...supersession(record, now), { type: "enrollment_started" }],
  };
}

/** Returns the label of the authenticator that is replaced, which its successor keeps. */
function labelOf({ authenticators }: UserRecord, replaces: string | null): string | null {
  return authenticators.find(({ id }) => id === replaces)?.label ?? null;
}

/** Tells whether confirming brings new backup codes. An authenticator that is added needs none where there are some. */
export function bringsCodes(record: UserRecord, found: Pending, policy: EnrollmentPolicy): boolean {
  return policy.issueCodes && (found.purpose !== "add" || workingBatch(record, policy) === null);
}

/** Checks the first code of a pending enrollment, and activates it or lets it wait for the acknowledgement. */
export function confirm(
  record: UserRecord,
  asked: { id: string; bindingHash: string | null; code: string | Failure },
  now: number,
  fresh: { id: string; epoch: string; batch: Batch | null },
  policy: EnrollmentPolicy,
): Decision<Confirmed | NeedsBatch | Failure> {
  const found = findPending(record, asked, now);
  if (isFailure(found)) return unchanged(record, found);
  if (found.purpose === "passkey") return unchanged(record, failure("enrollment_not_found"));
  const { code } = asked;
  if (typeof code !== "string") return unchanged(record, code);
  if (!isAppCode(code, found.digits)) {
    return unchanged(record, noAppCode(code, found.batch ?? workingBatch(record, policy)));
  }
  const block = rowBlock(record.enrollment, now, policy.throttle);
  if (block) return unchanged(record, refusal(block));
  const underived = bringsCodes(record, found, policy) && !fresh.batch;
  const crowded = underived ? tooMany(record.issuedAt, MAX_ISSUES, now) : null;
  if (crowded) return unchanged(record, crowded);
  const { algorithm, digits, period } = found;
  const step = matchTotp(found.secret, code, { now, algorithm, digits, period, window: policy.window });
  if (step === undefined) {
    const charged = chargeEnrollment(record, now, policy);
    return { ...charged, events: [...charged.events, ...outsideWindow([found], code, now, policy.window)] };
  }
  const accepted = found.verified?.acceptedSteps ?? [];
  if (isSpent(step, accepted, horizonOf(now, period, policy.window))) {
    const reused: RuleEvent = { type: "code_reused", method: "app", detail: "app_code_reused" };
    return { record, outcome: failure("app_code_reused"), events: [reused] };
  }
  if (underived) return reserveBatch(record, found, now);
  const verified = { at: now, acceptedSteps: withStep(accepted, step), offset: step - stepAt(now, period) };
  const pending = { ...found, verified, batch: fresh.batch };
  if (!policy.acknowledge || !fresh.batch) return activate(record, pending, now, fresh, policy);
  // extended once only, or a new code every half minute would keep the enrollment pending for ever
  const extension = found.verified ? 0 : policy.lifetime * 1000;
  const waiting = { ...pending, expiresAt: found.expiresAt + extension };
  return {
    record: { ...record, pending: waiting, nextBackupCodes: null, enrollment: clearRow(record.enrollment) },
    outcome: { kind: "awaiting_acknowledgement" },
    events: [{ type: "verified", method: "app" }],
  };
}

/** Counts a batch before anything is derived, so that a hundred calls at once derive ten batches. */
function reserveBatch(record: UserRecord, found: Pending, now: number): Decision<NeedsBatch> {
  const digits = [found.digits, ...record.authenticators.map((other) => other.digits)];
  const issuedAt = [...withinDay(record.issuedAt, now), now];
  return { record: { ...record, issuedAt }, outcome: { kind: "needs_batch", digits }, events: [] };
}

function chargeEnrollment(record: UserRecord, now: number, policy: EnrollmentPolicy): Decision<Failure> {
  const enrollment = chargeRow(record.enrollment, now, policy.throttle);
  const block = rowBlock(enrollment, now, policy.throttle);
  const locked: RuleEvent[] = block ? [{ type: "locked", method: "app" }] : [];
  return {
    record: { ...record, enrollment },
    outcome: failure("wrong_code", outlook(block, rowLeft(enrollment, policy.throttle))),
    events: [{ type: "verification_failed", method: "app", detail: "wrong_code" }, ...locked],
  };
}

/** Activates a verified enrollment whose backup codes the person has saved. It takes no code. */
export function acknowledge(
  record: UserRecord,
  asked: { batchId: string; bindingHash: string | null },
  now: number,
  fresh: { id: string; epoch: string },
  policy: Pick<EnrollmentPolicy, "backupCodes">,
): Decision<Confirmed | Failure> {
  const pending = livePending(record, now);
  if (
    !pending?.verified ||
    pending.batch?.id !== asked.batchId ||
    pending.bindingHash !== asked.bindingHash
  ) {
    return unchanged(record, failure("batch_not_found"));
  }
  return activate(record, { ...pending, verified: pending.verified }, now, fresh, policy);
}

const ACTIVATED = {
  enroll: "enrolled",
  replace: "replaced",
  add: "authenticator_added",
  passkey: "passkey_added",
} as const;

/** Activates an enrollment. Only a verified code leads here. */
export function activate(
  record: UserRecord,
  pending: Pending & { verified: object },
  now: number,
  fresh: { id: string; epoch: string },
  policy: Pick<EnrollmentPolicy, "backupCodes">,
): Decision<Confirmed> {
  const { algorithm, digits, period, secret, label, verified, passkey, purpose } = pending;
  const confirmed: Authenticator = {
    ...{ id: fresh.id, label, secret, algorithm, digits, period },
    acceptedSteps: verified.acceptedSteps,
    enrolledAt: now,
    lastUsedAt: verified.at,
    offRun: 0,
  };
  const type = hasFactor(record) ? ACTIVATED[purpose] : "enrolled";
  const event: RuleEvent = passkey
    ? { type, method: "passkey", passkey: { id: passkey.id, label } }
    : { type, method: "app", authenticator: { id: fresh.id, label } };
  const next: UserRecord = {
    ...record,
    ...retired(fresh.epoch),
    ...(passkey
      ? { passkeys: [...record.passkeys, passkey] }
      : { authenticators: withConfirmed(record, pending, confirmed), app: clearRow(record.app) }),
    backupCodes: policy.backupCodes && (pending.batch ?? record.backupCodes),
    backup: pending.batch ? clearRow(record.backup) : record.backup,
    enrollment: clearRow(record.enrollment),
  };
  return {
    record: next,
    outcome: {
      kind: "active",
      offset: verified.offset,
      verifiedAt: verified.at,
      ...(passkey && { passkey }),
    },
    events: [event],
  };
}
