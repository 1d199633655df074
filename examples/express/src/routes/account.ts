/** Deleting the account: an operation of the example's own, which the library asks for a proof like its own. */

import { type Request, type Response, Router } from "express";
import { contextOf, deviceToken, field } from "../context.ts";
import { withFactor } from "../guards.ts";
import { problemOf } from "../problems.ts";
import { bindingOf, renewSession } from "../session.ts";
import { pageThatAsks, type Site, send } from "../site.ts";
import type { User } from "../users.ts";
import { deleteAccountPage } from "../views/confirm.ts";
import type { Problem } from "../views/layout.ts";

export function accountRoutes(site: Site): Router {
  const { base, twoFactor, users } = site;
  const router = Router();

  async function show(req: Request, res: Response, user: User, problem: Problem | null): Promise<void> {
    const held = { binding: bindingOf(req), elevation: req.session.elevation };
    const [asked, status] = await Promise.all([
      twoFactor.asks(user.id, "deleteAccount", held),
      twoFactor.status(user.id),
    ]);
    send(res, deleteAccountPage(await pageThatAsks(site, req, user), { asked, status, problem }), problem);
  }

  /** For members: the owner stays, since somebody has to look after them. */
  const member = (handler: (req: Request, res: Response, user: User) => Promise<void>) =>
    withFactor(site, (req, res, user) =>
      user.role === "owner" ? res.redirect(303, `${base}/settings`) : handler(req, res, user),
    );

  router.get(
    "/account/delete",
    member((req, res, user) => show(req, res, user, null)),
  );

  router.post(
    "/account/delete",
    member(async (req, res, user) => {
      const allowed = await twoFactor.allow(user.id, "deleteAccount", {
        binding: bindingOf(req),
        elevation: req.session.elevation,
        password: field(req, "password"),
        code: field(req, "code"),
        deviceToken: deviceToken(req, user.id),
        context: contextOf(req),
      });
      if (!allowed.ok) return show(req, res, user, problemOf(site, req, allowed));
      await users.remove(user.id);
      await site.eraseSecondFactor(user.id);
      await renewSession(site, req, { notice: "Your account is deleted." });
      res.redirect(303, `${base}/sign-in`);
    }),
  );

  return router;
}
