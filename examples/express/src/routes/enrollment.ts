/** Turning it on, replacing the authenticator, and being made to turn it on before the sign-in is complete. */

import { type Request, type Response, Router } from "express";
import { parseKeyUri } from "twinlock/otp";
import { contextOf, field } from "../context.ts";
import {
  accountNameOf,
  enrolling,
  half,
  isOn,
  kindOf,
  refuse,
  sender,
  sending,
  showEnrolled,
} from "../enrolling.ts";
import { signedIn, withFactor } from "../guards.ts";
import { problemOf, refusal } from "../problems.ts";
import { bindingOf, formIn, isSentAgain } from "../session.ts";
import { completeEnrollment, pageOf, type Site, send, settingsOf } from "../site.ts";
import type { User } from "../users.ts";
import { scanPage } from "../views/enrollment.ts";
import type { Problem } from "../views/layout.ts";
import { settingsPage } from "../views/settings.ts";
import { lostPhonePage } from "../views/sign-in.ts";
import { isPhoneNumber } from "./sign-in.ts";

export function enrollmentRoutes(site: Site): Router {
  const { base, product, twoFactor, users } = site;
  const lifetime = product.twoFactor.lifetimes?.enrollment ?? 600; // once more for the acknowledgement
  const router = Router();

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

  if (product.several) {
    router.post(
      "/two-factor/add",
      withFactor(site, (req, res) => {
        const beside = { add: true, label: field(req, "label") } as const;
        req.session.enrolling = { id: null, beside, endsAt: null };
        res.redirect(303, `${base}/two-factor/scan`);
      }),
    );
  }

  router.get(
    "/two-factor/lost-phone",
    withFactor(site, async (req, res, user) => {
      if (req.session.signedIn?.by !== "backup") return res.redirect(303, `${base}/settings`);
      send(res, lostPhonePage(await pageOf(site, req, user), await settingsOf(site, req, user)));
    }),
  );

  router.get(
    "/two-factor/scan",
    enrolling(site, (req, res, user) => showScan(req, res, user, null)),
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
    if (enrolling.beside === "passkey") return res.redirect(303, `${base}/two-factor/passkeys/new`);
    const { beside } = enrolling;
    const kind = kindOf(beside);
    const context = contextOf(req);
    const binding = bindingOf(req);
    const start = user
      ? await twoFactor.enrollment.begin(user.id, {
          accountName: accountNameOf(site, user),
          ...beside,
          binding,
          elevation,
          context,
        })
      : await twoFactor.enrollment.begin(half(req), {
          accountName: async (userId) => accountNameOf(site, await users.byId(userId)),
          binding,
          context,
        });
    if (!start.ok) return refuse(site, req, res, start, `${base}/confirm?to=${kind}`);
    const more = start.state === "pending" ? lifetime * 1000 : 0;
    req.session.enrolling = { id: start.enrollmentId, beside, endsAt: start.expiresAt + more };
    const { accountName } = parseKeyUri(start.keyUri); // beside another authenticator it is longer
    const scan = { start, accountName, kind, forced: user === null };
    send(res, scanPage(await pageOf(site, req, user), scan, problem), problem);
  }

  router.post(
    "/two-factor/scan",
    sending(site, async (req, res, user) => {
      const result = await twoFactor.enrollment.confirm(sender(req), {
        enrollmentId: formIn(req).enrolling?.id ?? undefined,
        code: field(req, "code"),
        binding: bindingOf(req),
        context: contextOf(req),
      });
      if (result.ok) return showEnrolled(site, req, res, user, result);
      if (isSentAgain(req)) return res.redirect(303, `${base}/settings`);
      if (result.reason === "expired" && user) {
        req.session.notice = req.session.enrolling
          ? "That QR code is no longer valid. Please use this one."
          : "That QR code is no longer valid. Please start again.";
        return res.redirect(303, `${base}/two-factor/scan`);
      }
      if (result.reason === "expired" || result.reason === "already_enrolled")
        return refuse(site, req, res, result, base);
      await showScan(req, res, user, problemOf(site, req, result));
    }),
  );

  router.post(
    "/two-factor/acknowledge",
    sending(site, async (req, res) => {
      const { batchId, enrolling } = formIn(req);
      const shown = { batchId, binding: bindingOf(req), context: contextOf(req) };
      const result = await twoFactor.enrollment.acknowledge(sender(req), shown);
      if (!result.ok && isSentAgain(req)) return res.redirect(303, `${base}/settings`);
      if (!result.ok) return refuse(site, req, res, result, base);
      await completeEnrollment(site, req, res, result.signIn);
      isOn(site, req, res, kindOf(enrolling?.beside));
    }),
  );

  router.post(
    "/two-factor/cancel",
    enrolling(site, async (req, res, user) => {
      const seen = { binding: bindingOf(req), context: contextOf(req) };
      await twoFactor.enrollment.cancel(user?.id ?? half(req), seen);
      delete req.session.enrolling;
      delete req.session.challenge;
      if (!user) req.session.notice = `${product.name} requires two-factor authentication to sign in.`;
      res.redirect(303, `${base}/settings`);
    }),
  );

  return router;
}
