/** People under a policy by which only passkeys count. */

import assert from "node:assert/strict";
import type { ForcedEnrollment } from "../../src/errors.ts";
import type { Requirement } from "../../src/rules/policy.ts";
import { virtualPasskey } from "../../src/testing/index.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { BINDING, detailOf, must, type PasskeyWorld, passkeyWorld } from "./passkeys.ts";

const binding = BINDING;
export const STRICT = { required: true, methods: ["passkey"] } satisfies Requirement;
export const accountName = "Ada";

/** A world whose policy a test can change. */
export function ruled(options: Partial<TwoFactorOptions<"payout">> = {}) {
  const rule: { now: Requirement } = { now: { required: false } };
  const given = { requirement: () => rule.now, ...options } as Partial<TwoFactorOptions>;
  return { ...passkeyWorld(given), rule };
}

/** Somebody who has an app alone when the policy comes into force. */
export async function appOnly(options: Partial<TwoFactorOptions<"payout">> = {}) {
  const w = ruled(options);
  const person = await w.enroll("ada", { binding });
  w.rule.now = STRICT;
  return { ...w, ...person };
}

/** Somebody who has a passkey beside the app, under the policy. */
export async function both(options: Partial<TwoFactorOptions<"payout">> = {}) {
  const w = ruled(options);
  const person = await w.enroll("ada", { binding });
  const key = await w.register("ada", virtualPasskey(), { elevation: person.signIn.elevation });
  w.rule.now = STRICT;
  const shown = async () => key.get(must(await w.twoFactor.passkeys.options("ada", { binding })).options);
  return { ...w, ...person, key, shown };
}

export async function codeStep({ twoFactor }: Pick<PasskeyWorld, "twoFactor">, given: object = {}) {
  const step = await twoFactor.signIn.begin("ada", { binding, firstFactor: { amr: ["pwd"] }, ...given });
  assert.ok(step.step === "code", step.step);
  return step;
}

/** What a right code has led to that does not count. */
export function forced(result: Awaited<ReturnType<PasskeyWorld["twoFactor"]["verify"]>>): ForcedEnrollment {
  assert.ok(!result.ok && result.enroll, detailOf(result));
  assert.equal(result.detail, "enrollment_required");
  assert.deepEqual(result.enroll.methods, ["passkey"]);
  return result.enroll;
}

export async function registerWith({ twoFactor }: PasskeyWorld, { challenge }: { challenge: string }) {
  const key = virtualPasskey();
  const who = { challenge };
  const begun = must(await twoFactor.passkeys.begin(who, { accountName, binding }));
  const { enrollmentId, options } = begun;
  const response = await key.create(options);
  return { key, result: await twoFactor.passkeys.confirm(who, { enrollmentId, response, binding }) };
}
