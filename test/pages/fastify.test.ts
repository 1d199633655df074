import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { generateKey } from "twinlock";
import { createApp } from "../../examples/fastify/app.ts";
import { gate, type Hold, type Send, walkHeldRequests, walkJsonFlow, walkJunk } from "./support/json-flow.ts";

const url = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";

/** A schema of its own, so that tests beside this one share nothing. */
async function freshSchema(): Promise<{ pool: pg.Pool; drop(): Promise<void> } | null> {
  const name = `twinlock_fastify_${randomBytes(6).toString("hex")}`;
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${name}` });
  try {
    await pool.query(`CREATE SCHEMA ${name}`);
  } catch (error) {
    await pool.end();
    if (process.env["CI"]) throw error;
    return null;
  }
  return {
    pool,
    async drop() {
      await pool.query(`DROP SCHEMA ${name} CASCADE`);
      await pool.end();
    },
  };
}

/** Runs a walk against an application with a schema of its own. */
async function withApp(t: TestContext, walk: (send: Send, hold: Hold) => Promise<void>): Promise<void> {
  const schema = await freshSchema();
  if (!schema) return t.skip("needs PostgreSQL at DATABASE_URL or 127.0.0.1:5432");
  const { hold, pass } = gate();
  const query = schema.pool.query.bind(schema.pool) as (...given: unknown[]) => Promise<unknown>;
  const waiting = async (...given: unknown[]) => {
    if (/SELECT.*two_factor/s.test(JSON.stringify(given))) await pass();
    return query(...given);
  };
  Object.assign(schema.pool, { query: waiting });
  const app = await createApp({
    pool: schema.pool,
    keys: generateKey(),
    sessionSecret: randomBytes(32).toString("hex"),
    checkPassword: async (name, password) =>
      name === "ada" && password === "correct horse battery" ? "ada" : null,
  });
  try {
    await walk(async (path, { headers, body }) => {
      const answer = await app.inject({
        method: "POST",
        url: path,
        headers: { ...(headers as Record<string, string>), "x-forwarded-proto": "https" },
        payload: String(body),
      });
      const set = [answer.headers["set-cookie"] ?? []]
        .flat()
        .map((line): [string, string] => ["set-cookie", line]);
      return new Response(answer.body, { status: answer.statusCode, headers: set });
    }, hold);
  } finally {
    await app.close();
    await schema.drop();
  }
}

test("Fastify with PostgreSQL enrolls and signs in", (t) => withApp(t, walkJsonFlow));

test("P2 Fastify: what is at work during a sign-out signs nobody in again", (t) =>
  withApp(t, walkHeldRequests));

test("P8 Fastify: JSON of other types than the fields have is refused", (t) => withApp(t, walkJunk));
