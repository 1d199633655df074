/** Records in MySQL or MariaDB, through a pool of mysql2. */

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
  type Trouble,
} from "./sql.ts";

export type { SqlStore, SqlStoreOptions, SqlValue } from "./sql.ts";

/** The part of a pool of `mysql2/promise` that the store uses. */
export interface MysqlPromisePool {
  getConnection(): Promise<MysqlConnection>;
  query(sql: string): Promise<unknown>;
}

/** The part of a connection of that pool that the store uses. */
export interface MysqlConnection {
  execute(sql: string, values: SqlValue[]): Promise<[unknown, ...unknown[]]>;
  query(sql: string): Promise<[unknown, ...unknown[]]>;
  release(): void;
  destroy(): void;
}

/** The part of a pool of `mysql2` that the store uses. */
export interface MysqlPool {
  promise(): MysqlPromisePool;
}

const TROUBLE: Readonly<Record<string, Trouble>> = {
  1213: "again", // deadlock
  1205: "again", // lock wait timeout
  1020: "again", // MariaDB's snapshot isolation: the row changed since it was read
  1062: "exists",
  1146: "no_table",
  1054: "no_column",
  1406: "too_short",
};

/** How many bytes each text column needs, because outside strict mode MySQL cuts what does not fit. */
const ROOM: Readonly<Record<string, number>> = {
  user_id: 1024,
  version: 22,
  data: 16_384,
  state: 24,
  key_id: 11,
};

/** Flags of the server status, which comes with every answer without rows. */
const IN_TRANSACTION = 1; // SERVER_STATUS_IN_TRANS
const AUTOCOMMIT = 2; // SERVER_STATUS_AUTOCOMMIT

/** Asks MariaDB whether a transaction is open. MySQL does not have this variable. */
const ASKS_MARIADB = " AND @@in_transaction = 0";
const UNKNOWN_VARIABLE = 1193;

const dialect: Dialect = {
  name: "mysql",
  quote: "`",
  parameter: () => "?",
  onConflict: "",
  userId: { sql: (parameter) => `UNHEX(${parameter})`, value: hexOf },
  schema: (table) =>
    `CREATE TABLE IF NOT EXISTS ${table} (
  user_id VARBINARY(1024) NOT NULL PRIMARY KEY,
  version VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  data MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enrolled_at BIGINT,
  backup_codes_active INT NOT NULL,
  key_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC`,
  trouble: ({ errno }) => TROUBLE[String(errno)],
  select: (table, userId) =>
    `SELECT version, data, @@autocommit = 1${ASKS_MARIADB} AS alone ` +
    `FROM (SELECT 1) AS always LEFT JOIN ${table} ON user_id = ${userId}`,
};

/**
 * Keeps records in MySQL or MariaDB.
 *
 * Ids are stored as bytes (`VARBINARY`), because text columns take ids for equal that differ in case, accents or spaces
 * at the end.
 *
 * @param pool - `createPool()` of `mysql2/promise` or of `mysql2`.
 * @throws TypeError if it is not a pool: a single connection may be in a transaction, and a code that it spent would be
 *   accepted again after a rollback.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createPool } from "mysql2/promise";
 * import { mysqlStore } from "twinlock/stores/mysql";
 *
 * const pool = createPool("mysql://app@db.example.com/app"); // connects at its first use
 * const store = mysqlStore(pool, { table: "app.two_factor" });
 * assert.ok("migrate" in store); // await store.migrate() at each start, or mysqlSchema() among your migrations
 * await pool.end();
 * ```
 */
export function mysqlStore(pool: MysqlPromisePool | MysqlPool, options?: SqlStoreOptions): SqlStore {
  return sqlStore(dialect, driverOf(pool), options);
}

/**
 * Returns the SQL that creates the table, for your own migrations. `table` is as in {@link SqlStoreOptions}.
 *
 * @throws TypeError or RangeError if `table` is not a valid name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mysqlSchema } from "twinlock/stores/mysql";
 *
 * assert.match(mysqlSchema("auth.two_factor"), /^CREATE TABLE IF NOT EXISTS `auth`.`two_factor`/);
 * ```
 */
export function mysqlSchema(table?: string): string {
  return schemaOf(dialect, table);
}

function driverOf(client: MysqlPromisePool | MysqlPool): Driver {
  const shape = Object(client) as Partial<MysqlPromisePool & MysqlPool> & { beginTransaction?: unknown };
  if (shape.beginTransaction) {
    throw new TypeError("pool: want a pool, not one connection: a rollback on it would undo a charge");
  }
  if (typeof shape.getConnection !== "function" || !shape.query) {
    throw new TypeError("pool: want createPool() of mysql2/promise or of mysql2");
  }
  return driver(typeof shape.promise === "function" ? shape.promise() : (client as MysqlPromisePool));
}

function driver(pool: MysqlPromisePool): Driver {
  let asksMariadb = true;
  const read = async (connection: MysqlConnection, sql: string, values: SqlValue[]): Promise<Row> => {
    try {
      const asked = asksMariadb ? sql : sql.replace(ASKS_MARIADB, "");
      const [rows] = await connection.execute(asked, values);
      return (rows as Row[])[0] ?? {};
    } catch (error) {
      if (!asksMariadb || (error as DriverError).errno !== UNKNOWN_VARIABLE) throw error;
      asksMariadb = false;
      return read(connection, sql, values);
    }
  };
  return {
    first: (sql, values) =>
      withConnection(pool, async (connection, want) => {
        const row = await read(connection, sql, [...values]);
        want(Number(row["alone"]) === 1);
        if (!asksMariadb) want(isCommitted((await connection.query("DO 0"))[0]));
        return row["version"] === null && row["data"] === null ? undefined : row;
      }),
    change: (sql, values) =>
      withConnection(pool, async (connection, want) => {
        const [header] = await connection.execute(sql, [...values]);
        want(isCommitted(header));
        return (header as Row)["affectedRows"];
      }),
    script: (sql) => pool.query(sql),
    inspect: (table) =>
      withConnection(pool, async (connection) => {
        const [name, schema] = table.split(".").reverse();
        const sql =
          "SELECT column_name AS name, data_type AS type, character_octet_length AS bytes " +
          "FROM information_schema.columns WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?";
        const [columns] = await connection.execute(sql, [schema ?? null, name ?? null]);
        return fault(columns as Row[]);
      }),
  };
}

/** Runs work on one connection. A connection inside a transaction is rolled back and leaves the pool. */
async function withConnection<T>(
  pool: MysqlPromisePool,
  work: (connection: MysqlConnection, want: (alone: boolean) => void) => Promise<T>,
): Promise<T> {
  const connection = await pool.getConnection();
  let poisoned = false;
  try {
    return await work(connection, (alone) => {
      poisoned = !alone;
      if (poisoned) throw inTransaction();
    });
  } finally {
    if (poisoned) {
      await connection.query("ROLLBACK").catch(() => {});
      connection.destroy();
    } else connection.release();
  }
}

function isCommitted(header: unknown): boolean {
  const status = Number((header as Row)["serverStatus"]);
  return (status & AUTOCOMMIT) !== 0 && (status & IN_TRANSACTION) === 0;
}

function fault(columns: readonly Row[]): Trouble {
  if (columns.length === 0) return "no_table";
  for (const [name, room] of Object.entries(ROOM)) {
    const column = columns.find((one) => one["name"] === name);
    if (!column) return "no_column";
    if (Number(column["bytes"]) < room) return "too_short";
    if (name === "user_id" && column["type"] !== "varbinary") return "not_exact";
  }
  return undefined;
}
