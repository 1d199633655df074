/** Is this code right, is it new, and what does asking cost? */

import { asBackupCode, indexOfDigest, withoutLine } from "../backup-codes.ts";
import { type Failure, failure } from "../errors.ts";
import { canonicalCode } from "../internal/canonical.ts";
import { type Authenticator, type Batch, hasFactor, type UserRecord, unusedCodes } from "../record.ts";
import { servedBatch } from "./backup-codes.ts";
import { type ChallengeId, forgiveChallenge, noteFailure } from "./challenges.ts";
import { type Decision, type Method, type RuleEvent, unchanged } from "./decision.ts";
import { isAppCode, matchesOf } from "./matching.ts";
import { outsideWindow } from "./outside-window.ts";
import { outlook, refusal, type ThrottlePolicy } from "./row.ts";
import { stepAt, type Window, withStep } from "./steps.ts";
import {
  type Account,
  accountOf,
  attemptsLeft,
  blockOf,
  charge,
  forgetFailing,
  settle,
  takeBack,
} from "./throttle.ts";

export interface VerificationPolicy {
  window: Window;
  throttle: ThrottlePolicy;
  /** At so many left, or fewer, the host hears of it; null where backup codes are turned off. */
  backupCodes: { low: number } | null;
  /** Whether codes of the old system can be told. */
  legacyCodes?: boolean;
}

/** What was typed, in its canonical spelling; when; from which known device; with which challenge; and what may serve. */
export interface Submission {
  code: string;
  now: number;
  device: string | null;
  challenge: ChallengeId | null;
  /** `passkey` takes neither kind of code, and is decided elsewhere. */
  accepts: "app" | "any" | "passkey";
}

/** A code in its canonical spelling, or why it is none. */
export function readCode(input: unknown): string | Failure {
  const isNumber = typeof input === "number" || typeof input === "bigint";
  return canonicalCode(withoutLine(input)) ?? failure(isNumber ? "code_not_text" : "malformed_code");
}

/** A right code. */
export interface Verified {
  kind: "verified";
  method: Method;
  stepOffset: number;
  /** RFC 8176's names of what a passkey has shown. */
  amr?: readonly string[];
}

/** A backup code whose charge has been paid: derive its digest, then {@link redeem} it. */
export interface Reservation {
  kind: "reserved";
  batchId: string;
  salt: string;
  /** Whether the old system says which code it is, instead of a digest. */
  legacy: boolean;
  code: string;
  account: Account;
  challenge: ChallengeId | null;
  reservedAt: number;
  /** What the host hears of if the code turns out wrong. */
  events: readonly RuleEvent[];
}

/** This many right codes in a row that are off in the same direction mean that the phone's clock is off. */
const CLOCK_OFF_RUN = 3;

/** Decides an app code at once, and reserves the charge of a backup code. */
export function evaluate(
  record: UserRecord,
  submission: Submission,
  policy: VerificationPolicy,
): Decision<Verified | Failure | Reservation> {
  if (!hasFactor(record)) return unchanged(record, failure("not_enrolled"));
  const { code, now, device, challenge, accepts } = submission;
  const isApp = record.authenticators.some(({ digits }) => isAppCode(code, digits));
  const batch = servedBatch(record, policy);
  const backup = isApp || accepts !== "any" ? undefined : redeemable(code, batch);
  if (!isApp && !backup) return unchanged(record, noAppCode(code, batch));
  const account = accountOf(record, backup ? "backup" : "app", device);
  const block = blockOf(record, account, now, policy.throttle);
  if (block) return unchanged(record, refusal(block));
  if (!backup) return evaluateAppCode(record, account, submission, policy);
  const { record: charged, events } = charge(record, account, now, policy.throttle);
  const outcome: Reservation = {
    kind: "reserved",
    ...backup,
    account,
    challenge,
    reservedAt: now,
    events,
  };
  return { record: charged, outcome, events: [] };
}

/** Why a code that has not the shape of an app code is refused where no other would do. */
export function noAppCode(code: string, batch: Batch | null): Failure {
  return failure(redeemable(code, batch) ? "app_code_required" : "malformed_code");
}

/** What has the shape of a code of this batch, and what its digest takes. */
function redeemable(
  code: string,
  batch: Batch | null,
): Pick<Reservation, "batchId" | "salt" | "legacy" | "code"> | undefined {
  const spelled = batch ? asBackupCode(code, batch) : undefined;
  if (!batch || spelled === undefined) return undefined;
  return { batchId: batch.id, salt: batch.salt, legacy: batch.alphabet === "legacy", code: spelled };
}

