import assert from "node:assert/strict";
import { test } from "node:test";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
import { configurationWarnings } from "../../../src/two-factor/warnings.ts";
import { binding, enrolled, enrollIn, must, outcome, USER, world } from "../../support/world.ts";

const sufficientFirstFactor: TwoFactorOptions["sufficientFirstFactor"] = ({ amr }) =>
  amr.includes("hwk") && amr.includes("user");
const passkey = { amr: ["hwk", "user"], authenticatedAt: 0 };
const begin = (w: Awaited<ReturnType<typeof enrolled>>, firstFactor?: typeof passkey) =>
  w.twoFactor.signIn.begin(USER, { binding, firstFactor });

test("a first factor that the host calls two is enough, and vouchedBy says so", async () => {
  const w = await enrolled({ sufficientFirstFactor });
  const firstFactor = { ...passkey, authenticatedAt: w.clock() - 5 };
  const step = await begin(w, firstFactor);
  assert.deepEqual(step, {
    ...{ step: "done", userId: USER, reason: "first_factor" },
    assurance: {
      ...{ aal: 2, amr: ["hwk", "user", "mfa"], authenticatedAt: w.clock() - 5, vouchedBy: "host" },
    },
  });
  const { type, device } = w.events.at(-1) ?? {};
  assert.deepEqual([type, device], ["code_skipped", undefined]);
});

test("by default no first factor is two, and with the option no other one is", async () => {
  assert.equal((await begin(await enrolled(), passkey)).step, "code");
  const w = await enrolled({ sufficientFirstFactor });
  for (const amr of [["pwd"], ["hwk"], ["user"], []]) {
    assert.equal((await begin(w, { ...passkey, amr })).step, "code");
  }
  assert.equal((await begin(w)).step, "code", "of a first factor that nobody named, nothing is said");
});

test("an assurance with a checked code has no vouchedBy", async () => {
  const w = await enrolled({ sufficientFirstFactor });
  const step = await begin(w, { ...passkey, amr: ["pwd"] });
  assert.ok(step.step === "code");
  const signedIn = must(await w.twoFactor.signIn.complete(step.challenge, w.phone.code(), { binding }));
  assert.ok(!("vouchedBy" in signedIn.assurance));
});

test("a first factor that is two meets the requirement, and mints no elevation", async () => {
  const w = world({ sufficientFirstFactor, requirement: () => ({ required: true }) });
  const step = await w.twoFactor.signIn.begin(USER, { binding, firstFactor: passkey });
  assert.ok(step.step === "done" && step.reason === "first_factor");
  assert.ok(!("elevation" in step));
  assert.deepEqual(w.events, [], "no code was skipped where none could be asked for");
  const byPassword = await w.twoFactor.signIn.begin(USER, { binding, firstFactor: { amr: ["pwd"] } });
  assert.equal(byPassword.step, "enroll");
});

test("the host's veto and a lost record go before a first factor that is two", async () => {
  const vetoed = world({ sufficientFirstFactor, authorize: () => false });
  const options = { binding, firstFactor: passkey };
  assert.equal((await vetoed.twoFactor.signIn.begin(USER, options)).step, "refused");
  const lost = world({ sufficientFirstFactor });
  const begun = lost.twoFactor.signIn.begin(USER, { ...options, enrolled: true });
  await assert.rejects(begun, { code: "record_missing" });
});

test("a function that throws, or answers anything but true, asks for a code", async () => {
  for (const answer of [1, "yes", {}, Promise.resolve(true), undefined, null, false]) {
    const w = await enrolled({ sufficientFirstFactor: () => answer as boolean });
    assert.equal((await begin(w, passkey)).step, "code");
  }
  const cause = new Error("unknown provider");
  const w = await enrolled({
    sufficientFirstFactor: () => {
      throw cause;
    },
  });
  assert.equal((await begin(w, passkey)).step, "code");
  assert.ok(w.events.some((event) => event.type === "policy_error" && event.cause === cause));
});

test("what the function does to the first factor changes nothing", async () => {
  const w = await enrolled({
    sufficientFirstFactor: (given) => (given.amr as string[]).push("pwd") < 0,
  });
  const step = await begin(w, { ...passkey, authenticatedAt: w.clock() });
  assert.ok(step.step === "code");
  const signedIn = must(await w.twoFactor.signIn.complete(step.challenge, w.phone.code(), { binding }));
  assert.deepEqual(signedIn.assurance.amr, ["hwk", "user", "otp", "mfa"]);
});

test("accepting a password as two factors is a warning; throwing for it is not", () => {
  const ids = (suffices?: TwoFactorOptions["sufficientFirstFactor"]) => {
    const { options } = world({ sufficientFirstFactor: suffices });
    return configurationWarnings(options).filter(({ id }) => id === "password_suffices");
  };
  assert.deepEqual(
    ids(({ amr }) => amr.join() === "pwd").map(({ option }) => option),
    ["sufficientFirstFactor"],
  );
  assert.deepEqual(ids(), []);
  assert.deepEqual(ids(sufficientFirstFactor), []);
  assert.deepEqual(
    ids(() => {
      throw new Error("no");
    }),
    [],
  );
});

test("a first factor that is two does not replace the proof of an operation", async () => {
  const w = await enrollIn(world({ sufficientFirstFactor }));
  assert.equal((await begin(w, passkey)).step, "done");
  assert.equal(outcome(await w.twoFactor.disable(USER, { binding })), "reauthentication_required");
});
