// The databases: how each is opened, filled with a thousand or a million users, asked without the library, and cleaned.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import Database from "libsql";
import { createPool } from "mysql2/promise";
import pg from "pg";
import { mysqlStore } from "../../../../dist/stores/mysql.js";
import { postgresStore } from "../../../../dist/stores/postgres.js";
import { redisStore } from "../../../../dist/stores/redis.js";
import { sqliteStore } from "../../../../dist/stores/sqlite.js";

const POSTGRES_URL = process.env.POSTGRES_URL ?? "postgres://postgres@127.0.0.1:5432/test";
const MYSQL_URL = process.env.MYSQL_URL ?? "mysql://root@127.0.0.1:3306/test";
const REDIS_URL = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
const CHUNK = 5_000;
const LOST = "the bare write did not find its row";

/** Rows that nobody asks for stand between those that are asked for; what they hold is as long and means nothing. */
function* chunks(rows) {
  for (let at = 0; at < rows.length; at += CHUNK) yield rows.slice(at, at + CHUNK);
}

const columns = ({ version, data, summary }) => [
  version,
  data,
  summary.state,
  summary.enrolledAt,
  summary.backupCodesActive,
  summary.keyId,
];

export async function openPostgres(clients) {
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: clients, min: clients });
  const tables = [];
  return {
    name: "PostgreSQL",
    table: (size) => `bench_${process.pid}_${size}`,
    store: (table) => postgresStore(pool, { table }),
    async fill(table, size, rows, filler) {
      tables.push(table);
      await postgresStore(pool, { table }).migrate();
      await pool.query(`CREATE UNLOGGED TABLE ${table}_asked (n int PRIMARY KEY, version text, data text)`);
      for (const some of chunks(rows)) {
        await pool.query(
          `INSERT INTO ${table}_asked SELECT * FROM unnest($1::int[], $2::text[], $3::text[])`,
          [some.map((row) => row.n), some.map((row) => row.version), some.map((row) => row.data)],
        );
      }
      const [, , state, enrolledAt, left, keyId] = columns(filler);
      await pool.query(
        `INSERT INTO ${table} SELECT 'user-' || n, coalesce(a.version, $1), coalesce(a.data, $2), $3, $4, $5, $6
         FROM generate_series(0, $7::int - 1) n LEFT JOIN ${table}_asked a USING (n) ORDER BY n`,
        [filler.version, filler.data, state, enrolledAt, left, keyId, size],
      );
      await pool.query(`DROP TABLE ${table}_asked`);
      await pool.query(`VACUUM ANALYZE ${table}`);
      await pool.query("CHECKPOINT").catch(() => {}); // takes a superuser
    },
    tidy: (table) => pool.query(`VACUUM ${table}`), // as autovacuum would, and not while anything is timed
    async bytesPerRecord(table, size) {
      const { rows } = await pool.query("SELECT pg_total_relation_size($1::regclass) AS bytes", [table]);
      return Number(rows[0].bytes) / size;
    },
    bare(table) {
      const get = `SELECT version, data FROM ${table} WHERE user_id = $1`;
      const set = `UPDATE ${table} SET version = $1, data = $2, state = $3, enrolled_at = $4, backup_codes_active = $5,
        key_id = $6 WHERE user_id = $7 AND version = $8`;
      return async (userId, next) => {
        const { rows } = await pool.query(get, [userId]);
        const { rowCount } = await pool.query(set, [...columns(next), userId, rows[0].version]);
        if (rowCount !== 1) throw new Error(LOST);
      };
    },
    async close() {
      for (const table of tables) await pool.query(`DROP TABLE IF EXISTS ${table}, ${table}_asked`);
      await pool.end();
    },
  };
}

export async function openMysql(clients) {
  const pool = createPool({ uri: MYSQL_URL, connectionLimit: clients });
  const tables = [];
  return {
    name: "MariaDB",
    table: (size) => `bench_${process.pid}_${size}`,
    store: (table) => mysqlStore(pool, { table }),
    async fill(table, size, rows, filler) {
      tables.push(table);
      await mysqlStore(pool, { table }).migrate();
      const asked = new Map(rows.map((row) => [row.n, row]));
      for (let from = 0; from < size; from += CHUNK) {
        const values = [];
        for (let n = from; n < Math.min(size, from + CHUNK); n++) {
          const row = asked.get(n);
          values.push([`user-${n}`, ...columns(row ? { ...filler, ...row } : filler)]);
        }
        await pool.query(
          `INSERT INTO ${table} (user_id, version, data, state, enrolled_at, backup_codes_active, key_id) VALUES ?`,
          [values],
        );
      }
    },
    tidy: async () => {},
    async bytesPerRecord(table, size) {
      await pool.query(`ANALYZE TABLE ${table}`);
      const [rows] = await pool.query(
        "SELECT data_length + index_length AS bytes FROM information_schema.tables WHERE table_name = ?",
        [table],
      );
      return Number(rows[0].bytes) / size;
    },
    bare(table) {
      const get = `SELECT version, data FROM ${table} WHERE user_id = ?`;
      const set = `UPDATE ${table} SET version = ?, data = ?, state = ?, enrolled_at = ?, backup_codes_active = ?,
        key_id = ? WHERE user_id = ? AND version = ?`;
      return async (userId, next) => {
        const [rows] = await pool.execute(get, [userId]);
        const [{ affectedRows }] = await pool.execute(set, [...columns(next), userId, rows[0].version]);
        if (affectedRows !== 1) throw new Error(LOST);
      };
    },
    async close() {
      for (const table of tables) await pool.query(`DROP TABLE IF EXISTS ${table}`);
      await pool.end();
    },
  };
}

