/**
 * A small world around the pure rules: one user, two browsers, a clock, an attacker who types wrong codes. Each event
 * leads from one state to the next; nothing is random and nothing is stored.
 */

import { isFailure } from "../../src/errors.ts";
import { totp } from "../../src/otp/totp.ts";
import type { Batch, UserRecord } from "../../src/record.ts";
import * as administration from "../../src/rules/administration.ts";
import { type Beside, removeAuthenticator } from "../../src/rules/authenticators.ts";
import * as backupCodes from "../../src/rules/backup-codes.ts";
import type { Decision } from "../../src/rules/decision.ts";
import { admit, type DevicePolicy, liveDevice, revoke } from "../../src/rules/devices.ts";
import * as enrollment from "../../src/rules/enrollment.ts";
import * as pending from "../../src/rules/pending.ts";
import * as removal from "../../src/rules/removal.ts";
import { deviceBudget } from "../../src/rules/throttle.ts";
import { evaluate, type Reservation, redeem } from "../../src/rules/verification.ts";
import { START } from "../support/records.ts";

/** Everything there is. `made` counts what was drawn at random, so that no two draws are the same. */
export interface World {
  record: UserRecord;
  now: number;
  made: number;
}

/** One event: what came of it, and what the checks need to know about it. */
export interface Happened {
  world: World;
  outcome: unknown;
  /** The random draw that a new epoch would come from. */
  freshEpoch: string;
  /** The code that was typed, if one was, and into which field. */
  typed?: { code: string; into: "sign-in" | "confirm" };
  /** The browser that was known when the attempt was made. */
  device?: string | null;
}

export type Event = (world: World) => Happened;

/** Limits so low that a few events reach every one of them. */
export const throttle = {
  ...{ free: 1, firstDelay: 30, maxDelay: 60, hardStop: 3 },
  unknown: [{ failures: 3, within: 3_600 }],
};
export const window = { past: 1, future: 1 };
const verification = { window, throttle, backupCodes: { low: 1 } };
export const devicePolicy: DevicePolicy = {
  ...{ mayTrust: true, trustedFor: 600, knownFor: 3_600, max: 2 },
  maxFailures: deviceBudget(throttle),
};
const parameters = { algorithm: "SHA1", digits: 6, period: 30 } as const;
const lifetime = 60;
const WRONG_APP = "000000";
const WRONG_BACKUP = "99999999";
const MINUTE = 60_000;

const known = new Map<string, string>();
/** The code of a secret at an instant; computed once. */
export function codeAt(secret: string, now: number): string {
  const name = `${secret} ${Math.floor(now / 30_000)}`;
  const code = known.get(name) ?? totp(secret, { now });
  known.set(name, code);
  return code;
}

/** A secret that no other draw gives; {@link fingerprint} in the search recognizes it by its beginning. */
function secretOf(draw: number): string {
  return `SECRET${draw
    .toString(26)
    .padStart(26, "0")
    .replace(/[0-9]/g, (digit) => "QRSTUVWXYZ"[Number(digit)] ?? "")}`.toUpperCase();
}

function batchOf(draw: number): Batch {
  const salt = `~${draw}`;
  const codes = [0, 1].map((i) => ({ digest: digestOf(`0000000${i}`, salt), usedAt: null }));
  return { id: `~${draw}b`, alphabet: "digits", length: 8, salt, createdAt: START, codes };
}

function digestOf(code: string, salt: string): string {
  return `${salt}:${code}`;
}

function decided(
  world: World,
  decision: Decision<unknown>,
  about: Omit<Happened, "world" | "outcome" | "freshEpoch"> = {},
): Happened {
  const { record, outcome } = decision;
  const made = record === world.record ? world.made : world.made + 1;
  return { world: { ...world, record, made }, outcome, freshEpoch: `~${world.made}e`, ...about };
}

function begin(session: string, beside: Beside = { replace: true }): Event {
  return (world) => {
    const asked = { beside, label: null, bindingHash: session, parameters };
    const fresh = { id: `~${world.made}`, secret: secretOf(world.made) };
    return decided(world, enrollment.begin(world.record, asked, world.now, fresh, policyOf(false)));
  };
}

function policyOf(acknowledge: boolean): enrollment.EnrollmentPolicy {
  return { window, throttle, lifetime, issueCodes: true, acknowledge, backupCodes: {} };
}

/** The enrollment that a browser began, as far as its page knows. */
function enrollmentOf(session: string, { pending }: UserRecord): string {
  return (pending?.bindingHash === session ? pending.id : pending?.superseded.at(-1)) ?? "none";
}

function confirm(session: string, code: (world: World) => string, acknowledge = false): Event {
  return (world) => {
    const typed = code(world);
    const asked = { id: enrollmentOf(session, world.record), bindingHash: session, code: typed };
    const fresh = { id: `~${world.made}a`, epoch: `~${world.made}e`, batch: batchOf(world.made) };
    const decision = enrollment.confirm(world.record, asked, world.now, fresh, policyOf(acknowledge));
    return decided(world, decision, { typed: { code: typed, into: "confirm" } });
  };
}

const pendingCode = (world: World) => codeAt(world.record.pending?.secret ?? secretOf(0), world.now);

