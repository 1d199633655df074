/** Turning it on, replacing the authenticator, and being made to turn it on before the sign-in is complete. */

import { type Request, type Response, Router } from "express";
import type { EnrollmentResult, Failure } from "twinlock";
import { parseKeyUri } from "twinlock/otp";
import { contextOf, field } from "../context.ts";
import { signedIn, withFactor } from "../guards.ts";
import { problemOf, refusal, sentenceOf } from "../problems.ts";
import { type Beside, bindingOf, formIn, isSentAgain } from "../session.ts";
import { completeEnrollment, pageOf, type Site, send, settingsOf } from "../site.ts";
import type { User } from "../users.ts";
import { codesPage, scanPage } from "../views/enrollment.ts";
import type { Problem } from "../views/layout.ts";
import { settingsPage } from "../views/settings.ts";
import { lostPhonePage } from "../views/sign-in.ts";
import { isPhoneNumber } from "./sign-in.ts";

/** What a new authenticator is for; its page and the proof before it are named after it. */
type Kind = "enroll" | "replace" | "add";

function kindOf(beside: Beside = {}): Kind {
  return "add" in beside ? "add" : "replace" in beside ? "replace" : "enroll";
}

const IS_ON: Readonly<Record<Kind, string>> = {
  enroll: "Two-factor authentication is on.",
  replace: "Your new authenticator works. The old one does not any more.",
  add: "Your other authenticator works, too.",
};

