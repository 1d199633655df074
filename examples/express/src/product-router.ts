/** The router factory: six products come out of it, and only their option objects differ. */

import { csrfSync } from "csrf-sync";
import express, { Router } from "express";
import session from "express-session";
import { configurationWarnings, createTwoFactor, type TwoFactorOptions } from "twinlock";
import { createActivity } from "./activity.ts";
import { field } from "./context.ts";
import type { Database } from "./database.ts";
import { createEndedVisits, turnAwayEnded } from "./ended-visits.ts";
import { passkeysAt } from "./passkeys.ts";
import { createPolicy } from "./policy.ts";
import type { OwnOperation, Product } from "./products.ts";
import { passwordLimits } from "./rate-limits.ts";
import { accountRoutes } from "./routes/account.ts";
import { adminRoutes } from "./routes/admin.ts";
import { confirmRoutes } from "./routes/confirm.ts";
import { enrollmentRoutes } from "./routes/enrollment.ts";
import { keptRoutes } from "./routes/kept.ts";
import { manageRoutes } from "./routes/manage.ts";
import { passkeyRoutes } from "./routes/passkeys.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { SIGNED_OUT_FOR } from "./session.ts";
import type { Site } from "./site.ts";
import { explain, notFound, tooMany } from "./trouble.ts";
import { createUsers } from "./users.ts";

export interface Environment {
  database: Database;
  keys: string | undefined;
  sessionSecret: string;
  origin: string | undefined;
  clock: () => number;
  production: boolean;
  /** Whether this is the only product that is served. */
  alone: boolean;
  mail: (to: string, subject: string) => void;
  warn: (text: string) => void;
}

export async function createProduct(product: Product, environment: Environment): Promise<Router> {
  const { database, keys, clock, production, alone } = environment;
  const { query } = database;
  const base = `/${product.id}`;
  const users = createUsers(query, product.id, clock);
  const policy = product.policy ? createPolicy(query, product, clock) : null;
  const activity = createActivity(query, users, environment.mail);
  const options: TwoFactorOptions<OwnOperation> = {
    ...product.twoFactor,
    store: database.secondFactors,
    keys,
    clock,
    verifyPassword: users.verifyPassword,
    requirement: policy?.requirement,
    authorize: async (userId) => (await users.byId(userId)) !== null, // removed between the password and the code
    onEvent: activity.record,
    passkeys: product.passkeys ? passkeysAt(environment.origin, product.name) : undefined,
  };
  for (const { option, message } of configurationWarnings(options)) {
    environment.warn(`${product.name}: ${option}: ${message}`);
  }
  const csrf = csrfSync({ getTokenFromRequest: (req) => field(req, "_csrf") });
  const site: Site = {
    product,
    base,
    twoFactor: createTwoFactor(options),
    admin: product.support ? (await import("twinlock/admin")).createAdmin(options) : null,
    users,
    eraseSecondFactor: database.eraseSecondFactor,
    endedVisits: createEndedVisits(query),
    policy,
    activity,
    limits: passwordLimits(query, product.id, (req, res, next) => tooMany(site)(req, res, next)),
    csrf: (req) => csrf.generateToken(req),
    spendForm: (req) => void csrf.generateToken(req, true),
    clock,
    demoPhone: !production,
    alone,
  };
  const { passkeys } = site.twoFactor;

  return Router().use(
    express.urlencoded({ extended: false, limit: "16kb" }), // first: the session is read when the form is complete
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
        maxAge: SIGNED_OUT_FOR,
      },
    }),
    turnAwayEnded(site),
    csrf.csrfSynchronisedProtection,
    signInRoutes(site),
    enrollmentRoutes(site),
    settingsRoutes(site),
    confirmRoutes(site),
    manageRoutes(site),
    product.twoFactor.reauthentication.deleteAccount ? accountRoutes(site) : [],
    product.several ? keptRoutes(site, "authenticators", site.twoFactor.authenticators) : [],
    passkeys ? [passkeyRoutes(site, passkeys), keptRoutes(site, "passkeys", passkeys)] : [],
    adminRoutes(site),
    notFound(site),
    explain(site),
  );
}
