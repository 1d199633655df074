/** One attempt with a code of either kind: evaluated once, always charged, and revealed only when stored. */

import { withoutLine } from "../backup-codes.ts";
import { type Failure, isFailure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import { type Decision, followedBy, unchanged } from "../rules/decision.ts";
import { liveDevice } from "../rules/devices.ts";
import { settle } from "../rules/throttle.ts";
import {
  evaluate,
  type Reservation,
  readCode,
  redeem,
  refund,
  type VerificationPolicy,
  type Verified,
} from "../rules/verification.ts";
import { type Call, change, loadRecord, type Repeat } from "./call.ts";
import { legacyDigest } from "./legacy.ts";
import { passkeyMethod } from "./passkey-method.ts";
import type { Purpose, Typed } from "./purpose.ts";
import type { Loaded } from "./transact.ts";

/** The outcome of a right code. */
interface Accepted<T> {
  kind: "accepted";
  value: T;
}

/**
 * Verifies a code of the call's user when its turn has come. A known device has a line of its own, so that a crowd that
 * has the password alone holds up nobody who comes from one; without `line`, the token must be that of a live device,
 * or junk would open lines at will.
 */
export async function attempt<T>(
  call: Call,
  typed: Typed,
  purpose: Purpose<T>,
  line?: string | null,
): Promise<T | Failure> {
  const { service, userId, now } = call;
  const { tokenHash } = typed;
  const looked = line === undefined && tokenHash !== null;
  const from = looked ? await loadRecord(call) : undefined;
  const device = from && liveDevice(from.record, tokenHash, now, service.settings.devices);
  const passkeys = passkeyMethod(service);
  const verify = <S>(of: Purpose<S>) => verifyCode(call, typed, of, from);
  const task = () => (passkeys ? passkeys.attempt(call, typed, purpose, verify) : verify(purpose));
  return service.inTurn(userId, task, line ?? device?.id ?? null);
}

async function verifyCode<T>(
  call: Call,
  { code, tokenHash, accepts, challenge }: Typed,
  purpose: Purpose<T>,
  from: Loaded | undefined,
): Promise<T | Failure> {
  const { service, now } = call;
  const typed = readCode(code);
  if (typeof typed !== "string") return typed;
  const policy = policyOf(call);
  const decide = (record: UserRecord) => {
    const device = liveDevice(record, tokenHash, now, service.settings.devices)?.id ?? null;
    const submission = { code: typed, now, device, challenge: challenge ?? null, accepts };
    const decision = evaluate(record, submission, policy);
    return followedBy<Verified | Reservation | Failure, Accepted<T> | Reservation | Failure>(
      decision,
      (after, outcome) =>
        isFailure(outcome) || outcome.kind === "reserved"
          ? unchanged(after, outcome)
          : accepted(purpose, after, outcome),
    );
  };
  const { outcome, at } = await change<Accepted<T> | Reservation>(call, decide, {
    from,
    guard: purpose.guard,
    repeat: repeated(purpose),
  });
  if (isFailure(outcome)) return outcome;
  if (outcome.kind === "accepted") return outcome.value;
  const digest = await digestOf(call, outcome, code);
  return redeemReserved(call, outcome, digest, purpose, at);
}

function policyOf({ service: { settings } }: Call): VerificationPolicy {
  const { window, throttle, backupCodes, legacyCodes } = settings;
  return { window, throttle, backupCodes, legacyCodes };
}

function accepted<T>({ accept }: Purpose<T>, record: UserRecord, verified: Verified): Decision<Accepted<T>> {
  const { outcome: value, ...decision } = accept(record, verified);
  return { ...decision, outcome: { kind: "accepted", value } };
}

function repeated<T>({ repeat }: Purpose<T>, takeBack?: Repeat<T>["settle"]): Repeat<Accepted<T>> | null {
  if (!repeat) return null;
  const { sent, tell } = repeat;
  return {
    sent,
    settle: takeBack,
    tell(record, told) {
      const value = tell(record, told);
      return value && { kind: "accepted", value };
    },
  };
}

/**
 * Returns the digest of a backup code whose charge is stored: derived or, for a code of the old system, as the callback
 * says. If the callback fails, the charge is taken back, and the call throws.
 */
async function digestOf(call: Call, reservation: Reservation, typed: unknown): Promise<string> {
  if (!reservation.legacy) return call.service.derive(reservation.code, reservation.salt, "urgent");
  try {
    return (await legacyDigest(call, String(withoutLine(typed)).trim())) ?? "";
  } catch (cause) {
    await change(call, (record) => refund(record, reservation, policyOf(call)));
    throw cause;
  }
}

/** Spends a backup code whose charge is stored, if it is in the batch. */
async function redeemReserved<T>(
  call: Call,
  reservation: Reservation,
  digest: string,
  purpose: Purpose<T>,
  from: Loaded | undefined,
): Promise<T | Failure> {
  const { now } = call;
  const decide = (record: UserRecord): Decision<Accepted<T> | Failure> => {
    const refusal = purpose.guard?.(record);
    if (refusal) return { record, outcome: refusal, events: reservation.events }; // the charge stays
    return followedBy<Verified | Failure, Accepted<T> | Failure>(
      redeem(record, reservation, digest, now, policyOf(call)),
      (after, outcome) =>
        isFailure(outcome) ? unchanged(after, outcome) : accepted(purpose, after, outcome),
    );
  };
  const takeBack = (record: UserRecord) => settle(record, reservation.account, reservation.reservedAt);
  const { outcome } = await change(call, decide, { from, repeat: repeated(purpose, takeBack) });
  return isFailure(outcome) ? outcome : outcome.value;
}
