// The file that the blocks of docs/getting-started.md make, run as an application, in memory in the place of PostgreSQL.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { generateKey } from "twinlock";
import { authenticator, readQrFromPage } from "./support/scan.ts";

const folder = join(import.meta.dirname, `.getting-started-${process.pid}`);
mkdirSync(folder);
after(() => rmSync(folder, { recursive: true }));

const blocks = [...readFileSync("docs/getting-started.md", "utf8").matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code = ""]) => code,
);
const lazy = blocks.find((code) => code.startsWith("// two-factor.ts")) ?? "";
const yours = `
  export const users = {
    authenticate: async (email, password) => (password === "right" ? { id: email } : null),
    checkPassword: async (_id, password) => password === "right",
    emailOf: async (id) => id,
  };
  export const show = (res, page, data) => void res.json({ page, ...data });`;
writeFileSync(join(folder, "yours.js"), yours);

function written(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}

async function start(): Promise<{ origin: string; close(): void }> {
  const code = blocks
    .filter((block) => block !== lazy)
    .join("\n")
    .replace('import cookieParser from "cookie-parser";', "")
    .replace("app.use(cookieParser());", "app.use((req, _res, next) => { req.cookies = {}; next(); });")
    .replace('import { postgresStore } from "twinlock/stores/postgres";', "")
    .replace('import pg from "pg";', 'import { memoryStore } from "twinlock/stores/memory";')
    .replace(/const store = postgresStore.*\nawait store.migrate.*\n/, "const store = memoryStore();\n")
    .replace("app.listen(3000);", "export default app;");
  process.env["TWO_FACTOR_KEYS"] = generateKey();
  process.env["SESSION_SECRET"] = "for this test";
  const { default: app } = (await import(pathToFileURL(written("app.ts", code)).href)) as {
    default: RequestListener;
  };
  const server = createServer(app).listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, close: () => void server.close() };
}

test("P1 the session has a new id from the password on, and a planted one takes no part", async () => {
  const { origin, close } = await start();
  const post = async (path: string, cookie: string, fields: Record<string, string>) => {
    const options = { method: "POST", redirect: "manual", headers: { cookie } } as const;
    const answer = await fetch(origin + path, { ...options, body: new URLSearchParams(fields) });
    const [set = cookie] = answer.headers.getSetCookie().filter((line) => line.startsWith("connect.sid"));
    return { status: answer.status, cookie: set.split(";")[0] ?? "", text: await answer.text() };
  };
  try {
    const right = { email: "mallory@example.org", password: "right" };
    const planted = (await post("/sign-in", "", right)).cookie;
    assert.notEqual(planted, "", "somebody has a session of their own");
    const { text } = await post("/two-factor/begin", planted, { password: "right" });
    const phone = authenticator(readQrFromPage((JSON.parse(text) as { qr: string }).qr));
    const confirmed = await post("/two-factor/confirm", planted, { code: phone.code(Date.now()) });
    assert.equal(confirmed.status, 200);
    const victim = await post("/sign-in", confirmed.cookie, right);
    assert.equal(JSON.parse(victim.text).page, "code");
    assert.notEqual(victim.cookie, confirmed.cookie, "between the password and the code");
  } finally {
    close();
  }
});

test("P5 the service for builds needs no key and no database before its first use", () => {
  assert.notEqual(lazy, "");
  const path = written("two-factor.ts", lazy);
  const { TWO_FACTOR_KEYS, DATABASE_URL, ...env } = process.env;
  const run = `const { twoFactor } = await import(${JSON.stringify(pathToFileURL(path).href)});
    console.log("built");
    try { twoFactor(); } catch (error) { console.log(error.message); }`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", run];
  const printed = execFileSync(process.execPath, args, { env, encoding: "utf8" });
  assert.match(printed, /^built\nkeys: /);
});
