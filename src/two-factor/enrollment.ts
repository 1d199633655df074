/** The calls that enroll an authenticator: begin, confirm, acknowledge and cancel. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { checkBoolean } from "../internal/check.ts";
import { drawnAccountName, formatKeyUri } from "../otp/key-uri.ts";
import { generateSecret, grouped } from "../otp/secret.ts";
import type { UserRecord } from "../record.ts";
import { type Beside, purposeOf } from "../rules/authenticators.ts";
import type { Decision } from "../rules/decision.ts";
import * as rules from "../rules/enrollment.ts";
import { labelText } from "../rules/label.ts";
import { cancel } from "../rules/pending.ts";
import { readCode } from "../rules/verification.ts";
import { type Activation, activation, activationAgain, formOf, signInOf } from "./activation.ts";
import { newBatch, shown } from "./backup-codes.ts";
import { type Call, change, loadRecord } from "./call.ts";
import type { FreshBatch } from "./digest.ts";
import { identify, permitted } from "./enrollee.ts";
import { prove } from "./proof.ts";
import type { Service } from "./service.ts";
import { checkIssuer } from "./settings.ts";
import type { Loaded } from "./transact.ts";
import type {
  BeginOptions,
  CodeOptions,
  EnrollmentResult,
  EnrollmentStart,
  Proof,
  Result,
  SignedIn,
  Who,
} from "./types.ts";

export function policyOf({ settings }: Service): rules.EnrollmentPolicy {
  const { window, throttle, backupCodes, lifetimes } = settings;
  const issueCodes = Boolean(backupCodes?.atEnrollment);
  const acknowledge = Boolean(backupCodes?.acknowledge);
  return { window, throttle, lifetime: lifetimes.enrollment, issueCodes, backupCodes, acknowledge };
}

/** Checks that app codes differ in length from backup codes. Those that stay may be older than the options. */
function checkDigits({ settings }: Service, record: UserRecord, stays: boolean): void {
  const { parameters, backupCodes } = settings;
  if (!backupCodes || record.backupCodes?.length !== parameters.digits) return;
  if (backupCodes.atEnrollment && !stays) return;
  throw new RangeError("totp.digits: must differ from the length of this user's backup codes");
}

export async function beginEnrollment(
  service: Service,
  who: Who,
  options: BeginOptions & Proof,
): Promise<Result<EnrollmentStart>> {
  const person = await identify(service, "begin", who, options, ["enroll"]);
  if (isFailure(person)) return person;
  const { call, challenge } = person;
  const beside = challenge ? null : besideOf(options);
  const label = labelText(options.label);
  const loaded = await loadRecord(call);
  const purposed = purposeOf(loaded.record, beside, service.settings.throttle);
  if (isFailure(purposed)) return purposed;
  const named = await entryOf(call, options, { beside: purposed.purpose !== "enroll", label });
  const operation = purposed.purpose === "enroll" ? "enroll" : "replace";
  checkDigits(service, loaded.record, purposed.purpose === "add"); // checked before a code is spent
  if (!(await service.authorized(call, operation))) return failure("not_authorized");
  const scope = { operation, transaction: null };
  const proved = challenge ? person : await prove(call, scope, options, loaded);
  if (isFailure(proved)) return proved;
  const { guard } = proved;
  const { bindingHash } = person;
  const asked = { beside, label, bindingHash, parameters: service.settings.parameters };
  const begin = (record: UserRecord) =>
    rules.begin(record, asked, call.now, { id: service.id(), secret: generateSecret() }, policyOf(service));
  const { outcome } = await change(call, begin, { guard });
  if (isFailure(outcome)) return outcome;
  const { id: enrollmentId, secret, algorithm, digits, period, expiresAt } = outcome;
  const keyUri = formatKeyUri({ ...named, secret, algorithm, digits, period });
  const manualEntryKey = grouped(secret);
  const state = outcome.verified ? "awaiting_acknowledgement" : "pending";
  return { ok: true, enrollmentId, secret, manualEntryKey, keyUri, expiresAt, state };
}

/** Reads whether the new authenticator is added to the others or replaces one. */
function besideOf({ add = false, replace = false }: BeginOptions): Beside {
  checkBoolean("add", add);
  if (typeof replace !== "string") checkBoolean("replace", replace);
  if (add && replace) throw new TypeError("add: cannot be asked for together with replace");
  if (add) return { add };
  return replace === false ? null : { replace };
}

