/** "Sudo mode": a recent proof, kept as a sealed elevation for the operations that follow. */

import { failure, isFailure, type ProofNeed } from "../errors.ts";
import { checkOneOf } from "../internal/check.ts";
import { PROOF_OPERATIONS, type ProofHeld, type ProofOperation, stillNeeded } from "../rules/policy.ts";
import { callOf, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { checkParts, filledIn, heldBy, needOf } from "./proof.ts";
import { bindingHash, type Service } from "./service.ts";
import { codeAlone, oneFactor, twoFactors } from "./success.ts";
import { type Proven, sealElevation } from "./tokens.ts";
import type { Assurance, Proof, Result } from "./types.ts";

export async function reauthenticate(
  service: Service,
  user: string,
  given: Omit<Proof, "elevation">,
): Promise<Result<{ elevation: string; expiresAt: number; assurance: Assurance }>> {
  checkCallOptions("reauthenticate", given, "proof");
  const proof = filledIn(given);
  const binding = bindingHash(proof.binding);
  const call = callOf(service, user, { context: proof.context });
  const { userId, now } = call;
  const password = proof.password !== undefined;
  const code = proof.code === undefined ? null : "any";
  if (!password && code === null) {
    const missing: ProofNeed = { password: service.verifyPassword !== undefined, code: "any" };
    return failure("reauthentication_required", { missing });
  }
  const { epoch } = (await loadRecord(call)).record;
  const checked = await checkParts(call, { password, code }, proof);
  if (isFailure(checked)) return checked;
  const { held } = checked;
  const proven: Proven = {
    passwordAt: held.password ? now : null,
    code: held.code && { method: held.code, at: now },
  };
  const sealed = await sealElevation(service, { userId, epoch, binding, ...proven });
  return { ok: true, ...sealed, assurance: assuranceOf(held, now) };
}

/** What was shown this time, and nothing that may have been shown before. */
function assuranceOf({ password, code }: ProofHeld, now: number): Assurance {
  const first = password ? { amr: ["pwd"], authenticatedAt: now } : null;
  if (!code) return oneFactor(first, now);
  return first ? twoFactors(first, code, now) : codeAlone(code, now);
}

/** What the form of an operation has to ask this person for now; an elevation that still counts is taken off. */
export async function asks(
  service: Service,
  user: string,
  operation: ProofOperation,
  options: { binding?: string | null | undefined; elevation?: string | undefined } = {},
): Promise<ProofNeed> {
  checkOneOf("operation", operation, PROOF_OPERATIONS);
  checkCallOptions("asks", options);
  const { elevation, binding = null } = options;
  const call = callOf(service, user);
  const { record } = await loadRecord(call);
  const { held } = await heldBy(call, { elevation, binding }, record);
  return stillNeeded(needOf(service, operation, record), held) ?? { password: false, code: null };
}
