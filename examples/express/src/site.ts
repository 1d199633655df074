/** What the routes of one product share: its services, how a page is sent, and how somebody becomes signed in. */

import type { Request, Response } from "express";
import { deviceCookie, type SignedIn, type TwoFactor } from "twinlock";
import type { Admin } from "twinlock/admin";
import type { createActivity } from "./activity.ts";
import { deviceToken } from "./context.ts";
import type { EndedVisits } from "./ended-visits.ts";
import { isPasswordAlone } from "./guards.ts";
import type { Policy } from "./policy.ts";
import type { OwnOperation, Product } from "./products.ts";
import type { PasswordLimits } from "./rate-limits.ts";
import { bindingOf, renewSession, SIGNED_IN_FOR, succeedSession, takeNotice } from "./session.ts";
import type { User, Users } from "./users.ts";
import type { Html } from "./views/html.ts";
import type { Page, Problem } from "./views/layout.ts";
import type { Settings } from "./views/settings.ts";

export interface Site {
  product: Product;
  base: string;
  twoFactor: TwoFactor<OwnOperation>;
  admin: Admin | null;
  users: Users;
  /** Deletes the record of somebody whose account is gone. */
  eraseSecondFactor: (userId: string) => Promise<void>;
  endedVisits: EndedVisits;
  policy: Policy | null;
  activity: ReturnType<typeof createActivity>;
  limits: PasswordLimits;
  csrf: (req: Request) => string;
  /** Makes the form that was just posted worthless: a reload of its answer cannot do it all again. */
  spendForm: (req: Request) => void;
  clock: () => number;
  demoPhone: boolean;
  /** Whether no other product is served beside this one. */
  alone: boolean;
}

export async function pageOf(site: Site, req: Request, user: User | null = null): Promise<Page> {
  const { signedIn } = req.session;
  const without = user && signedIn && isPasswordAlone(signedIn);
  return {
    product: site.product,
    base: site.base,
    get csrf() {
      return site.csrf(req); // asked for by a form: a page without one makes no session
    },
    user,
    notice: takeNotice(req),
    now: site.clock(),
    demoPhone: site.demoPhone,
    alone: site.alone,
    passkey: null,
    graceEndsAt: without ? ((await site.policy?.graceEndsAt()) ?? null) : null,
  };
}

/** A page whose form asks for a code, with what a passkey signs in the place of one. */
export async function pageThatAsks(site: Site, req: Request, user: User | null = null): Promise<Page> {
  const page = await pageOf(site, req, user);
  const who = user?.id ?? { challenge: req.session.challenge?.sealed };
  const asked = await site.twoFactor.passkeys?.options(who, { binding: bindingOf(req) });
  return Object.assign(page, { passkey: asked?.ok ? asked.options : null });
}

export function send(res: Response, html: Html, problem?: Problem | null): void {
  if (problem?.retryAt) res.set("Retry-After", String(Math.ceil((problem.retryAt - problem.now) / 1000)));
  res.status(problem?.status ?? 200).send(String(html));
}

/** The only two places where somebody becomes signed in: here, and `letIn` for those without a second factor. */
export async function completeSignIn(
  req: Request,
  res: Response,
  result: SignedIn,
  generation: () => Promise<number>,
): Promise<void> {
  const { userId, assurance, method, elevation, device } = result;
  await succeedSession(req, async () => ({
    signedIn: { userId, generation: await generation(), by: method, assurance },
    elevation,
  }));
  req.session.cookie.maxAge = SIGNED_IN_FOR;
  if (device) res.append("Set-Cookie", deviceCookie(userId).set(device));
}

/**
 * Another factor than before: whoever came in without it, or with the old one, is signed out everywhere else. That
 * happens once: the second answer to a form that is sent twice must not end the session of the first.
 */
export async function completeEnrollment(
  site: Site,
  req: Request,
  res: Response,
  result: SignedIn,
): Promise<void> {
  const { userId, assurance } = result;
  const cameWithPasskey = req.session.signedIn?.by === "passkey"; // and is no less for another app
  const end = () => site.users.endSessionsOnce(userId, assurance.authenticatedAt);
  await completeSignIn(req, res, cameWithPasskey ? { ...result, method: "passkey" } : result, end);
}

/** Ends every session of an account but this one. */
export async function endOtherSessions(site: Site, req: Request, user: User): Promise<void> {
  const generation = await site.users.endSessions(user.id);
  if (req.session.signedIn) req.session.signedIn.generation = generation;
}

/** Without a factor: signed out where the policy wants another one, and everywhere else in any case. */
export async function factorIsOff(
  site: Site,
  req: Request,
  res: Response,
  user: User,
  mustEnroll: boolean,
): Promise<void> {
  if (mustEnroll) {
    await site.users.endSessions(user.id);
    await renewSession(site, req, { notice: "Your second factor was reset. Sign in to set it up again." });
    return res.redirect(303, `${site.base}/sign-in`);
  }
  await endOtherSessions(site, req, user);
  delete req.session.elevation;
  delete req.session.confirmed;
  req.session.notice = "Two-factor authentication is off.";
  res.redirect(303, `${site.base}/settings`);
}

/** What the settings show about an account. */
export async function settingsOf(site: Site, req: Request, user: User): Promise<Settings> {
  const { twoFactor } = site;
  const [status, authenticators, passkeys, devices, regenerate, disable, activity, policy] =
    await Promise.all([
      twoFactor.status(user.id),
      twoFactor.authenticators.list(user.id),
      twoFactor.passkeys?.list(user.id) ?? [],
      twoFactor.devices.list(user.id, { deviceToken: deviceToken(req, user.id) }),
      twoFactor.asks(user.id, "regenerate"),
      twoFactor.asks(user.id, "disable"),
      site.activity.recent(user.id),
      site.policy?.read(),
    ]);
  const required = (policy?.requiredSince ?? null) !== null;
  const asked = { regenerate, disable };
  return { user, status, authenticators, passkeys, asked, devices, activity, required };
}