/**
 * Returns the name of the entry in the app. Beside an active authenticator it differs from the others, because apps
 * overwrite an entry of the same issuer and account: the old codes would be gone before the new ones count.
 */
async function entryOf(
  { service: { settings }, userId, now }: Call,
  { issuer, accountName: name }: BeginOptions,
  { beside, label }: { beside: boolean; label: string | null },
): Promise<{ issuer: string; accountName: string }> {
  const plain = drawnAccountName(typeof name === "function" ? await name(userId) : name);
  const suffix = label ?? new Date(now).toISOString().slice(0, 10);
  const accountName = beside ? drawnAccountName(`${plain} (${suffix})`) : plain;
  return { issuer: issuer === undefined ? settings.issuer : checkIssuer("issuer", issuer), accountName };
}

function freshIds(service: Service) {
  return { id: service.id(), epoch: service.id() };
}

export async function confirmEnrollment(
  service: Service,
  who: Who,
  options: { enrollmentId: string | undefined; code: unknown } & CodeOptions,
): Promise<Result<EnrollmentResult>> {
  const person = await identify(service, "confirm", who, options, ["enroll"]);
  if (isFailure(person)) return person;
  const { call, guard } = person;
  const { enrollmentId: id } = options;
  if (typeof id !== "string") return failure("enrollment_not_found");
  const code = readCode(options.code);
  const asked = { id, bindingHash: person.bindingHash, code };
  const form = formOf(person, id, { who, binding: options.binding, code });
  const confirm = (fresh: FreshBatch | null, from: Loaded | undefined) => {
    const [batch, codes] = fresh ? [fresh.batch, shown(fresh)] : [null, null];
    const decide = (record: UserRecord): Decision<Activation | rules.NeedsBatch | Failure> => {
      const made = { ...freshIds(service), batch };
      const decision = rules.confirm(record, asked, call.now, made, policyOf(service));
      return activation(person, options, { form, codes }, decision);
    };
    const repeat = activationAgain(person, form);
    return change<Activation | rules.NeedsBatch>(call, decide, { guard, from, repeat });
  };

  return service.inTurn<Result<EnrollmentResult>>(call.userId, async () => {
    const loaded = await permitted(call);
    if (isFailure(loaded)) return loaded;
    let { outcome, at } = await confirm(null, loaded);
    if (!isFailure(outcome) && outcome.kind === "needs_batch") {
      const fresh = await newBatch(service, outcome.digits, call.now, form.source?.random("codes"));
      ({ outcome, at } = await confirm(fresh, at));
    }
    if (isFailure(outcome)) return outcome;
    if (outcome.kind === "needs_batch") return failure("conflict");
    const { kind: state, codes: backupCodes } = outcome;
    if (state === "active") {
      return { ok: true, state, backupCodes, signIn: await signInOf(person, outcome.success) };
    }
    return backupCodes ? { ok: true, state, backupCodes } : failure("conflict");
  });
}

export async function acknowledgeEnrollment(
  service: Service,
  who: Who,
  options: { batchId: string | undefined } & CodeOptions,
): Promise<Result<{ state: "active"; signIn: SignedIn }>> {
  const person = await identify(service, "acknowledge", who, options);
  if (isFailure(person)) return person;
  const { call, guard } = person;
  if (typeof options.batchId !== "string") return failure("batch_not_found");
  const from = await permitted(call);
  if (isFailure(from)) return from;
  const { batchId, binding } = options;
  const asked = { batchId, bindingHash: person.bindingHash };
  const form = formOf(person, batchId, { who, binding, code: null });
  const acknowledge = (record: UserRecord): Decision<Activation | Failure> =>
    activation(
      person,
      options,
      { form, codes: null },
      rules.acknowledge(record, asked, call.now, freshIds(service), service.settings),
    );
  const repeat = activationAgain(person, form);
  const { outcome } = await change<Activation>(call, acknowledge, { guard, from, repeat });
  if (isFailure(outcome)) return outcome;
  if (outcome.kind !== "active") return failure("batch_not_found");
  return { ok: true, state: "active", signIn: await signInOf(person, outcome.success) };
}

export async function cancelEnrollment(
  service: Service,
  who: Who,
  options: { binding: string | null; context?: CodeOptions["context"] },
): Promise<Result<object>> {
  const person = await identify(service, "cancel", who, options);
  if (isFailure(person)) return person;
  const { call, guard } = person;
  return (await change(call, (record) => cancel(record, call.now), { guard })).outcome ?? { ok: true };
}
