/** Finding the authenticators that show a code, and the step in which they do. */

import { matchTotp } from "../otp/totp.ts";
import type { Authenticator, UserRecord } from "../record.ts";
import { horizonOf, isSpent, type Window } from "./steps.ts";

/** Tells whether a code has the shape of an app code. */
export function isAppCode(code: string, digits: number): boolean {
  return code.length === digits && /^[0-9]+$/.test(code);
}

/** An authenticator that shows the code, the step in which it does, and whether that step is spent. */
export interface Match {
  authenticator: Authenticator;
  step: number;
  spent: boolean;
}

/** Tries a code against every authenticator, so that the work is the same whichever matches. */
export function matchesOf(
  { authenticators }: UserRecord,
  code: string,
  now: number,
  window: Window,
): readonly Match[] {
  return authenticators.flatMap((authenticator) => {
    const { secret, algorithm, digits, period, acceptedSteps } = authenticator;
    const step = matchTotp(secret, code, { now, algorithm, digits, period, window });
    if (step === undefined) return [];
    return [{ authenticator, step, spent: isSpent(step, acceptedSteps, horizonOf(now, period, window)) }];
  });
}