export function enrollmentRoutes(site: Site): Router {
  const { base, product, twoFactor, users } = site;
  const lifetime = product.twoFactor.lifetimes?.enrollment ?? 600; // once more for the acknowledgement
  const router = Router();

  const nameOf = (user: User | null): string =>
    (product.accountName === "phone" ? user?.phone : user?.email) || (user?.email ?? "");

  /** Whoever may enroll here: somebody signed in, or somebody whose sign-in asks for it. */
  function enrolling(handler: (req: Request, res: Response, user: User | null) => Promise<void>) {
    const forSignedIn = signedIn(site, handler);
    return (req: Request, res: Response, next: () => void) =>
      req.session.challenge?.step === "enroll" ? handler(req, res, null) : forSignedIn(req, res, next);
  }

  /** The same for a form that may come again, after its first answer has renewed the session. */
  function sending(handler: (req: Request, res: Response, user: User | null) => Promise<void>) {
    const first = enrolling(handler);
    return (req: Request, res: Response, next: () => void) =>
      isSentAgain(req) ? handler(req, res, null) : first(req, res, next);
  }

  const half = (req: Request) => ({ challenge: req.session.challenge?.sealed });

  /** Whose form it is: of the challenge that asks for an authenticator, or of somebody signed in. */
  function sender(req: Request) {
    const { challenge, userId } = formIn(req);
    return challenge?.step === "enroll" || userId === undefined ? { challenge: challenge?.sealed } : userId;
  }

  router.post(
    "/two-factor/set-up",
    signedIn(site, async (req, res, user) => {
      if (product.accountName === "phone") {
        const phone = field(req, "phone").trim();
        if (!isPhoneNumber(phone)) {
          const problem = refusal(site, "Please enter a phone number.", { field: "phone" });
          const settings = await settingsOf(site, req, { ...user, phone });
          return send(res, settingsPage(await pageOf(site, req, user), settings, problem), problem);
        }
        await users.setPhone(user.id, phone);
      }
      req.session.enrolling = { id: null, beside: {}, endsAt: null };
      res.redirect(303, `${base}/two-factor/scan`);
    }),
  );

  router.post(
    "/two-factor/replace",
    withFactor(site, (req, res) => {
      req.session.enrolling = { id: null, beside: { replace: field(req, "id") || true }, endsAt: null };
      res.redirect(303, `${base}/two-factor/scan`);
    }),
  );

  router.get(
    "/two-factor/lost-phone",
    withFactor(site, async (req, res, user) => {
      if (req.session.signedIn?.by !== "backup") return res.redirect(303, `${base}/settings`);
      const { backupCodes } = await twoFactor.status(user.id);
      const list = await twoFactor.authenticators.list(user.id);
      send(res, lostPhonePage(await pageOf(site, req, user), backupCodes?.active ?? 0, list));
    }),
  );

  router.get(
    "/two-factor/scan",
    enrolling((req, res, user) => showScan(req, res, user, null)),
  );

  /**
   * The secret is never kept in the session. `begin` shows a pending enrollment again, to the session that began it:
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
    const { beside } = enrolling;
    const kind = kindOf(beside);
    const context = contextOf(req);
    const binding = bindingOf(req);
    const start = user
      ? await twoFactor.enrollment.begin(user.id, {
          accountName: nameOf(user),
          ...beside,
          binding,
          elevation,
          context,
        })
      : await twoFactor.enrollment.begin(half(req), {
          accountName: async (userId) => nameOf(await users.byId(userId)),
          binding,
          context,
        });
    if (!start.ok) return refuse(req, res, start, `${base}/confirm?to=${kind}`);
    const more = start.state === "pending" ? lifetime * 1000 : 0;
    req.session.enrolling = { id: start.enrollmentId, beside, endsAt: start.expiresAt + more };
    const { accountName } = parseKeyUri(start.keyUri); // beside another authenticator it is longer
    const scan = { start, accountName, kind, forced: user === null };
    send(res, scanPage(await pageOf(site, req, user), scan, problem), problem);
  }

  router.post(
    "/two-factor/scan",
    sending(async (req, res, user) => {
      const result = await twoFactor.enrollment.confirm(sender(req), {
        enrollmentId: formIn(req).enrolling?.id ?? undefined,
        code: field(req, "code"),
        binding: bindingOf(req),
        context: contextOf(req),
      });
      if (result.ok) return showCodes(req, res, user, result);
      if (isSentAgain(req)) return res.redirect(303, `${base}/settings`);
      if (result.reason === "expired" && user) {
        req.session.notice = req.session.enrolling
          ? "That QR code is no longer valid. Please use this one."
          : "That QR code is no longer valid. Please start again.";
        return res.redirect(303, `${base}/two-factor/scan`);
      }
      if (result.reason === "expired" || result.reason === "already_enrolled")
        return refuse(req, res, result, base);
      await showScan(req, res, user, problemOf(site, req, result));
    }),
  );

  async function showCodes(
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
        accountName: user ? nameOf(user) : (req.session.challenge?.email ?? ""),
        state: kind === "replace" ? ("replacing" as const) : ("turning_on" as const),
        endsAt: enrolling?.endsAt ?? undefined,
      };
      return send(res, codesPage(await pageOf(site, req, user), codes));
    }
    await completeEnrollment(site, req, res, result.signIn);
    if (!result.backupCodes) return isOn(req, res, kind);
    const owner = await users.byId(result.signIn.userId);
    const page = await pageOf(site, req, owner);
    const state = kind === "replace" ? "replaced" : "turned_on";
    send(res, codesPage(page, { batch: result.backupCodes, accountName: nameOf(owner), state }));
  }

  router.post(
    "/two-factor/acknowledge",
    sending(async (req, res) => {
      const { batchId, enrolling } = formIn(req);
      const shown = { batchId, binding: bindingOf(req), context: contextOf(req) };
      const result = await twoFactor.enrollment.acknowledge(sender(req), shown);
      if (!result.ok && isSentAgain(req)) return res.redirect(303, `${base}/settings`);
      if (!result.ok) return refuse(req, res, result, base);
      const kind = kindOf(enrolling?.beside);
      await completeEnrollment(site, req, res, result.signIn);
      isOn(req, res, kind);
    }),
  );

  router.post(
    "/two-factor/cancel",
    enrolling(async (req, res, user) => {
      const seen = { binding: bindingOf(req), context: contextOf(req) };
      await twoFactor.enrollment.cancel(user?.id ?? half(req), seen);
      delete req.session.enrolling;
      delete req.session.challenge;
      if (!user) req.session.notice = `${product.name} requires two-factor authentication to sign in.`;
      res.redirect(303, `${base}/settings`);
    }),
  );

  function isOn(req: Request, res: Response, kind: Kind): void {
    req.session.notice = IS_ON[kind];
    res.redirect(303, `${base}/settings`);
  }

  function refuse(req: Request, res: Response, failure: Failure, prove: string): void {
    if (failure.reason === "reauthenticate") {
      res.redirect(303, prove);
      return;
    }
    delete req.session.enrolling;
    delete req.session.challenge;
    req.session.notice = sentenceOf(site, req, failure);
    res.redirect(303, `${base}/settings`);
  }

  return router;
}