function evaluateAppCode(
  record: UserRecord,
  account: Account,
  { code, now, challenge }: Submission,
  policy: VerificationPolicy,
): Decision<Verified | Failure> {
  const matches = matchesOf(record, code, now, policy.window);
  if (matches.length === 0) {
    const clock = outsideWindow(record.authenticators, code, now, policy.window);
    const { record: charged, events } = charge(record, account, now, policy.throttle);
    const noted = { record: noteFailure(charged, challenge, account, now), events: [...clock, ...events] };
    return wrong("app", "wrong_code", noted, account, now, policy);
  }
  const match = matches.find(({ spent }) => !spent);
  if (!match) {
    return {
      record,
      outcome: failure("app_code_reused"),
      events: [{ type: "code_reused", method: "app", detail: "app_code_reused" }],
    };
  }
  const { authenticator, step } = match;
  const stepOffset = step - stepAt(now, authenticator.period);
  const offRun = extendRun(authenticator.offRun, stepOffset);
  const next: Authenticator = {
    ...authenticator,
    acceptedSteps: withStep(authenticator.acceptedSteps, step),
    lastUsedAt: now,
    offRun,
  };
  const events: RuleEvent[] = [{ type: "verified", method: "app" }];
  if (Math.abs(offRun) === CLOCK_OFF_RUN) events.push({ type: "clock_off", method: "app" });
  const settled = settle(withAuthenticator(record, next), account, null);
  return {
    record: forgiveChallenge(settled, challenge, account, policy.throttle),
    outcome: { kind: "verified", method: "app", stepOffset },
    events,
  };
}

/** Counts successes that are off in the same direction, signed by it; bounded, since only the first few matter. */
function extendRun(run: number, offset: number): number {
  const direction = Math.sign(offset);
  return Math.sign(run) === direction ? Math.max(-1_000, Math.min(1_000, run + direction)) : direction;
}

function withAuthenticator(record: UserRecord, used: Authenticator): UserRecord {
  return {
    ...record,
    authenticators: record.authenticators.map((other) => (other.id === used.id ? used : other)),
  };
}

/** Spends a reserved backup code if its digest is in the batch that it was reserved against. */
export function redeem(
  record: UserRecord,
  reservation: Reservation,
  digest: string,
  now: number,
  policy: VerificationPolicy,
): Decision<Verified | Failure> {
  const { account, batchId, challenge, reservedAt } = reservation;
  const batch = record.backupCodes?.id === batchId ? record.backupCodes : null;
  const index = indexOfDigest(digest, batch?.codes.map((code) => code.digest) ?? []);
  const found = batch?.codes[index];
  if (!batch || found?.usedAt !== null) {
    const detail = found ? "backup_code_reused" : "wrong_code";
    const noted = noteFailure(record, challenge, account, reservedAt);
    return wrong("backup", detail, { record: noted, events: reservation.events }, account, now, policy);
  }
  const codes = batch.codes.map((code, i) => (i === index ? { ...code, usedAt: now } : code));
  const backupCodes = { ...batch, codes };
  const events: RuleEvent[] = [
    { type: "verified", method: "backup" },
    { type: "backup_code_used", method: "backup" },
  ];
  if (unusedCodes(backupCodes) <= (policy.backupCodes?.low ?? 0))
    events.push({ type: "backup_codes_low", method: "backup" });
  const settled = settle({ ...record, backupCodes }, account, reservedAt);
  return {
    record: forgiveChallenge(settled, challenge, account, policy.throttle),
    outcome: { kind: "verified", method: "backup", stepOffset: 0 },
    events,
  };
}

/** Takes back the charge of a code that nobody could look at. */
export function refund(
  record: UserRecord,
  { account, reservedAt }: Reservation,
  { throttle }: VerificationPolicy,
): Decision<null> {
  return { record: takeBack(record, account, reservedAt, throttle), outcome: null, events: [] };
}

/** The public face of a wrong and of a used backup code is the same: neither tells a guesser that a code exists. */
function wrong(
  method: Method,
  detail: "wrong_code" | "backup_code_reused",
  charged: { record: UserRecord; events: readonly RuleEvent[] },
  account: Account,
  now: number,
  { throttle }: VerificationPolicy,
): Decision<Failure> {
  const { record, events } = forgetFailing(charged.record, account, throttle);
  const block = blockOf(record, account, now, throttle);
  return {
    record,
    outcome: failure(detail, outlook(block, attemptsLeft(record, account, now, throttle))),
    events: [{ type: "verification_failed", method, detail }, ...charged.events, ...events],
  };
}
