/** Records in SQLite, through your client: libsql, better-sqlite3, node:sqlite or bun:sqlite. */

import {
  type Driver,
  inTransaction,
  type Row,
  type SqlStore,
  type SqlStoreOptions,
  type SqlValue,
  schemaOf,
  sqlStore,
} from "./sql.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

export type { SqlStore, SqlStoreOptions, SqlValue } from "./sql.ts";

/** The part of a client of `@libsql/client` that the store uses. */
export interface LibsqlClient {
  execute(statement: LibsqlStatement): Promise<LibsqlResult>;
  batch(statements: LibsqlStatement[], mode: "deferred" | "write"): Promise<LibsqlResult[]>;
}

/** A statement as libsql takes it. */
export interface LibsqlStatement {
  sql: string;
  args: SqlValue[];
}

/** The part of libsql's answer that the store reads. */
export interface LibsqlResult {
  rows: unknown[];
  rowsAffected: number;
}

/** The part that the store uses of a `Database` of better-sqlite3 or bun:sqlite, or of node:sqlite's `DatabaseSync`. */
export interface SyncSqlite {
  prepare(sql: string): {
    get(...values: SqlValue[]): unknown;
    run(...values: SqlValue[]): { changes: number | bigint };
  };
  exec(sql: string): unknown;
  readonly inTransaction?: boolean;
  readonly isTransaction?: boolean;
}

type SyncStatement = ReturnType<SyncSqlite["prepare"]>;

/**
 * Keeps records in SQLite.
 *
 * @param client - `createClient()` of `@libsql/client`, a better-sqlite3 or bun:sqlite `Database`, or a node:sqlite
 *   `DatabaseSync`.
 * @throws TypeError if the client is none of these, or is a transaction: a code that it spent would be accepted again
 *   after a rollback.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createClient } from "@libsql/client";
 * import { sqliteStore } from "twinlock/stores/sqlite";
 *
 * const store = sqliteStore(createClient({ url: ":memory:" }));
 * await store.migrate();
 * assert.equal(await store.get("alice"), null);
 * ```
 */
export function sqliteStore(client: LibsqlClient | SyncSqlite, options?: SqlStoreOptions): SqlStore {
  return sqlStore(sqliteDialect, driverOf(client), options);
}

/**
 * Returns the SQL that creates the table, for your own migrations. `table` is as in {@link SqlStoreOptions}.
 *
 * @throws TypeError or RangeError if `table` is not a valid name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sqliteSchema } from "twinlock/stores/sqlite";
 *
 * assert.match(sqliteSchema("auth.two_factor"), /^CREATE TABLE IF NOT EXISTS "auth"."two_factor"/);
 * ```
 */
export function sqliteSchema(table?: string): string {
  return schemaOf(sqliteDialect, table);
}

function driverOf(client: LibsqlClient | SyncSqlite): Driver {
  const shape = Object(client) as Partial<
    LibsqlClient & SyncSqlite & { commit: unknown; withSession: unknown }
  >;
  if (shape.commit)
    throw new TypeError("client: want the client itself, not a transaction that may roll back");
  if (shape.withSession) throw new TypeError("client: this is a D1 database: use d1Store");
  if (typeof shape.execute === "function" && shape.batch) return libsql(client as LibsqlClient);
  if (typeof shape.prepare === "function" && shape.exec) return synchronous(client as SyncSqlite);
  throw new TypeError(
    "client: want a client of @libsql/client, or a database of better-sqlite3, node:sqlite or bun:sqlite",
  );
}

function libsql(client: LibsqlClient): Driver {
  // Each statement is a transaction of its own, in one round trip. SQLite refuses to begin one inside another, and after
  // a statement has failed as busy, libsql reports success for writes on that connection that only COMMIT can confirm.
  const run = async (sql: string, values: readonly SqlValue[], mode: "deferred" | "write") =>
    (await client.batch([{ sql, args: [...values] }], mode))[0];
  return {
    first: async (sql, values) => (await run(sql, values, "deferred"))?.rows[0] as Row | undefined,
    change: async (sql, values) => (await run(sql, values, "write"))?.rowsAffected,
    script: (sql) => client.execute({ sql, args: [] }),
  };
}

function synchronous(database: SyncSqlite): Driver {
  const prepared = new Map<string, SyncStatement>();
  const statement = (sql: string): SyncStatement => {
    refuseTransaction(database);
    const known = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  return {
    first: async (sql, values) => (statement(sql).get(...values) ?? undefined) as Row | undefined,
    change: async (sql, values) => statement(sql).run(...values).changes,
    script: async (sql) => database.exec(sql),
  };
}

/** Throws while a transaction is open: asks the client or, in node:sqlite before Node 22.16, SQLite itself. */
function refuseTransaction(database: SyncSqlite): void {
  const told = database.inTransaction ?? database.isTransaction;
  if (told) throw inTransaction();
  if (told === false) return;
  database.exec("BEGIN"); // fails inside a transaction, and takes no lock; nothing runs before the COMMIT
  database.exec("COMMIT");
}
