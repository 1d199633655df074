/** Starts the example. Nothing but Node is needed; DATABASE_URL and REDIS_URL move it to PostgreSQL and Redis. */

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateKey } from "twinlock";
import { createApp } from "./app.ts";
import { openPostgres, openSqlite } from "./database.ts";

const { DATABASE_URL, REDIS_URL, NODE_ENV, PRODUCT } = process.env;
const production = NODE_ENV === "production";
const folder = process.env["DATA"] ?? fileURLToPath(new URL("../data/", import.meta.url));

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

mkdirSync(folder, { recursive: true, mode: 0o700 });
const database = DATABASE_URL
  ? await openPostgres(DATABASE_URL, REDIS_URL)
  : await openSqlite(`${folder}/example.db`, REDIS_URL);
const app = await createApp({
  database,
  keys: secret("TWO_FACTOR_KEYS", generateKey),
  sessionSecret: secret("SESSION_SECRET", () => randomBytes(32).toString("base64url")),
  product: PRODUCT,
  production,
  mail: (to, subject) => console.log(`mail to ${to}: ${subject}`),
});

const server = app.listen(Number(process.env["PORT"] ?? 3000), (error?: Error) => {
  if (error) throw error;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : address;
  console.log(`
  Twinlock: five products, one second factor

    http://localhost:${port}

  No phone at hand? The page with the QR code has a demo phone that scans it.
`);
});

server.keepAliveTimeout = 65_000; // longer than a proxy keeps an idle connection, which it might use just then

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close(() => void database.close());
    server.closeIdleConnections();
  });
}
