/** Begin, confirm, acknowledge, cancel: how an authenticator becomes active, or follows another. */

import { type Failure, failure } from "../errors.ts";
import { toBase64Url } from "../internal/bytes.ts";
import { checkAccountName, formatKeyUri } from "../otp/key-uri.ts";
import { generateSecret, grouped } from "../otp/secret.ts";
import { activeAuthenticator, type Batch, type UserRecord } from "../record.ts";
import { type Decision, unchanged } from "../rules/decision.ts";
import * as rules from "../rules/enrollment.ts";
import { readCode } from "../rules/verification.ts";
import { followedBy } from "./attempt.ts";
import { newBatch, shown } from "./backup-codes.ts";
import { guardOf, identify, permitted } from "./enrollee.ts";
import { prove, sameEpoch } from "./proof.ts";
import { bindingHash, type Service } from "./service.ts";
import { checkIssuer } from "./settings.ts";
import { admitBrowser, type Browser, type Success, signedIn } from "./success.ts";
import { type Loaded, load, transact } from "./transact.ts";
import type {
  BackupCodeBatch,
  BeginOptions,
  EnrollmentResult,
  EnrollmentStart,
  Ok,
  Proof,
  Seen,
  SignedIn,
  Who,
} from "./types.ts";

function policyOf({ settings }: Service): rules.EnrollmentPolicy {
  const { window, throttle, backupCodes, lifetimes } = settings;
  const issueCodes = backupCodes?.atEnrollment ?? false;
  return {
    window,
    throttle,
    lifetime: lifetimes.enrollment,
    issueCodes,
    backupCodes,
    acknowledge: backupCodes?.acknowledge ?? false,
  };
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
  options: BeginOptions & Partial<Proof>,
): Promise<Ok<EnrollmentStart>> {
  const now = service.now();
  const person = await identify(service, who, options, now);
  if ("ok" in person) return person;
  const { userId, binding, challenge } = person;
  const issuer =
    options.issuer === undefined ? service.settings.issuer : checkIssuer("issuer", options.issuer);
  const name = options.accountName;
  const accountName = checkAccountName(typeof name === "function" ? await name(userId) : name);
  const loaded = await load(service, userId);
  const active = activeAuthenticator(loaded.record) !== undefined;
  const replace = active && !challenge && options.replace === true;
  if (active && !replace) return failure("already_enrolled");
  const operation = replace ? "replace" : "enroll";
  checkDigits(service, loaded.record); // before a code is spent on it
  if (!(await service.authorized(userId, operation))) return failure("not_authorized");
  let guard = guardOf(person);
  if (!challenge) {
    const proved = await prove(service, userId, operation, { ...options, binding }, now, loaded);
    if (!proved.ok) return proved;
    guard = sameEpoch(proved);
  }
  const asked = { replace, bindingHash: bindingHash(binding), parameters: service.settings.parameters };
  const { outcome } = await transact(
    service,
    userId,
    now,
    (record) => {
      const refusal = guard(record);
      if (refusal) return unchanged(record, refusal);
      const fresh = { id: toBase64Url(service.random(16)), secret: generateSecret() };
      return rules.begin(record, asked, now, fresh, policyOf(service));
    },
    { trace: { context: options.context } },
  );
  if ("ok" in outcome) return outcome;
  const { id: enrollmentId, secret, algorithm, digits, period, expiresAt } = outcome;
  const keyUri = formatKeyUri({ issuer, accountName, secret, algorithm, digits, period });
  return { ok: true, enrollmentId, secret, manualEntryKey: grouped(secret), keyUri, expiresAt };
}

type Activation =
  | { state: "awaiting_acknowledgement" }
  | { state: "active"; success: Success; verifiedAt: number };

/** Adds the browser to an activation: it has just shown a code, or said that the codes are saved. */
function activation<F>(
  service: Service,
  decision: Decision<rules.Confirmed | F>,
  browser: Browser,
  now: number,
): Decision<Activation | F> {
  return followedBy(decision, (record, outcome): Decision<Activation | F> => {
    const confirmed = outcome as rules.Confirmed;
    if (confirmed.ok !== true) return unchanged(record, outcome as F);
    if (confirmed.state !== "active") return unchanged(record, { state: confirmed.state });
    const verified = { method: "app" as const, stepOffset: confirmed.offset };
    const { outcome: success, ...admitted } = admitBrowser(service, record, verified, browser, now);
    return { ...admitted, outcome: { state: "active", success, verifiedAt: confirmed.verifiedAt } };
  });
}

