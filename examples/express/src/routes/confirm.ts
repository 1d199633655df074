/** "It is you, isn't it?": asks for the password or a code, and then goes on to what was wanted. */

import { type Request, Router } from "express";
import type { ProofOperation, Status } from "twinlock";
import { contextOf, deviceToken, field } from "../context.ts";
import { signedIn } from "../guards.ts";
import { problemOf } from "../problems.ts";
import { type Asked, asks } from "../products.ts";
import { bindingOf } from "../session.ts";
import { pageOf, type Site, send } from "../site.ts";
import { confirmPage } from "../views/confirm.ts";

export interface Destination {
  to: string;
  path: string;
  /** The page says what the proof is for. */
  purpose: string;
  /** The rule that says what is asked for; the owner's page has one of its own. */
  operation: ProofOperation | "members";
  /** Pages that this proof opens, for as long as it is fresh. */
  opens?: "manage" | "members";
}

const DESTINATIONS: readonly Destination[] = [
  { to: "enroll", path: "/two-factor/scan", purpose: "to show you the QR code", operation: "enroll" },
  {
    to: "replace",
    path: "/two-factor/scan",
    purpose: "to set up a new authenticator",
    operation: "replace",
  },
  {
    to: "manage",
    path: "/manage",
    purpose: "to manage two-factor authentication",
    operation: "disable",
    opens: "manage",
  },
  {
    to: "codes",
    path: "/two-factor/codes",
    purpose: "to make new codes",
    operation: "regenerate",
    opens: "manage",
  },
  {
    to: "turn-off",
    path: "/two-factor/turn-off",
    purpose: "to turn two-factor authentication off",
    operation: "disable",
    opens: "manage",
  },
  {
    to: "members",
    path: "/admin",
    purpose: "to look after the members",
    operation: "members",
    opens: "members",
  },
];

export function confirmRoutes(site: Site): Router {
  const { base, product, twoFactor } = site;
  const router = Router();

  const destinationOf = (req: Request) => DESTINATIONS.find(({ to }) => to === req.query["to"]);

  /** The owner's page takes everything that the owner has; the rest is what the product's rules say. */
  function askedFor({ operation }: Destination, { state }: Status): Asked {
    const active = state === "active";
    if (operation === "members") return { password: true, code: active ? "any" : null };
    const { password, code } = asks(product, operation);
    return { password, code: active ? code : null };
  }

  router.get(
    "/confirm",
    signedIn(site, async (req, res, user) => {
      const destination = destinationOf(req);
      if (!destination) return res.redirect(303, `${base}/settings`);
      const status = await twoFactor.status(user.id);
      const asked = askedFor(destination, status);
      if (!asked.password && !asked.code) return res.redirect(303, base + destination.path);
      send(res, confirmPage(await pageOf(site, req, user), destination, asked, status, null));
    }),
  );

  router.post(
    "/confirm",
    signedIn(site, async (req, res, user) => {
      const destination = destinationOf(req);
      if (!destination) return res.redirect(303, `${base}/settings`);
      const status = await twoFactor.status(user.id);
      const asked = askedFor(destination, status);
      const result = await twoFactor.reauthenticate(user.id, {
        binding: bindingOf(req),
        // every part that is asked for, though nothing was typed: an empty field proves nothing
        password: asked.password ? field(req, "password") : undefined,
        code: asked.code ? field(req, "code") : undefined,
        deviceToken: deviceToken(req, user.id),
        context: contextOf(req),
      });
      if (!result.ok) {
        const problem = problemOf(site, result);
        return send(
          res,
          confirmPage(await pageOf(site, req, user), destination, asked, status, problem),
          problem,
        );
      }
      req.session.elevation = result.elevation;
      if (destination.opens) {
        req.session.confirmed = { pages: destination.opens, until: result.expiresAt };
      }
      res.redirect(303, base + destination.path);
    }),
  );

  return router;
}
