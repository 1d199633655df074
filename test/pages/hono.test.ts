import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Response as MailResponse, Miniflare } from "miniflare";
import { generateKey } from "twinlock";
import type { D1Binding, D1Statement } from "twinlock/stores/d1";
import worker from "../../examples/hono/worker.ts";
import { gate, type Send, walkHeldRequests, walkJsonFlow, walkJunk } from "./support/json-flow.ts";

const example = fileURLToPath(new URL("../../examples/hono/", import.meta.url));
const { outputFiles } = await build({
  entryPoints: [`${example}worker.ts`],
  bundle: true,
  write: false,
  format: "esm",
  platform: "browser",
  conditions: ["workerd", "worker"],
});
const keys = generateKey();
const responses = new EventEmitter();
let mailWaits: Promise<unknown> | undefined;
const workerd = new Miniflare({
  modules: true,
  script: outputFiles[0]?.text ?? "",
  compatibilityDate: "2026-01-01",
  d1Databases: ["DB"],
  bindings: { TWO_FACTOR_KEYS: keys },
  serviceBindings: {
    async MAIL() {
      await mailWaits;
      return new MailResponse();
    },
  },
});
const database = await workerd.getD1Database("DB");
const schema = (await readFile(`${example}schema.sql`, "utf8")).replaceAll(/^--.*$/gm, "").split(";");
const tables = ["sessions", "ended_visits", "events", "two_factor"];

beforeEach(async () => {
  for (const statement of schema) if (statement.trim() !== "") await database.prepare(statement).run();
});
afterEach(async () => {
  for (const table of tables) await database.prepare(`DROP TABLE ${table}`).run();
});
after(() => workerd.dispose());

const inWorkerd: Send = async (path, { method, headers, body }) => {
  const init = { method: String(method), headers: headers as Record<string, string>, body: String(body) };
  const answer = await workerd.dispatchFetch(`https://example.org${path}`, init);
  const set = answer.headers.getSetCookie().map((line): [string, string] => ["set-cookie", line]);
  return new Response(await answer.text(), { status: answer.status, headers: set });
};

test("Hono on Workers with D1 enrolls and signs in", () => walkJsonFlow(inWorkerd));

test("P8 Hono: JSON of other types than the fields have is refused", () => walkJunk(inWorkerd));

test("P3 events arrive on Workers, though the response does not wait for them", async () => {
  mailWaits = once(responses, "over");
  await walkJsonFlow(inWorkerd);
  const logged = async () => {
    const { results } = await database.prepare("SELECT type FROM events").all();
    return (results as { type: string }[]).map(({ type }) => type);
  };
  assert.ok(
    !(await logged()).includes("enrolled"),
    "every response is here, and the mails are still at work",
  );
  responses.emit("over");
  let types = await logged();
  for (let i = 0; i < 200 && !types.includes("backup_code_used"); i++) types = await logged();
  for (const type of [
    "enrollment_started",
    "enrolled",
    "verified",
    "backup_code_used",
    "verification_failed",
  ])
    assert.ok(types.includes(type), type);
});

test("P2 Hono: what is at work during a sign-out signs nobody in again", async () => {
  const { hold, pass } = gate();
  const waiting = (statement: D1Statement): D1Statement => ({
    bind: (...values) => waiting(statement.bind(...values)),
    first: () => pass().then(() => statement.first()),
    run: () => statement.run(),
  });
  const DB: D1Binding = {
    withSession: database.withSession,
    prepare: (sql) => {
      const statement: D1Statement = database.prepare(sql);
      return sql.includes("two_factor") ? waiting(statement) : statement;
    },
  };
  const context = { waitUntil() {}, passThroughOnException() {}, props: {} };
  const send: Send = async (path, init) =>
    worker.fetch(
      new Request(`https://example.org${path}`, init),
      { DB, MAIL: { fetch: async () => null }, TWO_FACTOR_KEYS: keys },
      context,
    );
  await walkHeldRequests(send, hold);
});
