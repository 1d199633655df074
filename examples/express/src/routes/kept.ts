/** What a person keeps, authenticators or passkeys: another name for one, and one fewer. */

import { type Request, type Response, Router } from "express";
import type { TwoFactor } from "twinlock";
import { contextOf, deviceToken, field } from "../context.ts";
import { withFactor } from "../guards.ts";
import { problemOf, sentenceOf } from "../problems.ts";
import { bindingOf } from "../session.ts";
import { endOtherSessions, factorIsOff, pageThatAsks, type Site, send, settingsOf } from "../site.ts";
import type { User } from "../users.ts";
import { type KeptIn, nameOf, removePage } from "../views/kept.ts";
import type { Problem } from "../views/layout.ts";

type Calls = Pick<TwoFactor["authenticators"], "list" | "rename" | "remove">;

export function keptRoutes(site: Site, where: KeptIn, calls: Calls): Router {
  const { base, twoFactor } = site;
  const router = Router();

  router.post(
    `/two-factor/${where}/:id/rename`,
    withFactor(site, async (req, res, user) => {
      const [id, label] = [String(req.params["id"]), field(req, "label")];
      const result = await calls.rename(user.id, { id, label, context: contextOf(req) });
      req.session.notice = result.ok ? "The name is changed." : sentenceOf(site, req, result);
      res.redirect(303, `${base}/settings`);
    }),
  );

  /** The last one is not removed but turned off, on a page that says what that means. */
  async function showRemoval(req: Request, res: Response, user: User, problem: Problem | null) {
    const settings = await settingsOf(site, req, user);
    const one = settings[where].find(({ id }) => id === req.params["id"]);
    if (!one) return res.redirect(303, `${base}/settings`);
    if (settings.authenticators.length + settings.passkeys.length === 1)
      return res.redirect(303, `${base}/two-factor/turn-off`);
    const { elevation } = req.session;
    const asked = await twoFactor.asks(user.id, "replace", { binding: bindingOf(req), elevation });
    const proof = { asked, status: settings.status, problem };
    send(res, removePage(await pageThatAsks(site, req, user), where, one, proof), problem);
  }

  router.get(
    `/two-factor/${where}/:id/remove`,
    withFactor(site, (req, res, user) => showRemoval(req, res, user, null)),
  );

  router.post(
    `/two-factor/${where}/:id/remove`,
    withFactor(site, async (req, res, user) => {
      const one = (await calls.list(user.id)).find(({ id }) => id === req.params["id"]);
      const result = await calls.remove(user.id, {
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
      req.session.notice = `${one ? nameOf(where, one) : "It"} is removed: ${REFUSED[where]}`;
      res.redirect(303, `${base}/settings`);
    }),
  );

  return router;
}

const REFUSED: Readonly<Record<KeptIn, string>> = {
  authenticators: "its codes are not accepted any more.",
  passkeys: "it is not accepted any more.",
};
