/** The operations on a second factor that is on, and the proof that they ask for. */

import { type Request, type RequestHandler, type Response, Router } from "express";
import type { Proof, ProofNeed } from "twinlock";
import { contextOf, deviceToken, field } from "../context.ts";
import { hasConfirmed, signedIn, withFactor } from "../guards.ts";
import { problemOf, sentenceOf } from "../problems.ts";
import { bindingOf } from "../session.ts";
import { factorIsOff, pageOf, pageThatAsks, type Site, send, settingsOf } from "../site.ts";
import type { User } from "../users.ts";
import { newCodesPage, turnOffPage } from "../views/confirm.ts";
import { codesPage } from "../views/enrollment.ts";
import type { Problem } from "../views/layout.ts";
import { managePage } from "../views/settings.ts";

export function manageRoutes(site: Site): Router {
  const { base, product, twoFactor } = site;
  const { backupCodes } = product.twoFactor;
  const onePage = product.manage === "page";
  const router = Router();

  /** Where one password opens every operation, it comes before their pages; elsewhere each page asks for itself. */
  function opened(to: string, handler: (req: Request, res: Response, user: User) => unknown): RequestHandler {
    return withFactor(site, (req, res, user) => {
      if (!onePage || hasConfirmed(site, req, "manage")) return handler(req, res, user);
      return res.redirect(303, `${base}/confirm?to=${to}`);
    });
  }

  function proofFrom(req: Request, user: User): Proof {
    return {
      binding: bindingOf(req),
      password: field(req, "password") || undefined,
      code: field(req, "code") || undefined,
      elevation: onePage ? req.session.elevation : undefined,
      deviceToken: deviceToken(req, user.id),
      context: contextOf(req),
    };
  }

  /** What the form of an operation shows: on the pages that a password has opened, that counts. */
  function askedHere(req: Request, user: User, operation: "disable" | "regenerate"): Promise<ProofNeed> {
    const { binding, elevation } = proofFrom(req, user);
    return twoFactor.asks(user.id, operation, { binding, elevation });
  }

  async function showTurnOff(req: Request, res: Response, user: User, problem: Problem | null) {
    const [asked, settings] = await Promise.all([
      askedHere(req, user, "disable"),
      settingsOf(site, req, user),
    ]);
    const page = await pageThatAsks(site, req, user);
    send(res, turnOffPage(page, { asked, status: settings.status, problem }, settings.required), problem);
  }

  async function showNewCodes(req: Request, res: Response, user: User, problem: Problem | null) {
    const [asked, status] = await Promise.all([
      askedHere(req, user, "regenerate"),
      twoFactor.status(user.id),
    ]);
    send(res, newCodesPage(await pageThatAsks(site, req, user), { asked, status, problem }), problem);
  }

  if (onePage) {
    router.get(
      "/manage",
      opened("manage", async (req, res, user) => {
        send(res, managePage(await pageOf(site, req, user), await settingsOf(site, req, user)));
      }),
    );
  }

  router.get(
    "/two-factor/turn-off",
    opened("turn-off", (req, res, user) => showTurnOff(req, res, user, null)),
  );

  router.post(
    "/two-factor/turn-off",
    opened("turn-off", async (req, res, user) => {
      const result = await twoFactor.disable(user.id, proofFrom(req, user));
      if (!result.ok) return showTurnOff(req, res, user, problemOf(site, req, result));
      await factorIsOff(site, req, res, user, result.mustEnroll);
    }),
  );

  if (backupCodes === false) return router;
  const awaitsAcknowledgement = backupCodes?.acknowledge === true;

  router.get(
    "/two-factor/codes",
    opened("codes", (req, res, user) => showNewCodes(req, res, user, null)),
  );

  router.post(
    "/two-factor/codes",
    opened("codes", async (req, res, user) => {
      const batch = await twoFactor.backupCodes.regenerate(user.id, proofFrom(req, user));
      const isSecond = !batch.ok && batch.reason === "busy"; // the first one has spent the form of this page, too
      if (batch.ok || isSecond) site.spendForm(req);
      if (!batch.ok) return showNewCodes(req, res, user, problemOf(site, req, batch));
      const page = await pageOf(site, req, user);
      if (!awaitsAcknowledgement) {
        return send(res, codesPage(page, { batch, accountName: user.email, state: "regenerated" }));
      }
      req.session.batchId = batch.batchId;
      send(res, codesPage(page, { batch, accountName: user.email, state: "to_acknowledge" }));
    }),
  );

  router.post(
    "/two-factor/codes/acknowledge",
    signedIn(site, async (req, res, user) => {
      const { batchId } = req.session;
      const result = await twoFactor.backupCodes.acknowledge(user.id, { batchId, context: contextOf(req) });
      req.session.notice = result.ok
        ? `Your new ${product.words.codes} work. The old ones do not any more.`
        : sentenceOf(site, req, result);
      res.redirect(303, `${base}/settings`);
    }),
  );

  return router;
}
