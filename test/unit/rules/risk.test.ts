import assert from "node:assert/strict";
import { test } from "node:test";
import { guessRisk, type TwoFactorOptions } from "../../../src/index.ts";
import { MAX_YEARLY_RISK, riskOf } from "../../../src/rules/risk.ts";
import { createTestTwoFactor } from "../../../src/testing/index.ts";
import { type FactorOptions, resolveFactors } from "../../../src/two-factor/settings.ts";

const DAY = 86_400;

/** 1 - (1 - p)^n by multiplying, which is exact enough for a hundred factors. */
function tries(p: number, n: number): number {
  let none = 1;
  for (let i = 0; i < n; i++) none *= 1 - p;
  return 1 - none;
}

/** So many guesses at one secret, or a guess for each of several authenticators at a time: the most of it. */
function weighed(p: number, n: number, most = 5): number {
  const weights = Array.from({ length: most }, (_, i) => i + 1);
  return Math.max(...weights.map((weight) => tries(weight * p, Math.max(1, Math.floor(n / weight)))));
}

function near(actual: number, expected: number) {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * expected + 1e-15, `${actual} is not ${expected}`);
}

test("H9 a guess succeeds with the steps of the window over the number of codes", () => {
  const perGuess = (totp: FactorOptions["totp"]) =>
    guessRisk({ ...(totp && { totp }), backupCodes: false }).app.perGuess;
  assert.equal(perGuess({}), 3e-6);
  assert.equal(perGuess({ window: { past: 0, future: 0 } }), 1e-6);
  assert.equal(perGuess({ window: { past: 2, future: 2 } }), 5e-6);
  assert.equal(perGuess({ window: { past: 2, future: 0 } }), 3e-6);
  near(perGuess({ digits: 8 }), 3e-8);
});

test("H9 by default an app code is guessed in a year with odds of at most 3 in 10,000", () => {
  const { app, backup, leakedPassword, knownDevice } = guessRisk({});
  near(app.perBurst, weighed(3e-6, 5));
  near(app.perYear, weighed(3e-6, 100));
  assert.ok(app.perYear <= 3 / 10_000);
  near(backup.perGuess, 1e-7);
  near(backup.perBurst, tries(1e-7, 5));
  near(backup.perYear, tries(1e-7, 100));
  assert.equal(leakedPassword.perGuess, 3e-6);
  near(leakedPassword.perBurst, 1 - (1 - app.perBurst) * (1 - backup.perBurst));
  near(leakedPassword.perYear, 1 - (1 - app.perYear) * (1 - backup.perYear));
  assert.equal(knownDevice.perGuess, 3e-6);
  near(knownDevice.perBurst, weighed(3e-6, 5));
  near(knownDevice.perYear, weighed(3e-6, 20));
});

test("N5 the odds of backup codes are their number over all codes, and nothing without any", () => {
  const perGuess = (backupCodes: NonNullable<FactorOptions["backupCodes"]>) =>
    guessRisk({ backupCodes }).backup.perGuess;
  near(perGuess({ count: 16 }), 16e-8);
  near(perGuess({ length: 10 }), 1e-9);
  near(perGuess({ alphabet: "base32", count: 10, length: 10 }), 10 / 32 ** 10);
  assert.deepEqual(guessRisk({ backupCodes: false }).backup, { perGuess: 0, perBurst: 0, perYear: 0 });
  const { app, leakedPassword } = guessRisk({ backupCodes: false });
  assert.deepEqual(leakedPassword, app);
});

test("the odds from a known device are those of the easier kind of code", () => {
  const throttle = resolveFactors({}).throttle;
  const easy = { alphabet: "digits", length: 3, count: 10 } as const; // no option allows this
  const risk = riskOf({
    parameters: { digits: 6 },
    window: { past: 1, future: 1 },
    backupCodes: easy,
    throttle,
  });
  assert.equal(risk.knownDevice.perGuess, 0.01);
  assert.equal(risk.leakedPassword.perGuess, 0.01);
});

test("a burst ends at the first wait, or where a long counter is shorter", () => {
  const burst = (throttle: FactorOptions["throttle"]) =>
    guessRisk({ ...(throttle && { throttle }) }).app.perBurst;
  near(burst({ free: 0 }), weighed(3e-6, 1));
  near(burst({ free: 10 }), weighed(3e-6, 11));
  near(burst({ unknown: [{ failures: 3, within: 365 * DAY }] }), weighed(3e-6, 3, 3));
});

