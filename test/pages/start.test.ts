// How the example starts, and when it refuses to: secrets, ports, folders, HTTPS, and what it warns of.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateKey } from "twinlock";
import { createApp } from "../../examples/express/src/app.ts";
import { openSqlite } from "../../examples/express/src/database.ts";

const root = mkdtempSync(join(tmpdir(), "twinlock-env-"));
const example = fileURLToPath(new URL("../../examples/express/", import.meta.url));
const secrets = { TWO_FACTOR_KEYS: generateKey(), SESSION_SECRET: "of no use anywhere but in this test" };
let running: ChildProcess | undefined;

/** Starts the server, and waits until it says where it is or has ended. */
async function start(given: NodeJS.ProcessEnv): Promise<{ printed: string; origin: string | undefined }> {
  const { DATABASE_URL, REDIS_URL, NODE_ENV, PRODUCT, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "src/server.ts"], {
    cwd: example,
    env: { ...env, PORT: "0", DATA: join(root, "data"), ...given },
  });
  running = child;
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      printed += text;
      if (/http:\/\/localhost:\d+\n/.test(printed)) child.emit("ready");
    });
  }
  await Promise.race([once(child, "ready"), once(child, "close")]);
  return { printed, origin: /http:\/\/localhost:\d+/.exec(printed)?.[0] };
}

afterEach(async () => {
  if (running && running.exitCode === null) {
    const exit = once(running, "exit");
    running.kill("SIGTERM");
    await exit;
  }
});

process.once("exit", () => rmSync(root, { recursive: true, force: true }));

for (const [what, env, said] of [
  ["no session secret", { SESSION_SECRET: undefined }, /SESSION_SECRET: /],
  ["an empty session secret", { SESSION_SECRET: "" }, /SESSION_SECRET: /],
  ["a short session secret", { SESSION_SECRET: "not long enough to be one" }, /SESSION_SECRET: /],
  ["passkeys for no address", { ORIGIN: undefined }, /ORIGIN: not set/],
] as const) {
  test(`production does not start with ${what}`, async () => {
    const { printed, origin } = await start({ NODE_ENV: "production", ...secrets, ...env });
    assert.equal(origin, undefined);
    assert.match(printed, said);
  });
}

test("production says nothing of a demo phone, and asks for HTTPS where there is none", async () => {
  const { printed, origin } = await start({ NODE_ENV: "production", ...secrets, PRODUCT: "cloudmc" });
  assert.doesNotMatch(printed, /demo phone|six products/i);
  const plain = await fetch(`${origin}/cloudmc/sign-up`);
  assert.equal(plain.status, 403);
  assert.match(await plain.text(), /This site needs HTTPS/);
  const proxied = await fetch(`${origin}/cloudmc/sign-up`, { headers: { "x-forwarded-proto": "https" } });
  assert.equal(proxied.status, 200);
  assert.doesNotMatch(await proxied.text(), /All six products/, "there is only one");
});

test("development warns of every rule that a product keeps weak, and of nothing else", async () => {
  const { printed } = await start({});
  const warnings = [...printed.matchAll(/^warning: (.*)$/gm)].map(([, text = ""]) =>
    text.split(": ", 2).join(" "),
  );
  assert.deepEqual(warnings, [
    "NorthStack reauthentication.enroll",
    "NorthStack backupCodes",
    "SparkPost reauthentication.enroll",
    "emnify reauthentication.disable",
    "emnify backupCodes",
    "Bytebase reauthentication.enroll",
    "Bytebase reauthentication.disable",
    "Bytebase reauthentication.regenerate",
  ]);
});

test("development listens on this machine alone", async (t) => {
  const { origin = "" } = await start({});
  assert.equal((await fetch(origin)).status, 200);
  const others = Object.values(networkInterfaces()).flat();
  const outside = others.find((one) => one?.family === "IPv4" && !one.internal);
  if (!outside) return t.skip("this machine has no other address");
  const there = origin.replace("localhost", outside.address);
  await assert.rejects(fetch(there), "the first account, which is the owner, is not for the neighbors");
});

test("a port that is taken is said in one sentence", async () => {
  const other = createServer().listen(0, "localhost");
  await once(other, "listening");
  const { printed, origin } = await start({ PORT: String((other.address() as AddressInfo).port) });
  other.close();
  assert.equal(origin, undefined);
  assert.match(printed, /Port \d+ is in use\. Choose another one: PORT=3001 npm start/);
  assert.doesNotMatch(printed, /\n {4}at /, "no stack");
});

test("a folder that exists and has an odd name is used, and nobody else reads the files", async () => {
  const folder = join(root, "a #folder%20?x");
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  const { origin } = await start({ DATA: folder });
  assert.ok(origin, "it starts");
  const files = readdirSync(folder);
  assert.ok(files.includes("example.db"), files.join(", "));
  for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o077, 0, file);
});

test("expired rows are deleted, and valid ones are kept", async () => {
  const database = await openSqlite(join(root, "prune.db"));
  await createApp({ database, keys: generateKey(), sessionSecret: secrets.SESSION_SECRET });
  const now = Date.now();
  for (const [id, at] of [
    ["over", now - 1],
    ["live", now + 1000],
  ] as const) {
    await database.query("INSERT INTO sessions (id, data, expires_at) VALUES ($1, '{}', $2)", [id, at]);
    await database.query("INSERT INTO rate_limits (id, hits, reset_at) VALUES ($1, 1, $2)", [id, at]);
    const then = at - 90 * 86_400_000;
    await database.query("INSERT INTO activity (user_id, at, type) VALUES ($1, $2, 'enrolled')", [id, then]);
  }
  await database.prune(now);
  const left = await database.query(
    "SELECT id FROM sessions UNION ALL SELECT id FROM rate_limits UNION ALL SELECT user_id FROM activity",
  );
  assert.deepEqual(
    left.map(({ id }) => id),
    ["live", "live", "live"],
  );
  await database.close();
});
