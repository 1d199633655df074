/** Proof for an operation: elevation, password and code together. */

import { type Detail, type Failure, failure, isFailure, type ProofNeed } from "../errors.ts";
import { checkInteger, checkOptions, checkText } from "../internal/check.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { unchanged } from "../rules/decision.ts";
import {
  type AskedFor,
  type FirstFactor,
  fresh,
  lacksFactor,
  NOTHING_PROVEN,
  needOf,
  type ProofOperation,
  type ProofRow,
  type Proven,
  refusalOfSpentElevation,
  type Scope,
  serves,
  spendElevation,
  stillNeeded,
  together,
} from "../rules/proof.ts";
import type { TokenId } from "../rules/spent.ts";
import { attempt } from "./attempt.ts";
import { type Call, callOf, change, type Guard, loadRecord } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { passkeyMethod } from "./passkey-method.ts";
import { checkPassword } from "./password.ts";
import { bindingHash, deviceTokenHash, type Service } from "./service.ts";
import { shownBy } from "./success.ts";
import { MAX_AMR, MAX_AMR_LENGTH, openElevation } from "./tokens.ts";
import type { Loaded } from "./transact.ts";
import type { Proof, SignInOptions } from "./types.ts";

/** Removes the blank fields of a proof: a form sends them as empty text, which is no attempt. */
export function filledIn<P extends Pick<Proof, "password" | "code">>(proof: P): P {
  const { password, code }: { password?: unknown; code?: unknown } = proof;
  const noPassword = password === null || password === ""; // a password may consist of spaces
  const noCode = code === null || (typeof code === "string" && code.trim() === "");
  return { ...proof, ...(noPassword && { password: undefined }), ...(noCode && { code: undefined }) };
}

/** Checks `firstFactor`; null where there is none. */
export function checkFirstFactor(given: SignInOptions["firstFactor"], now: number): FirstFactor | null {
  if (given === undefined) return null;
  checkOptions("firstFactor", given, ["amr", "authenticatedAt"]);
  const { amr, authenticatedAt = now } = given;
  if (!Array.isArray(amr) || amr.length > MAX_AMR) {
    throw new TypeError(`firstFactor.amr: want a list of at most ${MAX_AMR} names`);
  }
  for (const name of amr) checkText("firstFactor.amr", name, MAX_AMR_LENGTH);
  checkInteger("firstFactor.authenticatedAt", authenticatedAt, 0, Number.MAX_SAFE_INTEGER);
  return { amr: [...amr], authenticatedAt };
}

/** An operation whose proof was given. Its `guard` refuses a record that has moved on to another epoch. */
export interface Opened<T> extends Proved {
  call: Call;
  /** What `look` returned for the record before the proof was checked. */
  found: T;
}

/**
 * Opens an operation that takes a proof: it asks `authorize`, looks at the record, and only then spends what was typed.
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
  const proved = await prove(call, { operation, transaction: null }, proof, loaded);
  return isFailure(proved) ? proved : { ...proved, call, found };
}

/** A proof that suffices, and the guard that the write has to pass. */
export interface Proved {
  ok: true;
  guard: Guard;
  shown: Proven;
}

/** Returns what a person is asked for, by the row of an operation or without one. */
export async function askedFor(
  call: Call,
  operation: string,
  row: ProofRow | null,
  record: UserRecord,
): Promise<AskedFor> {
  const { service } = call;
  const active = hasFactor(record);
  const asked: AskedFor = {
    need: row ? needOf(row, active) : { password: service.verifyPassword !== undefined, code: "any" },
    refusal: row && lacksFactor(operation, row, active) ? failure("enrollment_required") : null,
  };
  return (await passkeyMethod(service)?.narrowed(call, operation, record, asked)) ?? asked;
}

