import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import postgres from "postgres";
import { postgresStore } from "../../src/stores/postgres.ts";
import type { SqlStore } from "../../src/stores/sql.ts";
import { userStoreTests } from "../../src/testing/store-contract.ts";
import { POSTGRES_URL, skipUnless } from "../support/servers.ts";

const skip = await skipUnless(POSTGRES_URL);
const pool = (max = 10): pg.Pool => new pg.Pool({ connectionString: POSTGRES_URL, max });

describe("PostgreSQL through pg", { skip }, () => {
  const table = "contract_pg";
  const [first, second] = [pool(), pool()];
  userStoreTests(test, migrated(postgresStore(first, { table })), {
    second: () => postgresStore(second, { table }),
    async rollback(work) {
      const client = await first.connect();
      await client.query("BEGIN");
      await work();
      await client.query("ROLLBACK");
      client.release();
    },
    close: async () => void (await Promise.all([first.end(), second.end()])),
  });
});

describe("PostgreSQL through postgres.js", { skip }, () => {
  const options = { table: "contract_postgresjs" };
  const [first, second] = [
    postgres(POSTGRES_URL, { onnotice() {} }),
    postgres(POSTGRES_URL, { prepare: false }),
  ];
  userStoreTests(test, migrated(postgresStore(first, options)), {
    second: () => postgresStore(second, options),
    async rollback(work) {
      const undone = new Error("rolled back");
      await first
        .begin(async () => {
          await work();
          throw undone;
        })
        .catch((error) => assert.equal(error, undone));
    },
    close: async () => void (await Promise.all([first.end(), second.end()])),
  });
});

describe("PostgreSQL through PGlite", () => {
  let database: PGlite | undefined;
  const made = async (): Promise<SqlStore> => {
    database ??= new PGlite();
    return migrated(postgresStore(database))();
  };
  userStoreTests(test, made, { close: async () => database?.close() });
});

function migrated(store: SqlStore): () => Promise<SqlStore> {
  return async () => {
    await store.migrate();
    return store;
  };
}
