/** What is told when a request cannot be answered: plainly, without details, and always as a page. */

import type { ErrorRequestHandler, RequestHandler } from "express";
import { TwoFactorError } from "twinlock";
import { refusal } from "./problems.ts";
import { pageOf, type Site, send } from "./site.ts";
import { problemPage } from "./views/problem.ts";

/** Where the answer to a form may be a page with codes, which a reload asks for again. */
const SHOWS_CODES = new Set(["/two-factor/scan", "/two-factor/passkeys/new", "/two-factor/codes"]);

/** Trouble fails closed: the details go to the log, and none of them is a secret or a code. */
export function explain(site: Site): ErrorRequestHandler {
  return async (error, req, res, next) => {
    if (res.headersSent || !req.session) return next(error);
    const stale = error?.code === "EBADCSRFTOKEN";
    if (!stale) console.error(error instanceof TwoFactorError ? `${error.code}: ${error.message}` : error);
    const [status, text] = stale ? [403, staleText(site, req.path)] : troubleText(error);
    const problem = refusal(site, text, { status });
    send(res, problemPage(await pageOf(site, req), text), problem);
  };
}

function staleText({ product }: Site, path: string): string {
  if (product.twoFactor.backupCodes !== false && SHOWS_CODES.has(path))
    return `This page had been open for too long, or was loaded again. It shows ${product.words.codes} only once: if you have not saved yours, make new ones in the settings.`;
  return "This page had been open for too long, or another tab signed in or out. Please go back and try again.";
}

function troubleText(error: { status?: unknown } | undefined): [number, string] {
  if (error instanceof TwoFactorError)
    return [
      503,
      "The second factor cannot be checked right now. Something may have been changed all the same: please look before you try again.",
    ];
  return [Number(error?.status) || 500, "Something went wrong. Please try again."];
}

export function notFound(site: Site): RequestHandler {
  return async (req, res) => {
    const problem = refusal(site, "The address may be mistyped, or the page has moved.", { status: 404 });
    send(res, problemPage(await pageOf(site, req), problem.text, "There is no such page"), problem);
  };
}

export function tooMany(site: Site): RequestHandler {
  return async (req, res) => {
    const text = "Please wait a quarter of an hour, and then sign in again.";
    const problem = refusal(site, text, { status: 429 });
    send(res, problemPage(await pageOf(site, req), text, "Too many tries"), problem);
  };
}
