/** What the ways to a new factor share: who may go there, and what comes after the first code or passkey. */

import type { Request, RequestHandler, Response } from "express";
import type { EnrollmentResult, Failure } from "twinlock";
import { signedIn } from "./guards.ts";
import { sentenceOf } from "./problems.ts";
import { type BesideApps, formIn, isSentAgain } from "./session.ts";
import { completeEnrollment, pageOf, type Site, send } from "./site.ts";
import type { User } from "./users.ts";
import { codesPage } from "./views/enrollment.ts";

/** What a new factor is for; its page and the proof before it are named after it. */
type AppKind = "enroll" | "replace" | "add";

export function kindOf(beside: BesideApps): AppKind;
export function kindOf(beside: BesideApps | "passkey" | undefined): AppKind | "passkey";
export function kindOf(beside: BesideApps | "passkey" = {}): AppKind | "passkey" {
  if (beside === "passkey") return beside;
  return "add" in beside ? "add" : "replace" in beside ? "replace" : "enroll";
}

const IS_ON: Readonly<Record<AppKind | "passkey", string>> = {
  enroll: "Two-factor authentication is on.",
  replace: "Your new authenticator works. The old one does not any more.",
  add: "Your other authenticator works, too.",
  passkey: "Your new passkey works.",
};

type Handler = (req: Request, res: Response, user: User | null) => Promise<void>;

/** Whoever may enroll here: somebody signed in, or somebody whose sign-in asks for it. */
export function enrolling(site: Site, handler: Handler): RequestHandler {
  const forSignedIn = signedIn(site, handler);
  return (req, res, next) =>
    req.session.challenge?.step === "enroll" ? handler(req, res, null) : forSignedIn(req, res, next);
}

/** The same for a form that may come again, after its first answer has renewed the session. */
export function sending(site: Site, handler: Handler): RequestHandler {
  const first = enrolling(site, handler);
  return (req, res, next) => (isSentAgain(req) ? handler(req, res, null) : first(req, res, next));
}

/** Whose sign-in asks for it. */
export const half = (req: Request) => ({ challenge: req.session.challenge?.sealed });

/** Whose form it is: of the challenge that asks for a factor, or of somebody signed in. */
export function sender(req: Request) {
  const { challenge, userId } = formIn(req);
  return challenge?.step === "enroll" || userId === undefined ? { challenge: challenge?.sealed } : userId;
}

/** The name of the account in an authenticator app, and beside a passkey. */
export function accountNameOf({ product }: Site, user: User | null): string {
  return (product.accountName === "phone" ? user?.phone : user?.email) || (user?.email ?? "");
}

/** Backup codes where there are new ones; else it is on. */
export async function showEnrolled(
  site: Site,
  req: Request,
  res: Response,
  user: User | null,
  result: EnrollmentResult,
): Promise<void> {
  const { enrolling } = formIn(req);
  const kind = kindOf(enrolling?.beside);
  if (result.state === "awaiting_acknowledgement") {
    req.session.batchId = result.backupCodes.batchId;
    const codes = {
      batch: result.backupCodes,
      accountName: user ? accountNameOf(site, user) : (req.session.challenge?.email ?? ""),
      state: kind === "replace" ? ("replacing" as const) : ("turning_on" as const),
      endsAt: enrolling?.endsAt ?? undefined,
    };
    return send(res, codesPage(await pageOf(site, req, user), codes));
  }
  await completeEnrollment(site, req, res, result.signIn);
  if (!result.backupCodes) return isOn(site, req, res, kind);
  const owner = await site.users.byId(result.signIn.userId);
  const page = await pageOf(site, req, owner);
  const state = kind === "replace" ? "replaced" : "turned_on";
  send(res, codesPage(page, { batch: result.backupCodes, accountName: accountNameOf(site, owner), state }));
}

export function isOn({ base }: Site, req: Request, res: Response, kind: keyof typeof IS_ON): void {
  req.session.notice = IS_ON[kind];
  res.redirect(303, `${base}/settings`);
}

/** Goes to the page that asks for the missing proof, or gives up and says why. */
export function refuse(site: Site, req: Request, res: Response, failure: Failure, prove: string): void {
  if (failure.reason === "reauthenticate") {
    res.redirect(303, prove);
    return;
  }
  delete req.session.enrolling;
  delete req.session.challenge;
  req.session.notice = sentenceOf(site, req, failure);
  res.redirect(303, `${site.base}/settings`);
}
