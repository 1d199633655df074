/** Opens a store by name, so that several processes can open the same one; each loads only the client that it needs. */

import type { UserStore } from "../../src/store.ts";
import { dynamodbStore } from "../../src/stores/dynamodb.ts";
import { mongodbStore } from "../../src/stores/mongodb.ts";
import { mysqlStore } from "../../src/stores/mysql.ts";
import { postgresStore } from "../../src/stores/postgres.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";

export type Kind = "PostgreSQL" | "MariaDB" | "Redis" | "SQLite" | "MongoDB" | "DynamoDB";

export interface Target {
  kind: Kind;
  url: string;
  /** The table, the collection, or the prefix of the keys. */
  table: string;
}

export interface OpenStore {
  store: UserStore;
  migrate(): Promise<void>;
  close(): Promise<unknown>;
}

/** Opens the store over one or a few connections that break quietly: a lost one is the next call's error. */
export async function openStore({ kind, url, table }: Target): Promise<OpenStore> {
  switch (kind) {
    case "PostgreSQL": {
      const { default: pg } = await import("pg");
      const pool = new pg.Pool({ connectionString: url, max: 4 }).on("error", () => {});
      const store = postgresStore(pool, { table });
      return { store, migrate: () => store.migrate(), close: () => pool.end() };
    }
    case "MariaDB": {
      const { createPool } = await import("mysql2/promise");
      const pool = createPool({ uri: url, connectionLimit: 4 });
      const store = mysqlStore(pool, { table });
      return { store, migrate: () => store.migrate(), close: () => pool.end() };
    }
    case "Redis": {
      const { Redis } = await import("ioredis");
      const client = new Redis(url, { retryStrategy: () => 20 }).on("error", () => {});
      const store = redisStore(client, { prefix: `${table}:` });
      return { store, migrate: async () => {}, close: async () => client.disconnect() };
    }
    case "MongoDB": {
      const { MongoClient } = await import("mongodb");
      const client = new MongoClient(url, { maxPoolSize: 4 });
      const store = mongodbStore(client.db(), { collection: table });
      return { store, migrate: async () => {}, close: () => client.close() };
    }
    case "DynamoDB": {
      const { client, createTable } = await import("./dynamo-server.ts").then(({ connect }) => connect(url));
      const store = dynamodbStore(client, { table });
      return { store, migrate: () => createTable(table), close: async () => client.destroy() };
    }
    case "SQLite": {
      const { createClient } = await import("@libsql/client");
      const client = createClient({ url, timeout: 5000 });
      const store = sqliteStore(client, { table });
      const migrate = async (): Promise<void> => {
        await client.execute("PRAGMA journal_mode = WAL");
        await store.migrate();
      };
      return { store, migrate, close: async () => client.close() };
    }
  }
}
