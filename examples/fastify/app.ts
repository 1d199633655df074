/** Two-factor sign-in with Fastify and PostgreSQL: one pool for records and sessions. */

import cookie from "@fastify/cookie";
import fastifySession, { type FastifySessionOptions } from "@fastify/session";
import connectPgSimple from "connect-pg-simple";
import expressSession from "express-session";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Pool } from "pg";
import { createTwoFactor, deviceCookie, type SignedIn } from "twinlock";
import { qrSvg } from "twinlock/qr";
import { postgresStore } from "twinlock/stores/postgres";

declare module "fastify" {
  interface Session {
    binding: string;
    userId: string;
    elevation: string;
    challenge: string;
    enrollmentId: string;
  }
}

export interface AppOptions {
  pool: Pool;
  keys: string | undefined;
  sessionSecret: string;
  /** Yours: the user's id, or null. It limits how often a password may be tried. */
  checkPassword: (name: string, password: string) => Promise<string | null>;
}

type Post = FastifyRequest<{ Body: { name?: string; password?: string; code?: string } }>;

export async function createApp({
  pool,
  keys,
  sessionSecret,
  checkPassword,
}: AppOptions): Promise<FastifyInstance> {
  const store = postgresStore(pool);
  await store.migrate();
  await pool.query(
    "CREATE TABLE IF NOT EXISTS ended_visits (binding TEXT PRIMARY KEY, ended_at TIMESTAMPTZ DEFAULT now())",
  );
  const twoFactor = createTwoFactor({
    issuer: "Fastify",
    store,
    keys,
    verifyPassword: async (userId, password) => (await checkPassword(userId, password)) === userId,
  });

  const app = fastify({ trustProxy: "loopback" }); // it ends TLS: the session cookie is Secure
  const PgSessions = connectPgSimple(expressSession);
  const sessions = new PgSessions({ pool, createTableIfMissing: true }); // each lasts a day after its last request
  app.addHook("onClose", async () => sessions.close());
  await app.register(cookie);
  await app.register(fastifySession, {
    secret: sessionSecret,
    cookieName: "__Host-session",
    saveUninitialized: false,
    cookie: { secure: true, httpOnly: true, sameSite: "lax", path: "/" },
    store: sessions as object as Exclude<FastifySessionOptions["store"], undefined>, // made for Express, and alike
  });

  // Strings and nothing else: a JSON body could hold anything.
  const text = { type: "object", additionalProperties: { type: "string", maxLength: 200 } };
  const schema = { body: text };

  /** A request that is still at work after the sign-out writes its session back: the binding says that it is over. */
  async function endVisit({ session: { binding } }: FastifyRequest): Promise<void> {
    if (!binding) return;
    await pool.query("DELETE FROM ended_visits WHERE ended_at < now() - interval '2 days'");
    await pool.query("INSERT INTO ended_visits (binding) VALUES ($1) ON CONFLICT DO NOTHING", [binding]);
  }

  app.addHook("preHandler", async (request) => {
    const { binding } = request.session;
    if (!binding) return;
    const ended = await pool.query("SELECT 1 FROM ended_visits WHERE binding = $1", [binding]);
    if (ended.rowCount) await request.session.regenerate();
  });

  async function enter(request: FastifyRequest, reply: FastifyReply, result: SignedIn): Promise<void> {
    await request.session.regenerate(["binding"]); // what is sealed with it still opens
    request.session.userId = result.userId;
    request.session.elevation = result.elevation;
    if (result.device) reply.header("set-cookie", deviceCookie(result.userId).set(result.device));
  }

  app.post("/sign-in", { schema }, async (request: Post, reply) => {
    const { name = "", password = "" } = request.body;
    const userId = await checkPassword(name, password);
    if (userId === null) return reply.code(401).send({ error: "name and password do not belong together" });
    await endVisit(request);
    await request.session.regenerate();
    request.session.binding = crypto.randomUUID();
    const step = await twoFactor.signIn.begin(userId, {
      binding: request.session.binding,
      deviceToken: request.cookies[deviceCookie(userId).name],
      firstFactor: { amr: ["pwd"] },
    });
    if (step.step === "done") request.session.userId = step.userId;
    if (step.step === "code") request.session.challenge = step.challenge;
    return { step: step.step };
  });

  app.post("/sign-in/code", { schema }, async (request: Post, reply) => {
    const { challenge, binding } = request.session;
    const result = await twoFactor.signIn.complete(challenge, request.body.code, {
      binding: binding ?? null,
    });
    if (!result.ok) return reply.code(422).send(result);
    await enter(request, reply, result);
    return { method: result.method, backupCodesLeft: result.backupCodesLeft };
  });

  app.post("/sign-out", async (request) => {
    await endVisit(request);
    await request.session.destroy();
    return {};
  });

  app.register((inside, _options, done) => {
    inside.addHook("preHandler", async ({ session }, reply) => {
      if (!session.userId) return reply.code(401).send({ error: "sign in first" });
    });

    inside.post("/account", async ({ session: { userId } }) => {
      const { state, backupCodes } = await twoFactor.status(userId);
      return { userId, twoFactor: state, backupCodes };
    });

    inside.post("/two-factor/begin", { schema }, async ({ session, body }: Post, reply) => {
      const { userId, binding, elevation } = session;
      const proof = { binding, elevation, password: body.password };
      const start = await twoFactor.enrollment.begin(userId, { accountName: userId, ...proof });
      if (!start.ok) return reply.code(422).send(start);
      session.enrollmentId = start.enrollmentId;
      return { qr: qrSvg(start.keyUri), key: start.manualEntryKey };
    });

    inside.post("/two-factor/confirm", { schema }, async (request: Post, reply) => {
      const { userId, binding, enrollmentId } = request.session;
      const { code } = request.body;
      const result = await twoFactor.enrollment.confirm(userId, { enrollmentId, code, binding });
      if (!result.ok) return reply.code(422).send(result);
      if (result.state === "active") await enter(request, reply, result.signIn);
      return { state: result.state, backupCodes: result.backupCodes?.codes ?? [] };
    });
    done();
  });
  return app;
}
