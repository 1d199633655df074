/** The odds of guessing: upper bounds for a perfect attacker under the limits. */

import type { BackupCodeAlphabet } from "../backup-codes.ts";
import type { ThrottlePolicy } from "./row.ts";
import type { Window } from "./steps.ts";
import { authenticatorsAllowed, deviceBudget } from "./throttle.ts";

/**
 * Upper bounds of the odds, between 0 and 1: of one guess, of all guesses before the first wait (a burst), and of all
 * guesses in a year. `app` and `backup` are the two kinds of code, guessed from unknown devices; `leakedPassword` is
 * both together, for an attacker who has the password; `knownDevice` is what the token of one stolen device adds.
 */
export type GuessRisk = Record<
  "app" | "backup" | "leakedPassword" | "knownDevice",
  { perGuess: number; perBurst: number; perYear: number }
>;

type GuessOdds = GuessRisk["app"];

/** The settings that the odds depend on. */
export interface GuessPolicy {
  parameters: { digits: number };
  window: Window;
  backupCodes: { alphabet: BackupCodeAlphabet; length: number; count: number } | null;
  throttle: ThrottlePolicy;
}

/** The highest yearly odds for a leaked password that `createTwoFactor` accepts. */
export const MAX_YEARLY_RISK = 0.001;
const YEAR = 365 * 86_400; // in seconds
const RADIX: Readonly<Record<BackupCodeAlphabet, number>> = { digits: 10, base32: 32 };

/** Computes the odds of a policy. */
export function riskOf({ parameters, window, backupCodes, throttle }: GuessPolicy): GuessRisk {
  const steps = window.past + 1 + window.future;
  const appGuess = steps / 10 ** parameters.digits; // s * v / 10^Digit of RFC 4226 appendix A
  const backupGuess = backupCodes ? backupCodes.count / RADIX[backupCodes.alphabet] ** backupCodes.length : 0;
  const weights = weightsOf(throttle);
  const app = worst(weights.map((weight) => budgets(appGuess, throttle, weight)));
  const backup = budgets(backupGuess, throttle, 1);
  const best = Math.max(appGuess, backupGuess);
  return {
    app,
    backup,
    leakedPassword: {
      perGuess: best,
      perBurst: either(app.perBurst, backup.perBurst),
      perYear: either(app.perYear, backup.perYear),
    },
    knownDevice: worst(
      weights.map((weight) => {
        const guess = weight * best;
        return odds(guess, guesses(throttle.free + 1, weight), guesses(deviceBudget(throttle), weight));
      }),
    ),
  };
}

/** Returns the possible numbers of authenticators. A guess is tried against each of them, and charged for each. */
function weightsOf(throttle: ThrottlePolicy): readonly number[] {
  return Array.from({ length: authenticatorsAllowed(throttle) }, (_, i) => i + 1);
}

/** Returns how many guesses of a weight a limit has room for. */
function guesses(limit: number, weight: number): number {
  return Math.max(1, Math.floor(limit / weight));
}

/** Returns the odds of guessing from unknown devices, against as many secrets as `weight`. */
function budgets(perSecret: number, throttle: ThrottlePolicy, weight: number): GuessOdds {
  return odds(perSecret * weight, burstOf(throttle, weight), yearOf(throttle, weight));
}

/** Returns the highest of each of the odds; those of a single guess are for one secret. */
function worst(all: readonly GuessOdds[]): GuessOdds {
  const most = (of: (one: GuessOdds) => number) => Math.max(...all.map(of));
  return {
    perGuess: Math.min(...all.map(({ perGuess }) => perGuess)),
    perBurst: most(({ perBurst }) => perBurst),
    perYear: most(({ perYear }) => perYear),
  };
}

/** Returns how many guesses there are before the first wait. */
function burstOf({ free, unknown }: ThrottlePolicy, weight: number): number {
  return Math.min(...[free + 1, ...unknown.map((limit) => limit.failures)].map((n) => guesses(n, weight)));
}

/**
 * Returns how many guesses there are in a year. Waits and the hard stop are ignored: in the worst case the owner signs
 * in whenever the attacker would have to wait, which ends the run. Only counters that a success does not clear count.
 */
function yearOf({ unknown }: ThrottlePolicy, weight: number): number {
  return Math.min(
    ...unknown.map(({ failures, within }) => guesses(failures, weight) * Math.ceil(YEAR / within)),
  );
}

function odds(perGuess: number, burst: number, year: number): GuessOdds {
  return { perGuess, perBurst: inTries(perGuess, burst), perYear: inTries(perGuess, year) };
}

/** Returns the odds that one of so many tries succeeds, 1 - (1 - p)^n, exact for a small p, too. */
function inTries(p: number, tries: number): number {
  return p === 0 ? 0 : -Math.expm1(tries * Math.log1p(-p));
}

function either(a: number, b: number): number {
  return a + b - a * b;
}
