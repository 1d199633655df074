/** Proof that the person at the screen is still the one who signed in: elevation, password and code together. */

import { type Failure, failure, isFailure, type ProofNeed } from "../errors.ts";
import { activeAuthenticator, type UserRecord } from "../record.ts";
import { unchanged } from "../rules/decision.ts";
import { type ProofHeld, type ProofOperation, proofNeed, stillNeeded } from "../rules/policy.ts";
import { attempt } from "./attempt.ts";
import { type Call, callOf, type Guard, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { checkPassword } from "./password.ts";
import { bindingHash, deviceTokenHash, type Service } from "./service.ts";
import { type ElevationRefusal, openElevation } from "./tokens.ts";
import type { Loaded } from "./transact.ts";
import type { Proof } from "./types.ts";

/** A proof without its blank fields: a form sends what was not filled in as empty text, and that is no attempt. */
export function filledIn<P extends Pick<Proof, "password" | "code">>(proof: P): P {
  const { password, code }: { password?: unknown; code?: unknown } = proof;
  const noPassword = password === null || password === ""; // spaces may be a password
  const noCode = code === null || (typeof code === "string" && code.trim() === "");
  return { ...proof, ...(noPassword && { password: undefined }), ...(noCode && { code: undefined }) };
}

/** An operation whose proof has been given: `guard` refuses it once the record has moved on to another epoch. */
export interface Opened<T> {
  ok: true;
  call: Call;
  guard: Guard;
  /** What `look` found in the record before the proof was asked for. */
  found: T;
}

/**
 * Opens an operation that takes a proof: asks the host, looks at the record, and only then spends what was typed.
 * `look` refuses what could not succeed anyway.
 */
export async function openOperation<T>(
  service: Service,
  user: string,
  operation: ProofOperation,
  proof: Proof,
  look: (record: UserRecord, now: number) => T | Failure,
): Promise<Opened<T> | Failure> {
  checkCallOptions("proof", proof, "proof");
  bindingHash(proof.binding);
  const call = callOf(service, user, { context: proof.context });
  if (!(await service.authorized(call, operation))) return failure("not_authorized");
  const loaded = await loadRecord(call);
  const found = look(loaded.record, call.now);
  if (isFailure(found)) return found;
  const guard = await prove(call, operation, proof, loaded);
  return isFailure(guard) ? guard : { ok: true, call, guard, found };
}

/**
 * Checks that a proof holds what the operation asks for now, and gives the guard under which it counts. What is not
 * needed is not looked at.
 */
export async function prove(
  call: Call,
  operation: ProofOperation,
  given: Proof,
  { record }: Loaded,
): Promise<Guard | Failure> {
  const proof = filledIn(given);
  const need = needOf(call.service, operation, record);
  const { held, refusal } = await heldBy(call, proof, record);
  const open = stillNeeded(need, held);
  if (open) {
    const missing = {
      password: open.password && proof.password === undefined,
      code: proof.code === undefined ? open.code : null,
    };
    if (missing.password || missing.code) return failure(refusal, { missing });
    const checked = await checkParts(call, open, proof);
    if (isFailure(checked)) return checked;
  }
  return (current) =>
    current.epoch === record.epoch ? null : failure("elevation_invalid", { missing: need });
}

/** What an operation asks this user for now, before anything has been shown. */
export function needOf(service: Service, operation: ProofOperation, record: UserRecord): ProofNeed {
  return proofNeed(operation, service.settings.levels[operation], {
    active: activeAuthenticator(record) !== undefined,
    canCheckPassword: service.verifyPassword !== undefined,
  });
}

/** What an elevation still proves, and how to refuse if that is not enough. */
export async function heldBy(
  { service, userId, now }: Call,
  { elevation: token, binding }: Pick<Proof, "elevation" | "binding">,
  record: UserRecord,
): Promise<{ held: ProofHeld; refusal: ElevationRefusal | "reauthentication_required" }> {
  const nothing: ProofHeld = { password: false, code: null };
  if (token === undefined) return { held: nothing, refusal: "reauthentication_required" };
  const elevation = await openElevation(service, token, userId, bindingHash(binding), now);
  if (typeof elevation === "string") return { held: nothing, refusal: elevation };
  if (elevation.epoch !== record.epoch) return { held: nothing, refusal: "elevation_invalid" };
  return { held: elevation.held, refusal: "reauthentication_required" };
}

/** Checks the password, if asked for, and only then the code. */
export async function checkParts(
  call: Call,
  need: ProofNeed,
  proof: Omit<Proof, "elevation">,
): Promise<{ ok: true; held: ProofHeld } | Failure> {
  const { password, code: accepts } = need;
  const refusal = password ? await checkPassword(call, proof.password) : null;
  if (refusal) return refusal;
  if (accepts === null) return { ok: true, held: { password, code: null } };
  const asked = { code: proof.code, tokenHash: deviceTokenHash(proof.deviceToken), accepts };
  return call.service.inTurn(call.userId, () =>
    attempt(call, asked, {
      accept: (record, { method }) =>
        unchanged(record, { ok: true as const, held: { password, code: method } }),
    }),
  );
}