function freshIds(service: Service) {
  return { id: toBase64Url(service.random(16)), epoch: toBase64Url(service.random(16)) };
}

export async function confirmEnrollment(
  service: Service,
  who: Who,
  options: { enrollmentId: string | undefined; code: string | undefined } & Partial<Seen>,
): Promise<Ok<EnrollmentResult>> {
  const now = service.now();
  const person = await identify(service, who, options, now);
  if ("ok" in person) return person;
  const { userId, binding, challenge } = person;
  const { enrollmentId, context, trustDevice } = options;
  if (typeof enrollmentId !== "string") return failure("enrollment_not_found");
  const code = readCode(options.code);
  const guard = guardOf(person);
  const asked = { id: enrollmentId, bindingHash: bindingHash(binding), code };
  const browser: Browser = { deviceToken: undefined, tokenHash: null, trustDevice, context };

  const run = (batch: Batch | null, from?: Loaded) =>
    transact<Activation | rules.NeedsBatch | Failure>(
      service,
      userId,
      now,
      (record) => {
        const refusal = guard(record);
        if (refusal) return unchanged(record, refusal);
        const decision = rules.confirm(
          record,
          asked,
          now,
          { ...freshIds(service), batch },
          policyOf(service),
        );
        return activation<rules.NeedsBatch | Failure>(service, decision, browser, now);
      },
      { from, trace: { context } },
    );

  return service.inTurn<Ok<EnrollmentResult>>(userId, async () => {
    const loaded = await permitted(service, person);
    if ("ok" in loaded) return loaded;
    let { outcome } = await run(null, loaded);
    let backupCodes: BackupCodeBatch | null = null;
    if ("ok" in outcome && outcome.ok === null) {
      const fresh = await newBatch(service, outcome.digits, now);
      backupCodes = shown(fresh);
      ({ outcome } = await run(fresh.batch));
    }
    if ("ok" in outcome) return outcome.ok === false ? outcome : failure("conflict");
    if (outcome.state === "active") {
      const { success } = outcome;
      const signIn = await signedIn(service, userId, success, {
        bindingHash: asked.bindingHash,
        firstFactor: challenge?.firstFactor ?? null,
        now,
      });
      return { ok: true, state: "active", backupCodes, signIn };
    }
    return backupCodes ? { ok: true, state: "awaiting_acknowledgement", backupCodes } : failure("conflict");
  });
}

export async function acknowledgeEnrollment(
  service: Service,
  who: Who,
  options: { batchId: string | undefined } & Partial<Seen>,
): Promise<Ok<{ state: "active"; signIn: SignedIn }>> {
  const now = service.now();
  const person = await identify(service, who, options, now);
  if ("ok" in person) return person;
  const { userId, binding, challenge } = person;
  const { batchId, context, trustDevice } = options;
  if (typeof batchId !== "string") return failure("batch_not_found");
  const loaded = await permitted(service, person);
  if ("ok" in loaded) return loaded;
  const guard = guardOf(person);
  const asked = { batchId, bindingHash: bindingHash(binding) };
  const browser: Browser = { deviceToken: undefined, tokenHash: null, trustDevice, context };
  const { outcome } = await transact<Activation | Failure>(
    service,
    userId,
    now,
    (record) => {
      const refusal = guard(record);
      if (refusal) return unchanged(record, refusal);
      return activation<Failure>(
        service,
        rules.acknowledge(record, asked, now, freshIds(service), service.settings),
        browser,
        now,
      );
    },
    { from: loaded, trace: { context } },
  );
  if ("ok" in outcome) return outcome;
  if (outcome.state !== "active") return failure("batch_not_found");
  const { success, verifiedAt } = outcome;
  const firstFactor = challenge?.firstFactor ?? null;
  const seen = { bindingHash: asked.bindingHash, firstFactor, now, verifiedAt };
  return { ok: true, state: "active", signIn: await signedIn(service, userId, success, seen) };
}

export async function cancelEnrollment(service: Service, who: Who): Promise<Ok<object>> {
  const now = service.now();
  const person = await identify(service, who, { binding: null }, now);
  if ("ok" in person) return person;
  const guard = guardOf(person);
  const { outcome } = await transact<Failure | null>(service, person.userId, now, (record) => {
    const refusal = guard(record);
    return refusal ? unchanged(record, refusal) : rules.cancel(record, now);
  });
  return outcome ?? { ok: true };
}
