/** Re-authentication ("sudo mode"): a recent proof, kept as a sealed elevation for the operations that follow. */

import { failure, isFailure, type ProofNeed } from "../errors.ts";
import { toBase64Url, utf8 } from "../internal/bytes.ts";
import { checkOneOf, checkText } from "../internal/check.ts";
import { sha256 } from "../internal/hmac.ts";
import { isLive } from "../rules/lifetime.ts";
import { PROOF_OPERATIONS, type Scope, stillNeeded } from "../rules/proof.ts";
import { callOf, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import type { TwoFactor } from "./interface.ts";
import { askedFor, checkFirstFactor, checkParts, filledIn, heldBy, prove } from "./proof.ts";
import { bindingHash, type Service } from "./service.ts";
import { assuranceOf, shownBy } from "./success.ts";
import { prepareElevation } from "./tokens.ts";
import type { Assurance, Result } from "./types.ts";

type Calls = TwoFactor<string>;

const MAX_TRANSACTION = 4_096;

/** Makes the scope of an operation that has a row, with the hash of the transaction that the person confirms. */
function scopeOf({ settings }: Service, name: string, operation: string, transaction?: string): Scope {
  checkOneOf(name, operation, [...settings.rows.keys()]);
  if (transaction === undefined) return { operation, transaction: null };
  const text = checkText("transaction", transaction, MAX_TRANSACTION);
  return { operation, transaction: toBase64Url(sha256(utf8(text))) };
}

export async function reauthenticate(
  service: Service,
  user: string,
  given: Parameters<Calls["reauthenticate"]>[1],
): Promise<Result<{ elevation: string; expiresAt: number; assurance: Assurance }>> {
  checkCallOptions("reauthenticate", given, "proof");
  const proof = filledIn(given);
  const binding = bindingHash(proof.binding);
  if (proof.for === undefined && proof.transaction !== undefined) {
    throw new TypeError("transaction: name the operation that it belongs to in `for`");
  }
  const scope = proof.for === undefined ? null : scopeOf(service, "for", proof.for, proof.transaction);
  const call = callOf(service, user, { context: proof.context });
  const { userId, now } = call;
  const { record } = await loadRecord(call);
  const row = scope && (await service.proofRow(call, scope.operation));
  const { need, refusal } = await askedFor(call, scope?.operation ?? "", row, record);
  if (refusal) return refusal;
  const lifetime = row?.maxAge ?? service.settings.lifetimes.elevation;
  const said = checkFirstFactor(proof.firstFactor, now);
  const isFresh = said && isLive(said.authenticatedAt + lifetime * 1_000, now, lifetime);
  const hosts = isFresh ? shownBy(said, now) : null;
  const password = proof.password !== undefined;
  if (!password && proof.code === undefined && !hosts) {
    return failure("reauthentication_required", { missing: need });
  }
  const code = proof.code === undefined ? null : (need.code ?? "any");
  const checked = await checkParts(call, { password, code }, proof);
  if (isFailure(checked)) return checked;
  const proven = { firstFactor: checked.firstFactor ?? hosts, code: checked.code };
  const about = { userId, epoch: record.epoch, binding, scope, ...proven };
  const { token, expiresAt } = await prepareElevation(service, about, lifetime);
  return { ok: true, elevation: token(), expiresAt, assurance: assuranceOf(proven, now) };
}

/** Tells whether an operation of the application may go ahead now. */
export async function allow(
  service: Service,
  user: string,
  operation: string,
  proof: Parameters<Calls["allow"]>[2],
): Promise<Result<{ assurance: Assurance }>> {
  checkCallOptions("allow", proof, "proof");
  bindingHash(proof.binding);
  const scope = scopeOf(service, "operation", operation, proof.transaction);
  if ((PROOF_OPERATIONS as readonly string[]).includes(operation)) {
    throw new TypeError("operation: want one of your own; the library's ask for their proof themselves");
  }
  const call = callOf(service, user, { context: proof.context });
  if (!(await service.authorized(call, operation))) return failure("not_authorized");
  const proved = await prove(call, scope, proof, await loadRecord(call));
  return isFailure(proved) ? proved : { ok: true, assurance: assuranceOf(proved.shown, call.now) };
}

/** Returns what the form of an operation has to ask for, without the parts that still count. */
export async function asks(
  service: Service,
  user: string,
  operation: string,
  options: Parameters<Calls["asks"]>[2] = {},
): Promise<ProofNeed> {
  checkCallOptions("asks", options);
  const scope = scopeOf(service, "operation", operation, options.transaction);
  const call = callOf(service, user);
  const { record } = await loadRecord(call);
  const row = await service.proofRow(call, operation);
  const { need } = await askedFor(call, operation, row, record);
  const { shown } = await heldBy(
    call,
    scope,
    { ...options, binding: options.binding ?? null },
    { record, row },
  );
  return stillNeeded(need, shown) ?? { password: false, code: null };
}
