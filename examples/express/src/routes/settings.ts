/** The settings: what is on, which devices are trusted, the password. */

import { type Request, type Response, Router } from "express";
import { deviceCookie } from "twinlock";
import { contextOf, deviceToken, field } from "../context.ts";
import { signedIn } from "../guards.ts";
import { problemOf, refusal, sentenceOf } from "../problems.ts";
import { bindingOf, renewSession } from "../session.ts";
import { endOtherSessions, pageOf, type Site, send, settingsOf } from "../site.ts";
import type { User } from "../users.ts";
import type { Problem } from "../views/layout.ts";
import { settingsPage } from "../views/settings.ts";

export function settingsRoutes(site: Site): Router {
  const { base, twoFactor, users } = site;
  const router = Router();

  async function showSettings(
    req: Request,
    res: Response,
    user: User,
    problem: Problem | null,
  ): Promise<void> {
    send(
      res,
      settingsPage(await pageOf(site, req, user), await settingsOf(site, req, user), problem),
      problem,
    );
  }

  router.get("/", (_req, res) => res.redirect(303, `${base}/settings`));

  router.get(
    "/settings",
    signedIn(site, (req, res, user) => showSettings(req, res, user, null)),
  );

  router.post(
    "/devices/revoke-all",
    signedIn(site, async (req, res, user) => {
      await twoFactor.devices.revokeAll(user.id);
      req.session.notice = "No device is trusted any more: every sign-in asks for a code.";
      res.redirect(303, `${base}/settings`);
    }),
  );

  /** A device is named by its id from the list or, where it is this one, by its own token. */
  router.post(
    "/devices/:id/revoke",
    signedIn(site, async (req, res, user) => {
      const isThis = req.params["id"] === "this";
      const device = isThis ? deviceToken(req, user.id) : String(req.params["id"]);
      const result = await twoFactor.devices.revoke(user.id, device, { context: contextOf(req) });
      if (isThis) res.append("Set-Cookie", deviceCookie(user.id).clear());
      req.session.notice = result.ok
        ? "That device is not trusted any more: its next sign-in asks for a code."
        : sentenceOf(site, req, result);
      res.redirect(303, `${base}/settings`);
    }),
  );

  router.post(
    "/sign-out-elsewhere",
    signedIn(site, async (req, res, user) => {
      await endOtherSessions(site, req, user);
      req.session.notice = "You are signed out everywhere but here.";
      res.redirect(303, `${base}/settings`);
    }),
  );

  router.post(
    "/password",
    signedIn(site, async (req, res, user) => {
      const next = field(req, "new-password");
      const proof = { binding: bindingOf(req), password: field(req, "password"), context: contextOf(req) };
      const proved = await twoFactor.reauthenticate(user.id, proof);
      if (!proved.ok) return showSettings(req, res, user, problemOf(site, req, proved));
      if (next.length < 8 || next.length > 200) {
        const text = "Please choose a password of 8 to 200 characters.";
        return showSettings(req, res, user, refusal(site, text, { field: "new-password" }));
      }
      await users.setPassword(user.id, next);
      await twoFactor.credentialChanged(user.id, "password");
      await users.endSessions(user.id);
      await renewSession(site, req, { notice: "Your password is changed. Please sign in with it." });
      res.redirect(303, `${base}/sign-in`);
    }),
  );

  return router;
}
