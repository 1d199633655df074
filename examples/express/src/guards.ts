/** Who may come in: somebody signed in, somebody with a second factor, the owner, and whoever has just proved it. */

import type { Request, RequestHandler, Response } from "express";
import { wantsPasskeys } from "./products.ts";
import { renewSession, type Visit } from "./session.ts";
import type { Site } from "./site.ts";
import type { User } from "./users.ts";

type Handler = (req: Request, res: Response, user: User) => unknown;

/** Runs a handler for somebody who is fully signed in; everybody else is shown the door, and told why. */
export function signedIn(site: Site, handler: Handler): RequestHandler {
  return async (req, res) => {
    const session = req.session.signedIn;
    if (!session) return res.redirect(303, `${site.base}/sign-in`);
    const user = await site.users.byId(session.userId);
    if (user && !(await isOver(site, session, user))) return handler(req, res, user);
    await renewSession(site, req, { notice: await whyOver(site, user) });
    return res.redirect(303, `${site.base}/sign-in`);
  };
}

/** Asked anew at every request, since the account and the owner's switch may have changed since the sign-in. */
async function isOver(site: Site, session: Visit["signedIn"], user: User): Promise<boolean> {
  if (session.generation !== user.generation) return true;
  const alone = isPasswordAlone(session);
  if (alone && user.enrolled) return true; // a password is not enough any more, however early it was typed
  const counts = wantsPasskeys(site.product) ? session.by === "passkey" : !alone;
  if (counts) return false;
  const graceEndsAt = await site.policy?.graceEndsAt();
  return typeof graceEndsAt === "number" && graceEndsAt <= site.clock();
}

export function isPasswordAlone({ by }: Visit["signedIn"]): boolean {
  return by === "no_factor" || by === "grace";
}

async function whyOver({ product, policy }: Site, user: User | null): Promise<string> {
  const { requiredSince = null } = (await policy?.read()) ?? {};
  if (wantsPasskeys(product) && requiredSince !== null)
    return `${product.name} now requires a passkey. Sign in to use yours, or to add one.`;
  if (user && !user.enrolled && requiredSince !== null)
    return `${product.name} now requires two-factor authentication. Sign in to set it up.`;
  return "You were signed out because something about your account changed. Please sign in again.";
}

/** For somebody whose second factor is on: without one there is nothing to manage, and no code to lose. */
export function withFactor(site: Site, handler: Handler): RequestHandler {
  return signedIn(site, async (req, res, user) => {
    const { state } = await site.twoFactor.status(user.id);
    if (state === "active") return handler(req, res, user);
    return res.redirect(303, `${site.base}/settings`);
  });
}

/** For the owner, who has just confirmed to be that: an open session alone takes nobody's second factor away. */
export function ownerOnly(site: Site, handler: Handler): RequestHandler {
  return signedIn(site, async (req, res, user) => {
    if (user.role !== "owner") return res.redirect(303, `${site.base}/settings`);
    if (hasConfirmed(site, req, "members")) return handler(req, res, user);
    return res.redirect(303, `${site.base}/confirm?to=members`);
  });
}

/** Whether the proof that these pages ask for was given in this session, and lately. */
export function hasConfirmed(site: Site, req: Request, pages: Visit["confirmed"]["pages"]): boolean {
  const { confirmed } = req.session;
  return confirmed?.pages === pages && confirmed.until > site.clock();
}
