/** One SQL database for everything: an embedded SQLite file, or PostgreSQL where DATABASE_URL says so. */

import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import connectPgSimple from "connect-pg-simple";
import session from "express-session";
import { Redis } from "ioredis";
import pg from "pg";
import type { UserStore } from "twinlock";
import { postgresStore } from "twinlock/stores/postgres";
import { redisStore } from "twinlock/stores/redis";
import { sqliteStore } from "twinlock/stores/sqlite";
import { SqliteSessions } from "./sqlite-sessions.ts";

export type Value = string | number | null;
export type Row = Record<string, unknown>;

/** Runs one statement. Its parameters are $1, $2, ..., first used in this order: both databases read that. */
export type Query = (sql: string, values?: readonly Value[]) => Promise<Row[]>;

export interface Database {
  query: Query;
  secondFactors: UserStore;
  /** Deletes somebody's second factor with all that belongs to it: it is one row. */
  eraseSecondFactor(userId: string): Promise<void>;
  /** A session store for one router: express-session ties each store to one cookie. */
  newSessions(): session.Store;
  /** Deletes what nobody asks for any more: sessions and counters that are over, and old activity. */
  prune(now: number): Promise<void>;
  close(): Promise<void>;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, product TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
    password_hash TEXT NOT NULL, role TEXT NOT NULL, enrolled INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0, activated_at BIGINT, activated_generation INTEGER,
    created_at BIGINT NOT NULL, UNIQUE (product, email));
  CREATE UNIQUE INDEX IF NOT EXISTS one_owner ON users (product) WHERE role = 'owner';
  CREATE TABLE IF NOT EXISTS policies (product TEXT PRIMARY KEY, required_since BIGINT, grace_seconds BIGINT NOT NULL);
  CREATE TABLE IF NOT EXISTS activity (
    user_id TEXT NOT NULL, at BIGINT NOT NULL, type TEXT NOT NULL, actor TEXT, reason TEXT, ip TEXT, device TEXT);
  CREATE INDEX IF NOT EXISTS activity_by_user ON activity (user_id, at);
  CREATE TABLE IF NOT EXISTS ended_visits (binding TEXT PRIMARY KEY, expires_at BIGINT NOT NULL);
  CREATE TABLE IF NOT EXISTS rate_limits (id TEXT PRIMARY KEY, hits INTEGER NOT NULL, reset_at BIGINT NOT NULL)`;

const ACTIVITY_KEPT = 90 * 86_400_000;

async function prune(query: Query, now: number): Promise<void> {
  await query("DELETE FROM rate_limits WHERE reset_at <= $1", [now]);
  await query("DELETE FROM ended_visits WHERE expires_at <= $1", [now]);
  await query("DELETE FROM activity WHERE at <= $1", [now - ACTIVITY_KEPT]);
}

async function eraseSecondFactor(query: Query, redis: Redis | null, userId: string): Promise<void> {
  if (redis) await redis.del(`two_factor:${userId}`);
  else await query("DELETE FROM two_factor WHERE user_id = $1", [userId]);
}

/** Opens an SQLite file; `file` is a path. */
export async function openSqlite(file: string, redisUrl?: string): Promise<Database> {
  const client = createClient({ url: pathToFileURL(file).href });
  const query: Query = async (sql, values = []) =>
    (await client.execute({ sql, args: [...values] })).rows.map((row) => ({ ...row }));
  await query("PRAGMA journal_mode = WAL");
  await query("PRAGMA busy_timeout = 5000");
  const sessions =
    "CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, data TEXT NOT NULL, expires_at BIGINT)";
  for (const statement of [...TABLES.split(";"), sessions]) await query(statement);
  const records = sqliteStore(client);
  await records.migrate();
  const redis = redisUrl === undefined ? null : new Redis(redisUrl);
  return {
    query,
    secondFactors: redis ? redisStore(redis) : records,
    eraseSecondFactor: (userId) => eraseSecondFactor(query, redis, userId),
    newSessions: () => new SqliteSessions(query),
    async prune(now) {
      await prune(query, now);
      await query("DELETE FROM sessions WHERE expires_at <= $1", [now]);
    },
    async close() {
      redis?.disconnect();
      client.close();
    },
  };
}

/** Opens PostgreSQL. Several instances may start at once: the lock lets one of them at a time create the tables. */
export async function openPostgres(url: string, redisUrl?: string): Promise<Database> {
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({ connectionString: url });
  const sessions = `CREATE TABLE IF NOT EXISTS session (
    sid TEXT PRIMARY KEY, sess JSON NOT NULL, expire TIMESTAMP(6) NOT NULL)`;
  const records = postgresStore(pool);
  const client = await pool.connect();
  await client.query("SELECT pg_advisory_lock(20, 26)");
  try {
    await client.query(`${TABLES};${sessions}`);
    await records.migrate();
  } finally {
    await client.query("SELECT pg_advisory_unlock(20, 26)");
    client.release();
  }
  const redis = redisUrl === undefined ? null : new Redis(redisUrl);
  const PostgresSessions = connectPgSimple(session);
  const query: Query = async (sql, values = []) => (await pool.query(sql, [...values])).rows;
  return {
    query,
    secondFactors: redis ? redisStore(redis) : records,
    eraseSecondFactor: (userId) => eraseSecondFactor(query, redis, userId),
    newSessions: () => new PostgresSessions({ pool, pruneSessionInterval: false }), // `prune` does that
    async prune(now) {
      await prune(query, now);
      await query("DELETE FROM session WHERE expire <= to_timestamp($1)", [now / 1000]);
    },
    async close() {
      redis?.disconnect();
      await pool.end();
    },
  };
}
