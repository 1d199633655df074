/** Turning it on, replacing the authenticator, and being made to turn it on before the sign-in is complete. */

import { type Request, type Response, Router } from "express";
import type { EnrollmentResult, Failure } from "twinlock";
import { bindingOf } from "../session.ts";
import {
  completeSignIn,
  contextOf,
  field,
  pageOf,
  problemOf,
  refusal,
  type Site,
  send,
  settingsOf,
  signedIn,
} from "../site.ts";
import type { User } from "../users.ts";
import { codesPage, scanPage } from "../views/enrollment.ts";
import type { Problem } from "../views/layout.ts";
import { settingsPage } from "../views/settings.ts";
import { lostPhonePage } from "../views/sign-in.ts";
import { isPhoneNumber } from "./sign-in.ts";

export function enrollmentRoutes(site: Site): Router {
  const { base, product, twoFactor, users } = site;
  const router = Router();

  const nameOf = (user: User | null): string =>
    (product.accountName === "phone" ? user?.phone : user?.email) || (user?.email ?? "");

  /** Whoever may enroll here: somebody signed in, or somebody whose sign-in asks for it. */
  function enrolling(handler: (req: Request, res: Response, user: User | null) => Promise<void>) {
    const forSignedIn = signedIn(site, handler);
    return (req: Request, res: Response, next: () => void) =>
      req.session.challenge?.step === "enroll" ? handler(req, res, null) : forSignedIn(req, res, next);
  }

  const half = (req: Request) => ({ challenge: req.session.challenge?.sealed, binding: bindingOf(req) });

  router.post(
    "/two-factor/set-up",
    signedIn(site, async (req, res, user) => {
      if (product.accountName === "phone") {
        const phone = field(req, "phone").trim();
        if (!isPhoneNumber(phone)) {
          const problem = { ...refusal(site, "Please enter a phone number."), field: "phone" as const };
          const settings = await settingsOf(site, { ...user, phone });
          return send(res, settingsPage(pageOf(site, req, user), settings, problem), problem);
        }
        await users.setPhone(user.id, phone);
      }
      req.session.enrolling = { id: null, replace: false };
      res.redirect(303, `${base}/two-factor/scan`);
    }),
  );

  router.post(
    "/two-factor/replace",
    signedIn(site, async (req, res) => {
      req.session.enrolling = { id: null, replace: true };
      res.redirect(303, `${base}/two-factor/scan`);
    }),
  );

  router.get(
    "/two-factor/lost-phone",
    signedIn(site, async (req, res, user) => {
      const { backupCodes } = await twoFactor.status(user.id);
      send(res, lostPhonePage(pageOf(site, req, user), backupCodes?.active ?? 0));
    }),
  );

  router.get(
    "/two-factor/scan",
    enrolling((req, res, user) => showScan(req, res, user, null)),
  );

  /**
   * The secret is never kept in the session. `begin` shows a pending enrollment again, to the browser that began it:
   * after a reload, a wrong code, or a restart of the server.
   */
  async function showScan(
    req: Request,
    res: Response,
    user: User | null,
    problem: Problem | null,
  ): Promise<void> {
    const { enrolling, elevation } = req.session;
    if (!enrolling) return res.redirect(303, `${base}/settings`);
    const { replace } = enrolling;
    const context = contextOf(req);
    let accountName = nameOf(user);
    const start = user
      ? await twoFactor.enrollment.begin(user.id, {
          accountName,
          replace,
          binding: bindingOf(req),
          elevation,
          context,
        })
      : await twoFactor.enrollment.begin(half(req), {
          accountName: async (userId) => {
            accountName = nameOf(await users.byId(userId));
            return accountName;
          },
          context,
        });
    if (!start.ok) return refuse(req, res, start, `${base}/confirm?to=${replace ? "replace" : "enroll"}`);
    req.session.enrolling = { id: start.enrollmentId, replace };
    const scan = { start, accountName, replace, forced: user === null };
    send(res, scanPage(pageOf(site, req, user), scan, problem), problem);
  }

  router.post(
    "/two-factor/scan",
    enrolling(async (req, res, user) => {
      const first = {
        enrollmentId: req.session.enrolling?.id ?? undefined,
        code: field(req, "code"),
        context: contextOf(req),
      };
      const result = user
        ? await twoFactor.enrollment.confirm(user.id, { ...first, binding: bindingOf(req) })
        : await twoFactor.enrollment.confirm(half(req), first);
      if (result.ok) return showCodes(req, res, user, result);
      if (result.reason === "expired" && user) {
        req.session.notice = req.session.enrolling
          ? "That QR code is no longer valid. Please use this one."
          : "That QR code is no longer valid. Please start again.";
        return res.redirect(303, `${base}/two-factor/scan`);
      }
      if (result.reason === "expired" || result.reason === "already_enrolled")
        return refuse(req, res, result, base);
      await showScan(req, res, user, problemOf(site, result));
    }),
  );

  async function showCodes(
    req: Request,
    res: Response,
    user: User | null,
    result: EnrollmentResult,
  ): Promise<void> {
    if (result.state === "awaiting_acknowledgement") {
      req.session.batchId = result.backupCodes.batchId;
      const codes = {
        batch: result.backupCodes,
        accountName: user ? nameOf(user) : (req.session.challenge?.email ?? ""),
        acknowledge: "/two-factor/acknowledge",
      };
      return send(res, codesPage(pageOf(site, req, user), codes));
    }
    await completeSignIn(site, req, res, result.signIn);
    if (!result.backupCodes) return isOn(req, res);
    const owner = await users.byId(result.signIn.userId);
    send(res, codesPage(pageOf(site, req, owner), { batch: result.backupCodes, accountName: nameOf(owner) }));
  }

  router.post(
    "/two-factor/acknowledge",
    enrolling(async (req, res, user) => {
      const { batchId } = req.session;
      const context = contextOf(req);
      const result = user
        ? await twoFactor.enrollment.acknowledge(user.id, { batchId, binding: bindingOf(req), context })
        : await twoFactor.enrollment.acknowledge(half(req), { batchId, context });
      if (!result.ok) return refuse(req, res, result, base);
      await completeSignIn(site, req, res, result.signIn);
      isOn(req, res);
    }),
  );

  router.post(
    "/two-factor/cancel",
    enrolling(async (req, res, user) => {
      await twoFactor.enrollment.cancel(user ? user.id : half(req));
      delete req.session.enrolling;
      delete req.session.challenge;
      res.redirect(303, `${base}/settings`);
    }),
  );

  function isOn(req: Request, res: Response): void {
    req.session.notice = "Two-factor authentication is on.";
    res.redirect(303, `${base}/settings`);
  }

  function refuse(req: Request, res: Response, failure: Failure, prove: string): void {
    if (failure.reason === "reauthenticate") {
      res.redirect(303, prove);
      return;
    }
    delete req.session.enrolling;
    delete req.session.challenge;
    req.session.notice = problemOf(site, failure).text;
    res.redirect(303, `${base}/settings`);
  }

  return router;
}
