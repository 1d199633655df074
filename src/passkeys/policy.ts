/** A policy by which only passkeys count: what it refuses, and how users get one. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { methodsOf } from "../rules/backup-codes.ts";
import type { Decision } from "../rules/decision.ts";
import { isAppCode } from "../rules/matching.ts";
import { admission, type Requirement } from "../rules/policy.ts";
import { type AskedFor, type FirstFactor, PROOF_OPERATIONS } from "../rules/proof.ts";
import { readCode } from "../rules/verification.ts";
import { type Begun, challengeOf } from "../two-factor/begun.ts";
import type { Call } from "../two-factor/call.ts";
import type { Verify } from "../two-factor/passkey-method.ts";
import type { Purpose, Typed } from "../two-factor/purpose.ts";
import { admit, askForCode } from "../two-factor/sign-in.ts";
import type { SignInStep } from "../two-factor/types.ts";

/** Checks the methods of a requirement: passkeys alone or, as without the list, apps beside them. */
export function checkMethods(methods: unknown): void {
  const known = Array.isArray(methods) && methods.every((one) => one === "app" || one === "passkey");
  if (!known || !methods.includes("passkey")) {
    throw new RangeError('requirement.methods: want ["passkey"], or "app" beside it');
  }
}

interface Policy {
  requirement: Requirement;
  /** Whether only passkeys count now. */
  strict: boolean;
  /** When only passkeys will begin to count. */
  graceEndsAt: number | undefined;
}

const asked = new WeakMap<Call, Promise<Policy>>();

/** Asks the host once a call. */
function policyOf(call: Call): Promise<Policy> {
  const policy = asked.get(call) ?? askForPolicy(call);
  asked.set(call, policy);
  return policy;
}

async function askForPolicy(call: Call): Promise<Policy> {
  const requirement = await call.service.requirement(call);
  const named = requirement.required && requirement.methods?.includes("app") === false;
  const admitted = named ? admission(requirement, call.now) : null;
  const graceEndsAt = admitted && "graceEndsAt" in admitted ? admitted.graceEndsAt : undefined;
  return { requirement, strict: admitted?.step === "enroll", graceEndsAt };
}

/** Tells whether a first factor was a key that signs, in RFC 8176's names. Any other can be phished. */
function isKey({ amr }: FirstFactor): boolean {
  return amr.includes("hwk") || amr.includes("swk");
}

/** Begins a sign-in under the policy. No trusted device skips it, and `sufficientFirstFactor` counts only for a key. */
export async function beginByPolicy(begun: Begun, suffices: boolean): Promise<SignInStep | undefined> {
  const { call, firstFactor, loaded } = begun;
  const { requirement, strict, graceEndsAt } = await policyOf(call);
  if (suffices && (!strict || (firstFactor && isKey(firstFactor)))) return undefined;
  const { record } = loaded;
  if (hasFactor(record)) {
    if (!strict) return inGrace(begun, graceEndsAt);
    const methods = methodsOf(record, call.service.settings);
    return askForCode(begun, record.passkeys.length > 0 ? methods.filter((one) => one !== "app") : methods);
  }
  const step = await admit(begun, requirement, strict ? "add" : "enroll");
  return step.step === "enroll" ? { ...step, methods: strict ? ["passkey"] : ["app", "passkey"] } : step;
}

/** Adds the end of the grace to the step of a user who has no passkey yet. */
async function inGrace(begun: Begun, graceEndsAt: number | undefined): Promise<SignInStep | undefined> {
  if (graceEndsAt === undefined || begun.loaded.record.passkeys.length > 0) return undefined;
  const step = await askForCode(begun);
  return step.step === "code" ? { ...step, graceEndsAt } : step;
}

/**
 * Verifies a code under the policy. A user who has a passkey proves nothing with a code. At sign-in, a right backup code,
 * or any right code of a user without a passkey, leads to enrolling a passkey instead of signing the user in.
 */
export async function attemptCode<T>(
  call: Call,
  shown: Typed,
  purpose: Purpose<T>,
  verify: Verify,
): Promise<T | Failure> {
  if (!(await policyOf(call)).strict) return verify(purpose);
  const { repeat = null } = purpose;
  const isSignIn = shown.accepts === "sign_in";
  const isBarred = (record: UserRecord) =>
    record.passkeys.length > 0 && (!isSignIn || isCodeOfApp(record, shown.code));
  let epoch = "";
  const seen = ({ epoch: at }: UserRecord) => {
    epoch = at;
  };
  const outcome = await verify<T>({
    guard: (record) => purpose.guard?.(record) ?? (isBarred(record) ? failure("passkey_required") : null),
    repeat: repeat && {
      ...repeat,
      tell(record, told) {
        seen(record);
        return repeat.tell(record, told);
      },
    },
    accept(record, verified) {
      seen(record);
      const decision = purpose.accept(record, verified);
      return isSignIn ? withoutDevice(record, decision) : decision;
    },
  });
  if (isFailure(outcome) || !isSignIn) return outcome;
  const { bindingHash: binding, challenge } = shown;
  const sealed = await challengeOf(
    { call, binding, firstFactor: challenge?.firstFactor ?? null },
    epoch,
    "add",
  );
  return failure("enrollment_required", { enroll: { ...sealed, methods: ["passkey"] } });
}

/** Drops the new device, and the events of it, from a success that signs nobody in: nobody would get its token. */
function withoutDevice<T>({ devices }: UserRecord, { record, outcome }: Decision<T>): Decision<T> {
  return { record: { ...record, devices }, outcome, events: [] };
}

function isCodeOfApp({ authenticators }: UserRecord, code: unknown): boolean {
  const typed = readCode(code);
  return typeof typed === "string" && authenticators.some(({ digits }) => isAppCode(typed, digits));
}

/** Asks users who have a passkey for nothing else. Those who have none cannot do what the host guards with a code. */
export async function narrowed(
  call: Call,
  operation: string,
  { passkeys }: UserRecord,
  asked: AskedFor,
): Promise<AskedFor> {
  if (!(await policyOf(call)).strict) return asked;
  const { need } = asked;
  if (operation === "disable") return { ...asked, refusal: failure("required_by_policy") };
  if (passkeys.length > 0) return { ...asked, need: need.code ? { ...need, code: "passkey" } : need };
  const isHosts = operation !== "" && !(PROOF_OPERATIONS as readonly string[]).includes(operation);
  return isHosts && need.code ? { ...asked, refusal: failure("enrollment_required") } : asked;
}

/** Tells whether the policy lets only passkeys count by now. */
export async function isStrict(call: Call): Promise<boolean> {
  return (await policyOf(call)).strict;
}
