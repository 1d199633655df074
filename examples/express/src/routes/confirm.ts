/** "It is you, isn't it?": asks for the password or a code, and then goes on to what was wanted. */

import { type Request, type Response, Router } from "express";
import type { ProofOperation, Status } from "twinlock";
import { contextOf, deviceToken, field } from "../context.ts";
import { signedIn } from "../guards.ts";
import { problemOf } from "../problems.ts";
import { type Asked, asks } from "../products.ts";
import { bindingOf } from "../session.ts";
import { pageOf, type Site, send } from "../site.ts";
import type { User } from "../users.ts";
import { confirmPage } from "../views/confirm.ts";
import type { Problem } from "../views/layout.ts";

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

/** Where somebody wants to go, and what that takes. */
interface Wanted {
  destination: Destination;
  asked: Asked;
  status: Status;
}

export function confirmRoutes(site: Site): Router {
  const { base, product, twoFactor } = site;
  const router = Router();

  /** The owner's page takes everything that the owner has; the rest is what the product's rules say. */
  function askedFor({ operation }: Destination, { state }: Status): Asked {
    const active = state === "active";
    if (operation === "members") return { password: true, code: active ? "any" : null };
    const { password, code } = asks(product, operation);
    return { password, code: active ? code : null };
  }

  /** Runs a handler with what the wanted page asks of this person now, and goes straight there if that is nothing. */
  const asking = (handler: (wanted: Wanted, req: Request, res: Response, user: User) => Promise<void>) =>
    signedIn(site, async (req, res, user) => {
      const destination = DESTINATIONS.find(({ to }) => to === req.query["to"]);
      if (!destination) return res.redirect(303, `${base}/settings`);
      const status = await twoFactor.status(user.id);
      const asked = askedFor(destination, status);
      if (!asked.password && !asked.code) return res.redirect(303, base + destination.path);
      return handler({ destination, asked, status }, req, res, user);
    });

  async function show(wanted: Wanted, req: Request, res: Response, user: User, problem: Problem | null) {
    const { destination, asked, status } = wanted;
    send(res, confirmPage(await pageOf(site, req, user), destination, asked, status, problem), problem);
  }

  router.get(
    "/confirm",
    asking((wanted, req, res, user) => show(wanted, req, res, user, null)),
  );

  router.post(
    "/confirm",
    asking(async (wanted, req, res, user) => {
      const { destination, asked } = wanted;
      const result = await twoFactor.reauthenticate(user.id, {
        binding: bindingOf(req),
        // every part that is asked for, though nothing was typed: an empty field proves nothing
        password: asked.password ? field(req, "password") : undefined,
        code: asked.code ? field(req, "code") : undefined,
        deviceToken: deviceToken(req, user.id),
        context: contextOf(req),
      });
      if (!result.ok) return show(wanted, req, res, user, problemOf(site, result));
      req.session.elevation = result.elevation;
      if (destination.opens) {
        req.session.confirmed = { pages: destination.opens, until: result.expiresAt };
      }
      res.redirect(303, base + destination.path);
    }),
  );

  return router;
}
