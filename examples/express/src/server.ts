/** Starts the example. Nothing but Node is needed; DATABASE_URL and REDIS_URL move it to PostgreSQL and Redis. */

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateKey } from "twinlock";
import { createApp } from "./app.ts";
import { openPostgres, openSqlite } from "./database.ts";

const { DATABASE_URL, REDIS_URL, NODE_ENV, ORIGIN, PRODUCT } = process.env;
const production = NODE_ENV === "production";
const folder = process.env["DATA"] ?? fileURLToPath(new URL("../data/", import.meta.url));
// In development the first account of each product is its owner: nobody else on the network shall be first.
const host = process.env["HOST"] ?? (production ? undefined : "localhost");
const port = Number(process.env["PORT"] ?? 3000);

/** A secret from the environment; in development it is made on the first start and kept beside the database. */
function secret(name: string, make: () => string): string {
  const given = process.env[name];
  if (given !== undefined) return given;
  if (production) throw new Error(`${name}: not set`);
  const file = `${folder}/${name.toLowerCase()}`;
  try {
    writeFileSync(file, make(), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(file, "utf8");
}

process.umask(0o077); // the database holds accounts and sessions: nobody else on this machine reads it
mkdirSync(folder, { recursive: true });
const database = DATABASE_URL
  ? await openPostgres(DATABASE_URL, REDIS_URL)
  : await openSqlite(`${folder}/example.db`, REDIS_URL);
const app = await createApp({
  database,
  keys: secret("TWO_FACTOR_KEYS", generateKey),
  sessionSecret: secret("SESSION_SECRET", () => randomBytes(32).toString("base64url")),
  product: PRODUCT,
  origin: ORIGIN ?? (production ? undefined : `http://localhost:${port}`),
  production,
  mail: (to, subject) => console.log(`mail to ${to}: ${subject}`),
  warn: (text) => console.warn(`warning: ${text}`),
});

const server = app.listen({ port, host }, () => {
  const address = server.address();
  const at = typeof address === "object" ? address?.port : address;
  console.log(`
  Twinlock: ${PRODUCT ? "one product" : "six products"}, one second factor

    http://localhost:${at}
${production ? "" : "\n  No phone at hand? The page with the QR code has a demo phone that scans it.\n"}`);
});

server.once("error", (error: NodeJS.ErrnoException) => {
  const taken = error.code === "EADDRINUSE";
  console.error(taken ? `Port ${port} is in use. Choose another one: PORT=3001 npm start` : error);
  process.exit(1);
});

server.keepAliveTimeout = 65_000; // longer than a proxy keeps an idle connection, which it might use just then

const pruning = setInterval(() => database.prune(Date.now()).catch(console.error), 600_000);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    clearInterval(pruning);
    server.close(() => void database.close());
    server.closeIdleConnections();
  });
}
