/** Proof that the person at the screen is still the one who signed in: elevation, password and code together. */

import { type Failure, failure, TwoFactorError } from "../errors.ts";
import { activeAuthenticator, type UserRecord } from "../record.ts";
import { unchanged } from "../rules/decision.ts";
import {
  type ProofHeld,
  type ProofNeed,
  type ProofOperation,
  proofNeed,
  stillNeeded,
} from "../rules/policy.ts";
import { chargeRow, clearRow, outlook, refusal, rowBlock, rowLeft } from "../rules/throttle.ts";
import { attempt } from "./attempt.ts";
import type { Trace } from "./events.ts";
import { bindingHash, deviceTokenHash, type Service } from "./service.ts";
import { openElevation } from "./tokens.ts";
import { type Loaded, transact } from "./transact.ts";
import type { Proof } from "./types.ts";

const MAX_PASSWORD = 4_096;

/** Under which epoch a proof held: an operation that finds another one has to ask again. */
export interface Proved {
  ok: true;
  epoch: string;
}

/** Refuses when the record has moved on since the proof was given. */
export function sameEpoch(proved: Proved): (record: UserRecord) => Failure | null {
  return (record) => (record.epoch === proved.epoch ? null : failure("elevation_invalid"));
}

/** Checks that a proof holds what the operation asks for now. What is not needed is not looked at. */
export async function prove(
  service: Service,
  userId: string,
  operation: ProofOperation,
  proof: Proof,
  now: number,
  loaded: Loaded,
): Promise<Proved | Failure> {
  const { record } = loaded;
  const need = proofNeed(operation, service.settings.levels[operation], {
    active: activeAuthenticator(record) !== undefined,
    canCheckPassword: service.verifyPassword !== undefined,
  });
  const binding = bindingHash(proof.binding);
  let held: ProofHeld = { password: false, code: null };
  let refusal = failure("reauthentication_required");
  if (proof.elevation !== undefined) {
    const elevation = await openElevation(service, proof.elevation, userId, binding, now);
    if ("ok" in elevation) refusal = elevation;
    else if (elevation.epoch !== record.epoch) refusal = failure("elevation_invalid");
    else held = { password: elevation.password === 1, code: elevation.code };
  }
  const open = stillNeeded(need, held);
  if (!open) return { ok: true, epoch: record.epoch };
  if ((open.password && proof.password === undefined) || (open.code && proof.code === undefined))
    return refusal;
  const checked = await checkParts(service, userId, open, proof, now);
  if (!checked.ok) return checked;
  return { ok: true, epoch: record.epoch };
}

/** Checks the password, if asked for, and only then the code. */
export async function checkParts(
  service: Service,
  userId: string,
  need: ProofNeed,
  proof: Omit<Proof, "elevation">,
  now: number,
): Promise<{ ok: true; held: ProofHeld } | Failure> {
  const trace = { context: proof.context };
  const wrongPassword = need.password
    ? await checkPassword(service, userId, proof.password, now, trace)
    : null;
  if (wrongPassword) return wrongPassword;
  if (need.code === null) return { ok: true, held: { password: need.password, code: null } };
  const tokenHash = deviceTokenHash(proof.deviceToken);
  const asked = { userId, code: proof.code, tokenHash, accepts: need.code, now, trace };
  return service.inTurn(userId, () =>
    attempt(
      service,
      asked,
      () => null,
      (record, { method }) =>
        unchanged(record, { ok: true as const, held: { password: need.password, code: method } }),
    ),
  );
}

/** Charges the password's own budget, asks the host, and takes the charge back if the password was right. */
async function checkPassword(
  service: Service,
  userId: string,
  password: unknown,
  now: number,
  trace: Trace,
): Promise<Failure | null> {
  const { verifyPassword, settings } = service;
  if (!verifyPassword) return failure("reauthentication_required");
  const reserved = await transact<Failure | null>(service, userId, now, (record) => {
    const block = rowBlock(record.password, now, settings.throttle);
    if (block) return unchanged(record, refusal(block));
    const charged = { ...record, password: chargeRow(record.password, now, settings.throttle) };
    return { record: charged, outcome: null, events: [] };
  });
  if (reserved.outcome) return reserved.outcome;
  const right = await ask();
  if (right) {
    await transact(
      service,
      userId,
      now,
      (record) => ({
        record: { ...record, password: clearRow(record.password) },
        outcome: null,
        events: [],
      }),
      { from: reserved.at },
    );
    return null;
  }
  const row = reserved.at?.record.password ?? { failures: 0, lockedUntilAt: null };
  const block = rowBlock(row, now, settings.throttle);
  const detail = "wrong_password";
  service.emit(userId, now, [{ type: "verification_failed", detail }], trace);
  if (block) service.emit(userId, now, [{ type: "locked", detail }], trace);
  return failure(detail, outlook(block, rowLeft(row, settings.throttle)));

  async function ask(): Promise<boolean> {
    if (typeof password !== "string" || password.length > MAX_PASSWORD) return false;
    try {
      return (await verifyPassword?.(userId, password)) === true;
    } catch (cause) {
      const undone = await transact<null>(service, userId, now, (record) => {
        const { failures, lockedUntilAt: until } = record.password;
        const lockedUntilAt = until === reserved.at?.record.password.lockedUntilAt ? null : until;
        const password = { failures: Math.max(0, failures - 1), lockedUntilAt };
        return { record: { ...record, password }, outcome: null, events: [] };
      });
      throw new TwoFactorError(
        "password_check_failed",
        undone.outcome
          ? "The password could not be checked, and its attempt stays charged: too many other writes came first."
          : "The password could not be checked; nothing was charged.",
        cause,
      );
    }
  }
}
