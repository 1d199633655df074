/** What every SQL store shares: one table, one row a user, three statements, and what to do about trouble. */

import type { StoredRecord, UserStore } from "../store.ts";
import { checkUserId } from "./user-id.ts";

/** Options of every SQL store. */
export interface SqlStoreOptions {
  /**
   * The table's name, or `schema.table`: letters, digits and underscores, 48 characters at most, case kept. Default
   * `two_factor`.
   */
  table?: string;
}

/** A store that can make its own table. */
export interface SqlStore extends UserStore {
  /** Creates the table if it is not there, and changes nothing else; safe to call at every start. */
  migrate(): Promise<void>;
}

export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

/** One connection pool or database handle, reduced to what the statements need. */
export interface Driver {
  first(sql: string, values: readonly SqlValue[]): Promise<Row | undefined>;
  /** Gives the number of rows that the statement changed. */
  change(sql: string, values: readonly SqlValue[]): Promise<unknown>;
  script(sql: string): Promise<unknown>;
}

/** What an error of a database means to us; `undefined` is everything else. */
export type Trouble = "again" | "exists" | "no_table" | "no_column" | "too_long" | undefined;

export interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly message?: unknown;
}

/** How one database spells what they all do. */
export interface Dialect {
  readonly name: string;
  readonly quote: string;
  readonly schema: (table: string) => string;
  readonly parameter: (position: number) => string;
  /** Ends the INSERT, so that a row that is already there is not an error. */
  readonly onConflict: string;
  readonly trouble: (error: DriverError) => Trouble;
  /** How the user's id is written in a statement and sent, where that is not as plain text. */
  readonly userId?: {
    readonly sql: (parameter: string) => string;
    readonly value: (userId: string) => string;
  };
  /** Looks at the table once, before the first statement, where the database would not complain by itself. */
  readonly inspect?: (driver: Driver, table: string) => Promise<void>;
}

const DEFAULT_TABLE = "two_factor";
const RETRY_FOR = 2000; // ms: well inside the service's five seconds for a store call
const LONGEST_PAUSE = 100; // ms

/** Quotes a table name, and refuses one that would need more than quotes. */
export function quoteTable(table: string | undefined, quote: string): string {
  const name = table ?? DEFAULT_TABLE;
  if (typeof name !== "string") throw new TypeError("table: want a string");
  if (name.length > 48) throw new RangeError("table: want at most 48 characters");
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/.test(name)) {
    throw new RangeError("table: want letters, digits and underscores, as in two_factor or auth.two_factor");
  }
  return name
    .split(".")
    .map((part) => quote + part + quote)
    .join(".");
}

/** Makes the store of a dialect over a driver. */
export function sqlStore(dialect: Dialect, driver: Driver, options: SqlStoreOptions | undefined): SqlStore {
  const table = quoteTable(options?.table, dialect.quote);
  const at = dialect.parameter;
  const id = dialect.userId ?? { sql: (parameter: string) => parameter, value: (userId: string) => userId };
  const select = `SELECT version, data FROM ${table} WHERE user_id = ${id.sql(at(1))}`;
  const insert =
    `INSERT INTO ${table} (version, data, state, enrolled_at, backup_codes_active, key_id, user_id) ` +
    `VALUES (${[1, 2, 3, 4, 5, 6].map(at).join(", ")}, ${id.sql(at(7))})${dialect.onConflict}`;
  const update =
    `UPDATE ${table} SET version = ${at(1)}, data = ${at(2)}, state = ${at(3)}, enrolled_at = ${at(4)}, ` +
    `backup_codes_active = ${at(5)}, key_id = ${at(6)} WHERE user_id = ${id.sql(at(7))} AND version = ${at(8)}`;

  const explain = (trouble: Trouble, error: unknown): unknown => {
    const advice = `run the SQL of ${dialect.name}Schema() once, or await store.migrate()`;
    const compare = `compare it with the SQL of ${dialect.name}Schema()`;
    if (trouble === "no_table")
      return new Error(`the table ${table} is missing: ${advice}`, { cause: error });
    if (trouble === "no_column")
      return new Error(`the table ${table} lacks a column: ${compare}`, { cause: error });
    if (trouble === "too_long")
      return new Error(`a column of ${table} is too short: ${compare}`, { cause: error });
    return error;
  };
  const attempt = <T>(run: () => Promise<T>): Promise<T> => persist(run, dialect.trouble, explain);

  let inspected: Promise<void> | undefined;
  const ready = async (): Promise<void> => {
    if (!dialect.inspect) return;
    inspected ??= attempt(async () => dialect.inspect?.(driver, table)).then(undefined, (error) => {
      inspected = undefined;
      throw error;
    });
    await inspected;
  };

  return {
    async get(userId) {
      const values = [id.value(checkUserId(userId))];
      await ready();
      const row = await attempt(() => driver.first(select, values));
      return row ? { version: text(row, "version", table), data: text(row, "data", table) } : null;
    },
    async compareAndSet(userId, expected, next) {
      const values = [...fields(next), id.value(checkUserId(userId))];
      await ready();
      return expected === null
        ? attempt(() => driver.change(insert, values).then(one, unlessItExists(dialect)))
        : attempt(() => driver.change(update, [...values, expected]).then(one));
    },
    async migrate() {
      await attempt(() => driver.script(dialect.schema(table)));
    },
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
 * Runs a statement again when the database has undone it to keep its own order (a deadlock, a serialization failure,
 * a busy file). Only such errors: after them it is certain that nothing was written.
 */
async function persist<T>(
  run: () => Promise<T>,
  troubleOf: Dialect["trouble"],
  explain: (trouble: Trouble, error: unknown) => unknown,
): Promise<T> {
  const until = Date.now() + RETRY_FOR;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await run();
    } catch (error) {
      const trouble = error instanceof Object ? troubleOf(error as DriverError) : undefined;
      if (trouble !== "again" || Date.now() >= until) throw explain(trouble, error);
      await wait(pause * Math.random());
    }
  }
}

interface Timers {
  setTimeout(run: () => void, milliseconds: number): unknown;
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => (globalThis as unknown as Timers).setTimeout(resolve, milliseconds));
}
