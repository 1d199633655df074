/** Accounts, the password, and the second step. Nobody is signed in before `signIn` of the library says so. */

import { type Request, type Response, Router } from "express";
import type { Failure, SignInStep } from "twinlock";
import { contextOf, deviceToken, field } from "../context.ts";
import { problemOf, refusal, stillLocked } from "../problems.ts";
import { bindingOf, formIn, isSentAgain, renewSession, SIGNED_IN_FOR } from "../session.ts";
import { completeSignIn, pageOf, pageThatAsks, type Site, send } from "../site.ts";
import type { User } from "../users.ts";
import type { Problem } from "../views/layout.ts";
import { codePage, signInPage, signUpPage } from "../views/sign-in.ts";

export function signInRoutes(site: Site): Router {
  const { base, twoFactor, users, limits } = site;
  const router = Router();

  router.get("/sign-up", async (req, res) => {
    send(res, signUpPage(await pageOf(site, req), { email: "", phone: "" }, null));
  });

  router.post("/sign-up", limits.signUp, async (req, res) => {
    const details = { email: field(req, "email"), phone: field(req, "phone").trim() };
    const password = field(req, "password");
    const unusable = unusableField(site, details, password);
    const user = unusable ? null : await users.create({ ...details, password });
    if (user) return passwordWasRight(req, res, user);
    const [text, name] = unusable ?? ["There is already an account with this address.", "email"];
    const problem = refusal(site, text, { field: name });
    send(res, signUpPage(await pageOf(site, req), details, problem), problem);
  });

  router.get("/sign-in", async (req, res) => {
    if (req.session.signedIn) return res.redirect(303, `${base}/settings`);
    send(res, signInPage(await pageOf(site, req), "", null));
  });

  router.post("/sign-in", ...limits.passwords, async (req, res) => {
    const email = field(req, "email");
    const user = await users.authenticate(email, field(req, "password"));
    if (user) return passwordWasRight(req, res, user);
    const problem = refusal(site, "Wrong e-mail or password.", { status: 401, field: "password" });
    send(res, signInPage(await pageOf(site, req), email, problem), problem);
  });

  /** The one gate behind every first factor: sign-up and a password reset by mail would come through here, too. */
  async function passwordWasRight(req: Request, res: Response, user: User): Promise<void> {
    await renewSession(site, req, {});
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
        letIn(req, step, user);
        return res.redirect(303, `${base}/settings`);
      case "code":
        req.session.challenge = {
          step: "code",
          sealed: step.challenge,
          expiresAt: step.expiresAt,
          methods: step.methods,
          locks: step.locks,
          email: user.email,
          generation: user.generation,
          retryAt: step.retryAt ?? null,
        };
        return res.redirect(303, `${base}/sign-in/code`);
      case "enroll":
        return toEnrollment(req, res, step, user);
      case "refused": {
        const problem = refusal(site, "This account cannot sign in at the moment.", {
          status: 403,
        });
        return send(res, signInPage(await pageOf(site, req), user.email, problem), problem);
      }
    }
  }

  /** Nobody is signed in before there is a factor that counts. */
  function toEnrollment(
    req: Request,
    res: Response,
    { challenge: sealed, expiresAt, methods }: NonNullable<Failure["enroll"]>,
    { email, generation }: Pick<User, "email" | "generation">,
  ): void {
    const about = { email, generation, locks: [], retryAt: null };
    req.session.challenge = { step: "enroll", sealed, expiresAt, methods, ...about };
    const app = methods.includes("app");
    req.session.enrolling = { id: null, beside: app ? {} : "passkey", endsAt: null };
    res.redirect(303, `${base}/two-factor/${app ? "scan" : "passkeys/new"}`);
  }

  /** `generation` is from before the password was checked, so that what ended the others meanwhile ends this, too. */
  function letIn(req: Request, step: Extract<SignInStep, { step: "done" }>, { generation }: User): void {
    const { userId, assurance, reason } = step;
    req.session.signedIn = { userId, generation, by: reason, assurance };
    req.session.cookie.maxAge = SIGNED_IN_FOR;
  }

  router.get("/sign-in/code", async (req, res) => {
    const { challenge } = req.session;
    if (challenge?.step !== "code") return res.redirect(303, `${base}/sign-in`);
    const problem = stillLocked(site, challenge.retryAt);
    send(res, codePage(await pageThatAsks(site, req), challenge, problem));
  });

  router.post("/sign-in/code", async (req, res) => {
    const { challenge } = formIn(req);
    if (challenge?.step === "enroll") return res.redirect(303, `${base}/two-factor/scan`); // sent twice
    const again = isSentAgain(req);
    const result = await twoFactor.signIn.complete(challenge?.sealed, field(req, "code"), {
      binding: bindingOf(req),
      trustDevice: field(req, "trust") === "yes",
      context: contextOf(req),
    });
    if (result.ok && challenge) {
      await completeSignIn(req, res, result, async () => challenge.generation);
      return res.redirect(
        303,
        result.method === "backup" ? `${base}/two-factor/lost-phone` : `${base}/settings`,
      );
    }
    if (!result.ok && result.enroll && challenge) return toEnrollment(req, res, result.enroll, challenge);
    if (again) return res.redirect(303, `${base}/settings`); // another code, or too late: as the first one left it
    if (result.ok || result.reason === "expired" || !challenge) {
      delete req.session.challenge;
      req.session.notice = "That step is no longer open. Please sign in again.";
      return res.redirect(303, `${base}/sign-in`);
    }
    challenge.retryAt = result.retryAt ?? null;
    const problem = problemOf(site, req, result);
    send(res, codePage(await pageThatAsks(site, req), challenge, problem), problem);
  });

  router.post("/sign-out", async (req, res) => {
    await renewSession(site, req, { notice: "You are signed out." });
    res.redirect(303, `${base}/sign-in`);
  });

  return router;
}

function unusableField(
  site: Site,
  { email, phone }: { email: string; phone: string },
  password: string,
): [text: string, field: Problem["field"]] | null {
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim()) || email.length > 200)
    return ["Please enter an e-mail address.", "email"];
  if (site.product.accountName === "phone" && !isPhoneNumber(phone))
    return ["Please enter a phone number.", "phone"];
  if (password.length < 8 || password.length > 200)
    return ["Please choose a password of 8 to 200 characters.", "password"];
  return null;
}

export function isPhoneNumber(text: string): boolean {
  return text.length <= 40 && /^\+?[0-9 ()/-]{5,}$/.test(text);
}
