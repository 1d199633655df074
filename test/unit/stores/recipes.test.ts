import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";
import pg from "pg";
import { SCHEMA, storeByHand } from "../../../examples/stores/by-hand.ts";
import { drizzleStore } from "../../../examples/stores/drizzle.ts";
import { kyselyStore, type TwoFactorTable } from "../../../examples/stores/kysely.ts";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { POSTGRES_URL, skipUnless } from "../../support/servers.ts";

const skip = await skipUnless(POSTGRES_URL);

describe("the store through Drizzle, on PGlite", () => {
  const database = new PGlite();
  after(() => database.close());
  userStoreTests(test, async () => {
    await postgresStore(database).migrate();
    return drizzleStore(drizzle(database));
  });
});

describe("the store through Kysely, on SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "twinlock-kysely-"));
  const database = new Database(join(folder, "kysely.db"));
  after(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });
  const kysely = new Kysely<{ two_factor: TwoFactorTable }>({ dialect: new SqliteDialect({ database }) });
  userStoreTests(test, async () => {
    await sqliteStore(database).migrate();
    return kyselyStore(kysely);
  });
});

describe("the store written by hand, on PostgreSQL", { skip }, () => {
  const [first, second] = [1, 2].map(() => new pg.Pool({ connectionString: POSTGRES_URL })) as [
    pg.Pool,
    pg.Pool,
  ];
  userStoreTests(
    test,
    async () => {
      await first.query(SCHEMA);
      return storeByHand(first);
    },
    {
      second: () => storeByHand(second),
      async rollback(work) {
        const client = await first.connect();
        await client.query("BEGIN");
        await work();
        await client.query("ROLLBACK");
        client.release();
      },
      close: async () => void (await Promise.all([first.end(), second.end()])),
    },
  );
});
