/** Records in PostgreSQL, through your client: pg, postgres.js or PGlite. */

import { hexOf } from "../internal/bytes.ts";
import {
  type Dialect,
  type Driver,
  type DriverError,
  inTransaction,
  type Row,
  type SqlStore,
  type SqlStoreOptions,
  type SqlValue,
  schemaOf,
  sqlStore,
} from "./sql.ts";

export type { SqlStore, SqlStoreOptions, SqlValue } from "./sql.ts";

/** The part that the store uses of a `Pool` of pg, or of a `Client` on which nobody else runs transactions. */
export interface PgPool {
  query(query: { text: string }): Promise<{
    rows: unknown[];
    rowCount: number | null;
  }>;
}

/** The part of `postgres()` of postgres.js that the store uses. */
export interface PostgresJs {
  unsafe(sql: string): PromiseLike<readonly unknown[] & { count: number | null }>;
  reserve(): Promise<{ unsafe(sql: string): PromiseLike<unknown>; release(): void }>;
  begin: unknown;
  readonly options: { readonly max?: number };
}

/** The part of a `PGlite` that the store uses. */
export interface PGliteDatabase {
  query: unknown;
  isInTransaction(): boolean;
  exec(sql: string): Promise<{ rows: unknown[]; affectedRows?: number }[]>;
}

const TROUBLE: Readonly<Record<string, ReturnType<Dialect["trouble"]>>> = {
  "40001": "again", // serialization failure
  "40P01": "again", // deadlock
  "23505": "again", // unique violation of CREATE TABLE IF NOT EXISTS in several processes at once
  "42P07": "again", // duplicate table, for the same reason
  "42710": "again", // duplicate type, which every table has, for the same reason
  "25P02": "in_transaction", // the transaction had failed already
  "42P01": "no_table",
  "42703": "no_column",
  "22001": "too_short",
};

const OPEN = "a transaction is open on this connection";

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
  trouble: ({ code, message }) =>
    code === "22P02" && String(message).includes(OPEN) ? "in_transaction" : TROUBLE[String(code)],
  // In the simple protocol, the time stamps of statement and transaction are equal only outside a transaction. Inside
  // one the cast of the text fails, which also dooms the transaction.
  guard:
    "CAST(CASE WHEN transaction_timestamp() = statement_timestamp() THEN 'true' " +
    `ELSE '${OPEN}' END AS boolean)`,
};

/**
 * Keeps records in PostgreSQL.
 *
 * @param client - a pg `Pool`, the function that `postgres()` of postgres.js returns, or a `PGlite`. A pg `Client` of
 *   its own will do where there is no pool; it rejects while a transaction is open on it.
 * @throws TypeError if the client is none of these, or is a transaction or was checked out of a pool: a code that it
 *   spent would be accepted again after a rollback.
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
 * Returns the SQL that creates the table, for your own migrations. `table` is as in {@link SqlStoreOptions}.
 *
 * @throws TypeError or RangeError if `table` is not a valid name.
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
  if (typeof shape.unsafe === "function" && shape.begin && shape.reserve)
    return postgresJs(client as PostgresJs);
  if (shape["getConnection"]) throw new TypeError("client: this is a pool of mysql2: use mysqlStore");
  if (typeof shape.query === "function" && shape.exec) {
    if (typeof shape.isInTransaction === "function") return pglite(client as PGliteDatabase);
    throw new TypeError("client: want a PGlite that tells whether a transaction is open");
  }
  if (typeof shape.query === "function") return pg(client as PgPool);
  throw new TypeError("client: want a Pool of pg, the client of postgres.js, or a PGlite");
}

/*
 * Statements go out with their values, in the simple protocol, because the guard is exact only there. A pooler also has
 * no prepared statements to mix up.
 */

/** Puts the values into a statement. */
function whole(sql: string, values: readonly SqlValue[]): string {
  return sql.replace(/\$(\d)/g, (_, position: string) => literal(values[Number(position) - 1] ?? null));
}

/** Writes a value as SQL. Text that could end a literal, in any mode of the server, is written as its bytes. */
function literal(value: SqlValue): string {
  if (typeof value !== "string") return value === null ? "NULL" : String(Number(value));
  if (/^[\w.~-]*$/.test(value)) return `'${value}'`;
  return `convert_from(decode('${hexOf(value)}', 'hex'), 'UTF8')`;
}

/** Makes the driver of pg. A pool closes a connection whose statement failed, and so a transaction left open on it. */
function pg(pool: PgPool): Driver {
  const run = (sql: string, values: readonly SqlValue[]): ReturnType<PgPool["query"]> =>
    pool.query({ text: whole(sql, values) });
  return {
    first: async (sql, values) => (await run(sql, values)).rows[0] as Row | undefined,
    change: async (sql, values) => (await run(sql, values)).rowCount,
    script: (sql) => pool.query({ text: sql }),
  };
}

function postgresJs(client: PostgresJs): Driver {
  const run = async (
    sql: string,
    values: readonly SqlValue[],
  ): Promise<Awaited<ReturnType<PostgresJs["unsafe"]>>> => {
    try {
      return await client.unsafe(whole(sql, values));
    } catch (error) {
      if (dialect.trouble(error as DriverError) === "in_transaction") await endLeftOpen(client);
      throw error;
    }
  };
  return {
    first: async (sql, values) => (await run(sql, values))[0] as Row | undefined,
    change: async (sql, values) => (await run(sql, values)).count,
    script: async (sql) => client.unsafe(sql),
  };
}

/**
 * Rolls back a transaction that was left open and that the guard has doomed. postgres.js goes on using a connection
 * whose statement has failed, and does not say which one it was, so all idle connections are asked in turn.
 */
async function endLeftOpen({ reserve, options: { max = 1 } }: PostgresJs): Promise<void> {
  const reserved: Awaited<ReturnType<PostgresJs["reserve"]>>[] = [];
  try {
    for (let doomed = false; !doomed && reserved.length < max; ) {
      const connection = await reserve();
      reserved.push(connection);
      doomed = await connection.unsafe("SELECT 1").then(
        () => false,
        () => true,
      );
      if (doomed) await connection.unsafe("ROLLBACK");
    }
  } catch {
    // The call rejects anyway with the error of its statement.
  } finally {
    for (const connection of reserved) connection.release();
  }
}

function pglite(database: PGliteDatabase): Driver {
  const want = (): void => {
    if (database.isInTransaction()) throw inTransaction();
  };
  // PGlite's clock may be too coarse for the guard, and another statement may come first, so it is asked twice.
  const run = async (sql: string, values: readonly SqlValue[]) => {
    want();
    const [result] = await database.exec(whole(sql, values));
    want();
    return result;
  };
  return {
    first: async (sql, values) => (await run(sql, values))?.rows[0] as Row | undefined,
    change: async (sql, values) => (await run(sql, values))?.affectedRows,
    script: (sql) => database.exec(sql),
  };
}
