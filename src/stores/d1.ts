/** Records in Cloudflare D1. */

import {
  type Driver,
  type Row,
  type SqlStore,
  type SqlStoreOptions,
  type SqlValue,
  sqlStore,
} from "./sql.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

export type { SqlStore, SqlStoreOptions, SqlValue } from "./sql.ts";

/** The part of a D1 binding that the store uses. */
export interface D1Binding {
  prepare(sql: string): D1Statement;
  withSession: unknown;
}

/** The part of D1's prepared statements that the store uses. */
export interface D1Statement {
  bind(...values: SqlValue[]): D1Statement;
  first(): Promise<unknown>;
  run(): Promise<{ meta: object }>;
}

/**
 * Keeps records in Cloudflare D1. The table is that of `sqliteSchema()` from `twinlock/stores/sqlite`.
 *
 * @param database - the binding, `env.DB`. Do not pass a session: it may read from a replica that lags.
 * @throws TypeError if it is not a D1 binding.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Miniflare } from "miniflare";
 * import { d1Store } from "twinlock/stores/d1";
 *
 * const worker = new Miniflare({ modules: true, script: "export default {}", d1Databases: ["DB"] });
 * const store = d1Store(await worker.getD1Database("DB")); // in a Worker: d1Store(env.DB)
 * await store.migrate();
 * assert.equal(await store.get("alice"), null);
 * await worker.dispose();
 * ```
 */
export function d1Store(database: D1Binding, options?: SqlStoreOptions): SqlStore {
  const shape = Object(database) as Partial<D1Binding>;
  if (typeof shape.prepare !== "function" || !shape.withSession) {
    throw new TypeError("database: want the D1 binding itself, as in d1Store(env.DB)");
  }
  return sqlStore(sqliteDialect, driver(database), options);
}

function driver(database: D1Binding): Driver {
  return {
    first: async (sql, values) =>
      ((await database
        .prepare(sql)
        .bind(...values)
        .first()) ?? undefined) as Row | undefined,
    change: async (sql, values) =>
      (
        (
          await database
            .prepare(sql)
            .bind(...values)
            .run()
        ).meta as Row
      )["changes"],
    script: (sql) => database.prepare(sql).run(),
  };
}
