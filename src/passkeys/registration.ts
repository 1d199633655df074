/** The calls that register a passkey: begin and confirm. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { checkOptions } from "../internal/check.ts";
import { drawnAccountName } from "../otp/key-uri.ts";
import { hasFactor, type Passkey, type Pending, type UserRecord } from "../record.ts";
import type { Decision } from "../rules/decision.ts";
import type { NeedsBatch } from "../rules/enrollment.ts";
import { labelText } from "../rules/label.ts";
import { chargePasskey } from "../rules/passkey-use.ts";
import { beginRegistration, crowded, findRegistration, register, userHandleOf } from "../rules/passkeys.ts";
import { type Activation, activation, SENT_ONCE, signInOf } from "../two-factor/activation.ts";
import { newBatch, shown } from "../two-factor/backup-codes.ts";
import { change, loadRecord } from "../two-factor/call.ts";
import type { FreshBatch } from "../two-factor/digest.ts";
import { type Enrollee, identify, permitted } from "../two-factor/enrollee.ts";
import { policyOf } from "../two-factor/enrollment.ts";
import type { PasskeyCalls, PasskeyCreationOptions, PasskeyDescriptor } from "../two-factor/passkey-types.ts";
import { prove } from "../two-factor/proof.ts";
import type { Service } from "../two-factor/service.ts";
import type { Loaded } from "../two-factor/transact.ts";
import type { CodeOptions, EnrollmentResult, Result, Who } from "../two-factor/types.ts";
import { challengeOfRegistration } from "./challenge.ts";
import { ALGORITHMS, type PasskeySettings, verifyRegistration } from "./library.ts";
import { readRegistration } from "./response.ts";
import { transportNames } from "./transports.ts";

const CONFIRM = ["enrollmentId", "response", "binding", "deviceToken", "trustDevice", "remember", "context"];
const BEGIN = [
  "accountName",
  "label",
  "binding",
  "elevation",
  "password",
  "code",
  "deviceToken",
  "firstFactor",
  "context",
];

export async function beginPasskey(
  settings: PasskeySettings,
  service: Service,
  who: Who,
  options: Parameters<PasskeyCalls["begin"]>[1],
): ReturnType<PasskeyCalls["begin"]> {
  checkOptions("options", options, BEGIN, "");
  const person = await identify(service, "begin", who, options);
  if (isFailure(person)) return person;
  const { call, challenge, bindingHash } = person;
  const { accountName: name } = options;
  const accountName = drawnAccountName(typeof name === "function" ? await name(call.userId) : name);
  const loaded = await loadRecord(call);
  const full = crowded(loaded.record);
  if (full) return full;
  const operation = hasFactor(loaded.record) ? "replace" : "enroll";
  if (!(await service.authorized(call, operation))) return failure("not_authorized");
  const scope = { operation, transaction: null };
  const proved = challenge ? person : await prove(call, scope, options, loaded);
  if (isFailure(proved)) return proved;
  const { guard } = proved;
  const asked = { label: labelText(options.label), bindingHash, parameters: service.settings.parameters };
  const begin = (record: UserRecord) =>
    beginRegistration(record, asked, call.now, service.id(), policyOf(service));
  const { outcome, at } = await change<Pending>(call, begin, { guard });
  if (isFailure(outcome)) return outcome;
  const { id: enrollmentId, expiresAt } = outcome;
  const record = at?.record ?? loaded.record;
  const created = creationOptions(settings, call.userId, accountName, { record, pending: outcome }, call.now);
  return { ok: true, enrollmentId, options: created, expiresAt };
}

function creationOptions(
  { rpId, rpName, userVerification }: PasskeySettings,
  userId: string,
  accountName: string,
  { record, pending }: { record: UserRecord; pending: Pending },
  now: number,
): PasskeyCreationOptions {
  return {
    rp: { id: rpId, name: rpName },
    user: { id: userHandleOf(record, pending), name: accountName, displayName: accountName },
    challenge: challengeOfRegistration(userId, pending),
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    timeout: pending.expiresAt - now,
    excludeCredentials: record.passkeys.map(descriptor),
    authenticatorSelection: { residentKey: "discouraged", requireResidentKey: false, userVerification },
    attestation: "none",
  };
}

/** Describes a credential to the browser. */
export function descriptor({ id, transports }: Passkey): PasskeyDescriptor {
  return { id, type: "public-key", transports: transportNames(transports) };
}

