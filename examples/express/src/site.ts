/** What the routes of one product share: its services, who is signed in, and how a page or a refusal is sent. */

import { parseCookie } from "cookie";
import type { Request, RequestHandler, Response } from "express";
import {
  type Context,
  deviceCookie,
  type Failure,
  messages,
  type Reason,
  type SignedIn,
  type TwoFactor,
} from "twinlock";
import type { Admin } from "twinlock/admin";
import type { createActivity } from "./activity.ts";
import type { Policy } from "./policy.ts";
import type { Product } from "./products.ts";
import type { PasswordLimits } from "./rate-limits.ts";
import { bindingOf, renewSession, takeNotice } from "./session.ts";
import type { User, Users } from "./users.ts";
import type { Html } from "./views/html.ts";
import type { Page, Problem } from "./views/layout.ts";
import type { Settings } from "./views/settings.ts";

export interface Site {
  product: Product;
  base: string;
  twoFactor: TwoFactor;
  admin: Admin | null;
  users: Users;
  policy: Policy | null;
  activity: ReturnType<typeof createActivity>;
  limits: PasswordLimits;
  csrf: (req: Request) => string;
  clock: () => number;
  demoPhone: boolean;
}

export function pageOf(site: Site, req: Request, user: User | null = null): Page {
  return {
    product: site.product,
    base: site.base,
    csrf: site.csrf(req),
    user,
    notice: takeNotice(req),
    now: site.clock(),
    demoPhone: site.demoPhone,
    graceEndsAt: req.session.signedIn?.graceEndsAt ?? null,
  };
}

export function send(res: Response, html: Html, problem?: Problem | null): void {
  if (problem?.retryAt) res.set("Retry-After", String(Math.ceil((problem.retryAt - problem.now) / 1000)));
  res.status(problem?.status ?? 200).send(String(html));
}

/** A failure of the library as a person reads it: what happened, where, and when to try again. */
export function problemOf(site: Site, failure: Failure): Problem {
  const { reason, retryAt = null } = failure;
  const about: Partial<Record<Reason, Problem["field"]>> = {
    invalid_code: "code",
    already_used: "code",
    locked: "code",
    invalid_password: "password",
  };
  return {
    text: messages[reason],
    field: about[reason] ?? null,
    retryAt,
    now: site.clock(),
    status: reason === "locked" || reason === "busy" ? 429 : 422,
  };
}

/** A refusal of our own. */
export function refusal(site: Site, text: string, status = 422): Problem {
  return { text, field: null, retryAt: null, now: site.clock(), status };
}

/** Runs a handler for somebody who is fully signed in; everybody else is shown the door. */
export function signedIn(
  site: Site,
  handler: (req: Request, res: Response, user: User) => Promise<void>,
): RequestHandler {
  return async (req, res) => {
    const session = req.session.signedIn;
    const user = session ? await site.users.byId(session.userId) : null;
    const overdue = session?.graceEndsAt && session.graceEndsAt <= site.clock() && !user?.enrolled;
    if (session && user && session.at >= user.sessionsValidFrom && !overdue) return handler(req, res, user);
    if (session) await renewSession(req, { notice: "You were signed out. Please sign in again." });
    res.redirect(303, `${site.base}/sign-in`);
  };
}

/** The same for the owner. */
export function ownerOnly(
  site: Site,
  handler: (req: Request, res: Response, user: User) => Promise<void>,
): RequestHandler {
  return signedIn(site, async (req, res, user) => {
    if (user.role === "owner") return handler(req, res, user);
    res.redirect(303, `${site.base}/settings`);
  });
}

/** The only two places where somebody becomes signed in: here, and `letIn` for those without a second factor. */
export async function completeSignIn(
  site: Site,
  req: Request,
  res: Response,
  result: SignedIn,
): Promise<void> {
  const { userId, assurance, method, elevation, device } = result;
  const at = req.session.signedIn?.at ?? site.clock();
  await renewSession(req, {
    binding: bindingOf(req),
    signedIn: { userId, at, assurance, method, graceEndsAt: null },
    elevation,
  });
  if (device) res.append("Set-Cookie", deviceCookie(userId).set(device));
}

/** Reads the token that this browser got when it last passed the second factor for this account. */
export function deviceToken(req: Request, userId: string): string | undefined {
  return parseCookie(req.headers.cookie ?? "")[deviceCookie(userId).name];
}

/** What the settings show about an account. */
export async function settingsOf(site: Site, user: User): Promise<Settings> {
  const [status, devices, activity, policy] = await Promise.all([
    site.twoFactor.status(user.id),
    site.twoFactor.trustedDevices.list(user.id),
    site.activity.recent(user.id),
    site.policy?.read(),
  ]);
  return { user, status, devices, activity, required: (policy?.requiredSince ?? null) !== null };
}

/** What goes into events, for logs and mails; `device` becomes the name of a trusted device. */
export function contextOf(req: Request): Context {
  return { ip: req.ip ?? "", device: deviceName(req.get("user-agent") ?? "") };
}

function deviceName(userAgent: string): string {
  const [browser = "Browser"] = /Edg|Firefox|Chrome|Safari/.exec(userAgent) ?? [];
  const [system = "another system"] = /Android|iPhone|iPad|Windows|Mac OS X|Linux/.exec(userAgent) ?? [];
  return `${browser.replace("Edg", "Edge")} on ${system}`;
}

/** A field of a posted form, as text. */
export function field(req: Request, name: string): string {
  const value: unknown = req.body?.[name];
  return typeof value === "string" ? value : "";
}
