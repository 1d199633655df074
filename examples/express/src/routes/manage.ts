/** The operations on a second factor that is on, and the proof that they ask for. */

import { type Request, type Response, Router } from "express";
import type { Proof } from "twinlock";
import { asks } from "../products.ts";
import { bindingOf, renewSession } from "../session.ts";
import {
  contextOf,
  deviceToken,
  field,
  pageOf,
  problemOf,
  type Site,
  send,
  settingsOf,
  signedIn,
} from "../site.ts";
import type { User } from "../users.ts";
import { confirmPage, newCodesPage, turnOffPage } from "../views/confirm.ts";
import { codesPage } from "../views/enrollment.ts";
import { managePage } from "../views/settings.ts";

export function manageRoutes(site: Site): Router {
  const { base, product, twoFactor, users } = site;
  const { backupCodes } = product.twoFactor;
  const awaitsAcknowledgement = typeof backupCodes === "object" && backupCodes.acknowledge === true;
  const router = Router();

  /** What was typed into this form; and, where one password opens a whole page, the proof that it gave. */
  function proofFrom(req: Request, user: User): Proof {
    return {
      binding: bindingOf(req),
      password: field(req, "password") || undefined,
      code: field(req, "code") || undefined,
      elevation: product.manage === "page" ? req.session.elevation : undefined,
      deviceToken: deviceToken(req, user.id),
      context: contextOf(req),
    };
  }

  router.get(
    "/manage",
    signedIn(site, async (req, res, user) => {
      if (product.manage === "inline") return res.redirect(303, `${base}/settings`);
      if (!req.session.elevation) return askAgain(req, res);
      send(res, managePage(pageOf(site, req, user), await settingsOf(site, user)));
    }),
  );

  router.get(
    "/two-factor/codes",
    signedIn(site, async (req, res, user) => {
      send(res, newCodesPage(pageOf(site, req, user), await twoFactor.status(user.id), null));
    }),
  );

  router.post(
    "/two-factor/codes",
    signedIn(site, async (req, res, user) => {
      const batch = await twoFactor.backupCodes.regenerate(user.id, proofFrom(req, user));
      if (!batch.ok) {
        if (batch.reason === "reauthenticate" && product.manage === "page") return askAgain(req, res);
        const problem = problemOf(site, batch);
        return send(
          res,
          newCodesPage(pageOf(site, req, user), await twoFactor.status(user.id), problem),
          problem,
        );
      }
      const codes = { batch, accountName: user.email };
      if (!awaitsAcknowledgement) return send(res, codesPage(pageOf(site, req, user), codes));
      req.session.batchId = batch.batchId;
      send(
        res,
        codesPage(pageOf(site, req, user), { ...codes, acknowledge: "/two-factor/codes/acknowledge" }),
      );
    }),
  );

  router.post(
    "/two-factor/codes/acknowledge",
    signedIn(site, async (req, res, user) => {
      const { batchId } = req.session;
      const result = await twoFactor.backupCodes.acknowledge(user.id, { batchId, context: contextOf(req) });
      req.session.notice = result.ok
        ? `Your new ${product.words.codes} work. The old ones do not any more.`
        : problemOf(site, result).text;
      res.redirect(303, `${base}/settings`);
    }),
  );

  router.get(
    "/two-factor/turn-off",
    signedIn(site, async (req, res, user) => {
      const { status, required } = await settingsOf(site, user);
      send(res, turnOffPage(pageOf(site, req, user), status, required, null));
    }),
  );

  router.post(
    "/two-factor/turn-off",
    signedIn(site, async (req, res, user) => {
      const result = await twoFactor.disable(user.id, proofFrom(req, user));
      if (!result.ok) {
        if (result.reason === "reauthenticate" && product.manage === "page") return askAgain(req, res);
        const { status, required } = await settingsOf(site, user);
        const problem = problemOf(site, result);
        return send(res, turnOffPage(pageOf(site, req, user), status, required, problem), problem);
      }
      delete req.session.elevation;
      if (!result.mustEnroll) {
        req.session.notice = "Two-factor authentication is off.";
        return res.redirect(303, `${base}/settings`);
      }
      await users.endSessions(user.id);
      await renewSession(req, { notice: "Your second factor was reset. Sign in to set it up again." });
      res.redirect(303, `${base}/sign-in`);
    }),
  );

  router.get(
    "/confirm",
    signedIn(site, async (req, res, user) => {
      const to = destination(req);
      const status = await twoFactor.status(user.id);
      send(res, confirmPage(pageOf(site, req, user), to, asked(to), status, null));
    }),
  );

  router.post(
    "/confirm",
    signedIn(site, async (req, res, user) => {
      const to = destination(req);
      const result = await twoFactor.reauthenticate(user.id, proofFrom(req, user));
      if (result.ok) {
        req.session.elevation = result.elevation;
        return res.redirect(303, to === "manage" ? `${base}/manage` : `${base}/two-factor/scan`);
      }
      const problem = problemOf(site, result);
      const status = await twoFactor.status(user.id);
      send(res, confirmPage(pageOf(site, req, user), to, asked(to), status, problem), problem);
    }),
  );

  type Destination = "enroll" | "replace" | "manage";
  const destination = (req: Request): Destination =>
    req.query["to"] === "enroll" || req.query["to"] === "replace" ? req.query["to"] : "manage";
  const asked = (to: Destination) => asks(product, to === "manage" ? "disable" : to);

  function askAgain(req: Request, res: Response): void {
    delete req.session.elevation;
    res.redirect(303, `${base}/confirm?to=manage`);
  }

  return router;
}
