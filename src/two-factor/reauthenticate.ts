/** "Sudo mode": a recent proof, kept as a sealed elevation for the operations that follow. */

import { failure } from "../errors.ts";
import { checkObject } from "../internal/check.ts";
import { checkParts } from "./proof.ts";
import { bindingHash, checkUserId, type Service } from "./service.ts";
import { twoFactors } from "./success.ts";
import { sealElevation } from "./tokens.ts";
import { load } from "./transact.ts";
import type { Assurance, Ok, Proof } from "./types.ts";

export async function reauthenticate(
  service: Service,
  user: string,
  proof: Omit<Proof, "elevation">,
): Promise<Ok<{ elevation: string; expiresAt: number; assurance: Assurance }>> {
  const userId = checkUserId(user);
  checkObject("proof", proof);
  const binding = bindingHash(proof.binding);
  const now = service.now();
  const password = proof.password !== undefined;
  const code = proof.code === undefined ? null : "any";
  if (!password && code === null) return failure("reauthentication_required");
  const { record } = await load(service, userId);
  const checked = await checkParts(service, userId, { password, code }, proof, now);
  if (!checked.ok) return checked;
  const { held } = checked;
  const { epoch } = record;
  const first = held.password ? { amr: ["pwd"], authenticatedAt: now } : null;
  const assurance: Assurance = held.code
    ? twoFactors(first, held.code, now)
    : { aal: 1, amr: ["pwd"], authenticatedAt: now };
  return { ok: true, ...(await sealElevation(service, { userId, epoch, binding, held, now })), assurance };
}
