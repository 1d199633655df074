// Where the contenders that store something store it: PostgreSQL where there is one, in a schema that goes away, else
// memory. `dump` gives everything that was written as text, as whoever steals the database would read it.
import { randomBytes } from "node:crypto";
import { memoryAdapter } from "@better-auth/memory-adapter";
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";
import { memoryStore } from "../../../../dist/stores/memory.js";
import { postgresStore } from "../../../../dist/stores/postgres.js";

const URL = process.env.POSTGRES_URL ?? "postgres://postgres@127.0.0.1:5432/test";

export async function openDatabase() {
  const schema = `compare_${randomBytes(6).toString("hex")}`;
  const pool = new pg.Pool({ connectionString: URL, options: `-c search_path=${schema}` });
  pool.on("error", () => {});
  try {
    const { rows } = await pool.query("SHOW server_version");
    await pool.query(`CREATE SCHEMA ${schema}`);
    return postgres(pool, schema, `PostgreSQL ${rows[0].server_version.split(" ")[0]}`);
  } catch {
    await pool.end();
    return memory();
  }
}

function postgres(pool, schema, name) {
  return {
    name,
    async store() {
      const store = postgresStore(pool);
      await store.migrate();
      return store;
    },
    forBetterAuth: pool,
    migrate: async (options) => (await getMigrations(options)).runMigrations(),
    async dump() {
      const { rows } = await pool.query(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1",
        [schema],
      );
      const texts = await Promise.all(
        rows.map(({ name }) => pool.query(`SELECT row_to_json(t)::text AS row FROM "${name}" t`)),
      );
      return texts.flatMap((text) => text.rows.map(({ row }) => row)).join("\n");
    },
    async close() {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

function memory() {
  const tables = { user: [], session: [], account: [], verification: [], twoFactor: [] };
  const written = [];
  const inner = memoryStore();
  return {
    name: "memory",
    store: async () => ({
      get: inner.get,
      compareAndSet(userId, expected, next) {
        written.push(next.data);
        return inner.compareAndSet(userId, expected, next);
      },
    }),
    forBetterAuth: memoryAdapter(tables),
    migrate: async () => {},
    dump: async () => JSON.stringify([tables, written]),
    close: async () => {},
  };
}
