/** Attackers who have the password and want the rest: each makes its guesses, and counts what the answers reveal. */

import type { Failure } from "../../../src/errors.ts";
import type { SignedIn, TwoFactor } from "../../../src/index.ts";
import { afterOn } from "../../../src/testing/clock.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import { type Enrolled, outcome, USER } from "../../support/world.ts";

export const DAY = 86_400;
export const YEAR = 365 * DAY;

/** What a series of guesses has shown: an evaluated guess tells the attacker something, a refused one nothing. */
export interface Haul {
  evaluated: number;
  refused: number;
  /** The earliest instant at which another guess may be worth it, by the answers; Infinity if there is none. */
  retryAt: number;
}

export function haul(results: readonly ({ ok: true } | Failure)[]): Haul {
  const evaluated = results.filter((result) => ["ok", "wrong_code"].includes(outcome(result))).length;
  const waits = results.flatMap((result) =>
    !result.ok && result.retryAt !== undefined ? [result.retryAt] : [],
  );
  const retryAt = waits.length > 0 ? Math.min(...waits) : Number.POSITIVE_INFINITY;
  return { evaluated, refused: results.length - evaluated, retryAt };
}

/**
 * Guesses in rounds for a year: whenever the answers allow another attempt, all at once. Returns how many guesses were
 * evaluated. `round` makes the guesses of one moment, so many of them.
 */
export async function guessForAYear(
  w: Enrolled,
  atFirst: number,
  round: (guesses: number) => Promise<readonly ({ ok: true } | Failure)[]>,
): Promise<number> {
  const end = w.clock() + YEAR * 1_000;
  let evaluated = 0;
  let guesses = atFirst;
  while (w.clock() < end) {
    const got = haul(await round(guesses));
    evaluated += got.evaluated;
    guesses = 6; // one more than the rules ever allow at once
    if (got.retryAt === Number.POSITIVE_INFINITY) break;
    w.clock.set(Math.max(got.retryAt, w.clock() + 1_000));
  }
  return evaluated;
}

/** Another machine in front of the same store, with its own queue and nothing else shared. */
export function machine(w: Enrolled, derive?: () => void): TwoFactor {
  return createTwoFactorWith(
    { ...w.options, onEvent: undefined },
    {
      derive: async () => {
        derive?.();
        return new Uint8Array(16);
      },
      after: afterOn(w.clock),
    },
  );
}

/** One guess through a sign-in of its own: the way that AuthQuake went. */
export async function guessOnce(twoFactor: TwoFactor, code: string): Promise<SignedIn | Failure> {
  const step = await twoFactor.signIn.begin(USER, { binding: null });
  if (step.step !== "code") throw new Error(`unexpected step ${step.step}`);
  return twoFactor.signIn.complete(step.challenge, code, { binding: null });
}
