/** Records in PostgreSQL, through the client that the host has: pg, postgres.js or PGlite. */

import {
  type Dialect,
  type Driver,
  type Row,
  type SqlStore,
  type SqlStoreOptions,
  type SqlValue,
  type Statement,
  schemaOf,
  sqlStore,
} from "./sql.ts";

export type { SqlStore, SqlStoreOptions, SqlValue } from "./sql.ts";

/** What the store needs of a `Pool` of pg, or of a `Client` that nobody else runs transactions on. */
export interface PgPool {
  query(query: { name?: string; text: string; values?: SqlValue[] }): Promise<{
    rows: unknown[];
    rowCount: number | null;
  }>;
}

/** What the store needs of `postgres()` from postgres.js. */
export interface PostgresJs {
  unsafe(
    sql: string,
    values?: SqlValue[],
    options?: { prepare?: boolean },
  ): PromiseLike<readonly unknown[] & { count: number | null }>;
  begin: unknown;
  readonly options: { readonly prepare?: boolean };
}

/** What the store needs of a `PGlite`. */
export interface PGliteDatabase {
  query(sql: string, values?: SqlValue[]): Promise<{ rows: unknown[]; affectedRows?: number }>;
  exec(sql: string): Promise<unknown>;
}

const TROUBLE: Readonly<Record<string, ReturnType<Dialect["trouble"]>>> = {
  "40001": "again", // serialization failure
  "40P01": "again", // deadlock
  "23505": "again", // only from CREATE TABLE IF NOT EXISTS, when several processes run it at once
  "42P07": "again", // likewise
  "42P01": "no_table",
  "42703": "no_column",
  "22001": "too_short",
};

const dialect: Dialect = {
  name: "postgres",
  quote: '"',
  parameter: (position) => `$${position}`,
  onConflict: " ON CONFLICT (user_id) DO NOTHING",
  schema: (table) =>
    `CREATE TABLE IF NOT EXISTS ${table} (
  user_id text COLLATE "C" PRIMARY KEY,
  version text NOT NULL,
  data text NOT NULL,
  state text NOT NULL,
  enrolled_at bigint,
  backup_codes_active integer NOT NULL,
  key_id text NOT NULL
)`,
  trouble: ({ code }) => TROUBLE[String(code)],
};

/**
 * Keeps records in PostgreSQL.
 *
 * @param client - a pg `Pool`, the function that `postgres()` of postgres.js returns, or a `PGlite`. A pg `Client` of
 *   its own will do where there is no pool; it rejects while a transaction is open on it.
 * @throws TypeError if the client is none of these, or is a transaction or was checked out of a pool: what the host
 *   rolls back would be accepted again.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PGlite } from "@electric-sql/pglite";
 * import { postgresStore } from "twinlock/stores/postgres";
 *
 * const store = postgresStore(new PGlite());
 * await store.migrate();
 * assert.equal(await store.get("alice"), null);
 * ```
 */
export function postgresStore(
  client: PgPool | PostgresJs | PGliteDatabase,
  options?: SqlStoreOptions,
): SqlStore {
  return sqlStore(dialect, driverOf(client), options);
}

/**
 * Gives the SQL that creates the table, for the host's own migrations. `table` as in {@link SqlStoreOptions}.
 *
 * @throws TypeError or RangeError if `table` is not a name that the option takes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { postgresSchema } from "twinlock/stores/postgres";
 *
 * assert.match(postgresSchema("auth.two_factor"), /^CREATE TABLE IF NOT EXISTS "auth"."two_factor"/);
 * ```
 */
export function postgresSchema(table?: string): string {
  return schemaOf(dialect, table);
}

function driverOf(client: PgPool | PostgresJs | PGliteDatabase): Driver {
  const shape = Object(client) as Partial<PgPool & PostgresJs & PGliteDatabase & { [name: string]: unknown }>;
  if (shape["release"] || shape["rollback"] || shape["savepoint"]) {
    throw new TypeError("client: want the pool itself, not a transaction or a connection checked out of it");
  }
  if (typeof shape.unsafe === "function" && shape.begin) return postgresJs(client as PostgresJs);
  if (shape["getConnection"]) throw new TypeError("client: this is a pool of mysql2: use mysqlStore");
  if (typeof shape.query === "function" && shape.exec) return pglite(client as PGliteDatabase);
  if (typeof shape.query === "function") return pg(client as PgPool & PgClient);
  throw new TypeError("client: want a Pool of pg, the client of postgres.js, or a PGlite");
}

/** What a single pg `Client` has beside a pool's `query`. */
interface PgClient {
  getTransactionStatus?(): string | null;
}

/** A pooler between us and the server may not know a statement that pg has prepared; then nothing has been run. */
const FORGOTTEN = ["26000", "42P05", "0A000"];

function pg(pool: PgPool & PgClient): Driver {
  let byName = true;
  const run = async ({ name, sql }: Statement, values: readonly SqlValue[]): ReturnType<PgPool["query"]> => {
    if (/T|E/.test(pool.getTransactionStatus?.() ?? "")) {
      throw new TypeError("client: a transaction is open on this connection: want a pool");
    }
    const query = { text: sql, values: [...values] };
    if (!byName) return pool.query(query);
    try {
      return await pool.query({ name, ...query });
    } catch (error) {
      if (!FORGOTTEN.includes(String((error as { code?: unknown }).code))) throw error;
      byName = false;
      return pool.query(query);
    }
  };
  return {
    first: async (statement, values) => (await run(statement, values)).rows[0] as Row | undefined,
    change: async (statement, values) => (await run(statement, values)).rowCount,
    script: (text) => pool.query({ text }),
  };
}

function postgresJs(client: PostgresJs): Driver {
  const prepare = client.options.prepare ?? true; // false where the host has a pooler that forgets statements
  const run = ({ sql }: Statement, values: readonly SqlValue[]): ReturnType<PostgresJs["unsafe"]> =>
    client.unsafe(sql, [...values], { prepare });
  return {
    first: async (statement, values) => (await run(statement, values))[0] as Row | undefined,
    change: async (statement, values) => (await run(statement, values)).count,
    script: async (sql) => client.unsafe(sql),
  };
}

function pglite(database: PGliteDatabase): Driver {
  return {
    first: async ({ sql }, values) => (await database.query(sql, [...values])).rows[0] as Row | undefined,
    change: async ({ sql }, values) => (await database.query(sql, [...values])).affectedRows,
    script: (sql) => database.exec(sql),
  };
}
