import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import postgres from "postgres";
import { postgresStore } from "../../../src/stores/postgres.ts";
import type { SqlStore } from "../../../src/stores/sql.ts";
import { freshId, record } from "../../../src/testing/contract/bench.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { type OwnServer, skipOwnServer, startServer } from "../../support/own-server.ts";

const skip = skipOwnServer("PgBouncer");
const timeout = 120_000; // what is prepared on one connection and asked of another hangs with some drivers

describe("PostgreSQL behind PgBouncer in transaction mode", { skip, timeout }, () => {
  const table = "contract_pgbouncer";
  const clients: { end(): Promise<unknown> }[] = [];
  let server: OwnServer;
  before(async () => {
    server = await startServer("PgBouncer");
    await throughPg().migrate();
  });
  after(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await server.stop();
  });

  function throughPg(): SqlStore {
    const client = new pg.Pool({ connectionString: server.url });
    clients.push(client);
    return postgresStore(client, { table });
  }
  function throughPostgresJs(): SqlStore {
    const client = postgres(server.url);
    clients.push(client);
    return postgresStore(client, { table });
  }

  for (const [name, connect] of [
    ["pg", throughPg],
    ["postgres.js", throughPostgresJs],
  ] as const) {
    describe(`through ${name}`, () => {
      let stores: readonly [SqlStore, SqlStore] | undefined;
      const both = () => (stores ??= [connect(), connect()]);
      userStoreTests(test, () => both()[0], { second: () => both()[1] });

      test("S6 people whose statements share one connection get their own rows", async () => {
        const people = Array.from({ length: 20 }, () => ({ id: freshId(), row: record() }));
        const store = (i: number) => both()[i % 2 === 0 ? 0 : 1];
        const written = people.map(({ id, row }, i) => store(i).compareAndSet(id, null, row));
        assert.deepEqual(new Set(await Promise.all(written)), new Set([true]));
        for (let round = 0; round < 10; round++) {
          const rows = await Promise.all(people.map(({ id }, i) => store(i + round).get(id)));
          assert.deepEqual(
            rows.map((row) => row?.version),
            people.map(({ row }) => row.version),
          );
        }
      });
    });
  }
});
