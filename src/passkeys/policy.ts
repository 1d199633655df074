/** A policy by which only passkeys count: what it bars, and how somebody comes to have one. */

import { failure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import { isAppCode } from "../rules/matching.ts";
import { admission } from "../rules/policy.ts";
import { readCode } from "../rules/verification.ts";
import type { PasskeyPolicy } from "../two-factor/attempt.ts";
import type { Call } from "../two-factor/call.ts";
import { sealChallenge } from "../two-factor/tokens.ts";

/** Checks which methods a requirement names: passkeys alone, or apps beside them, as without a list. */
export function checkMethods(methods: unknown): void {
  if (methods === undefined) return;
  const known = Array.isArray(methods) && methods.every((one) => one === "app" || one === "passkey");
  if (!known || !methods.includes("passkey")) {
    throw new RangeError('requirement.methods: want ["passkey"], or "app" beside it');
  }
}

/** Asks the host for the policy of the call's user. */
export async function policyOf(call: Call): Promise<PasskeyPolicy> {
  const { service, userId, now } = call;
  const requirement = await service.requirement(call);
  const named = requirement.required && requirement.methods?.includes("app") === false;
  const admitted = named ? admission(requirement, now) : null;
  const strict = admitted?.step === "enroll";
  const onlyPasskeys = ({ passkeys }: UserRecord) => strict && passkeys.length > 0;
  return {
    requirement,
    strict,
    onlyPasskeys,
    suffices: ({ amr }) => !strict || amr.includes("hwk") || amr.includes("swk"),
    refusal(record, code) {
      const typed = onlyPasskeys(record) ? readCode(code) : null;
      const isApp = record.authenticators.some(
        ({ digits }) => typeof typed === "string" && isAppCode(typed, digits),
      );
      return isApp ? failure("passkey_required") : null;
    },
    async enroll({ epoch }, to) {
      const expiresAt = now + service.settings.lifetimes.challenge * 1_000;
      const purpose = strict ? "add" : "enroll";
      const about = { ...to, userId, purpose, epoch, expiresAt, deviceToken: null } as const;
      const challenge = await sealChallenge(service, about);
      return { challenge, expiresAt, methods: strict ? ["passkey"] : ["app", "passkey"] };
    },
    grace: ({ passkeys }) =>
      admitted?.step === "done" && admitted.reason === "grace" && passkeys.length === 0
        ? { graceEndsAt: admitted.graceEndsAt }
        : {},
  };
}