/** Checks that a proof has what the operation asks for now. Parts that are not needed are not looked at. */
export async function prove(
  call: Call,
  scope: Scope,
  given: Proof,
  { record }: Loaded,
): Promise<Proved | Failure> {
  const proof = filledIn(given);
  const row = await call.service.proofRow(call, scope.operation);
  const { need, refusal } = await askedFor(call, scope.operation, row, record);
  if (refusal) return refusal;
  const guard: Guard = (current) =>
    current.epoch === record.epoch ? null : failure("elevation_invalid", { missing: need });
  const held = await heldBy(call, scope, proof, { record, row });
  const open = stillNeeded(need, held.shown);
  const missing = open && missingOf(open, proof);
  if (missing) return failure(held.refusal, { missing });
  const spent = row.once && held.token ? spending(call, held.token, guard, need) : null;
  const checked = await checkParts(call, open ?? NOTHING_NEEDED, proof, spent ?? undefined);
  return isFailure(checked) ? checked : { ok: true, guard, shown: together(held.shown, checked) };
}

const NOTHING_NEEDED: ProofNeed = { password: false, code: null };

/** Returns what is needed and was not sent, or null. */
function missingOf(open: ProofNeed, { password, code }: Proof): ProofNeed | null {
  const isMissing = open.password && password === undefined;
  if (!isMissing && (open.code === null || code !== undefined)) return null;
  return {
    password: isMissing,
    code: code === undefined ? open.code : null,
    ...(isMissing && open.firstFactor && { firstFactor: true }),
  };
}

/** Returns the parts that the elevation and, where it may be used, `firstFactor` prove. */
export async function heldBy(
  call: Call,
  scope: Scope,
  proof: Pick<Proof, "elevation" | "binding" | "firstFactor">,
  { record, row }: { record: UserRecord; row: ProofRow },
): Promise<{ shown: Proven; token: TokenId | null; refusal: Detail }> {
  const { now } = call;
  const said = checkFirstFactor(proof.firstFactor, now);
  const firstFactor = row.firstFactor && said ? shownBy(said, now) : null;
  const hosts = fresh({ firstFactor, code: null }, row, now);
  const refused = (refusal: Detail) => ({ shown: hosts, token: null, refusal });
  if (proof.elevation === undefined) return refused("reauthentication_required");
  const elevation = await openElevation(
    call.service,
    proof.elevation,
    call.userId,
    bindingHash(proof.binding),
  );
  if (!elevation) return refused("elevation_invalid");
  const shown = fresh(elevation, row, now);
  if (!shown.firstFactor && !shown.code) return refused("elevation_expired");
  if (elevation.epoch !== record.epoch || !serves(elevation.scope, scope))
    return refused("elevation_invalid");
  const isSpent = row.once ? refusalOfSpentElevation(record, elevation) : null;
  if (isSpent) return refused(isSpent);
  return { shown: together(shown, hosts), token: elevation, refusal: "reauthentication_required" };
}

/** How a proof affects the write: why the record may be refused, and what changes. */
interface Spending {
  guard: Guard;
  spend: (record: UserRecord) => UserRecord;
}

function spending({ now }: Call, token: TokenId, guard: Guard, missing: ProofNeed): Spending {
  return {
    guard: (current) => {
      const detail = refusalOfSpentElevation(current, token);
      return guard(current) ?? (detail && failure(detail, { missing }));
    },
    spend: (current) => spendElevation(current, token, now),
  };
}

/** Checks the password, if asked for, and then the code. An elevation is spent in the last write. */
export async function checkParts(
  call: Call,
  need: ProofNeed,
  proof: Omit<Proof, "elevation">,
  spent?: Spending,
): Promise<({ ok: true } & Proven) | Failure> {
  const { now } = call;
  const { password, code: accepts } = need;
  const refusal = password ? await checkPassword(call, proof.password) : null;
  if (refusal) return refusal;
  const firstFactor = password ? { amr: ["pwd"], authenticatedAt: now } : null;
  const done = { ...NOTHING_PROVEN, ok: true as const, firstFactor };
  if (accepts === null) {
    if (!spent) return done;
    const spend = (record: UserRecord) => ({ record: spent.spend(record), outcome: done, events: [] });
    return (await change(call, spend, { guard: spent.guard })).outcome;
  }
  const asked = {
    code: proof.code,
    tokenHash: deviceTokenHash(proof.deviceToken),
    accepts,
    bindingHash: bindingHash(proof.binding),
  };
  return attempt(call, asked, {
    ...(spent && { guard: spent.guard }),
    accept: (record, { method, amr = null }) =>
      unchanged(spent ? spent.spend(record) : record, { ...done, code: { method, at: now, amr } }),
  });
}
