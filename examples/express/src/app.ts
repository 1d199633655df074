/** The application: six products, a first page, and a phone for trying them. */

import { fileURLToPath } from "node:url";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import helmet from "helmet";
import { createProduct, type Environment } from "./product-router.ts";
import { products } from "./products.ts";
import { phoneRoutes } from "./routes/phone.ts";
import { homePage } from "./views/home.ts";
import { outsidePage } from "./views/problem.ts";

export interface AppOptions
  extends Omit<Environment, "clock" | "mail" | "warn" | "production" | "alone" | "origin"> {
  /** Serves one product only; its id. Default: all. */
  product?: string | undefined;
  production?: boolean;
  /** Where people see it, which passkeys need to know. Default: the address in development. */
  origin?: string | undefined;
  clock?: () => number;
  mail?: Environment["mail"];
  warn?: Environment["warn"];
}

export async function createApp(options: AppOptions): Promise<Express> {
  const { production = false, clock = Date.now, mail = () => {}, warn = () => {} } = options;
  if (options.sessionSecret.length < 32)
    throw new RangeError("SESSION_SECRET: want at least 32 random characters");
  const shown = products.filter(({ id }) => options.product === undefined || id === options.product);
  if (shown.length === 0)
    throw new RangeError(`PRODUCT: want one of ${products.map(({ id }) => id).join(", ")}`);
  const origin = options.origin ?? (production ? undefined : "http://localhost:3000");
  const alone = shown.length === 1;
  const environment: Environment = { ...options, origin, production, clock, mail, warn, alone };

  const app = express();
  app.disable("x-powered-by");
  if (production) app.set("trust proxy", 1); // the one proxy that ends TLS
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'"],
          formAction: ["'self'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      referrerPolicy: { policy: "same-origin" },
      strictTransportSecurity: production,
    }),
    express.static(fileURLToPath(new URL("../public", import.meta.url))),
    (_req, res, next) => {
      res.set("Cache-Control", "no-store"); // secrets and codes are shown once, and not again by the back button
      next();
    },
  );
  if (production) app.use(onlyHttps);
  for (const product of shown) app.use(`/${product.id}`, await createProduct(product, environment));
  if (!production) app.use("/phone", phoneRoutes(clock));
  app.get("/", (_req, res) => {
    const [only] = shown;
    if (environment.alone && only) return res.redirect(303, `/${only.id}/`);
    res.send(String(homePage(shown, !production)));
  });
  app.use((_req, res) => {
    res
      .status(404)
      .send(
        String(outsidePage("The address may be mistyped, or the page has moved.", "There is no such page")),
      );
  });
  app.use(explain);
  return app;
}

/** Without HTTPS no browser would send the session's cookie, and every form would fail without saying why. */
const onlyHttps: RequestHandler = (req, res, next) => {
  if (req.secure) return next();
  const text =
    "Please use the https:// address. If you run this site: its proxy has to send X-Forwarded-Proto.";
  res.status(403).send(String(outsidePage(text, "This site needs HTTPS")));
};

const explain: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = Number(error?.status) || 500;
  if (status >= 500) console.error(error);
  res.status(status).send(String(outsidePage("Something went wrong. Please try again.")));
};
