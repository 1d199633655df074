/** Wrong codes that a clock explains: the phone's time, or the server's, is minutes off. */

import { matchTotp } from "../otp/totp.ts";
import type { Authenticator } from "../record.ts";
import type { RuleEvent } from "./decision.ts";
import { stepAt, type Window } from "./steps.ts";

/** How many steps are looked at on either side of the window: five minutes of the usual 30 seconds. */
const SPAN = 10;
const HALF = SPAN / 2; // one search covers two steps on either side of its middle, so two cover a side

/**
 * Returns an event if a wrong code would have been right at a neighboring time. The person is not told. Every step is
 * looked at, whichever matches, so that every wrong code costs the same: twenty HMACs for each authenticator.
 */
export function outsideWindow(
  authenticators: readonly Pick<Authenticator, "secret" | "algorithm" | "digits" | "period">[],
  code: string,
  now: number,
  window: Window,
): readonly RuleEvent[] {
  const offsets = authenticators.flatMap(({ secret, algorithm, digits, period }) => {
    const middles = [window.future + 3, window.future + 3 + HALF, -window.past - 3, -window.past - 3 - HALF];
    return middles.flatMap((steps) => {
      const at = Math.max(0, now + steps * period * 1000);
      const moment = { now: at, algorithm, digits, period, window: { past: 2, future: 2 } };
      const step = matchTotp(secret, code, moment);
      return step === undefined ? [] : [step - stepAt(now, period)];
    });
  });
  const [stepOffset] = offsets.sort((a, b) => Math.abs(a) - Math.abs(b));
  return stepOffset === undefined ? [] : [{ type: "code_outside_window", method: "app", stepOffset }];
}
