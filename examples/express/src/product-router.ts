/** The router factory: five products come out of it, and only their option objects differ. */

import { csrfSync } from "csrf-sync";
import express, { type ErrorRequestHandler, type RequestHandler, Router } from "express";
import session from "express-session";
import { createTwoFactor, TwoFactorError, type TwoFactorOptions } from "twinlock";
import { createActivity } from "./activity.ts";
import type { Database } from "./database.ts";
import { createPolicy } from "./policy.ts";
import type { Product } from "./products.ts";
import { passwordLimits } from "./rate-limits.ts";
import { adminRoutes } from "./routes/admin.ts";
import { enrollmentRoutes } from "./routes/enrollment.ts";
import { manageRoutes } from "./routes/manage.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { field, pageOf, refusal, type Site, send } from "./site.ts";
import { createUsers } from "./users.ts";
import { problemPage } from "./views/problem.ts";

export interface Environment {
  database: Database;
  keys: string | undefined;
  sessionSecret: string;
  clock: () => number;
  production: boolean;
  mail: (to: string, subject: string) => void;
}

export async function createProduct(product: Product, environment: Environment): Promise<Router> {
  const { database, keys, clock, production } = environment;
  const { query } = database;
  const base = `/${product.id}`;
  const users = createUsers(query, product.id, clock);
  const policy = product.policy ? createPolicy(query, product.id, clock) : null;
  const activity = createActivity(query, users, environment.mail);
  const options: TwoFactorOptions = {
    ...product.twoFactor,
    store: database.secondFactors,
    keys,
    clock,
    verifyPassword: users.verifyPassword,
    requirement: policy?.requirement,
    authorize: async (userId) => (await users.byId(userId)) !== null, // removed between the password and the code
    onEvent: activity.record,
  };
  const csrf = csrfSync({ getTokenFromRequest: (req) => field(req, "_csrf") });
  const tooMany: RequestHandler = (req, res) => {
    const problem = refusal(site, "Please wait a quarter of an hour, and then sign in again.", 429);
    send(res, problemPage(pageOf(site, req), problem.text, "Too many tries"), problem);
  };
  const site: Site = {
    product,
    base,
    twoFactor: createTwoFactor(options),
    admin: product.support ? (await import("twinlock/admin")).createAdmin(options) : null,
    users,
    policy,
    activity,
    limits: passwordLimits(query, product.id, tooMany),
    csrf: (req) => csrf.generateToken(req),
    clock,
    demoPhone: !production,
  };

  return Router().use(
    session({
      name: product.id,
      secret: `${environment.sessionSecret} ${product.id}`, // one product's session is nothing in another
      store: database.newSessions(),
      resave: false,
      saveUninitialized: false,
      cookie: {
        path: base,
        httpOnly: true,
        sameSite: "lax",
        secure: production ? true : "auto",
        maxAge: 7 * 86_400_000,
      },
    }),
    express.urlencoded({ extended: false, limit: "16kb" }),
    csrf.csrfSynchronisedProtection,
    signInRoutes(site),
    enrollmentRoutes(site),
    settingsRoutes(site),
    manageRoutes(site),
    adminRoutes(site),
    ((req, res) => {
      const problem = refusal(site, "The address may be mistyped, or the page has moved.", 404);
      send(res, problemPage(pageOf(site, req), problem.text, "There is no such page"), problem);
    }) satisfies RequestHandler,
    explain(site),
  );
}

/** Trouble is told plainly and fails closed: the details go to the log, and none of them is a secret or a code. */
function explain(site: Site): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent || !req.session) return next(error);
    const stale = error?.code === "EBADCSRFTOKEN";
    const trouble = error instanceof TwoFactorError;
    if (!stale) console.error(trouble ? `${error.code}: ${error.message}` : error);
    const [status, text] = stale
      ? [
          403,
          "This page had been open for too long, or another tab signed in or out. Please go back and try again.",
        ]
      : trouble
        ? [
            503,
            "The second factor cannot be checked right now. Nothing was changed: please try again in a moment.",
          ]
        : [Number(error?.status) || 500, "Something went wrong. Please try again."];
    const problem = refusal(site, text, status);
    send(res, problemPage(pageOf(site, req), text), problem);
  };
}
