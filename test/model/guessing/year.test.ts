import assert from "node:assert/strict";
import { test } from "node:test";
import { guessRisk } from "../../../src/index.ts";
import { type Enrolled, enrolled, outcome, signIn, wrongBackupCode, wrongCode } from "../../support/world.ts";
import { DAY, guessForAYear, guessOnce, haul, machine } from "./attackers.ts";

const RISK = guessRisk({});

/** The odds that so many evaluated guesses give, to compare with what guessRisk states. */
/** The stated odds are those of the worst number of authenticators, which differs in the fifth digit. */
const near = (measured: number, stated: number) =>
  assert.ok(measured <= stated && measured >= stated * 0.9999, `${measured} of ${stated}`);
const oddsOf = (perGuess: number, guesses: number) => -Math.expm1(guesses * Math.log1p(-perGuess));

function assertWithin(evaluated: number, stated: { perGuess: number; perYear: number }) {
  const measured = oddsOf(stated.perGuess, evaluated);
  assert.ok(
    measured <= stated.perYear * (1 + 1e-9),
    `${evaluated} guesses are ${measured} and not ${stated.perYear}`,
  );
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

test("V24 an attacker who fires whenever a wait ends gets a hundred guesses in a year", async () => {
  const w = await enrolled();
  const evaluated = await guessForAYear(w, 50, (guesses) =>
    Promise.all(times(guesses, (i) => guessOnce(w.twoFactor, wrongCode(w, i)))),
  );
  assert.equal(evaluated, 100);
  assertWithin(evaluated, RISK.app);
  near(oddsOf(RISK.app.perGuess, evaluated), RISK.app.perYear);
  assert.ok(RISK.app.perYear <= 3 / 10_000);
  w.clock.advance(3_650 * DAY);
  assert.equal(outcome(await guessOnce(w.twoFactor, wrongCode(w))), "exhausted");
});

test("V24 V31 the same attacker gets a hundred guesses at backup codes, from a budget of its own", async () => {
  const w = await enrolled();
  const evaluated = await guessForAYear(w, 50, (guesses) =>
    Promise.all(times(guesses, (i) => guessOnce(w.twoFactor, wrongBackupCode(w, i)))),
  );
  assert.equal(evaluated, 100);
  assertWithin(evaluated, RISK.backup);
  assert.equal(outcome(await guessOnce(w.twoFactor, w.phone.code())), "ok");
});

/** A year in which the owner signs in every day, from a browser that is unknown each time, after so many guesses. */
async function patientYear(w: Enrolled, aDay: number): Promise<{ evaluated: number; lockedOut: number }> {
  let laptop = w.signIn.device;
  let evaluated = 0;
  let lockedOut = 0;
  for (let day = 0; day < 365; day++) {
    w.clock.advance(DAY);
    for (let i = 0; i < aDay; i++)
      evaluated += haul([await guessOnce(w.twoFactor, wrongCode(w, i))]).evaluated;
    const result = await guessOnce(w.twoFactor, w.phone.code());
    if (result.ok) {
      laptop = result.device;
      continue;
    }
    lockedOut++;
    await signIn(w, { deviceToken: laptop?.token }); // the way in while unknown devices are locked out
  }
  return { evaluated, lockedOut };
}

test("V24 V35 a patient attacker gets no more when the owner's success clears the row daily", async () => {
  const w = await enrolled();
  const { evaluated, lockedOut } = await patientYear(w, 4);
  assert.equal(evaluated, 100);
  assertWithin(evaluated, RISK.app);
  assert.ok(lockedOut > 0); // the price, and the owner's known device worked on every one of these days
  const alarm = w.events.find((event) => event.type === "unknown_device_failures");
  const began = w.events.find((event) => event.type === "verification_failed")?.at ?? 0;
  assert.ok(alarm?.notify && alarm.at - began <= DAY * 1_000, "the host hears of it on the second day");
});

test("V24 V25 a thousand challenges are worth no more than one", async () => {
  const w = await enrolled();
  const begun = await Promise.all(times(1_000, () => w.twoFactor.signIn.begin("ada", { binding: null })));
  const challenges = begun.map((step) => (step.step === "code" ? step.challenge : ""));
  let evaluated = 0;
  for (let i = 0; i < 1_000; i++) {
    const result = await w.twoFactor.signIn.complete(challenges[i], wrongCode(w, i), { binding: null });
    evaluated += haul([result]).evaluated;
    if (i % 100 === 99) w.clock.advance(45);
  }
  // Five at once, then one for each wait that ended within the seven minutes: 30, 60, 120 seconds.
  assert.equal(evaluated, 8);
});

test("V24 V26 a thousand machines on one store are worth no more than one", async () => {
  const w = await enrolled();
  const machines = times(1_000, () => machine(w));
  const evaluated = await guessForAYear(w, machines.length, (guesses) => {
    const round = machines.slice(-guesses);
    return Promise.all(
      round.map((twoFactor, i) => twoFactor.verify("ada", wrongCode(w, i), { binding: null })),
    );
  });
  assert.ok(evaluated <= 100);
  assertWithin(evaluated, RISK.app);
});

test("the token of a stolen browser buys twenty guesses and nothing after", async () => {
  const w = await enrolled();
  const deviceToken = (await signIn(w)).device?.token;
  let evaluated = 0;
  for (let i = 0; i < 40; i++) {
    w.clock.advance(3_600);
    const step = await w.twoFactor.signIn.begin("ada", { binding: null, deviceToken });
    assert.ok(step.step === "code");
    const before = w.events.filter((event) => event.type === "device_revoked").length;
    const result = await w.twoFactor.signIn.complete(step.challenge, wrongCode(w, i), { binding: null });
    if (before === 0) evaluated += haul([result]).evaluated;
  }
  assert.equal(evaluated, 20);
  near(oddsOf(RISK.knownDevice.perGuess, evaluated), RISK.knownDevice.perYear);
});

test("an administrator's unlock grants the budgets once more, and is told", async () => {
  const { createAdmin } = await import("../../../src/admin.ts");
  const w = await enrolled();
  const round = () => Promise.all(times(6, (i) => guessOnce(w.twoFactor, wrongCode(w, i))));
  assert.equal(await guessForAYear(w, 6, round), 100);
  const by = { actor: "support:7", reason: "called, identity checked" };
  assert.ok((await createAdmin(w.options).unlock("ada", by)).ok);
  assert.equal(haul(await round()).evaluated, 5);
  assert.equal(w.events.filter((event) => event.type === "unlocked" && event.notify).length, 1);
});
