/** The common part of all SQL stores: one table, one row per user, three statements, and the handling of errors. */

import { checkOptions } from "../internal/check.ts";
import type { StoredRecord, UserStore } from "../store.ts";

/** Options of every SQL store. */
export interface SqlStoreOptions {
  /**
   * The table's name, or `schema.table`: letters, digits and underscores, 48 characters at most, case kept. Default
   * `two_factor`.
   */
  table?: string;
}

/** A store that can create its table. */
export interface SqlStore extends UserStore {
  /**
   * Creates the table if it is not there. Call it at every start, as a database user who may create tables.
   */
  migrate(): Promise<void>;
}

/** A value of a statement. */
export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

/**
 * A connection pool or database handle, reduced to what the statements need. Neither method may answer from inside a
 * transaction: it would read an old snapshot, or write what may still be rolled back.
 */
export interface Driver {
  first(sql: string, values: readonly SqlValue[]): Promise<Row | undefined>;
  /** Runs a statement and returns the number of rows that it changed. */
  change(sql: string, values: readonly SqlValue[]): Promise<unknown>;
  script(sql: string): Promise<unknown>;
  /** Checks the table before the first statement, where the database would silently cut values. */
  inspect?(table: string): Promise<Trouble>;
}

/** The meaning of a database's error; `undefined` for any other error. */
export type Trouble =
  | "again"
  | "exists"
  | "in_transaction"
  | "no_table"
  | "no_column"
  | "too_short"
  | "not_exact"
  | undefined;

export interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly message?: unknown;
}

/** The SQL of one database. */
export interface Dialect {
  readonly name: string;
  readonly quote: string;
  readonly schema: (table: string) => string;
  readonly parameter: (position: number) => string;
  /** The end of the INSERT, by which a row that is already there is not an error. */
  readonly onConflict: string;
  readonly trouble: (error: DriverError) => Trouble;
  /** A condition for every statement that fails inside a transaction, if the server has one. */
  readonly guard?: string;
  /** The SELECT, if it asks for more than the row. */
  readonly select?: (table: string, userId: string) => string;
  /** How the user's id is written in a statement and sent, if not as plain text. */
  readonly userId?: {
    readonly sql: (parameter: string) => string;
    readonly value: (userId: string) => string;
  };
}

const DEFAULT_TABLE = "two_factor";
const MAX_TABLE = 48; // leaves room in the 63 bytes of a name in PostgreSQL
const RETRY_FOR = 2000; // milliseconds, below the default `storeTimeout` of five seconds
const LONGEST_PAUSE = 100; // milliseconds

/** Checks a table's name, which may need no escaping but quotes. */
export function checkTable(table: string = DEFAULT_TABLE): string {
  if (typeof table !== "string") throw new TypeError("table: want a string");
  if (table.length > MAX_TABLE) throw new RangeError(`table: want at most ${MAX_TABLE} characters`);
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/.test(table)) {
    throw new RangeError("table: want letters, digits and underscores, as in two_factor or auth.two_factor");
  }
  return table;
}

/** Returns the SQL that creates the table. */
export function schemaOf(dialect: Dialect, table: string | undefined): string {
  return dialect.schema(quoted(checkTable(table), dialect));
}

/** Makes the store of a dialect over a driver; `now` is the clock, in milliseconds, that limits retries. */
export function sqlStore(
  dialect: Dialect,
  driver: Driver,
  options: SqlStoreOptions = {},
  now: () => number = Date.now,
): SqlStore {
  checkOptions("options", options, ["table"], "");
  const table = checkTable(options.table);
  const { get, create, replace } = statementsOf(dialect, table);
  const idOf = (userId: string): string => dialect.userId?.value(userId) ?? userId;
  const attempt = <T>(run: () => Promise<T>): Promise<T> => persist(run, dialect, table, now);

  let inspected: Promise<void> | undefined;
  const inspect = async (): Promise<void> => {
    const trouble = await attempt(async () => driver.inspect?.(table));
    if (trouble) throw explain(trouble, dialect, table, undefined);
  };
  const ready = async (): Promise<void> => {
    inspected ??= inspect();
    await inspected.catch((error) => {
      inspected = undefined;
      throw error;
    });
  };

  return {
    async get(userId) {
      const id = idOf(userId);
      await ready();
      const row = await attempt(() => driver.first(get, [id]));
      return row ? { version: text(row, "version", table), data: text(row, "data", table) } : null;
    },
    async compareAndSet(userId, expected, next) {
      const values = [...fields(next), idOf(userId)];
      await ready();
      return expected === null
        ? attempt(() => driver.change(create, values).then(one, unlessItExists(dialect)))
        : attempt(() => driver.change(replace, [...values, expected]).then(one));
    },
    async migrate() {
      await attempt(() => driver.script(schemaOf(dialect, table)));
    },
  };
}

