/** A policy by which only passkeys count: what it refuses, and how users get one. */

import { type Failure, failure } from "../errors.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { methodsOf } from "../rules/backup-codes.ts";
import { isAppCode } from "../rules/matching.ts";
import { admission, type Requirement } from "../rules/policy.ts";
import { type AskedFor, type FirstFactor, PROOF_OPERATIONS } from "../rules/proof.ts";
import { readCode } from "../rules/verification.ts";
import { type Begun, challengeOf } from "../two-factor/begun.ts";
import type { Call } from "../two-factor/call.ts";
import type { Ruled } from "../two-factor/passkey-method.ts";
import { admit, askForCode } from "../two-factor/sign-in.ts";
import type { SignInStep } from "../two-factor/types.ts";
import { isResponse } from "./response.ts";

/** Checks the methods of a requirement: passkeys alone or, as without the list, apps beside them. */
export function checkMethods(methods: unknown): void {
  if (methods === undefined) return;
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

async function policyOf(call: Call): Promise<Policy> {
  const requirement = await call.service.requirement(call);
  const named = requirement.required && requirement.methods?.includes("app") === false;
  const admitted = named ? admission(requirement, call.now) : null;
  const graceEndsAt =
    admitted?.step === "done" && admitted.reason === "grace" ? admitted.graceEndsAt : undefined;
  return { requirement, strict: admitted?.step === "enroll", graceEndsAt };
}

/** Tells whether a first factor was a key that signs, in RFC 8176's names. Any other can be phished. */
function isKey({ amr }: FirstFactor): boolean {
  return amr.includes("hwk") || amr.includes("swk");
}

/** Begins a sign-in under the policy. No trusted device skips it, and `sufficientFirstFactor` counts only for a key. */
export async function beginByPolicy(begun: Begun, suffices: boolean): Promise<SignInStep | undefined> {
  const { call, firstFactor, loaded } = begun;
  const { requirement, strict } = await policyOf(call);
  if (suffices && (!strict || (firstFactor && isKey(firstFactor)))) return undefined;
  const { record } = loaded;
  if (hasFactor(record)) {
    if (!strict) return undefined;
    const methods = methodsOf(record, call.service.settings);
    return askForCode(begun, record.passkeys.length > 0 ? methods.filter((one) => one !== "app") : methods);
  }
  const step = await admit(begun, requirement, strict ? "add" : "enroll");
  return step.step === "enroll" ? { ...step, methods: strict ? ["passkey"] : ["app", "passkey"] } : step;
}

/** Returns how the policy restricts a code at sign-in. A right code that does not count leads to enrolling a passkey. */
export async function ruled(call: Call, code: unknown): Promise<Ruled | undefined> {
  const { strict, graceEndsAt } = await policyOf(call);
  if (!strict) {
    if (graceEndsAt === undefined) return undefined;
    return {
      refusal: () => null,
      outcome: async ({ passkeys }) => (passkeys.length > 0 ? {} : { graceEndsAt }),
    };
  }
  if (isResponse(code)) return undefined;
  return {
    options: { remember: false }, // the code signs nobody in
    refusal: (record) =>
      record.passkeys.length > 0 && isCodeOfApp(record, code) ? failure("passkey_required") : null,
    async outcome({ epoch }, begun) {
      const sealed = await challengeOf({ ...begun, call }, epoch, "add");
      return failure("enrollment_required", { enroll: { ...sealed, methods: ["passkey"] } });
    },
  };
}

function isCodeOfApp({ authenticators }: UserRecord, code: unknown): boolean {
  const typed = readCode(code);
  return typeof typed === "string" && authenticators.some(({ digits }) => isAppCode(typed, digits));
}

/** Asks users who have a passkey for nothing else. Those who have none cannot do what is guarded with a code. */
export async function narrowed(
  call: Call,
  operation: string,
  record: UserRecord,
  asked: AskedFor,
): Promise<AskedFor> {
  if (!(await policyOf(call)).strict) return asked;
  const { need } = asked;
  const own = operation !== "" && !(PROOF_OPERATIONS as readonly string[]).includes(operation);
  if (record.passkeys.length === 0)
    return { ...asked, lacking: asked.lacking || (own && need.code !== null) };
  return { ...asked, need: need.code ? { ...need, code: "passkey" } : need, other: "passkey" };
}

/** Returns why the factor that the policy asks for may not be removed, or null. */
export async function kept(call: Call): Promise<Failure | null> {
  return (await policyOf(call)).strict ? failure("required_by_policy") : null;
}
