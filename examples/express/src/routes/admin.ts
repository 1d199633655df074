/** The owner's page. Only products with support import what can remove a factor without proof. */

import { type Request, type Response, Router } from "express";
import { contextOf, field } from "../context.ts";
import { ownerOnly } from "../guards.ts";
import type { Sentence } from "../languages.ts";
import { refusal, sentenceOf } from "../problems.ts";
import { wantsPasskeys } from "../products.ts";
import { pageOf, type Site, send } from "../site.ts";
import type { User } from "../users.ts";
import { adminPage } from "../views/admin.ts";
import { capital } from "../views/html.ts";

export function adminRoutes(site: Site): Router {
  const { base, product, twoFactor, users, policy, activity, admin } = site;
  const router = Router();

  async function members() {
    const everybody = await users.all();
    return Promise.all(
      everybody.map(async (user) => {
        const status = await twoFactor.status(user.id);
        const list = wantsPasskeys(product) ? await twoFactor.passkeys?.list(user.id) : undefined;
        return { user, status, counts: list ? list.length > 0 : status.state === "active" };
      }),
    );
  }

  async function show(
    req: Request,
    res: Response,
    owner: User,
    said: string | Sentence | null,
  ): Promise<void> {
    const problem = said === null ? null : refusal(site, said);
    const state = policy ? await policy.read() : null;
    send(res, adminPage(await pageOf(site, req, owner), await members(), state, problem), problem);
  }

  router.get(
    "/admin",
    ownerOnly(site, (req, res, owner) => show(req, res, owner, null)),
  );

  router.post(
    "/admin/policy",
    ownerOnly(site, async (req, res) => {
      if (!policy || !product.policy) return res.redirect(303, `${base}/settings`);
      const required = field(req, "required") === "yes";
      const days = product.policy.graceDays.find((choice) => String(choice) === field(req, "grace"));
      await policy.set(required, (days ?? product.policy.graceDays[0] ?? 0) * 86_400);
      const without = required ? (await members()).filter(({ counts }) => !counts) : [];
      const what = wantsPasskeys(product) ? "a passkey" : "two-factor authentication";
      for (const { user } of without) {
        await users.endSessions(user.id);
        activity.tell(user, `${product.name} now requires ${what}`);
      }
      req.session.notice = required
        ? `${capital(what)} is now required. Everybody without it has been signed out.`
        : `${capital(what)} is no longer required. Nobody’s was turned off.`;
      res.redirect(303, `${base}/admin`);
    }),
  );

  if (!admin) return router;

  router.post(
    "/admin/members/:id",
    ownerOnly(site, async (req, res, owner) => {
      const member = await users.byId(String(req.params["id"]));
      const action = field(req, "action");
      const reason = field(req, "reason").trim().slice(0, 200);
      if (!member) return show(req, res, owner, "There is no such member.");
      if (member.id === owner.id)
        return show(req, res, owner, "For your own second factor, please use your settings.");
      if (reason === "") return show(req, res, owner, "Please give a reason: it is kept on record.");
      if (action !== "reset" && action !== "unlock")
        return show(req, res, owner, "Please choose whether to unlock or to reset.");

      const by = { actor: owner.email, reason, context: contextOf(req) };
      const result = await admin[action](member.id, by);
      if (!result.ok) return show(req, res, owner, sentenceOf(site, req, result));
      if (action === "reset") await users.endSessions(member.id);
      req.session.notice = `${member.email} ${action === "reset" ? "no longer has a second factor." : "can try codes again."}`;
      res.redirect(303, `${base}/admin`);
    }),
  );

  return router;
}
