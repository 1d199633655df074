/** TOTP (RFC 6238): computing the code of a moment, and finding the time step of a typed code. */

import { canonicalCode } from "../internal/canonical.ts";
import { checkInteger, checkOptions } from "../internal/check.ts";
import { type CodeOptions, codeAt, codeCount, DIGITS, hotpValue } from "./hotp.ts";
import { type Secret, secretHmac } from "./secret.ts";

export const PERIOD = 30; // seconds, as RFC 6238 section 5.2 recommends
export const MAX_PERIOD = 120;
const TOTP_OPTIONS = ["digits", "algorithm", "now", "period"];
const MATCH_OPTIONS = [...TOTP_OPTIONS, "window", "afterStep"];
const MAX_WINDOW = 2; // steps; each further step makes a guess likelier to succeed

/** A moment, and how long each code lasts. */
export interface Moment {
  /** Epoch milliseconds. */
  now: number;
  /** Seconds, 1 to 120; 30 by default. */
  period?: number | undefined;
}

/** The steps in which to look for a code. */
export interface MatchOptions extends CodeOptions, Moment {
  /** Steps to look at before and after that of `now`, 0 to 2 each; 1 each by default. */
  window?: { past?: number | undefined; future?: number | undefined } | undefined;
  /** The last step that was accepted. Only later ones match; -1 by default. */
  afterStep?: number | undefined;
}

/**
 * Computes the code of a moment.
 *
 * @param secret Base32 text, bytes, or prepared
 * @param options `now` in epoch milliseconds; `period` in seconds, 1 to 120, by default 30; `digits` 6 to 8, by
 * default 6; `algorithm`, by default `"SHA1"`
 * @throws TypeError or RangeError if an argument is not as described, or an option is unknown; the message never quotes
 * the secret
 * @see RFC 6238 section 4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { totp } from "twinlock/otp";
 *
 * assert.equal(totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", { now: 59_000, digits: 8 }), "94287082");
 * ```
 */
export function totp(secret: Secret, options: CodeOptions & Moment): string {
  return codeAt(secret, stepAt(options, TOTP_OPTIONS), options);
}

/**
 * Finds the step whose code a person typed: the latest one inside the window and after `afterStep`, or undefined.
 *
 * To accept a code once, keep the step that matched and pass it as `afterStep` from then on. All steps of the window
 * are computed and compared in constant time, wherever the match is. Spaces, dashes and the digits of other keyboards
 * are read; anything else that a person can type is undefined and never an exception.
 *
 * @param secret Base32 text, bytes, or prepared
 * @param code what was typed, or any other value that a form sent
 * @param options as for {@link totp}, and `window.past` and `window.future` in steps, 0 to 2, by default 1 each;
 * `afterStep`, an integer from -1, by default -1
 * @throws TypeError or RangeError if an argument other than `code` is not as described, or an option is unknown; the
 * message never quotes the secret
 * @see RFC 6238 section 5.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { matchTotp } from "twinlock/otp";
 *
 * const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
 * const step = matchTotp(secret, "287 082", { now: 59_000 });
 * assert.equal(step, 1);
 * assert.equal(matchTotp(secret, "287082", { now: 59_000, afterStep: step }), undefined);
 * ```
 */
export function matchTotp(secret: Secret, code: unknown, options: MatchOptions): number | undefined {
  const current = stepAt(options, MATCH_OPTIONS);
  const { digits = DIGITS, window = {}, afterStep = -1, algorithm } = options;
  checkOptions("window", window, ["past", "future"]);
  const { past = 1, future = 1 } = window;
  const first = current - checkInteger("window.past", past, 0, MAX_WINDOW);
  const last = current + checkInteger("window.future", future, 0, MAX_WINDOW);
  checkInteger("afterStep", afterStep, -1, Number.MAX_SAFE_INTEGER); // -1 keeps steps below 0 from matching
  const modulus = codeCount(digits);
  const hmac = secretHmac(secret, algorithm);

  const typed = canonicalCode(code);
  if (typed?.length !== digits || /\D/.test(typed)) return undefined;
  const wanted = Number(typed);

  let matches = 0; // bit i is set if the code of step `first + i` matches
  for (let step = first; step <= last; step++) {
    const difference = (hotpValue(hmac, step) % modulus) ^ wanted;
    matches |= ((difference - 1) >>> 31) << (step - first); // borrows into the top bit only from zero
  }
  for (let step = last; step >= first && step > afterStep; step--) {
    if ((matches >>> (step - first)) & 1) return step;
  }
  return undefined;
}

/**
 * Counts the seconds until the code changes: from `period` down to 1, a whole number for a countdown.
 *
 * @param options `now` in epoch milliseconds; `period` in seconds, 1 to 120, by default 30
 * @throws TypeError or RangeError if an option is not as described, or unknown
 * @see RFC 6238 section 4.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { secondsRemaining } from "twinlock/otp";
 *
 * assert.equal(secondsRemaining({ now: 59_000 }), 1);
 * ```
 */
export function secondsRemaining(options: Moment): number {
  const step = stepAt(options, ["now", "period"]);
  return (step + 1) * (options.period ?? PERIOD) - Math.floor(options.now / 1000);
}

/** Returns the step of a moment (RFC 6238 section 4.2: T with T0 = 0). */
function stepAt(options: Moment, allowed: readonly string[]): number {
  checkOptions("options", options, allowed, "");
  const { now, period = PERIOD } = options;
  if (!Number.isFinite(now)) throw new TypeError("now: want epoch milliseconds");
  if (now < 0 || now > Number.MAX_SAFE_INTEGER) throw new RangeError("now: want epoch milliseconds");
  return Math.floor(Math.floor(now / 1000) / checkInteger("period", period, 1, MAX_PERIOD));
}
