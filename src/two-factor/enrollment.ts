/** Begin, confirm, acknowledge, cancel: how an authenticator becomes active, or follows another. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { drawnAccountName, formatKeyUri } from "../otp/key-uri.ts";
import { generateSecret, grouped } from "../otp/secret.ts";
import { activeAuthenticator, type Batch, type UserRecord } from "../record.ts";
import { type Decision, followedBy, unchanged } from "../rules/decision.ts";
import * as rules from "../rules/enrollment.ts";
import { cancel } from "../rules/pending.ts";
import { readCode } from "../rules/verification.ts";
import { newBatch, shown } from "./backup-codes.ts";
import { change, loadRecord } from "./call.ts";
import { type Enrollee, identify, permitted } from "./enrollee.ts";
import { prove } from "./proof.ts";
import type { Service } from "./service.ts";
import { checkIssuer } from "./settings.ts";
import { admitDevice, type Success, signedIn } from "./success.ts";
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

function policyOf({ settings }: Service): rules.EnrollmentPolicy {
  const { window, throttle, backupCodes, lifetimes } = settings;
  const issueCodes = backupCodes?.atEnrollment ?? false;
  const acknowledge = backupCodes?.acknowledge ?? false;
  return { window, throttle, lifetime: lifetimes.enrollment, issueCodes, backupCodes, acknowledge };
}

/** One field takes both kinds: codes that stay may be older than the options, so their own length counts. */
function checkDigits({ settings }: Service, record: UserRecord): void {
  const { parameters, backupCodes } = settings;
  if (!backupCodes || backupCodes.atEnrollment || record.backupCodes?.length !== parameters.digits) return;
  throw new RangeError("totp.digits: must differ from the length of this user's backup codes");
}

export async function beginEnrollment(
  service: Service,
  who: Who,
  options: BeginOptions & Proof,
): Promise<Result<EnrollmentStart>> {
  const person = await identify(service, "begin", who, options);
  if (isFailure(person)) return person;
  const { call, challenge } = person;
  const label = await labelOf(service, call.userId, options);
  const loaded = await loadRecord(call);
  const active = activeAuthenticator(loaded.record) !== undefined;
  const replace = active && !challenge && options.replace === true;
  if (active && !replace) return failure("already_enrolled");
  const operation = replace ? "replace" : "enroll";
  checkDigits(service, loaded.record); // before a code is spent on it
  if (!(await service.authorized(call, operation))) return failure("not_authorized");
  const guard = challenge ? person.guard : await prove(call, operation, options, loaded);
  if (isFailure(guard)) return guard;
  const asked = { replace, bindingHash: person.bindingHash, parameters: service.settings.parameters };
  const begin = (record: UserRecord) =>
    rules.begin(record, asked, call.now, { id: service.id(), secret: generateSecret() }, policyOf(service));
  const { outcome } = await change(call, begin, { guard });
  if (isFailure(outcome)) return outcome;
  const { id: enrollmentId, secret, algorithm, digits, period, expiresAt } = outcome;
  const keyUri = formatKeyUri({ ...label, secret, algorithm, digits, period });
  return { ok: true, enrollmentId, secret, manualEntryKey: grouped(secret), keyUri, expiresAt };
}

/** What the authenticator app shows beside the codes. */
async function labelOf(
  { settings }: Service,
  userId: string,
  { issuer, accountName: name }: BeginOptions,
): Promise<{ issuer: string; accountName: string }> {
  const accountName = drawnAccountName(typeof name === "function" ? await name(userId) : name);
  return { issuer: issuer === undefined ? settings.issuer : checkIssuer("issuer", issuer), accountName };
}

type Activation = { kind: "awaiting_acknowledgement" } | { kind: "active"; success: Success };

/** Adds the device to an activation: it has just shown a code, or said that the codes are saved. */
function activation<F extends rules.NeedsBatch | Failure>(
  { call }: Enrollee,
  { trustDevice, remember, context }: CodeOptions,
  decision: Decision<rules.Confirmed | F>,
): Decision<Activation | F> {
  const device = { deviceToken: undefined, tokenHash: null, trustDevice, remember, context };
  return followedBy<rules.Confirmed | F, Activation | F>(decision, (record, outcome) => {
    if (!("kind" in outcome) || outcome.kind !== "active") return unchanged<Activation | F>(record, outcome);
    const { offset: stepOffset, verifiedAt } = outcome;
    const admitted = admitDevice(call, record, { method: "app", stepOffset, verifiedAt }, device);
    return { ...admitted, outcome: { kind: "active", success: admitted.outcome } };
  });
}

function signInOf({ call, bindingHash, challenge }: Enrollee, success: Success): Promise<SignedIn> {
  return signedIn(call, success, { bindingHash, firstFactor: challenge?.firstFactor ?? null });
}

function freshIds(service: Service) {
  return { id: service.id(), epoch: service.id() };
}

export async function confirmEnrollment(
  service: Service,
  who: Who,
  options: { enrollmentId: string | undefined; code: unknown } & CodeOptions,
): Promise<Result<EnrollmentResult>> {
  const person = await identify(service, "confirm", who, options);
  if (isFailure(person)) return person;
  const { call, guard } = person;
  if (typeof options.enrollmentId !== "string") return failure("enrollment_not_found");
  const code = readCode(options.code);
  const asked = { id: options.enrollmentId, bindingHash: person.bindingHash, code };
  const confirm = (batch: Batch | null, from: Loaded | undefined) => {
    const decide = (record: UserRecord): Decision<Activation | rules.NeedsBatch | Failure> => {
      const fresh = { ...freshIds(service), batch };
      return activation(person, options, rules.confirm(record, asked, call.now, fresh, policyOf(service)));
    };
    return change(call, decide, { guard, from });
  };

  return service.inTurn<Result<EnrollmentResult>>(call.userId, async () => {
    const loaded = await permitted(call);
    if (isFailure(loaded)) return loaded;
    let { outcome, at } = await confirm(null, loaded);
    if (isFailure(outcome)) return outcome;
    const fresh = outcome.kind === "needs_batch" ? await newBatch(service, outcome.digits, call.now) : null;
    if (fresh) ({ outcome, at } = await confirm(fresh.batch, at));
    if (isFailure(outcome)) return outcome;
    const backupCodes = fresh && shown(fresh);
    if (outcome.kind === "active") {
      return { ok: true, state: outcome.kind, backupCodes, signIn: await signInOf(person, outcome.success) };
    }
    if (outcome.kind === "needs_batch" || !backupCodes) return failure("conflict");
    return { ok: true, state: outcome.kind, backupCodes };
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
  const asked = { batchId: options.batchId, bindingHash: person.bindingHash };
  const acknowledge = (record: UserRecord): Decision<Activation | Failure> =>
    activation(
      person,
      options,
      rules.acknowledge(record, asked, call.now, freshIds(service), service.settings),
    );
  const { outcome } = await change(call, acknowledge, { guard, from });
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
