/** Several authenticators: another one, another name, and one fewer. */

import { type Request, type Response, Router } from "express";
import type { AuthenticatorInfo } from "twinlock";
import { contextOf, deviceToken, field } from "../context.ts";
import { withFactor } from "../guards.ts";
import { problemOf, sentenceOf } from "../problems.ts";
import { bindingOf } from "../session.ts";
import { endOtherSessions, factorIsOff, pageOf, type Site, send } from "../site.ts";
import type { User } from "../users.ts";
import { nameOf, removePage } from "../views/authenticators.ts";
import type { Problem } from "../views/layout.ts";

export function authenticatorRoutes(site: Site): Router {
  const { base, twoFactor } = site;
  const router = Router();

  router.post(
    "/two-factor/add",
    withFactor(site, (req, res) => {
      const beside = { add: true, label: field(req, "label") } as const;
      req.session.enrolling = { id: null, beside, endsAt: null };
      res.redirect(303, `${base}/two-factor/scan`);
    }),
  );

  router.post(
    "/two-factor/authenticators/:id/rename",
    withFactor(site, async (req, res, user) => {
      const [id, label] = [String(req.params["id"]), field(req, "label")];
      const result = await twoFactor.authenticators.rename(user.id, { id, label, context: contextOf(req) });
      req.session.notice = result.ok ? "The name is changed." : sentenceOf(site, req, result);
      res.redirect(303, `${base}/settings`);
    }),
  );

  /** The last one is not removed but turned off, on a page that says what that means. */
  async function showRemoval(req: Request, res: Response, user: User, problem: Problem | null) {
    const list = await twoFactor.authenticators.list(user.id);
    const one = find(list, req);
    if (!one) return res.redirect(303, `${base}/settings`);
    if (list.length === 1) return res.redirect(303, `${base}/two-factor/turn-off`);
    const { elevation } = req.session;
    const asked = await twoFactor.asks(user.id, "replace", { binding: bindingOf(req), elevation });
    const status = await twoFactor.status(user.id);
    send(res, removePage(await pageOf(site, req, user), asked, one, status, problem), problem);
  }

  router.get(
    "/two-factor/authenticators/:id/remove",
    withFactor(site, (req, res, user) => showRemoval(req, res, user, null)),
  );

  router.post(
    "/two-factor/authenticators/:id/remove",
    withFactor(site, async (req, res, user) => {
      const one = find(await twoFactor.authenticators.list(user.id), req);
      const result = await twoFactor.authenticators.remove(user.id, {
        id: one?.id,
        binding: bindingOf(req),
        elevation: req.session.elevation,
        password: field(req, "password"),
        code: field(req, "code"),
        deviceToken: deviceToken(req, user.id),
        context: contextOf(req),
      });
      if (!result.ok) return showRemoval(req, res, user, problemOf(site, req, result));
      const { state } = await twoFactor.status(user.id);
      if (state !== "active") return factorIsOff(site, req, res, user, result.mustEnroll);
      await endOtherSessions(site, req, user);
      delete req.session.elevation;
      req.session.notice = `${one ? nameOf(one) : "It"} is removed: its codes are not accepted any more.`;
      res.redirect(303, `${base}/settings`);
    }),
  );

  return router;
}

function find(list: readonly AuthenticatorInfo[], req: Request): AuthenticatorInfo | undefined {
  return list.find(({ id }) => id === req.params["id"]);
}
