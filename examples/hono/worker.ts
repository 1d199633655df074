/**
 * Two-factor sign-in on Cloudflare Workers: Hono in front, D1 behind, for records and sessions alike.
 *
 * Bindings: `DB` (D1; the tables are in `schema.sql`), `MAIL` (a service that sends mails) and the secret
 * `TWO_FACTOR_KEYS` (`npx twinlock key`).
 */

import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { createTwoFactor, deviceCookie, type SignedIn, type TwoFactor, type TwoFactorEvent } from "twinlock";
import { qrSvg } from "twinlock/qr";
import { type D1Binding, d1Store } from "twinlock/stores/d1";

interface Session {
  id: string;
  binding: string;
  userId?: string;
  elevation?: string;
  challenge?: string;
  enrollmentId?: string;
}

interface Fields {
  name?: string;
  password?: string;
  code?: string;
}

interface Mail {
  fetch(url: string, init: RequestInit): Promise<unknown>;
}

interface Env {
  Bindings: { DB: D1Binding; MAIL: Mail; TWO_FACTOR_KEYS: string };
  Variables: { twoFactor: TwoFactor; session: Session; fields: Fields };
}

const app = new Hono<Env>();
app.use(secureHeaders(), csrf(), bodyLimit({ maxSize: 16_384 }));

app.use(async (c, next) => {
  c.header("Cache-Control", "no-store");
  c.set("twoFactor", twoFactorOf(c));
  c.set("fields", textFields(await c.req.json().catch(() => null)));
  c.set("session", await loadSession(c)); // when the form is complete
  await next();
});

/** A service for each request, since its events have to be finished before this request's Worker may stop. */
function twoFactorOf({ env, executionCtx }: Context<Env>): TwoFactor {
  return createTwoFactor({
    issuer: "Worker",
    store: d1Store(env.DB),
    keys: env.TWO_FACTOR_KEYS,
    onEvent: (event) => executionCtx.waitUntil(record(env, event)),
    verifyPassword: async (userId, password) => (await checkPassword(userId, password)) !== null,
    queue: false, // a Worker's request may vanish while others wait for it
  });
}

/** A mail where the person should hear of it, and a line in the log. */
async function record({ DB, MAIL }: Env["Bindings"], event: TwoFactorEvent): Promise<void> {
  const { userId, at, type, notify } = event;
  if (notify) await MAIL.fetch("https://mail/", { method: "POST", body: JSON.stringify({ userId, type }) });
  await DB.prepare("INSERT INTO events (user_id, at, type) VALUES (?, ?, ?)").bind(userId, at, type).run();
}

/** Short strings and nothing else: a JSON body could hold anything. */
function textFields(body: unknown): Fields {
  const short = (field: [string, unknown]) => typeof field[1] === "string" && field[1].length <= 200;
  return Object.fromEntries(Object.entries(Object(body)).filter(short));
}

/** Yours: the user's id, or null. It limits how often a password may be tried. */
async function checkPassword(name: string, password: string): Promise<string | null> {
  return name === "ada" && password === "correct horse battery" ? "ada" : null;
}

const LASTS = 86_400_000; // a session, after it was last written

async function loadSession(c: Context<Env>): Promise<Session> {
  const id = getCookie(c, "session", "host") ?? "";
  const sql = `SELECT data FROM sessions WHERE id = ? AND expires_at > ?
    AND binding NOT IN (SELECT binding FROM ended_visits)`;
  const row = await c.env.DB.prepare(sql).bind(id, Date.now()).first();
  const data = (row as { data: string } | null)?.data;
  return data === undefined ? { id: "", binding: crypto.randomUUID() } : { ...JSON.parse(data), id };
}

async function saveSession(c: Context<Env>, session: Session): Promise<void> {
  const sql = `INSERT INTO sessions (id, binding, data, expires_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (id) DO UPDATE SET data = ?3, expires_at = ?4`;
  const values = [session.id, session.binding, JSON.stringify(session), Date.now() + LASTS] as const;
  await c.env.DB.prepare(sql)
    .bind(...values)
    .run();
}

/**
 * Ends the visit so far. A request that is still at work would write its session back: the binding says that it is over.
 */
