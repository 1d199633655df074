/** Accounts, the password, and the second step. Nobody is signed in before `signIn` of the library says so. */

import { type Request, type Response, Router } from "express";
import type { SignInStep } from "twinlock";
import { bindingOf, renewSession } from "../session.ts";
import {
  completeSignIn,
  contextOf,
  deviceToken,
  field,
  pageOf,
  problemOf,
  refusal,
  type Site,
  send,
} from "../site.ts";
import type { User } from "../users.ts";
import { codePage, signInPage, signUpPage } from "../views/sign-in.ts";

export function signInRoutes(site: Site): Router {
  const { base, twoFactor, users, limits } = site;
  const router = Router();

  router.get("/sign-up", (req, res) => {
    send(res, signUpPage(pageOf(site, req), { email: "", phone: "" }, null));
  });

  router.post("/sign-up", limits.address, async (req, res) => {
    const details = { email: field(req, "email"), phone: field(req, "phone").trim() };
    const password = field(req, "password");
    const text = unusable(site, details, password);
    const user = text === null ? await users.create({ ...details, password }) : null;
    if (user) return passwordWasRight(req, res, user);
    const problem = refusal(site, text ?? "There is already an account with this address.");
    send(res, signUpPage(pageOf(site, req), details, problem), problem);
  });

  router.get("/sign-in", (req, res) => {
    if (req.session.signedIn) return res.redirect(303, `${base}/settings`);
    send(res, signInPage(pageOf(site, req), "", null));
  });

  router.post("/sign-in", limits.address, limits.account, async (req, res) => {
    const email = field(req, "email");
    const user = await users.authenticate(email, field(req, "password"));
    if (user) return passwordWasRight(req, res, user);
    const problem = refusal(site, "This address and password do not belong together.", 401);
    send(res, signInPage(pageOf(site, req), email, problem), problem);
  });

  /** The one gate behind every first factor: sign-up and a password reset by mail would come through here, too. */
  async function passwordWasRight(req: Request, res: Response, user: User): Promise<void> {
    await renewSession(req, {});
    const binding = bindingOf(req);
    const step = await twoFactor.signIn.begin(user.id, {
      binding,
      deviceToken: deviceToken(req, user.id),
      enrolled: user.enrolled,
      firstFactor: { amr: ["pwd"], authenticatedAt: site.clock() },
      context: contextOf(req),
    });
    switch (step.step) {
      case "done":
        await letIn(req, step);
        return res.redirect(303, `${base}/settings`);
      case "code":
      case "enroll":
        req.session.challenge = {
          step: step.step,
          sealed: step.challenge,
          expiresAt: step.expiresAt,
          methods: step.step === "code" ? step.methods : [],
          email: user.email,
        };
        if (step.step === "enroll") req.session.enrolling = { id: null, replace: false };
        return res.redirect(303, step.step === "code" ? `${base}/sign-in/code` : `${base}/two-factor/scan`);
      case "refused": {
        const problem = refusal(site, "This account cannot sign in at the moment.", 403);
        return send(res, signInPage(pageOf(site, req), user.email, problem), problem);
      }
    }
  }

  async function letIn(req: Request, step: Extract<SignInStep, { step: "done" }>): Promise<void> {
    req.session.signedIn = {
      userId: step.userId,
      at: site.clock(),
      assurance: step.assurance,
      method: null,
      graceEndsAt: step.graceEndsAt ?? null,
    };
  }

  router.get("/sign-in/code", (req, res) => {
    const { challenge } = req.session;
    if (challenge?.step !== "code") return res.redirect(303, `${base}/sign-in`);
    send(res, codePage(pageOf(site, req), challenge, null));
  });

  router.post("/sign-in/code", async (req, res) => {
    const { challenge } = req.session;
    const result = await twoFactor.signIn.complete(challenge?.sealed, field(req, "code"), {
      binding: bindingOf(req),
      trustDevice: field(req, "trust") === "yes",
      context: contextOf(req),
    });
    if (result.ok) {
      await completeSignIn(site, req, res, result);
      return res.redirect(
        303,
        result.method === "backup" ? `${base}/two-factor/lost-phone` : `${base}/settings`,
      );
    }
    if (result.reason === "expired" || !challenge) {
      delete req.session.challenge;
      req.session.notice = "That step is no longer open. Please sign in again.";
      return res.redirect(303, `${base}/sign-in`);
    }
    const problem = problemOf(site, result);
    send(res, codePage(pageOf(site, req), challenge, problem), problem);
  });

  router.post("/sign-out", async (req, res) => {
    await renewSession(req, { notice: "You are signed out." });
    res.redirect(303, `${base}/sign-in`);
  });

  return router;
}

function unusable(
  site: Site,
  { email, phone }: { email: string; phone: string },
  password: string,
): string | null {
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim()) || email.length > 200) return "Please enter an e-mail address.";
  if (site.product.accountName === "phone" && !isPhoneNumber(phone)) return "Please enter a phone number.";
  if (password.length < 8 || password.length > 200) return "Please choose a password of 8 to 200 characters.";
  return null;
}

export function isPhoneNumber(text: string): boolean {
  return text.length <= 40 && /^\+?[0-9 ()/-]{5,}$/.test(text);
}
