/**
 * A form that is sent twice within a minute: its success is told again to whoever sends the very same, and to nobody
 * else. What the first answer handed out is drawn from chance and from what was sent, so that the second one draws the
 * same, and the record holds neither a token nor a code.
 */

import { equalBytes, fromBase64Url, lengthPrefixed, toBase64Url, utf8 } from "../internal/bytes.ts";
import { hkdfExtract, prepareHkdf } from "../internal/hmac.ts";
import { type Answer, MAX_ANSWERS, type UserRecord } from "../record.ts";
import type { Random } from "./decision.ts";

const REPEATABLE_FOR_MS = 60_000;
export const SALT_BYTES = 32;

/** What a call has sent: the challenge, enrollment or batch that it answers, and everything that makes it the same. */
export interface Sent {
  of: string;
  all: Uint8Array;
}

/** The source of what one success hands out: HKDF (RFC 5869) over what was sent, under a salt of its own. */
export interface Source {
  salt: string;
  /** Tells, beside the salt, whether the same was sent. */
  fingerprint: string;
  /** Draws the same bytes in the same order, as often as it is asked for. */
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

/** Keeps, in the write of a success, what it takes to tell it again. Of too many, the newest are kept. */
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

/** A success that was told before, and the source of what it handed out. */
export interface Told {
  answer: Answer;
  source: Source;
}

/**
 * Finds the success of the very same call. A call about the same challenge, enrollment or batch that differs ends the
 * repeating: without a charge of its own, it must not become a second way of guessing.
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

/** Drops what is too old to be told again; every write does, so that little is kept for long. */
export function forgetAnswers(record: UserRecord, now: number): UserRecord {
  const answers = record.answers.filter((answer) => isFresh(answer, now));
  return answers.length === record.answers.length ? record : { ...record, answers };
}

function isFresh({ at }: Answer, now: number): boolean {
  return Math.abs(now - at) < REPEATABLE_FOR_MS;
}
