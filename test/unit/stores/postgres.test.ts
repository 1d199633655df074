import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import postgres from "postgres";
import { postgresSchema, postgresStore } from "../../../src/stores/postgres.ts";
import type { SqlStore } from "../../../src/stores/sql.ts";
import { freshId, record } from "../../../src/testing/contract/bench.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { POSTGRES_URL, skipUnless } from "../../support/servers.ts";

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
  const [first, second] = [postgres(POSTGRES_URL, { onnotice() {} }), postgres(POSTGRES_URL)];
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

describe("a PostgreSQL table", { skip }, () => {
  const client = pool(1);
  const admin = pool();
  const run = (text: string) => admin.query(text);
  after(() => Promise.all([client.end(), admin.end()]));

  test("that is missing is named, with what to run", async () => {
    const store = postgresStore(client, { table: "nowhere" });
    const advice =
      /the table nowhere is missing: run the SQL of postgresSchema\(\) once, or await store\.migrate\(\)/;
    await assert.rejects(store.get("alice"), advice);
    await assert.rejects(store.compareAndSet("alice", null, record()), advice);
  });

  test("that lacks a column, or has one too short, is named", async () => {
    await run("DROP TABLE IF EXISTS bad_pg");
    await run("CREATE TABLE bad_pg (user_id text PRIMARY KEY, version varchar(10), data text)");
    const store = postgresStore(client, { table: "bad_pg" });
    const writing = (): Promise<boolean> => store.compareAndSet(freshId(), null, record());
    await assert.rejects(
      writing,
      /the table bad_pg lacks a column: compare it with the SQL of postgresSchema\(\)/,
    );
    await run(
      "ALTER TABLE bad_pg ADD state text, ADD enrolled_at bigint, ADD backup_codes_active int, ADD key_id text",
    );
    await assert.rejects(
      writing,
      /a column of bad_pg is too short: compare it with the SQL of postgresSchema\(\)/,
    );
    await run("DROP TABLE bad_pg");
  });

  for (const name of ["pg", "postgres.js"]) {
    test(`S6 keeps no prepared statement of ${name} on a connection that a pooler may give to others`, async () => {
      const byPg = pool(1);
      const byPostgresJs = postgres(POSTGRES_URL, { max: 1, onnotice() {}, fetch_types: false }); // which it prepares itself
      const store = postgresStore(name === "pg" ? byPg : byPostgresJs, { table: "contract_prepared" });
      await store.migrate();
      const [userId, held] = [freshId(), record()];
      await store.compareAndSet(userId, null, held);
      await store.compareAndSet(userId, held.version, record());
      await store.get(userId);
      const names = "SELECT name FROM pg_prepared_statements";
      const found = name === "pg" ? (await byPg.query(names)).rows : [...(await byPostgresJs.unsafe(names))];
      assert.deepEqual(found, []);
      await Promise.all([byPg.end(), byPostgresJs.end()]);
    });
  }

  test("is made once by eight processes that migrate at the same time", async () => {
    await run("DROP TABLE IF EXISTS public.migrated_pg");
    const stores = Array.from({ length: 8 }, () => postgresStore(admin, { table: "public.migrated_pg" }));
    await Promise.all(stores.map((store) => store.migrate()));
    assert.equal(await stores[0]?.compareAndSet("alice", null, record()), true);
    assert.match(postgresSchema("public.migrated_pg"), /user_id text COLLATE "C" PRIMARY KEY/);
    await run("DROP TABLE public.migrated_pg");
  });

  test("under serializable isolation gives false to the loser, not an error", async () => {
    const strict = new pg.Pool({
      connectionString: POSTGRES_URL,
      max: 1,
      options: "-c default_transaction_isolation=serializable",
    });
    const codes: unknown[] = [];
    const watched = {
      query: (query: pg.QueryConfig) =>
        strict.query(query).catch((error) => {
          codes.push(error.code);
          throw error;
        }),
    };
    const store = postgresStore(watched, { table: "contract_pg" });
    const userId = freshId();
    const held = record();
    await store.compareAndSet(userId, null, held);
    const other = await admin.connect();
    await other.query("BEGIN");
    await other.query("UPDATE contract_pg SET version = 'theirs' WHERE user_id = $1", [userId]);
    const waiting = store.compareAndSet(userId, held.version, record());
    const blocked =
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%contract_pg%'";
    while ((await run(blocked)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await other.query("COMMIT");
    other.release();
    assert.equal(await waiting, false);
    assert.deepEqual(codes, ["40001"]);
    await strict.end();
  });
});
