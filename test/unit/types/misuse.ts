/** Wrong use does not compile. Each line below would be a hole in somebody's sign-in. */

import { createAdmin } from "../../../src/admin.ts";
import {
  createTwoFactor,
  type Failure,
  type SignedIn,
  type TwoFactor,
  TwoFactorError,
  type TwoFactorOptions,
} from "../../../src/index.ts";
import { type PreparedSecret, totp } from "../../../src/otp/index.ts";
import { createTestTwoFactor } from "../../../src/testing/index.ts";

declare const t: TwoFactor;
declare const base: TwoFactorOptions;
declare const binding: string;

export async function theUserComesFromTheChallenge(): Promise<void> {
  const step = await t.signIn.begin("u", { binding });
  // @ts-expect-error only `done` carries a user: a host that forgets the code has nobody to sign in
  step.userId;
  if (step.step === "code") {
    // @ts-expect-error not even after a look at the step
    step.userId;
    // @ts-expect-error the user comes from the challenge and nothing else
    await t.signIn.complete(step.challenge, "1", { binding, userId: "u" });
  }
  // @ts-expect-error a challenge that is not there cannot be passed on by accident
  await t.signIn.complete(step.challenge, "1", { binding });
}

export async function anOperationOfTheHostIsSpelledAsInTheOptions(): Promise<void> {
  const own = createTwoFactor({
    ...base,
    reauthentication: { payout: { level: "password+app", maxAge: 120, once: true }, close: () => "app" },
    authorize: (_userId, operation) => operation !== "payout",
  });
  await own.allow("u", "payout", { binding, transaction: "EUR 90 to Ada" });
  await own.reauthenticate("u", { binding, for: "close" });
  await own.reauthenticate("u", { binding, for: "disable" });
  await own.asks("u", "payout");
  // @ts-expect-error a misspelled operation would be one that nobody protects
  await own.allow("u", "payuot", { binding });
  // @ts-expect-error
  await own.reauthenticate("u", { binding, for: "payuot" });
  // @ts-expect-error
  await own.asks("u", "payuot");
  // @ts-expect-error the library's own operations ask for their proof themselves
  await own.allow("u", "disable", { binding });
  // @ts-expect-error without operations of its own, a host has nothing to allow
  await t.allow("u", "payout", { binding });
  // @ts-expect-error the binding is required here, too
  await own.allow("u", "payout", {});
  // @ts-expect-error a level is one of six
  createTwoFactor({ ...base, reauthentication: { payout: "pasword" } });
  const result = await own.allow("u", "payout", { binding });
  // @ts-expect-error unchecked, it may be a failure
  result.assurance;
}

export async function aResultIsNotASuccess(): Promise<void> {
  const result = await t.signIn.complete("c", "1", { binding });
  // @ts-expect-error unchecked, it may be a failure
  result.userId;
  if (!result.ok) {
    // @ts-expect-error a failure has no user
    result.userId;
    // @ts-expect-error and cannot be turned into a success
    result.ok = true;
  }
  // @ts-expect-error without await there is no result
  if (t.verify("u", "1", { binding }).ok) return;
  const begun = await t.enrollment.begin("u", { accountName: "a", binding });
  // @ts-expect-error a secret is there after success only
  begun.secret;
  const confirmed = await t.enrollment.confirm("u", { enrollmentId: "e", code: "1", binding });
  // @ts-expect-error while the codes await acknowledgement nobody is signed in
  if (confirmed.ok) confirmed.signIn;
}

export async function theBindingIsNeverForgotten(): Promise<void> {
  // @ts-expect-error the binding is required: null says that there is none
  await t.signIn.begin("u", {});
  // @ts-expect-error
  await t.signIn.complete("c", "1", {});
  // @ts-expect-error
  await t.verify("u", "1", { trustDevice: true });
  // @ts-expect-error
  await t.signIn.begin("u", { binding: undefined });
  // @ts-expect-error
  await t.disable("u", { code: "1" });
  // @ts-expect-error
  await t.reauthenticate("u", { password: "p" });
  // @ts-expect-error
  await t.enrollment.begin({ challenge: "c" }, { accountName: "a" });
}

export async function theHalfAuthenticatedDoNotReplace(): Promise<void> {
  const who = { challenge: "c", binding };
  // @ts-expect-error forced enrollment only where no factor is active
  await t.enrollment.begin(who, { accountName: "a", replace: true });
  // @ts-expect-error a challenge is no proof for anything but enrolling
  await t.disable(who, { binding });
  // @ts-expect-error
  await t.backupCodes.regenerate(who, { binding });
  // @ts-expect-error nobody hands a secret in
  await t.enrollment.confirm("u", { enrollmentId: "e", code: "1", binding, secret: "S" });
  // @ts-expect-error an elevation does not mint another one
  await t.reauthenticate("u", { binding, elevation: "e" });
}

export function whatWeakensIsNotAnOption(): void {
  // @ts-expect-error keys may be undefined, but never left out
  createTwoFactor({ issuer: "Acme", store: base.store });
  // @ts-expect-error
  createTwoFactor({ ...base, keys: false });
  // @ts-expect-error
  createTwoFactor({ ...base, totp: { algorithm: "MD5" } });
  // @ts-expect-error
  createTwoFactor({ ...base, throttle: false });
  // @ts-expect-error
  createTwoFactor({ ...base, reauthentication: { disable: false } });
  // @ts-expect-error the derivation cannot be made cheap from outside
  createTwoFactor({ ...base, derive: async () => new Uint8Array(16) });
  // @ts-expect-error not even as a second argument
  createTwoFactor(base, {});
  // @ts-expect-error the service cannot reset; the administrator's door is another one
  t.reset("u");
  // @ts-expect-error nobody resets without a name and a reason
  void createAdmin(base).reset("u", { actor: "support" });
  // @ts-expect-error
  createTestTwoFactor({ isuer: "Acme" });
}

export function storesAreAsync(): void {
  const get = () => null;
  // @ts-expect-error a store answers with promises
  createTwoFactor({ ...base, store: { get, compareAndSet: async () => true } });
  // @ts-expect-error and says whether it wrote
  createTwoFactor({ ...base, store: { get: async () => null, compareAndSet: async () => {} } });
  // @ts-expect-error a store without a condition is no store
  createTwoFactor({ ...base, store: { get: async () => null, set: async () => {} } });
}

export function valuesKeepTheirKinds(prepared: PreparedSecret): void {
  // @ts-expect-error a time, and in milliseconds
  totp(prepared, {});
  // @ts-expect-error not a Date
  totp(prepared, { now: new Date() });
  // @ts-expect-error a prepared secret does not show its key
  prepared.key;
  // @ts-expect-error a failure is not trouble
  null as unknown as Failure satisfies TwoFactorError;
  // @ts-expect-error trouble has a code of its own list
  new TwoFactorError("invalid_code", "text");
  // @ts-expect-error an assurance has two levels here
  (null as unknown as SignedIn).assurance.aal = 3;
}