test("a year holds the bursts of a long counter that begin in it; the strictest counter decides", () => {
  const year = (...unknown: { failures: number; within: number }[]) =>
    guessRisk({ throttle: { unknown } }).app.perYear;
  near(year({ failures: 20, within: 30 * DAY }), weighed(3e-6, 20 * 13));
  near(year({ failures: 10, within: 73 * DAY }), weighed(3e-6, 50));
  near(year({ failures: 7, within: 400 * DAY }), weighed(3e-6, 7));
  near(year({ failures: 20, within: 30 * DAY }, { failures: 30, within: 365 * DAY }), weighed(3e-6, 30));
});

test("V24 without a counter that a success does not clear, guessing succeeds in the end", () => {
  assert.equal(guessRisk({ throttle: { unknown: [] } }).app.perYear, 1);
  assert.equal(guessRisk({ throttle: { unknown: [] }, backupCodes: false }).backup.perYear, 0);
});

test("the hard stop bounds guessing from a known device", () => {
  near(guessRisk({ throttle: { hardStop: 6 } }).knownDevice.perYear, weighed(3e-6, 6));
  near(guessRisk({ throttle: { free: 10 } }).knownDevice.perBurst, weighed(3e-6, 11));
});

test("small odds keep their digits", () => {
  const risk = guessRisk({ backupCodes: { alphabet: "base32", length: 32 } });
  near(risk.backup.perYear / risk.backup.perGuess, 100);
});

test("guessRisk refuses what createTwoFactor refuses, and names the option", () => {
  assert.throws(() => guessRisk({ totp: { digits: 5 } }), /^RangeError: totp\.digits: want 6 to 8$/);
  assert.throws(
    () => guessRisk({ totp: { window: { past: 3 } } }),
    /^RangeError: totp\.window\.past: want 0 to 2$/,
  );
  assert.throws(
    () => guessRisk({ throttle: { hardStop: 101 } }),
    /^RangeError: throttle\.hardStop: want 5 to 100$/,
  );
  assert.throws(() => guessRisk({ throttle: { unknown: 7 as never } }), /^TypeError: throttle\.unknown: /);
  assert.throws(
    () => guessRisk({ throttle: { unknown: [null as never] } }),
    /^TypeError: throttle\.unknown: /,
  );
});

test("V24 H9 construction refuses odds of guessing above one in a thousand a year", () => {
  const create = (options: Partial<TwoFactorOptions>) => () => createTestTwoFactor(options);
  const risky: Partial<TwoFactorOptions>[] = [
    { throttle: { unknown: [] } },
    { throttle: { unknown: [{ failures: 100, within: DAY }] } },
    { throttle: { unknown: [{ failures: 30, within: 30 * DAY }] } },
    { throttle: { unknown: [{ failures: 20, within: 30 * DAY }] }, totp: { window: { past: 2, future: 2 } } },
  ];
  for (const options of risky) {
    assert.ok(guessRisk(options).leakedPassword.perYear > MAX_YEARLY_RISK);
    assert.throws(create(options), /^RangeError: throttle\.unknown: lets guessing succeed/);
  }
});

test("construction accepts every window and hard stop, and any counter that a year bounds", () => {
  const sane: Partial<TwoFactorOptions>[] = [
    {},
    { totp: { window: { past: 2, future: 2 } } },
    { totp: { window: { past: 0, future: 0 } }, throttle: { hardStop: 100, free: 10 } },
    { throttle: { hardStop: 5 } },
    { throttle: { unknown: [{ failures: 20, within: 30 * DAY }] } },
    { throttle: { unknown: [{ failures: 100, within: 365 * DAY }] } },
    {
      throttle: {
        unknown: [
          { failures: 50, within: DAY },
          { failures: 100, within: 365 * DAY },
        ],
      },
    },
    {
      throttle: { unknown: [{ failures: 100, within: 7 * DAY }] },
      totp: { digits: 8 },
      backupCodes: { length: 12 },
    },
  ];
  for (const options of sane) {
    assert.doesNotThrow(() => createTestTwoFactor(options));
    assert.ok(guessRisk(options).leakedPassword.perYear <= MAX_YEARLY_RISK);
  }
});
