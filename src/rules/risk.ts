/** Guessing as a number: the most that the limits leave to an attacker who makes no mistake. */

import type { BackupCodeAlphabet } from "../backup-codes.ts";
import type { ThrottlePolicy } from "./row.ts";
import type { Window } from "./steps.ts";
import { authenticatorsAllowed, deviceBudget } from "./throttle.ts";

/** Odds between 0 and 1: of one guess, of all guesses before the first wait, and of all guesses in a year. */
export interface GuessOdds {
  perGuess: number;
  perBurst: number;
  perYear: number;
}

/**
 * Upper bounds. `app` and `backup` are the two kinds of code, guessed from unknown devices; `leakedPassword` is both
 * together, all that a password buys whoever has nothing else; `knownDevice` is what the token of one stolen device
 * adds to it.
 */
export interface GuessRisk {
  app: GuessOdds;
  backup: GuessOdds;
  leakedPassword: GuessOdds;
  knownDevice: GuessOdds;
}

/** What the odds depend on. */
export interface GuessPolicy {
  parameters: { digits: number };
  window: Window;
  backupCodes: { alphabet: BackupCodeAlphabet; length: number; count: number } | null;
  throttle: ThrottlePolicy;
}

/** The yearly odds that construction accepts: those of one leaked password stay below one in a thousand. */
export const MAX_YEARLY_RISK = 0.001;
const YEAR = 365 * 86_400; // seconds
const RADIX: Readonly<Record<BackupCodeAlphabet, number>> = { digits: 10, base32: 32 };

/** States the odds of a policy. */
export function riskOf({ parameters, window, backupCodes, throttle }: GuessPolicy): GuessRisk {
  const steps = window.past + 1 + window.future;
  const appGuess = steps / 10 ** parameters.digits; // RFC 4226 appendix A: s * v / 10^Digit
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

/** A guess is tried against the secret of every authenticator, and charged for each. */
function weightsOf(throttle: ThrottlePolicy): readonly number[] {
  return Array.from({ length: authenticatorsAllowed(throttle) }, (_, i) => i + 1);
}

/** How many guesses of a weight a limit has room for. */
function guesses(limit: number, weight: number): number {
  return Math.max(1, Math.floor(limit / weight));
}

/** What the budgets of unknown devices leave to guesses against so many secrets. */
function budgets(perSecret: number, throttle: ThrottlePolicy, weight: number): GuessOdds {
  return odds(perSecret * weight, burstOf(throttle, weight), yearOf(throttle, weight));
}

/** The highest of each of the odds; a single guess is stated for one secret. */
function worst(all: readonly GuessOdds[]): GuessOdds {
  const most = (of: (one: GuessOdds) => number) => Math.max(...all.map(of));
  return {
    perGuess: Math.min(...all.map(({ perGuess }) => perGuess)),
    perBurst: most(({ perBurst }) => perBurst),
    perYear: most(({ perYear }) => perYear),
  };
}

/** Guesses before the first wait. */
function burstOf({ free, unknown }: ThrottlePolicy, weight: number): number {
  return Math.min(...[free + 1, ...unknown.map((limit) => limit.failures)].map((n) => guesses(n, weight)));
}

/**
 * Guesses in a year. Waits and the hard stop do not count: the owner's success ends a row, and in the worst case
 * comes whenever the attacker would have to wait. What a success does not clear is the bound.
 */
function yearOf({ unknown }: ThrottlePolicy, weight: number): number {
  return Math.min(
    ...unknown.map(({ failures, within }) => guesses(failures, weight) * Math.ceil(YEAR / within)),
  );
}

function odds(perGuess: number, burst: number, year: number): GuessOdds {
  return { perGuess, perBurst: inTries(perGuess, burst), perYear: inTries(perGuess, year) };
}

/** The odds that one of so many tries succeeds: 1 - (1 - p)^n, without losing the digits of a small p. */
function inTries(p: number, tries: number): number {
  return p === 0 ? 0 : -Math.expm1(tries * Math.log1p(-p));
}

function either(a: number, b: number): number {
  return a + b - a * b;
}