function acknowledge(session: string): Event {
  return (world) => {
    const asked = { batchId: world.record.pending?.batch?.id ?? "none", bindingHash: session };
    const fresh = { id: `~${world.made}a`, epoch: `~${world.made}e` };
    return decided(world, enrollment.acknowledge(world.record, asked, world.now, fresh, { backupCodes: {} }));
  };
}

/** Types a code at the sign-in, from a browser that shows a token or none; `trust` asks to be trusted. */
function signIn(code: (world: World) => string, token: string | null, trust = false): Event {
  return (world) => {
    const { record, now } = world;
    const typed = code(world);
    const device = liveDevice(record, token, now, devicePolicy)?.id ?? null;
    const about = { typed: { code: typed, into: "sign-in" }, device } as const;
    const first = evaluate(
      record,
      { code: typed, now, device, challenge: null, accepts: "any" },
      verification,
    );
    const decision =
      !isFailure(first.outcome) && first.outcome.kind === "reserved"
        ? redeemed(first.record, first.outcome, now)
        : first;
    if (isFailure(decision.outcome) || token === null) return decided(world, decision, about);
    const asked = { tokenHash: token, token, trust, label: null };
    const make = () => ({ id: "d", token, tokenHash: token });
    const admitted = admit(decision.record, asked, now, make, devicePolicy);
    return decided(world, { ...admitted, outcome: decision.outcome }, about);
  };
}

function redeemed(record: UserRecord, reservation: Reservation, now: number) {
  const digest = digestOf(reservation.code, reservation.salt);
  return redeem(record, reservation, digest, now, verification);
}

/** The process dies between the charge of a backup code and its redemption. */
const crash: Event = (world) => {
  const submission = {
    code: "00000000",
    now: world.now,
    device: null,
    challenge: null,
    accepts: "any",
  } as const;
  const { record, events } = evaluate(world.record, submission, verification);
  return decided(world, { record, outcome: { ok: false, detail: "crash" }, events }, { device: null });
};

const appCode = (stepsAway: number) => (world: World) =>
  codeAt(world.record.authenticators[0]?.secret ?? secretOf(0), world.now + stepsAway * 30_000);

const regenerate =
  (later: boolean): Event =>
  (world) => {
    const { record, now } = world;
    const target = backupCodes.regenerationTarget(record, "A", now);
    if (isFailure(target)) return decided(world, { record, outcome: target, events: [] });
    const asked = { target, bindingHash: "A", batch: batchOf(world.made), acknowledge: later };
    const reserved = backupCodes.reserveRegeneration(record, asked, now);
    if (reserved.outcome) return decided(world, reserved);
    return decided(world, backupCodes.regenerate(reserved.record, asked, now));
  };

const epochOf = (world: World) => `~${world.made}e`;
const clock =
  (ms: number): Event =>
  (world) => ({ world: { ...world, now: world.now + ms }, outcome: null, freshEpoch: "" });

/** Everything that can happen. */
export const EVENTS: Readonly<Record<string, Event>> = {
  "A begins": begin("A"),
  "B begins": begin("B"),
  "A begins another": begin("A", { add: true }),
  "A confirms": confirm("A", pendingCode),
  "A confirms, with acknowledgement": confirm("A", pendingCode, true),
  "A confirms wrongly": confirm("A", () => WRONG_APP),
  "B confirms": confirm("B", pendingCode),
  "A acknowledges": acknowledge("A"),
  "B acknowledges": acknowledge("B"),
  cancel: (world) => decided(world, pending.cancel(world.record, world.now)),
  "app code": signIn(appCode(0), null),
  "code of the second authenticator": signIn(
    ({ record, now }) => codeAt(record.authenticators[1]?.secret ?? secretOf(0), now),
    null,
  ),
  "the first authenticator is removed": (world) => {
    const { record, now } = world;
    const id = record.authenticators.length > 1 ? record.authenticators[0]?.id : undefined;
    return decided(world, removeAuthenticator(record, id ?? "none", epochOf(world), now));
  },
  "app code of the step before": signIn(appCode(-1), null),
  "app code of the step after": signIn(appCode(1), null),
  "app code from the laptop, trusted": signIn(appCode(0), "laptop", true),
  "wrong app code": signIn(() => WRONG_APP, null),
  "wrong app code from the laptop": signIn(() => WRONG_APP, "laptop"),
  "code of the pending authenticator": signIn(pendingCode, null),
  "backup code": signIn(() => "00000000", null),
  "backup code from the laptop": signIn(() => "00000000", "laptop"),
  "wrong backup code": signIn(() => WRONG_BACKUP, null),
  "crash while a backup code is checked": crash,
  regenerate: regenerate(false),
  "regenerate, to be acknowledged": regenerate(true),
  "regenerated codes are saved": (world) =>
    decided(
      world,
      backupCodes.acknowledgeRegenerated(world.record, world.record.nextBackupCodes?.id ?? "none"),
    ),
  "laptop revoked": (world) =>
    decided(
      world,
      revoke(world.record, ({ id }) => id === "d"),
    ),
  disable: (world) => decided(world, removal.remove(world.record, epochOf(world), world.now, "disabled")),
  "credential changed": (world) =>
    decided(world, removal.endSessions(world.record, epochOf(world), world.now)),
  unlock: (world) => decided(world, administration.unlock(world.record, world.now, devicePolicy)),
  "a step passes": clock(30_000),
  "ten minutes pass": clock(10 * MINUTE),
  "the clock is put back a minute": clock(-MINUTE),
};
