// The files that the blocks of docs/getting-started.md make, run as an application.
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
import { visitor as browser, type Seen } from "./support/visitor.ts";

const folder = join(import.meta.dirname, `.getting-started-${process.pid}`);
mkdirSync(folder);
after(() => rmSync(folder, { recursive: true }));

const blocks = [...readFileSync("docs/getting-started.md", "utf8").matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code = ""]) => code,
);
const blockOf = (start: string) => blocks.find((code) => code.startsWith(start)) ?? "";
const lazy = blockOf("// two-factor.ts");
const standIn = blockOf("// yours.ts");
const database = blockOf("import pg");
const appBlocks = blocks.filter((block) => ![lazy, standIn, database].includes(block));
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

/** What cookie-session changes in the page's code. */
const COOKIE_SESSION = [
  ['from "express-session"', 'from "cookie-session"'],
  ["{ createFlow, expressSession }", "{ cookieSession, createFlow, memoryEndedVisits }"],
  ["(twoFactor, expressSession)", "(twoFactor, cookieSession(memoryEndedVisits()))"],
] as const;

async function start(
  options = "",
  mine = "yours",
  edits: typeof COOKIE_SESSION | [] = [],
): Promise<{ origin: string; close(): void }> {
  const page = appBlocks
    .join("\n")
    .replace("./yours.js", `./${mine}.js`)
    .replace('issuer: "Acme",', `issuer: "Acme", ${options}`)
    .replace("app.listen(3000);", "export default app;");
  const code = edits.reduce((edited, [from, to]) => edited.replace(from, to), page);
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
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      assert.ok(answer.status < 400, `${path}: ${answer.status}`);
      return answer.status === 302 ? { to: answer.headers.get("location") } : ((await answer.json()) as Page);
    },
  };
}

async function devicesOf(person: ReturnType<typeof visitor>) {
  const devices: unknown = await person.post("/devices", {}, "GET");
  return devices as { current: boolean; trustedUntilAt: number | null }[];
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
  const [application = "", ...flows] = appBlocks;
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
    const current = (await devicesOf(next)).filter((device) => device.current);
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

test("a reader's two files compile strictly, and a browser signs in with a code", async () => {
  written("stand-in.ts", standIn);
  const { origin, close } = await start("", "stand-in");
  try {
    const tsc = ["node_modules/typescript/bin/tsc", "--noEmit", "--ignoreConfig", "--skipLibCheck"];
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
    const target = ["--module", "nodenext", "--target", "es2022", "--types", "node"];
    execFileSync(process.execPath, [...tsc, ...strict, ...target, join(folder, `app-${started}.ts`)]);
    const ada = browser(origin);
    const first = { email: "ada@example.com", password: "correct horse" };
    const heading = async (seen: Promise<Seen>) => /<h1>(.*?)<\/h1>/.exec((await seen).html)?.[1];
    assert.equal(await heading(ada.get("/")), "sign-in");
    assert.equal(await heading(ada.post("/sign-in", first)), "settings");
    const scan = await ada.post("/two-factor/begin", { password: "correct horse" });
    const phone = authenticator(readQrFromPage(scan.html));
    const codes = await ada.post("/two-factor/confirm", { code: phone.code(Date.now()) });
    const [code = ""] = /\d{8}/.exec(codes.html) ?? [];
    assert.equal(await heading(ada.post("/sign-out")), "sign-in");
    assert.equal(await heading(ada.post("/sign-in", first)), "code");
    assert.match((await ada.post("/sign-in/code", { code: "000000" })).html, /That code is not right/);
    assert.equal(await heading(ada.post("/sign-in/code", { code })), "settings");
  } finally {
    close();
  }
});

test("P2 with cookie-session, a copy of the cookie is nobody's after the sign-out", async () => {
  const { origin, close } = await start("", "yours", COOKIE_SESSION);
  try {
    const { codes } = await enrolled(origin);
    const person = visitor(origin);
    assert.equal((await person.post("/sign-in", right)).page, "code");
    assert.deepEqual(await person.post("/sign-in/code", { code: codes[0] ?? "" }), { to: "/" });
    const copy = visitor(origin);
    for (const [name, value] of person.cookies) copy.cookies.set(name, value);
    assert.equal((await devicesOf(copy)).length, 2);
    await person.post("/sign-out");
    assert.deepEqual(await devicesOf(copy), []);
  } finally {
    close();
  }
});

test("the same routes serve a forced enrollment", async () => {
  const { origin, close } = await start("requirement: () => ({ required: true }),");
  try {
    const person = visitor(origin);
    assert.equal((await person.post("/sign-in", right)).page, "enroll");
    assert.deepEqual(await devicesOf(person), [], "nobody is signed in");
    const { qr } = await person.post("/two-factor/begin");
    const phone = authenticator(readQrFromPage(String(qr)));
    assert.equal((await person.post("/two-factor/confirm", { code: "000000" })).page, "confirm");
    const confirmed = await person.post("/two-factor/confirm", { code: phone.code(Date.now()) });
    assert.equal(confirmed.page, "backup-codes");
    assert.equal((await devicesOf(person)).length, 1);
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
    assert.deepEqual(await devicesOf(person), [], "the visit before is over");
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
