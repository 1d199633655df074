/** A new passkey: the only factor or one more, also where a sign-in asks for a factor. */

import { type Request, type Response, Router } from "express";
import type { PasskeyCalls } from "twinlock/passkeys";
import { contextOf, field } from "../context.ts";
import { accountNameOf, enrolling, half, refuse, sender, sending, showEnrolled } from "../enrolling.ts";
import { problemOf } from "../problems.ts";
import { bindingOf, formIn, isSentAgain } from "../session.ts";
import { pageOf, type Site, send } from "../site.ts";
import type { User } from "../users.ts";
import { capital } from "../views/html.ts";
import type { Problem } from "../views/layout.ts";
import { newPasskeyPage } from "../views/passkeys.ts";

export function passkeyRoutes(site: Site, passkeys: PasskeyCalls): Router {
  const { base, product, users } = site;
  const router = Router();

  router.post(
    "/two-factor/passkeys",
    enrolling(site, async (req, res) => {
      req.session.enrolling = { id: null, beside: "passkey", endsAt: null };
      res.redirect(303, `${base}/two-factor/passkeys/new`);
    }),
  );

  router.get(
    "/two-factor/passkeys/new",
    enrolling(site, (req, res, user) => showNew(req, res, user, null)),
  );

  /** Each page begins anew, since what a browser has to sign counts once. */
  async function showNew(
    req: Request,
    res: Response,
    user: User | null,
    problem: Problem | null,
  ): Promise<void> {
    const { enrolling, elevation } = req.session;
    if (enrolling?.beside !== "passkey") return res.redirect(303, `${base}/settings`);
    const context = contextOf(req);
    const start = await passkeys.begin(user?.id ?? half(req), {
      accountName: async (userId) => accountNameOf(site, await users.byId(userId)),
      label: context["device"],
      binding: bindingOf(req),
      elevation: user ? elevation : undefined,
      context,
    });
    if (!start.ok) return refuse(site, req, res, start, `${base}/confirm?to=passkey`);
    const { enrollmentId: id, options, expiresAt } = start;
    req.session.enrolling = { id, beside: "passkey", endsAt: null };
    const shown = { options, expiresAt, forced: user === null };
    send(res, newPasskeyPage(await pageOf(site, req, user), shown, problem), problem);
  }

  router.post(
    "/two-factor/passkeys/new",
    sending(site, async (req, res, user) => {
      const result = await passkeys.confirm(sender(req), {
        enrollmentId: formIn(req).enrolling?.id ?? undefined,
        response: field(req, "code"),
        binding: bindingOf(req),
        context: contextOf(req),
      });
      if (result.ok) return showEnrolled(site, req, res, user, result);
      if (isSentAgain(req)) {
        req.session.notice = `Your passkey works. ${capital(product.words.codes)} are shown only once: if you have not saved yours, make new ones here.`;
        return res.redirect(303, `${base}/settings`);
      }
      if (result.reason === "already_enrolled") return refuse(site, req, res, result, base);
      await showNew(req, res, user, problemOf(site, req, result));
    }),
  );

  return router;
}
