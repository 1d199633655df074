import assert from "node:assert/strict";
import { test } from "node:test";
import { codeInputAttributes, messages } from "../../../src/index.ts";
import { createTestTwoFactor, virtualAuthenticator } from "../../../src/testing/index.ts";
import { codeFrom } from "../../support/phone.ts";
import {
  BINDING,
  challengeOf,
  enrolled,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  wrongCode,
} from "../../support/world.ts";
import { guessOnce } from "./attackers.ts";

const HOUR_MS = 3_600_000;

test("V10 a server clock an hour ahead and back locks nobody out whose phone shows the true time", async () => {
  const w = await enrolled();
  await signIn(w);
  const start = w.clock();
  const code = (seconds: number) => {
    w.clock.set(start + seconds * 1_000);
    return w.phone.code(); // the true time
  };
  for (let i = 1; i <= 8; i++) {
    const typed = code(30 * i);
    w.clock.set(start + 30_000 * i + HOUR_MS);
    assert.notEqual(outcome(await guessOnce(w.twoFactor, typed)), "ok");
  }
  const locked = (await recordOf(w)).app.lockedUntilAt;
  assert.ok(locked !== null && locked > start + HOUR_MS);
  const typed = code(300);
  assert.equal(outcome(await guessOnce(w.twoFactor, typed)), "ok", "the clock is right again");
});

test("V10 V02 a clock an hour ahead and back locks nobody out and counts no step twice", async () => {
  const w = await enrolled();
  await signIn(w);
  const start = w.clock();
  w.clock.set(start + HOUR_MS);
  const ahead = w.phone.code();
  await signIn(w, { code: ahead });
  w.clock.set(start + 60_000);
  await signIn(w);
  await signIn(w);
  w.clock.set(start + HOUR_MS);
  assert.equal(outcome(await guessOnce(w.twoFactor, ahead)), "app_code_reused");
  await signIn(w);
  const steps = (await recordOf(w)).authenticators[0]?.acceptedSteps ?? [];
  assert.equal(new Set(steps).size, steps.length);
  assert.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
  );
});

test("V10 a lock written while the clock was ahead does not outlast the rules", async () => {
  const w = await enrolled();
  const start = w.clock();
  w.clock.set(start + HOUR_MS);
  for (let i = 0; i < 5; i++) await guessOnce(w.twoFactor, wrongCode(w, i));
  assert.equal(outcome(await guessOnce(w.twoFactor, wrongCode(w))), "locked");
  w.clock.set(start);
  await signIn(w);
});

test("the success says how far a phone's clock is off, and an event says that it stays off", async () => {
  const w = await enrolled();
  const slow = virtualAuthenticator({ clock: w.clock, skew: -30 });
  slow.restore(w.phone.backUp());
  const offsets: number[] = [];
  for (let i = 0; i < 5; i++) {
    w.clock.advance(60);
    offsets.push((await signIn(w, { code: slow.code() })).stepOffset);
  }
  assert.deepEqual(offsets, [-1, -1, -1, -1, -1]);
  const off = w.events.filter((event) => event.type === "clock_off");
  assert.deepEqual([off.length, off[0]?.method, off[0]?.notify], [1, "app", false]);
  assert.equal((await signIn(w)).stepOffset, 0);
});

test("T7 a phone that is too far off is refused, and the message says to set its clock", async () => {
  const w = await enrolled();
  const lost = virtualAuthenticator({ clock: w.clock, skew: 120 });
  lost.restore(w.phone.backUp());
  const result = await guessOnce(w.twoFactor, lost.code());
  assert.ok(!result.ok);
  assert.match(messages[result.reason], /phone set its clock automatically/);
  assert.equal(outcome(await guessOnce(w.twoFactor, nextCode(w))), "ok");
});

test("W1 W5 the code field takes any code, and shows digits only where all codes are digits", () => {
  const app = codeInputAttributes({ methods: ["app"] });
  assert.deepEqual(
    [app["autocomplete"], app["inputmode"], app["pattern"]],
    ["one-time-code", "numeric", undefined],
  );
  const any = codeInputAttributes({ methods: ["app", "backup"] });
  assert.equal(any["inputmode"], "text");
  assert.equal(
    codeInputAttributes({ methods: ["app", "backup"], alphabet: "digits" })["inputmode"],
    "numeric",
  );
  assert.equal(codeInputAttributes({ methods: ["app", "backup"], alphabet: "base32" })["inputmode"], "text");
  assert.ok(Number(any["maxlength"]) >= 32 + 7, "the longest backup code, in groups");
});

test("V10 what was minted while the clock was a year ahead is worth nothing once it is right", async () => {
  const year = 365 * 24 * HOUR_MS;
  const w = await enrolled();
  const start = w.clock();
  w.clock.set(start + year);
  const challenge = await challengeOf(w);
  const { device, elevation } = await signIn(w, { trustDevice: true });
  const { enrollmentId, keyUri } = must(
    await w.twoFactor.enrollment.begin("ada", {
      accountName: "ada",
      replace: true,
      elevation,
      binding: BINDING,
    }),
  );
  const asked = { binding: BINDING, deviceToken: device?.token };
  const trust = async () =>
    (await w.twoFactor.devices.list("ada")).filter((one) => one.trustedUntilAt !== null).length;
  for (const later of [0, 300 * 24 * HOUR_MS]) {
    w.clock.set(start + later);
    assert.equal((await w.twoFactor.signIn.begin("ada", asked)).step, "code", "trusted for thirty days");
    const late = await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding: BINDING });
    assert.equal(outcome(late), "challenge_expired");
    const proof = { elevation, binding: BINDING };
    assert.equal(outcome(await w.twoFactor.backupCodes.regenerate("ada", proof)), "elevation_expired");
    const confirm = { enrollmentId, code: codeFrom(keyUri, w.clock), binding: BINDING };
    assert.equal(outcome(await w.twoFactor.enrollment.confirm("ada", confirm)), "enrollment_expired");
    assert.equal((await w.twoFactor.status("ada")).replacing, null);
    assert.equal(await trust(), 0);
  }
  must(await w.twoFactor.verify("ada", nextCode(w), asked));
  w.clock.set(start + year);
  assert.equal(await trust(), 0, "a code under the right clock ends the trust of the wrong one");
});

test("machines a few minutes apart open each other's challenges, elevations and trust", async () => {
  const w = await enrolled();
  const start = w.clock();
  w.clock.set(start + 269_000); // signing in waits for the next code
  const challenge = await challengeOf(w);
  const { device, elevation } = await signIn(w, { trustDevice: true });
  w.clock.set(start);
  const asked = { binding: BINDING, deviceToken: device?.token };
  assert.equal((await w.twoFactor.signIn.begin("ada", asked)).step, "done");
  must(await w.twoFactor.signIn.complete(challenge, w.codes[0], { binding: BINDING }));
  must(await w.twoFactor.backupCodes.regenerate("ada", { elevation, binding: BINDING }));
});

test("a lifetime that is changed holds for what begins after the change", async () => {
  const w = await enrolled();
  const machine = (challenge: number) =>
    createTestTwoFactor({ ...w.options, onEvent: undefined, lifetimes: { challenge, elevation: challenge } });
  const [long, short] = [machine(3_600).twoFactor, machine(60).twoFactor];
  const step = await long.signIn.begin("ada", { binding: BINDING });
  assert.ok(step.step === "code");
  w.clock.advance(3_599);
  must(await short.signIn.complete(step.challenge, w.phone.code(), { binding: BINDING }));
});
