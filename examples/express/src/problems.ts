/** What went wrong, as a person reads it: what happened, beside which field, and what to do. */

import type { Request } from "express";
import type { Failure, Reason } from "twinlock";
import { type Sentence, sentence, sentenceFor } from "./languages.ts";
import type { Site } from "./site.ts";
import type { Problem } from "./views/layout.ts";

const FIELDS: Partial<Record<Reason, Problem["field"]>> = {
  invalid_code: "code",
  already_used: "code",
  locked: "code",
  invalid_password: "password",
};

/** A failure of the library. */
export function problemOf(site: Site, req: Request, failure: Failure): Problem {
  const { reason, retryAt = null, missing } = failure;
  const unfilled = missing?.password ? "password" : missing?.code ? "code" : null;
  return {
    ...sentenceOf(site, req, failure),
    field: FIELDS[reason] ?? unfilled,
    retryAt,
    now: site.clock(),
    status: reason === "locked" || reason === "busy" ? 429 : 422,
  };
}

/** The library has a sentence for each reason; in English we say more, since we know this product and its page. */
export function sentenceOf(site: Site, req: Request, failure: Failure): Sentence {
  const said = sentenceFor(req, failure);
  return said.lang === "en" ? sentence(ownText(site, failure) ?? said) : said;
}

function ownText(site: Site, { reason, detail, retryAt }: Failure): string | undefined {
  const { words } = site.product;
  if (reason === "locked") return lockedText(site, retryAt !== undefined);
  if (reason === "invalid_code" && retryAt) return "That code is not right."; // the page adds until when to wait
  if (detail === "too_many_batches")
    return `You have generated new ${words.codes} too often today. The latest ones still work.`;
  return undefined;
}

function lockedText({ product }: Site, waitingHelps: boolean): string {
  const { codes } = product.words;
  const other = product.twoFactor.backupCodes === false ? "" : `, or use one of your ${codes}`;
  if (waitingHelps) return `Too many wrong codes or passwords. Please wait${other}.`;
  if (product.support)
    return `Too many wrong codes. Please ask an administrator to unlock your account${other}.`;
  return `Too many wrong codes: those of your app are not accepted any more. Please use one of your ${codes}.`;
}

/** What a reload of the code page says: the wait goes on. */
export function stillLocked(site: Site, retryAt: number | null): Problem | null {
  if (retryAt === null || retryAt <= site.clock()) return null;
  return { ...refusal(site, lockedText(site, true), { status: 429, field: "code" }), retryAt };
}

/** A refusal of our own. */
export function refusal(
  site: Site,
  said: string | Sentence,
  { status = 422, field = null }: { status?: number; field?: Problem["field"] } = {},
): Problem {
  return { ...sentence(said), field, retryAt: null, now: site.clock(), status };
}
