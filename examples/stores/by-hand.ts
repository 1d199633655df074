// A store written by hand over pg: the whole contract in two statements. `postgresStore` does the same and more.
import type { Pool } from "pg";
import type { UserStore } from "twinlock";

export const SCHEMA = `CREATE TABLE IF NOT EXISTS second_factors (
  user_id text COLLATE "C" PRIMARY KEY, version text NOT NULL, data text NOT NULL, summary jsonb NOT NULL
)`;

const GET = "SELECT version, data FROM second_factors WHERE user_id = $1";
const CREATE = "INSERT INTO second_factors VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const REPLACE = `UPDATE second_factors SET version = $2, data = $3, summary = $4 WHERE user_id = $1 AND version = $5`;

export function storeByHand(pool: Pool): UserStore {
  return {
    async get(userId) {
      return (await pool.query(GET, [userId])).rows[0] ?? null;
    },
    async compareAndSet(userId, expected, { version, data, summary }) {
      const row = [userId, version, data, summary];
      const { rowCount } = await (expected === null
        ? pool.query(CREATE, row)
        : pool.query(REPLACE, [...row, expected]));
      return rowCount === 1;
    },
  };
}
