import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { POSTGRES_URL, skipUnless } from "../../support/servers.ts";
import { enrolled, outcome, wrongCode } from "../../support/world.ts";
import { guessOnce } from "./attackers.ts";

const skip = await skipUnless(POSTGRES_URL);

test("V28 a host that rolls back its transaction does not roll back the charge", {
  skip,
}, async () => {
  const table = `guessing_rollback_${process.pid}`;
  const pool = new pg.Pool({ connectionString: POSTGRES_URL });
  const store = postgresStore(pool, { table });
  await store.migrate();
  try {
    const w = await enrolled({ store });
    const outcomes: string[] = [];
    for (let i = 0; i < 6; i++) {
      const client = await pool.connect();
      await client.query("BEGIN");
      await client.query("CREATE TEMPORARY TABLE failed_sign_in (at bigint)");
      outcomes.push(outcome(await guessOnce(w.twoFactor, wrongCode(w, i))));
      await client.query("ROLLBACK");
      client.release();
    }
    assert.deepEqual(outcomes, [...Array<string>(5).fill("wrong_code"), "locked"]);
  } finally {
    await pool.query(`DROP TABLE ${table}`);
    await pool.end();
  }
});
