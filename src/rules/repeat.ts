/**
 * A form that is sent twice within a minute gets the same success again, if it is exactly the same. Tokens and codes of
 * the first answer are derived from a random salt and from what was sent. So the second answer derives them again, and
 * the record holds neither.
 */

import { equalBytes, fromBase64Url, lengthPrefixed, toBase64Url, utf8 } from "../internal/bytes.ts";
import { hkdfExtract, prepareHkdf } from "../internal/hmac.ts";
import { type Answer, MAX_ANSWERS, type UserRecord } from "../record.ts";
import type { Random } from "./decision.ts";

const REPEATABLE_FOR_MS = 60_000;
export const SALT_BYTES = 32;

/** What a call has sent: the id of the challenge, enrollment or batch, and all values that must be the same again. */
export interface Sent {
  of: string;
  all: Uint8Array;
}

/** The random source of one success: HKDF (RFC 5869) over what was sent, with a salt of its own. */
export interface Source {
  salt: string;
  /** A value that tells, together with the salt, whether the same was sent. */
  fingerprint: string;
  /** Returns a source that gives the same bytes in the same order each time. */
  random(purpose: "device" | "codes"): Random;
}

export function sourceOf({ all }: Sent, salt: Uint8Array): Source {
  const expand = prepareHkdf(hkdfExtract(all, salt));
  return {
    salt: toBase64Url(salt),
    fingerprint: toBase64Url(expand(utf8("twinlock/v1/repeat"), 16)),
    random(purpose) {
      let draws = 0;
      return (length) => expand(lengthPrefixed(`twinlock/v1/repeat/${purpose}`, String(draws++)), length);
    },
  };
}

/** Keeps a success in its own write, so that it can be repeated. Of too many, the newest are kept. */
export function remember(
  record: UserRecord,
  { of }: Sent,
  { salt, fingerprint }: Source,
  success: Pick<Answer, "method" | "stepOffset" | "verifiedAt" | "batchId">,
  now: number,
): UserRecord {
  const others = record.answers.filter((other) => other.of !== of && isFresh(other, now));
  const answer: Answer = { of, at: now, salt, fingerprint, ...success };
  return { ...record, answers: [...others, answer].slice(-MAX_ANSWERS) };
}

/** An earlier success, and the random source of its tokens and codes. */
export interface Told {
  answer: Answer;
  source: Source;
}

/**
 * Finds the success of exactly the same call. A different call about the same challenge, enrollment or batch ends the
 * repeating, which must not become a way of guessing without a charge.
 */
export function recall(
  record: UserRecord,
  sent: Sent,
  now: number,
): { record: UserRecord; told: Told | null } {
  const answer = record.answers.find((other) => other.of === sent.of && isFresh(other, now));
  if (!answer) return { record, told: null };
  const source = sourceOf(sent, fromBase64Url(answer.salt) ?? new Uint8Array());
  if (equalBytes(utf8(source.fingerprint), utf8(answer.fingerprint))) {
    return { record, told: { answer, source } };
  }
  return { record: { ...record, answers: record.answers.filter((other) => other !== answer) }, told: null };
}

/** Drops successes that are too old to repeat. Every write does so. */
export function forgetAnswers(record: UserRecord, now: number): UserRecord {
  const answers = record.answers.filter((answer) => isFresh(answer, now));
  return answers.length === record.answers.length ? record : { ...record, answers };
}

function isFresh({ at }: Answer, now: number): boolean {
  return Math.abs(now - at) < REPEATABLE_FOR_MS;
}
