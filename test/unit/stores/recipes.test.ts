import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";
import { type Connection, Mongoose, Schema } from "mongoose";
import pg from "pg";
import { DataSource } from "typeorm";
import { SCHEMA, storeByHand } from "../../../examples/stores/by-hand.ts";
import { drizzleStore } from "../../../examples/stores/drizzle.ts";
import { kyselyStore, type TwoFactorTable } from "../../../examples/stores/kysely.ts";
import { mongooseStore } from "../../../examples/stores/mongoose.ts";
import { twoFactor, typeormStore } from "../../../examples/stores/typeorm.ts";
import type { UserStore } from "../../../src/store.ts";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { freshId } from "../../../src/testing/contract/bench.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { startMongoServer } from "../../support/mongo-server.ts";
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

describe("the store through TypeORM, on PostgreSQL", { skip }, () => {
  const schema = "twinlock_typeorm";
  const source = () => new DataSource({ type: "postgres", url: POSTGRES_URL, schema, entities: [twoFactor] });
  const [first, second] = [source(), source()];
  userStoreTests(
    test,
    async () => {
      if (!first.isInitialized) {
        await first.initialize();
        await first.createQueryRunner().createSchema(schema, true);
        await first.synchronize();
      }
      return typeormStore(first);
    },
    {
      async second() {
        if (!second.isInitialized) await second.initialize();
        return typeormStore(second);
      },
      async rollback(work) {
        await first
          .transaction(async (manager) => {
            await manager.query("SELECT 1");
            await work();
            throw new Error("the application's transaction fails");
          })
          .catch(() => {});
      },
      close: async () => void (await Promise.all([first.destroy(), second.destroy()])),
    },
  );
});

describe("the store through a model of Mongoose", () => {
  let server: Awaited<ReturnType<typeof startMongoServer>>;
  const mongoose = new Mongoose().set("transactionAsyncLocalStorage", true); // models join transactions by themselves
  let connection: Connection;
  let store: UserStore;
  before(async () => {
    server = await startMongoServer();
    connection = await mongoose.createConnection(server.url).asPromise();
    store = mongooseStore(connection); // once: a connection has one model of a name
  });
  userStoreTests(test, () => store, {
    async rollback(work) {
      const Other = connection.models["Other"] ?? connection.model("Other", new Schema({ _id: String }));
      await connection
        .transaction(async () => {
          await Other.create({ _id: freshId() });
          await work();
          throw new Error("the application's transaction fails");
        })
        .catch(() => {});
    },
    async close() {
      await connection.close();
      await server.close();
    },
  });
});
