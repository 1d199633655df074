/** "It is you, isn't it?": asks for the password or a code, and then goes on to what was wanted. */

import { type Request, type Response, Router } from "express";
import type { ProofNeed, ProofOperation, Status } from "twinlock";
import { contextOf, deviceToken, field } from "../context.ts";
import { signedIn } from "../guards.ts";
import { sentenceFor } from "../languages.ts";
import { problemOf, refusal } from "../problems.ts";
import { bindingOf } from "../session.ts";
import { pageThatAsks, type Site, send } from "../site.ts";
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
  { to: "add", path: "/two-factor/scan", purpose: "to add another authenticator", operation: "replace" },
  {
    to: "passkey",
    path: "/two-factor/passkeys/new",
    purpose: "to add a passkey",
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
  asked: ProofNeed;
  status: Status;
}

export function confirmRoutes(site: Site): Router {
  const { base, twoFactor } = site;
  const router = Router();

  /** The owner's page takes everything that the owner has; the rest is what the library asks for. */
  async function askedFor({ operation }: Destination, user: User, { state }: Status): Promise<ProofNeed> {
    if (operation !== "members") return twoFactor.asks(user.id, operation);
    return { password: true, code: state === "active" ? ((await site.policy?.proof()) ?? "any") : null };
  }

  /** Runs a handler with what the wanted page asks of this person now, and goes straight there if that is nothing. */
  const asking = (handler: (wanted: Wanted, req: Request, res: Response, user: User) => Promise<void>) =>
    signedIn(site, async (req, res, user) => {
      const destination = DESTINATIONS.find(({ to }) => to === req.query["to"]);
      if (!destination) return res.redirect(303, `${base}/settings`);
      const status = await twoFactor.status(user.id);
      const asked = await askedFor(destination, user, status);
      if (!asked.password && !asked.code) return res.redirect(303, base + destination.path);
      return handler({ destination, asked, status }, req, res, user);
    });

  function unfilled(req: Request, name: Problem["field"]): Problem {
    return refusal(site, sentenceFor(req, { reason: "reauthenticate" }), { field: name });
  }

  async function show(wanted: Wanted, req: Request, res: Response, user: User, problem: Problem | null) {
    const { destination, ...asked } = wanted;
    const page = await pageThatAsks(site, req, user);
    send(res, confirmPage(page, destination, { ...asked, problem }), problem);
  }

  router.get(
    "/confirm",
    asking((wanted, req, res, user) => show(wanted, req, res, user, null)),
  );

  router.post(
    "/confirm",
    asking(async (wanted, req, res, user) => {
      const { destination, asked } = wanted;
      const password = asked.password ? field(req, "password") : undefined;
      const code = asked.code ? field(req, "code") : undefined;
      const blank = password === "" ? "password" : code?.trim() === "" ? "code" : null;
      // An elevation proves what was filled in, so an elevation of one part must not open what takes two.
      if (blank) return show(wanted, req, res, user, unfilled(req, blank));
      const result = await twoFactor.reauthenticate(user.id, {
        binding: bindingOf(req),
        password,
        code,
        deviceToken: deviceToken(req, user.id),
        context: contextOf(req),
      });
      if (!result.ok) return show(wanted, req, res, user, problemOf(site, req, result));
      req.session.elevation = result.elevation;
      if (destination.opens) {
        req.session.confirmed = { pages: destination.opens, until: result.expiresAt };
      }
      res.redirect(303, base + destination.path);
    }),
  );

  return router;
}
