// The example as a newcomer starts it: a process of its own, over plain HTTP, without JavaScript.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { codesOn } from "./support/account.ts";
import { authenticator, readQrFromPage } from "./support/scan.ts";
import { type Visitor, visitor } from "./support/visitor.ts";

const folder = mkdtempSync(join(tmpdir(), "twinlock-start-"));
const example = fileURLToPath(new URL("../../examples/express/", import.meta.url));
let server: ChildProcess | undefined;

async function start(): Promise<string> {
  const { DATABASE_URL, REDIS_URL, NODE_ENV, PRODUCT, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "src/server.ts"], {
    cwd: example,
    env: { ...env, PORT: "0", DATA: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  server = child;
  let printed = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`the server ended: ${printed}`)));
    child.stderr.on("data", (chunk) => {
      printed += String(chunk); // what it warns of is tested elsewhere
    });
    child.stdout.on("data", (chunk) => {
      printed += String(chunk);
      const [origin] = /http:\/\/localhost:\d+/.exec(printed) ?? [];
      if (origin) resolve(origin);
    });
  });
}

async function stop(): Promise<void> {
  if (!server) return;
  const exit = once(server, "exit");
  server.kill("SIGTERM");
  assert.deepEqual(await exit, [0, null], "the server ends cleanly");
  server = undefined;
}

after(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const account = { email: "ada@example.org", password: "correct horse battery" };

async function signIn(person: Visitor, code: string) {
  await person.get("/cloudmc/sign-in");
  const asked = await person.post("/cloudmc/sign-in", account);
  assert.equal(asked.url, "/cloudmc/sign-in/code");
  return person.post("/cloudmc/sign-in/code", { code });
}

test("enrolls, signs in, refuses what is spent, and remembers all of it after a restart", async () => {
  const origin = await start();
  const ada = visitor(origin);
  await ada.get("/cloudmc/sign-up");
  assert.equal((await ada.post("/cloudmc/sign-up", account)).url, "/cloudmc/settings");
  assert.equal((await ada.post("/cloudmc/two-factor/set-up")).url, "/cloudmc/confirm");
  const scan = await ada.post("/cloudmc/confirm?to=enroll", { password: account.password });
  assert.equal(scan.url, "/cloudmc/two-factor/scan");

  const phone = authenticator(readQrFromPage(scan.html));
  assert.deepEqual([phone.issuer, phone.label], ["CloudMC", account.email]);
  const firstCode = phone.code(Date.now());
  const codes = await ada.post("/cloudmc/two-factor/scan", { code: firstCode });
  const backupCodes = codesOn(codes);
  assert.equal(backupCodes.length, 10);
  const [one = "", other = ""] = backupCodes;

  const reused = await signIn(visitor(origin), firstCode);
  assert.equal(reused.status, 422);
  assert.match(reused.html, /That code has been used already/);

  const nextCode = phone.code(Date.now() + 30_000);
  assert.equal((await signIn(visitor(origin), nextCode)).url, "/cloudmc/settings");
  assert.match((await signIn(visitor(origin), nextCode)).html, /That code has been used already/);

  assert.equal((await signIn(visitor(origin), one)).url, "/cloudmc/two-factor/lost-phone");
  assert.match((await signIn(visitor(origin), one)).html, /That code is not right/);

  await stop();
  const again = await start();
  assert.equal((await signIn(visitor(again), nextCode)).status, 422); // spent; on a slow machine too old as well
  assert.match((await signIn(visitor(again), one)).html, /That code is not right/);
  assert.equal((await signIn(visitor(again), other)).url, "/cloudmc/two-factor/lost-phone");
});