const FILL = `for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  redis.call("HSET", KEYS[1] .. "user-" .. n, "version", ARGV[3], "data", ARGV[4], "state", ARGV[5],
    "enrolled_at", ARGV[6], "backup_codes_active", ARGV[7], "key_id", ARGV[8])
end`;
const EMPTY = `for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do redis.call("UNLINK", KEYS[1] .. "user-" .. n) end`;
const SET = `if redis.call("HGET", KEYS[1], "version") ~= ARGV[1] then return 0 end
redis.call("HSET", KEYS[1], "version", ARGV[2], "data", ARGV[3], "state", ARGV[4], "enrolled_at", ARGV[5],
  "backup_codes_active", ARGV[6], "key_id", ARGV[7])
return 1`;

/** One connection, as a host has it: it takes the commands of all clients as they come. */
export async function openRedis() {
  const client = new Redis(REDIS_URL);
  client.defineCommand("benchSet", { numberOfKeys: 1, lua: SET });
  const filled = [];
  const inThousands = async (size, run) => {
    for (let from = 0; from < size; from += 1_000) await run(from, Math.min(size, from + 1_000) - 1);
  };
  return {
    name: "Redis",
    table: (size) => `bench:${process.pid}:${size}:`,
    store: (prefix) => redisStore(client, { prefix }),
    async fill(prefix, size, rows, filler) {
      filled.push([prefix, size]);
      const values = columns(filler).map(String);
      await inThousands(size, (from, to) => client.eval(FILL, 1, prefix, from, to, ...values));
      for (const some of chunks(rows)) {
        const pipeline = client.pipeline();
        for (const row of some)
          pipeline.hset(`${prefix}user-${row.n}`, "version", row.version, "data", row.data);
        await pipeline.exec();
      }
    },
    tidy: async () => {},
    bytesPerRecord: (prefix) => client.memory("USAGE", `${prefix}user-0`),
    bare: (prefix) => async (userId, record) => {
      const key = prefix + userId;
      const [version] = await client.hmget(key, "version", "data");
      if ((await client.benchSet(key, version, ...columns(record).map(String))) !== 1) throw new Error(LOST);
    },
    async close() {
      for (const [prefix, size] of filled) {
        await inThousands(size, (from, to) => client.eval(EMPTY, 1, prefix, from, to));
      }
      client.disconnect();
    },
  };
}

export async function openSqlite() {
  const folder = mkdtempSync(join(tmpdir(), "twinlock-bench-"));
  const database = new Database(join(folder, "bench.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  return {
    name: "SQLite",
    table: (size) => `bench_${size}`,
    store: (table) => sqliteStore(database, { table }),
    async fill(table, size, rows, filler) {
      await sqliteStore(database, { table }).migrate();
      const asked = new Map(rows.map((row) => [row.n, row]));
      const insert = database.prepare(
        `INSERT INTO ${table} (user_id, version, data, state, enrolled_at, backup_codes_active, key_id)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      );
      database.exec("BEGIN");
      for (let n = 0; n < size; n++) insert.run(`user-${n}`, ...columns({ ...filler, ...asked.get(n) }));
      database.exec("COMMIT");
    },
    tidy: async () => {},
    async bytesPerRecord(_table, size) {
      const { bytes } = database
        .prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()")
        .get();
      return bytes / size;
    },
    bare(table) {
      const get = database.prepare(`SELECT version, data FROM ${table} WHERE user_id = ?`);
      const set = database.prepare(
        `UPDATE ${table} SET version = ?, data = ?, state = ?, enrolled_at = ?, backup_codes_active = ?, key_id = ?
         WHERE user_id = ? AND version = ?`,
      );
      return async (userId, next) => {
        const row = get.get(userId);
        if (set.run(...columns(next), userId, row.version).changes !== 1) {
          throw new Error(LOST);
        }
      };
    },
    async close() {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
