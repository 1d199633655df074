// Many people at once: npm run tool -- load [users] [postgres URL] [redis URL]
// Each signs in from two browsers with one and the same code, at the same moment: exactly one of them may get in.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { TOTP } from "otpauth";
import pg from "pg";
import { generateKey } from "twinlock";
import { type Seen, type Visitor, visitor } from "../pages/support/visitor.ts";

const users = Number(process.argv[2] ?? 200);
const url = process.argv[3] ?? "postgres://postgres@127.0.0.1:5432/postgres";
const redisUrl = process.argv[4] ?? "redis://127.0.0.1:6379";
const password = "correct horse battery";
const example = fileURLToPath(new URL("../../examples/express/", import.meta.url));

async function startInstance(env: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; origin: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "src/server.ts"], {
    cwd: example,
    env: { ...process.env, NODE_ENV: "production", PORT: "0", PRODUCT: "cloudmc", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  const origin = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => reject(new Error("an instance ended")));
    child.stdout.on("data", (chunk) => {
      printed = (printed + String(chunk)).slice(-1000);
      const [found] = /http:\/\/localhost:\d+/.exec(printed) ?? [];
      if (found) resolve(found);
    });
  });
  return { child, origin };
}

/** A browser behind a proxy that ends TLS, with an address of its own. */
function browser(origin: string, user: number): Visitor {
  const address = `10.0.${Math.floor(user / 250)}.${(user % 250) + 1}`;
  return visitor(origin, { "x-forwarded-for": address, "x-forwarded-proto": "https" });
}

interface Person {
  email: string;
  phone: TOTP;
  lastStep: number;
}

const step = () => Math.floor(Date.now() / 30_000);

async function enroll(origin: string, user: number): Promise<Person> {
  const email = `user${user}@example.org`;
  const one = browser(origin, user);
  await one.get("/cloudmc/sign-up");
  await one.post("/cloudmc/sign-up", { email, password });
  await one.post("/cloudmc/two-factor/set-up");
  const scan = await one.post("/cloudmc/confirm?to=enroll", { password });
  const secret = (/<code id="key">([A-Z2-7 ]+)</.exec(scan.html)?.[1] ?? "").replaceAll(" ", "");
  const person = { email, phone: new TOTP({ secret }), lastStep: step() };
  const code = person.phone.generate({ timestamp: person.lastStep * 30_000 });
  const seen = await one.post("/cloudmc/two-factor/scan", { code });
  assert.match(seen.html, /Save them now/);
  return person;
}

async function timed<T>(run: () => Promise<T>, into: number[]): Promise<T> {
  const from = performance.now();
  const result = await run();
  into.push(performance.now() - from);
  return result;
}

/** Both browsers pass the password; then both send the same code. */
async function signInTwice(
  origins: readonly string[],
  user: number,
  person: Person,
  times: Times,
): Promise<Seen[]> {
  const pair = [0, 1].map((i) => browser(origins[i % origins.length] ?? "", user));
  for (const one of pair) {
    await one.get("/cloudmc/sign-in");
    const fields = { email: person.email, password };
    const asked = await timed(() => one.post("/cloudmc/sign-in", fields), times.password);
    assert.equal(asked.url, "/cloudmc/sign-in/code");
  }
  person.lastStep = Math.max(person.lastStep + 1, step());
  const code = person.phone.generate({ timestamp: person.lastStep * 30_000 });
  return Promise.all(pair.map((one) => timed(() => one.post("/cloudmc/sign-in/code", { code }), times.code)));
}

interface Times {
  password: number[];
  code: number[];
}

const at = (times: number[], share: number) =>
  Math.round(times.sort((a, b) => a - b)[Math.floor(times.length * share)] ?? 0);

async function measure(name: string, instances: number, env: NodeJS.ProcessEnv): Promise<void> {
  const secrets = { TWO_FACTOR_KEYS: generateKey(), SESSION_SECRET: randomBytes(32).toString("hex") };
  const running = [];
  for (let i = 0; i < instances; i++) running.push(await startInstance({ ...env, ...secrets }));
  const origins = running.map(({ origin }) => origin);
  try {
    const people: Person[] = [];
    while (people.length < users) {
      const some = Array.from({ length: Math.min(20, users - people.length) }, (_, i) => people.length + i);
      people.push(...(await Promise.all(some.map((user) => enroll(origins[user % instances] ?? "", user)))));
    }
    const times: Times = { password: [], code: [] };
    const from = performance.now();
    const seen = await Promise.all(people.map((person, user) => signInTwice(origins, user, person, times)));
    const seconds = (performance.now() - from) / 1000;
    const inside = seen.map((pair) => pair.filter(({ url }) => url === "/cloudmc/settings").length);
    const errors = seen.flat().filter(({ status }) => status >= 500).length;
    console.log(
      `${name}: ${users} users, ${users * 2} browsers, ${seconds.toFixed(1)} s; ` +
        `in once ${inside.filter((n) => n === 1).length}, twice ${inside.filter((n) => n === 2).length}, ` +
        `never ${inside.filter((n) => n === 0).length}, errors ${errors}; ` +
        `code p50 ${at(times.code, 0.5)} ms, p95 ${at(times.code, 0.95)} ms; ` +
        `password p50 ${at(times.password, 0.5)} ms, p95 ${at(times.password, 0.95)} ms`,
    );
    assert.deepEqual([...new Set(inside)], [1], "every code is accepted exactly once");
    assert.equal(errors, 0);
  } finally {
    for (const { child } of running) {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
    }
  }
}

/** Deletes from Redis what these users left there. */
async function forget(database: string, redis: string): Promise<void> {
  const users = new pg.Client({ connectionString: database });
  await users.connect();
  const client = new Redis(redis);
  for (const { id } of (await users.query("SELECT id FROM users")).rows) {
    const keys = await client.keys(`*${id}*`);
    if (keys.length > 0) await client.del(keys);
  }
  await users.end();
  client.disconnect();
}

const folder = mkdtempSync(join(tmpdir(), "twinlock-load-"));
await measure("SQLite, one instance", 1, { DATA: folder });
rmSync(folder, { recursive: true });

for (const [title, instances, REDIS_URL] of [
  ["PostgreSQL, one instance", 1, undefined],
  ["PostgreSQL, two instances", 2, undefined],
  ["PostgreSQL and Redis, two instances", 2, redisUrl],
] as const) {
  const name = `twinlock_load_${randomBytes(4).toString("hex")}`;
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  await server.query(`CREATE DATABASE ${name}`);
  const DATABASE_URL = Object.assign(new URL(url), { pathname: name }).href;
  try {
    await measure(title, instances, { DATABASE_URL, REDIS_URL });
    if (REDIS_URL) await forget(DATABASE_URL, REDIS_URL);
  } finally {
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.end();
  }
}