async function endVisit(c: Context<Env>): Promise<void> {
  const { id, binding } = c.var.session;
  c.set("session", { id: "", binding: crypto.randomUUID() });
  if (id === "") return;
  const run = (sql: string, ...values: (string | number)[]) =>
    c.env.DB.prepare(sql)
      .bind(...values)
      .run();
  await run("INSERT OR IGNORE INTO ended_visits VALUES (?, ?)", binding, Date.now() + 2 * LASTS);
  await run("DELETE FROM sessions WHERE id = ?", id);
  const tidy = ["sessions", "ended_visits"].map((table) =>
    run(`DELETE FROM ${table} WHERE expires_at <= ?`, Date.now()),
  );
  c.executionCtx.waitUntil(Promise.all(tidy));
}

/** A new id, the same binding, and nothing else but what is named. */
async function renewSession(c: Context<Env>, more: Partial<Session>): Promise<void> {
  const { id, binding } = c.var.session;
  await c.env.DB.prepare("DELETE FROM sessions WHERE id = ?").bind(id).run();
  const session: Session = { ...more, id: crypto.randomUUID(), binding };
  await saveSession(c, session);
  setCookie(c, "session", session.id, { prefix: "host", httpOnly: true, sameSite: "Lax" });
}

async function enter(c: Context<Env>, { userId, elevation, device }: SignedIn): Promise<void> {
  await renewSession(c, { userId, elevation });
  if (device) c.header("Set-Cookie", deviceCookie(userId).set(device), { append: true });
}

function signedIn({ var: { session } }: Context<Env>): string {
  if (session.userId !== undefined) return session.userId;
  throw new HTTPException(401, { res: Response.json({ error: "sign in first" }, { status: 401 }) });
}

app.post("/sign-in", async (c) => {
  const { name = "", password = "" } = c.var.fields;
  const userId = await checkPassword(name, password);
  if (userId === null) return c.json({ error: "name and password do not belong together" }, 401);
  await endVisit(c);
  const step = await c.var.twoFactor.signIn.begin(userId, {
    binding: c.var.session.binding,
    deviceToken: getCookie(c, deviceCookie(userId).name),
    firstFactor: { amr: ["pwd"] },
  });
  if (step.step === "done") await renewSession(c, { userId: step.userId });
  if (step.step === "code") await renewSession(c, { challenge: step.challenge });
  return c.json({ step: step.step });
});

app.post("/sign-in/code", async (c) => {
  const { challenge, binding } = c.var.session;
  const result = await c.var.twoFactor.signIn.complete(challenge, c.var.fields.code, { binding });
  if (!result.ok) return c.json(result, 422);
  await enter(c, result);
  return c.json({ method: result.method, backupCodesLeft: result.backupCodesLeft });
});

app.post("/sign-out", async (c) => {
  await endVisit(c);
  deleteCookie(c, "session", { prefix: "host" });
  return c.json({});
});

app.post("/account", async (c) => {
  const userId = signedIn(c);
  const { state, backupCodes } = await c.var.twoFactor.status(userId);
  return c.json({ userId, twoFactor: state, backupCodes });
});

app.post("/two-factor/begin", async (c) => {
  const userId = signedIn(c);
  const { session, twoFactor, fields } = c.var;
  const { binding, elevation } = session;
  const proof = { binding, elevation, password: fields.password };
  const start = await twoFactor.enrollment.begin(userId, { accountName: userId, ...proof });
  if (!start.ok) return c.json(start, 422);
  await saveSession(c, { ...session, enrollmentId: start.enrollmentId });
  return c.json({ qr: qrSvg(start.keyUri), key: start.manualEntryKey });
});

app.post("/two-factor/confirm", async (c) => {
  const { enrollmentId, binding } = c.var.session;
  const { code } = c.var.fields;
  const result = await c.var.twoFactor.enrollment.confirm(signedIn(c), { enrollmentId, code, binding });
  if (!result.ok) return c.json(result, 422);
  if (result.state === "active") await enter(c, result.signIn);
  return c.json({ state: result.state, backupCodes: result.backupCodes?.codes ?? [] });
});

export default app;
