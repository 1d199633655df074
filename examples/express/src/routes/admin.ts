/** The owner's page. Only products with support import what can remove a factor without proof. */

import { Router } from "express";
import { contextOf, field, ownerOnly, pageOf, problemOf, type Site, send } from "../site.ts";
import { adminPage } from "../views/admin.ts";

export function adminRoutes(site: Site): Router {
  const { base, product, twoFactor, users, policy, activity, admin } = site;
  const router = Router();

  async function members() {
    const everybody = await users.all();
    return Promise.all(everybody.map(async (user) => ({ user, status: await twoFactor.status(user.id) })));
  }

  router.get(
    "/admin",
    ownerOnly(site, async (req, res, user) => {
      const state = policy ? await policy.read() : null;
      send(res, adminPage(pageOf(site, req, user), await members(), state));
    }),
  );

  router.post(
    "/admin/policy",
    ownerOnly(site, async (req, res) => {
      if (!policy || !product.policy) return res.redirect(303, `${base}/settings`);
      const required = field(req, "required") === "yes";
      const days = product.policy.graceDays.find((choice) => String(choice) === field(req, "grace"));
      await policy.set(required, (days ?? product.policy.graceDays[0] ?? 0) * 86_400);
      const without = required ? (await members()).filter(({ status }) => status.state !== "active") : [];
      for (const { user } of without) {
        await users.endSessions(user.id);
        activity.tell(user, `${product.name} now requires two-factor authentication`);
      }
      req.session.notice = required
        ? "Two-factor authentication is now required. Everybody without it has been signed out."
        : "Two-factor authentication is no longer required. Nobody’s was turned off.";
      res.redirect(303, `${base}/admin`);
    }),
  );

  if (!admin) return router;

  router.post(
    "/admin/members/:id",
    ownerOnly(site, async (req, res, owner) => {
      const member = await users.byId(String(req.params["id"]));
      const by = {
        actor: owner.email,
        reason: field(req, "reason").trim().slice(0, 200),
        context: contextOf(req),
      };
      if (!member || by.reason === "") return res.redirect(303, `${base}/admin`);
      const reset = field(req, "action") === "reset";
      const result = reset ? await admin.reset(member.id, by) : await admin.unlock(member.id, by);
      if (result.ok && reset) await users.endSessions(member.id);
      req.session.notice = result.ok
        ? `${member.email} ${reset ? "no longer has a second factor." : "can try codes again."}`
        : problemOf(site, result).text;
      res.redirect(303, `${base}/admin`);
    }),
  );

  return router;
}
