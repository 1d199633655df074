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

let started = 0;

async function start(options = ""): Promise<{ origin: string; close(): void }> {
  const code = blocks
    .filter((block) => block !== lazy)
    .join("\n")
    .replace('import { postgresStore } from "twinlock/stores/postgres";', "")
    .replace('import pg from "pg";', 'import { memoryStore } from "twinlock/stores/memory";')
    .replace(/const store = postgresStore.*\nawait store.migrate.*\n/, "const store = memoryStore();\n")
    .replace('issuer: "Acme",', `issuer: "Acme", ${options}`)
    .replace("app.listen(3000);", "export default app;");
  process.env["TWO_FACTOR_KEYS"] = generateKey();
  process.env["SESSION_SECRET"] = "for this test";
  const { default: app } = (await import(pathToFileURL(written(`app-${++started}.ts`, code)).href)) as {
    default: RequestListener;
  };
  const server = createServer(app).listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, close: () => void server.close() };
}

type Page = Record<string, unknown> & { page?: string };

/** One device with its cookies, which sends forms. */
function visitor(origin: string) {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async post(path: string, fields: Record<string, string> = {}, method = "POST"): Promise<Page> {
      const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
      const body = method === "POST" ? { body: new URLSearchParams(fields) } : {};
      const answer = await fetch(origin + path, { method, redirect: "manual", headers: { cookie }, ...body });
      for (const line of answer.headers.getSetCookie()) {
        const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
        cookies.set(name, value);
      }
      assert.ok(answer.status < 400, `${path}: ${answer.status}`);
      return answer.status === 302 ? { to: answer.headers.get("location") } : ((await answer.json()) as Page);
    },
  };
}

const right = { email: "mallory@example.org", password: "right" };

async function enrolled(origin: string, fields: Record<string, string> = { password: "right" }) {
  const person = visitor(origin);
  assert.deepEqual(await person.post("/sign-in", right), { to: "/" });
  const { qr } = await person.post("/two-factor/begin", fields);
  const phone = authenticator(readQrFromPage(String(qr)));
  const confirmed = await person.post("/two-factor/confirm", { code: phone.code(Date.now()) });
  assert.equal(confirmed.page, "backup-codes");
  return { person, phone, codes: confirmed["codes"] as string[] };
}

/** Without blank lines, comments and imports. */
function linesOf(code: string): string[] {
  return code
    .replace(/^import [^;]*;/gm, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
}

test("the host code of all the flows takes at most 45 lines", () => {
  const [application = "", ...flows] = blocks.filter((block) => block !== lazy);
  assert.match(application, /app\.use\(session/);
  const count = linesOf(flows.join("\n")).length;
  assert.ok(count <= 45, `${count} lines`);
});

test("the page's code signs in, replaces the phone, trusts a device and turns off", async () => {
  const { origin, close } = await start();
  try {
    const { phone, codes } = await enrolled(origin);
    const next = visitor(origin);
    assert.equal((await next.post("/sign-in", right)).page, "code");
    assert.equal((await next.post("/sign-in/code", { code: phone.code(Date.now()) })).page, "code", "spent");
    assert.deepEqual(await next.post("/sign-in/code", { code: codes[0] ?? "", trust: "on" }), { to: "/" });
    const { devices } = await next.post("/devices", {}, "GET");
    const current = (devices as { current: boolean; trustedUntilAt: number | null }[]).filter(
      (d) => d.current,
    );
    assert.equal(current.length, 1);
    assert.equal(typeof current[0]?.trustedUntilAt, "number");
    assert.deepEqual(await next.post("/sign-in", right), { to: "/" }, "trusted");
    const code = codes[1] ?? "";
    const replaced = await next.post("/two-factor/begin", { password: "right", code, replace: "on" });
    const other = authenticator(readQrFromPage(String(replaced["qr"])));
    const confirmed = await next.post("/two-factor/confirm", { code: other.code(Date.now()) });
    assert.equal(confirmed.page, "backup-codes");
    const batch = await next.post("/two-factor/backup-codes", { password: "right" });
    assert.equal((batch["codes"] as string[]).length, 10);
    assert.deepEqual(await next.post("/two-factor/disable", { password: "right" }), { page: "settings" });
    assert.deepEqual(await visitor(origin).post("/sign-in", right), { to: "/" });
  } finally {
    close();
  }
});

test("the same routes serve a forced enrollment", async () => {
  const { origin, close } = await start("requirement: () => ({ required: true }),");
  try {
    const person = visitor(origin);
    assert.equal((await person.post("/sign-in", right)).page, "enroll");
    assert.deepEqual((await person.post("/devices", {}, "GET"))["devices"], [], "nobody is signed in");
    const { qr } = await person.post("/two-factor/begin");
    const phone = authenticator(readQrFromPage(String(qr)));
    assert.equal((await person.post("/two-factor/confirm", { code: "000000" })).page, "confirm");
    const confirmed = await person.post("/two-factor/confirm", { code: phone.code(Date.now()) });
    assert.equal(confirmed.page, "backup-codes");
    assert.equal(((await person.post("/devices", {}, "GET"))["devices"] as object[]).length, 1);
  } finally {
    close();
  }
});

test("P1 the session has a new id after password and code, and a planted one is over", async () => {
  const { origin, close } = await start();
  try {
    const { person, codes } = await enrolled(origin);
    const planted = person.cookies.get("connect.sid") ?? "";
    const victim = visitor(origin);
    victim.cookies.set("connect.sid", planted);
    assert.equal((await victim.post("/sign-in", right)).page, "code");
    const pending = victim.cookies.get("connect.sid");
    assert.notEqual(pending, planted);
    assert.deepEqual(await victim.post("/sign-in/code", { code: codes[0] ?? "" }), { to: "/" });
    assert.notEqual(victim.cookies.get("connect.sid"), pending);
    const after = await person.post("/devices", {}, "GET");
    assert.deepEqual(after["devices"], [], "the visit before is over");
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
