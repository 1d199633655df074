// The example on PostgreSQL, with and without Redis: two instances of it behave as one.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";
import pg from "pg";
import { generateKey } from "twinlock";
import { createApp } from "../../examples/express/src/app.ts";
import { type Database, openPostgres } from "../../examples/express/src/database.ts";
import { authenticator, readQrFromPage } from "./support/scan.ts";
import { visitor } from "./support/visitor.ts";

const postgres = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";
const redis = process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379";
const account = { email: "ada@example.org", password: "correct horse battery" };

/** Says that it is not there, or fails where it has to be. */
async function reachable(connect: () => Promise<unknown>): Promise<boolean> {
  try {
    await connect();
    return true;
  } catch (error) {
    if (process.env["CI"]) throw error;
    return false;
  }
}

async function query(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Starts two instances at the same moment on a schema of their own. */
async function withTwoInstances(
  redisUrl: string | undefined,
  run: (
    one: string,
    other: string,
    ada: () => Promise<string>,
    at: { database: Database; url: string },
  ) => Promise<void>,
): Promise<void> {
  const schema = `twinlock_example_${randomBytes(6).toString("hex")}`;
  await query(`CREATE SCHEMA ${schema}`);
  const url = Object.assign(new URL(postgres), { search: `?options=-c%20search_path%3D${schema}` }).href;
  const keys = generateKey();
  const start = async () => {
    const database = await openPostgres(url, redisUrl);
    const app = await createApp({
      database,
      keys,
      sessionSecret: "a secret for tests alone, and of 32 characters",
    });
    const server = app.listen(0);
    await once(server, "listening");
    return { database, server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
  };
  const instances = await Promise.all([start(), start()]);
  try {
    const [one, other] = instances;
    const idOfAda = async () => String((await one.database.query("SELECT id FROM users"))[0]?.["id"]);
    await run(one.origin, other.origin, idOfAda, { database: one.database, url });
  } finally {
    for (const { server, database } of instances) {
      server.closeAllConnections();
      server.close();
      await database.close();
    }
    await query(`DROP SCHEMA ${schema} CASCADE`);
  }
}

async function walk(one: string, other: string): Promise<void> {
  const ada = visitor(one);
  await ada.get("/cloudmc/sign-up");
  await ada.post("/cloudmc/sign-up", account);
  await ada.post("/cloudmc/two-factor/set-up");
  const scan = await ada.post("/cloudmc/confirm?to=enroll", { password: account.password });
  const phone = authenticator(readQrFromPage(scan.html));
  const shown = await ada.post("/cloudmc/two-factor/scan", { code: phone.code(Date.now()) });
  assert.match(shown.html, /Save them now/);

  const browsers = [visitor(one), visitor(other)];
  for (const browser of browsers) {
    await browser.get("/cloudmc/sign-in");
    assert.equal((await browser.post("/cloudmc/sign-in", account)).url, "/cloudmc/sign-in/code");
  }
  const code = phone.code(Date.now() + 30_000);
  const seen = await Promise.all(browsers.map((browser) => browser.post("/cloudmc/sign-in/code", { code })));
  assert.deepEqual(seen.map(({ url }) => url).sort(), ["/cloudmc/settings", "/cloudmc/sign-in/code"]);

  const moved = visitor(other);
  for (const cookie of ada.cookies("/cloudmc"))
    moved.plant(...(cookie.split("=", 2) as [string, string]), "/");
  assert.equal((await moved.get("/cloudmc/settings")).url, "/cloudmc/settings", "a session of both");
}

test("two instances on PostgreSQL accept one code once, and share sessions", async (t) => {
  if (!(await reachable(() => query("SELECT 1")))) return t.skip("needs PostgreSQL at DATABASE_URL");
  await withTwoInstances(undefined, walk);
});

test("on PostgreSQL the first account is the only owner, and expired rows are deleted", async (t) => {
  if (!(await reachable(() => query("SELECT 1")))) return t.skip("needs PostgreSQL at DATABASE_URL");
  await withTwoInstances(undefined, async (one, _other, _idOfAda, { database, url }) => {
    // Somebody else is becoming the first at this very moment: there, and not yet to be seen.
    const first = new pg.Client({ connectionString: url });
    await first.connect();
    await first.query("BEGIN");
    await first.query(
      `INSERT INTO users (id, product, email, phone, password_hash, role, created_at)
       VALUES ('first', 'cloudmc', 'first@example.org', '', '', 'owner', 0)`,
    );
    const ada = visitor(one);
    await ada.get("/cloudmc/sign-up");
    let done = false;
    const signedUp = ada.post("/cloudmc/sign-up", account).finally(() => {
      done = true;
    });
    const waiting =
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO users%'";
    while (!done && (await database.query(waiting)).length === 0) await setTimeout(20);
    await first.query("COMMIT");
    await first.end();
    assert.equal((await signedUp).url, "/cloudmc/settings");
    const owners = await database.query("SELECT id FROM users WHERE role = 'owner'");
    assert.deepEqual(owners, [{ id: "first" }]);

    const count = async (table: string) => (await database.query(`SELECT 1 FROM ${table}`)).length;
    const sessions = await count("session");
    assert.equal(sessions, 1);
    await database.prune(Date.now());
    assert.equal(await count("session"), sessions, "all of these are live");
    await database.prune(Date.now() + 8 * 86_400_000);
    assert.deepEqual([await count("session"), await count("rate_limits")], [0, 0]);
  });
});

test("the same with the records in Redis", async (t) => {
  const client = new Redis(redis, { lazyConnect: true, retryStrategy: () => null });
  try {
    const there = (await reachable(() => query("SELECT 1"))) && (await reachable(() => client.connect()));
    if (!there) return t.skip("needs PostgreSQL at DATABASE_URL and Redis at REDIS_URL");
    await withTwoInstances(redis, async (one, other, idOfAda) => {
      await walk(one, other);
      const keys = await client.keys(`*${await idOfAda()}*`);
      assert.equal(keys.length, 1, "the record is in Redis");
      await client.del(keys);
    });
  } finally {
    client.disconnect();
  }
});
