/** Verifying a code: whether it is right and unspent, and what the attempt is charged. */

import { asBackupCode, indexOfDigest, withoutLine } from "../backup-codes.ts";
import { type Failure, failure, type ProofNeed } from "../errors.ts";
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
  /** With `low` or fewer backup codes left there is an event; null where backup codes are turned off. */
  backupCodes: { low: number } | null;
  /** Whether a callback can check backup codes that stayed in the old system. */
  legacyCodes?: boolean;
}

/** A code that was typed, in its canonical spelling, with the instant, the known device and the challenge. */
export interface Submission {
  code: string;
  now: number;
  device: string | null;
  challenge: ChallengeId | null;
  accepts: Accepts;
}

/**
 * The kinds of code that are accepted. `sign_in` accepts any kind and `passkey` none; only `twinlock/passkeys` tells the
 * two from the others.
 */
export type Accepts = NonNullable<ProofNeed["code"]> | "sign_in";

/** Reads a code into its canonical spelling, or returns why it is none. */
export function readCode(input: unknown): string | Failure {
  const isNumber = typeof input === "number" || typeof input === "bigint";
  return canonicalCode(withoutLine(input)) ?? failure(isNumber ? "code_not_text" : "malformed_code");
}

/** The outcome of a right code. */
export interface Verified {
  kind: "verified";
  method: Method;
  stepOffset: number;
  /** RFC 8176's names for what a passkey has shown. */
  amr?: readonly string[];
}

/** A backup code that was charged in advance: derive its digest, then {@link redeem} it. */
export interface Reservation {
  kind: "reserved";
  batchId: string;
  salt: string;
  /** Whether the old system says which code it is; otherwise a digest is derived. */
  legacy: boolean;
  code: string;
  account: Account;
  challenge: ChallengeId | null;
  reservedAt: number;
  /** The events if the code turns out to be wrong. */
  events: readonly RuleEvent[];
}

/** After this many right codes in a row that are off in the same direction, the phone's clock is off. */
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
  const backup = isApp || accepts === "app" ? undefined : redeemable(code, batch);
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

/** Returns the failure of a code without the shape of an app code, where only an app code will do. */
export function noAppCode(code: string, batch: Batch | null): Failure {
  return failure(redeemable(code, batch) ? "app_code_required" : "malformed_code");
}

/** Returns the code in the shape of this batch, with what its digest takes. */
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

/** Counts successes in a row that are off in the same direction, with its sign. The count is bounded. */
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

/** Takes back the charge of a code that could not be checked. */
export function refund(
  record: UserRecord,
  { account, reservedAt }: Reservation,
  { throttle }: VerificationPolicy,
): Decision<null> {
  return { record: takeBack(record, account, reservedAt, throttle), outcome: null, events: [] };
}

/** Makes the failure of a wrong code. A used backup code has the same reason, or guessers would learn that it exists. */
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