export async function confirmPasskey(
  settings: PasskeySettings,
  service: Service,
  who: Who,
  options: { enrollmentId: string | undefined; response: unknown } & CodeOptions,
): Promise<Result<EnrollmentResult>> {
  checkOptions("options", options, CONFIRM, "");
  const { binding, context, enrollmentId, response } = options;
  const person = await identify(service, "confirm", who, { binding, context });
  if (isFailure(person)) return person;
  const { call } = person;
  if (typeof enrollmentId !== "string") return failure("enrollment_not_found");
  return service.inTurn<Result<EnrollmentResult>>(call.userId, async () => {
    const loaded = await permitted(call);
    if (isFailure(loaded)) return loaded;
    const passkey = await verified(settings, person, { id: enrollmentId, response }, loaded);
    return isFailure(passkey) ? passkey : stored(person, { ...options, enrollmentId, passkey }, loaded);
  });
}

/** Returns the passkey that a response registers, or charges a response that is not accepted. */
async function verified(
  settings: PasskeySettings,
  { call, bindingHash, guard }: Enrollee,
  { id, response }: { id: string; response: unknown },
  from: Loaded,
): Promise<Passkey | Failure> {
  const { now, service, userId } = call;
  const { throttle } = service.settings;
  const refused = guard(from.record);
  if (refused) return refused;
  const pending = findRegistration(from.record, { id, bindingHash }, now, throttle);
  if (isFailure(pending)) return pending;
  const read = readRegistration(response);
  if (!read) return failure("malformed_passkey");
  const found = await verifyRegistration(settings, read, challengeOfRegistration(userId, pending));
  if (found) return { ...found, label: pending.label, enrolledAt: now, lastUsedAt: null };
  const fail = (record: UserRecord) => chargePasskey(record, "wrong_passkey", now, throttle);
  return (await change<never>(call, fail, { guard, from })).outcome;
}

/** Stores a verified passkey, with backup codes where there are none. */
async function stored(
  person: Enrollee,
  options: { enrollmentId: string; passkey: Passkey } & CodeOptions,
  loaded: Loaded,
): Promise<Result<EnrollmentResult>> {
  const { call, guard, bindingHash } = person;
  const { service, now } = call;
  const asked = { id: options.enrollmentId, bindingHash, passkey: options.passkey };
  const store = (made: FreshBatch | null, from: Loaded | undefined) => {
    const [batch, codes] = made ? [made.batch, shown(made)] : [null, null];
    const decide = (record: UserRecord): Decision<Activation | NeedsBatch | Failure> => {
      const fresh = { id: service.id(), epoch: service.id(), batch };
      const decision = register(record, asked, now, fresh, policyOf(service));
      return activation(person, options, { form: SENT_ONCE, codes }, decision);
    };
    return change(call, decide, { guard, from });
  };
  let { outcome, at } = await store(null, loaded);
  if (!isFailure(outcome) && outcome.kind === "needs_batch") {
    ({ outcome, at } = await store(await newBatch(service, outcome.digits, now), at));
  }
  if (isFailure(outcome)) return outcome;
  if (outcome.kind === "needs_batch") return failure("conflict");
  const { kind: state, codes: backupCodes } = outcome;
  if (state === "active") {
    return { ok: true, state, backupCodes, signIn: await signInOf(person, outcome.success) };
  }
  return backupCodes ? { ok: true, state, backupCodes } : failure("conflict");
}