function quoted(table: string, { quote }: Dialect): string {
  return table
    .split(".")
    .map((part) => quote + part + quote)
    .join(".");
}

function statementsOf(dialect: Dialect, name: string): Record<"get" | "create" | "replace", string> {
  const table = quoted(name, dialect);
  const at = dialect.parameter;
  const id = (position: number): string => dialect.userId?.sql(at(position)) ?? at(position);
  const guard = dialect.guard === undefined ? "" : ` AND ${dialect.guard}`;
  const row = `${[1, 2, 3, 4, 5, 6].map(at).join(", ")}, ${id(7)}`;
  return {
    get:
      dialect.select?.(table, id(1)) ?? `SELECT version, data FROM ${table} WHERE user_id = ${id(1)}${guard}`,
    create:
      `INSERT INTO ${table} (version, data, state, enrolled_at, backup_codes_active, key_id, user_id) ` +
      (guard ? `SELECT ${row} WHERE ${dialect.guard}` : `VALUES (${row})`) +
      dialect.onConflict,
    replace:
      `UPDATE ${table} SET version = ${at(1)}, data = ${at(2)}, state = ${at(3)}, enrolled_at = ${at(4)}, ` +
      `backup_codes_active = ${at(5)}, key_id = ${at(6)} WHERE user_id = ${id(7)} AND version = ${at(8)}${guard}`,
  };
}

function fields({ version, data, summary }: StoredRecord): SqlValue[] {
  return [version, data, summary.state, summary.enrolledAt, summary.backupCodesActive, summary.keyId];
}

function text(row: Row, column: string, table: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw new TypeError(`${table}: the column ${column} came back as ${typeof value}: want a text column`);
}

function one(changed: unknown): boolean {
  if (typeof changed !== "number" && typeof changed !== "bigint") {
    throw new TypeError("client: it does not say how many rows a statement changed; see the store's page");
  }
  return Number(changed) === 1;
}

function unlessItExists(dialect: Dialect): (error: DriverError) => false {
  return (error) => {
    if (dialect.trouble(error) === "exists") return false;
    throw error;
  };
}

/**
 * Runs a statement again after a deadlock, a serialization failure or a busy file. Only such errors are retried,
 * because after them it is certain that nothing was written.
 */
async function persist<T>(
  run: () => Promise<T>,
  dialect: Dialect,
  table: string,
  now: () => number,
): Promise<T> {
  const until = now() + RETRY_FOR;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await run();
    } catch (error) {
      const trouble = dialect.trouble(Object(error));
      if (trouble !== "again" || now() >= until) throw explain(trouble, dialect, table, error);
      await wait(pause * Math.random());
    }
  }
}

/** Makes the error of a call that found itself inside a transaction. */
export function inTransaction(cause?: unknown): TypeError {
  return new TypeError(
    "client: a transaction is open on this connection, or autocommit is off: give the store a pool of connections, " +
      "or one of its own",
    { cause },
  );
}

/** Turns an error that you can mend into one that says how. */
function explain(trouble: Trouble, dialect: Dialect, table: string, cause: unknown): unknown {
  const schema = `the SQL of ${dialect.name}Schema()`;
  const error = (message: string): Error => new Error(message, { cause });
  if (trouble === "in_transaction") return inTransaction(cause);
  if (trouble === "no_table")
    return error(`the table ${table} is missing: run ${schema} once, or await store.migrate()`);
  if (trouble === "no_column") return error(`the table ${table} lacks a column: compare it with ${schema}`);
  if (trouble === "too_short") return error(`a column of ${table} is too short: compare it with ${schema}`);
  if (trouble === "not_exact")
    return error(`user_id of ${table} does not compare byte by byte: compare it with ${schema}`);
  return cause;
}

interface Timers {
  setTimeout(run: () => void, milliseconds: number): unknown;
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => (globalThis as unknown as Timers).setTimeout(resolve, milliseconds));
}
