/** Records in MySQL or MariaDB, through a pool of mysql2. */

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
  type Trouble,
} from "./sql.ts";

export type { SqlStore, SqlStoreOptions, SqlValue } from "./sql.ts";

/** What the store needs of `createPool()` from `mysql2/promise`. */
export interface MysqlPromisePool {
  execute(sql: string, values: SqlValue[]): Promise<[unknown, ...unknown[]]>;
  query(sql: string): Promise<unknown>;
  getConnection: unknown;
}

/** What the store needs of `createPool()` from `mysql2`. */
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

/** Bytes that each text column needs at least: outside strict mode MySQL cuts what does not fit. */
const ROOM: Readonly<Record<string, number>> = {
  user_id: 1024,
  version: 22,
  data: 8192,
  state: 24,
  key_id: 11,
};

const IN_TRANSACTION = 1; // SERVER_STATUS_IN_TRANS of the client protocol

const dialect: Dialect = {
  name: "mysql",
  quote: "`",
  parameter: () => "?",
  onConflict: "",
  userId: { sql: (parameter) => `UNHEX(${parameter})`, value: hex },
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
};

/**
 * Keeps records in MySQL or MariaDB.
 *
 * Ids are stored as bytes (`VARBINARY`), so that neither case nor accents nor spaces at the end make two users one.
 *
 * @param pool - `createPool()` of `mysql2/promise` or of `mysql2`.
 * @throws TypeError if it is not a pool: a single connection may be in a transaction, and what the host rolls back
 *   would be accepted again.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createPool } from "mysql2/promise";
 * import { mysqlStore } from "twinlock/stores/mysql";
 *
 * const pool = createPool("mysql://app@db.example.com/app"); // connects when it is first used
 * const store = mysqlStore(pool, { table: "app.two_factor" });
 * assert.ok("migrate" in store); // await store.migrate() at each start, or mysqlSchema() among your migrations
 * await pool.end();
 * ```
 */
export function mysqlStore(pool: MysqlPromisePool | MysqlPool, options?: SqlStoreOptions): SqlStore {
  return sqlStore(dialect, driverOf(pool), options);
}

/**
 * Gives the SQL that creates the table, for the host's own migrations. `table` as in {@link SqlStoreOptions}.
 *
 * @throws TypeError or RangeError if `table` is not a name that the option takes.
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
  if (typeof shape.execute !== "function" || !shape.getConnection) {
    throw new TypeError("pool: want createPool() of mysql2/promise or of mysql2");
  }
  return driver(typeof shape.promise === "function" ? shape.promise() : (client as MysqlPromisePool));
}

function driver(pool: MysqlPromisePool): Driver {
  const run = async ({ sql }: Pick<Statement, "sql">, values: readonly SqlValue[]): Promise<unknown> =>
    (await pool.execute(sql, [...values]))[0];
  return {
    first: async (statement, values) => ((await run(statement, values)) as Row[])[0],
    async change(statement, values) {
      const { affectedRows, serverStatus } = (await run(statement, values)) as Row;
      if (Number(serverStatus) & IN_TRANSACTION) {
        throw new Error("pool: the write was not committed: autocommit is off. Turn it on for this pool");
      }
      return affectedRows;
    },
    script: (sql) => pool.query(sql),
    async inspect(table) {
      const [name, schema] = table.split(".").reverse();
      const sql =
        "SELECT column_name AS name, data_type AS type, character_octet_length AS bytes " +
        "FROM information_schema.columns WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?";
      return fault((await run({ sql }, [schema ?? null, name ?? null])) as Row[]);
    },
  };
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

/** The id's UTF-8 bytes in hexadecimal: plain ASCII, whatever character set the connection speaks. */
function hex(userId: string): string {
  return encodeURIComponent(userId).replace(
    /%(..)|(.)/g,
    (_, byte: string | undefined, char: string) => byte ?? char.charCodeAt(0).toString(16),
  );
}
