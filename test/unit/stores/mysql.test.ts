import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import { type MysqlConnection, mysqlSchema, mysqlStore, type SqlValue } from "../../../src/stores/mysql.ts";
import { record } from "../../../src/testing/contract/bench.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { MYSQL_URL, skipUnless } from "../../support/servers.ts";

const skip = await skipUnless(MYSQL_URL);

describe("MariaDB through mysql2", { skip }, () => {
  const table = "contract_mysql2";
  const [first, second] = [createPool(MYSQL_URL), createCallbackPool(MYSQL_URL)];
  const store = mysqlStore(first, { table });
  userStoreTests(
    test,
    async () => {
      await store.migrate();
      return store;
    },
    {
      second: () => mysqlStore(second, { table }),
      async rollback(work) {
        const connection = await first.getConnection();
        await connection.beginTransaction();
        await work();
        await connection.rollback();
        connection.release();
      },
      close: async () => void (await Promise.all([first.end(), second.promise().end()])),
    },
  );
});

describe("a MariaDB table", { skip }, () => {
  const pool = createPool(MYSQL_URL);
  after(() => pool.end());
  const run = (sql: string) => pool.query(sql);
  const table = "bad_mysql";
  const database = new URL(MYSQL_URL).pathname.slice(1);
  const make = (change: (sql: string) => string = (sql) => sql): Promise<unknown> =>
    run(`DROP TABLE IF EXISTS ${table}`).then(() => run(change(mysqlSchema(table))));

  test("that is missing is named, with what to run, and is found once it is there", async () => {
    await run(`DROP TABLE IF EXISTS ${table}`);
    const store = mysqlStore(pool, { table });
    const advice =
      /the table bad_mysql is missing: run the SQL of mysqlSchema\(\) once, or await store\.migrate\(\)/;
    await assert.rejects(store.get("alice"), advice);
    await assert.rejects(store.compareAndSet("alice", null, record()), advice);
    await store.migrate();
    assert.equal(await store.get("alice"), null);
  });

  for (const [fault, change, says] of [
    [
      "lacks a column",
      (sql: string) => sql.replace(/ {2}key_id.*\n/, "").replace("NOT NULL,\n)", "NOT NULL\n)"),
      /lacks a column/,
    ],
    [
      "has a column too short",
      (sql: string) => sql.replace("MEDIUMTEXT", "TINYTEXT"),
      /a column of \w+\.bad_mysql is too short/,
    ],
    [
      "has no room for long ids",
      (sql: string) => sql.replace("VARBINARY(1024)", "VARBINARY(255)"),
      /too short/,
    ],
    [
      "folds ids",
      (sql: string) => sql.replace("VARBINARY(1024)", "VARCHAR(700)"),
      /user_id of \w+\.bad_mysql does not compare byte by byte/,
    ],
  ] as const) {
    test(`that ${fault} is refused before a value is cut, outside strict mode too`, async () => {
      await make(change);
      const lax = createPool({ uri: MYSQL_URL, connectionLimit: 1 });
      await lax.query("SET sql_mode = ''");
      const store = mysqlStore(lax, { table: `${database}.${table}` });
      await assert.rejects(store.compareAndSet("alice", null, record()), says);
      await assert.rejects(store.get("alice"), says);
      const [rows] = await run(`SELECT COUNT(*) AS n FROM ${table}`);
      assert.deepEqual(rows, [{ n: 0 }]);
      await lax.end();
    });
  }

  test("keeps ids apart over a connection that speaks Latin-1", async () => {
    await make();
    const latin = createPool({ uri: MYSQL_URL, charset: "latin1_swedish_ci" });
    const [there, here] = [mysqlStore(latin, { table }), mysqlStore(pool, { table })];
    assert.equal(await there.compareAndSet("山", null, record()), true);
    assert.equal(await there.get("田"), null);
    assert.notEqual(await here.get("山"), null);
    await latin.end();
  });

  test("in a deadlock gives one creator the row and the other false", async () => {
    await make();
    let deadlocks = 0; // of this pool, whatever else goes on at the server
    const watched = {
      query: run,
      async getConnection(): Promise<MysqlConnection> {
        const connection = await pool.getConnection();
        return {
          execute: (sql: string, values: SqlValue[]) =>
            connection.execute(sql, values).catch((error: { errno?: number }) => {
              if (error.errno === 1213) deadlocks++;
              throw error;
            }),
          query: (sql) => connection.query(sql),
          release: () => connection.release(),
          destroy: () => connection.destroy(),
        };
      },
    };
    const store = mysqlStore(watched, { table });
    const other = await pool.getConnection();
    await store.get("warm");
    await other.beginTransaction();
    await other.query(`INSERT INTO ${table} VALUES ('alice', 'v', 'd', 'none', NULL, 0, 'k')`);
    const creators = [
      store.compareAndSet("alice", null, record()),
      store.compareAndSet("alice", null, record()),
    ];
    // Not information_schema.innodb_trx: whoever asks that more often than every 100 ms gets the same answer for ever.
    const waiting = async () => {
      const [[row]] = (await run("SHOW ENGINE INNODB STATUS")) as unknown as [{ Status: string }[]];
      // What comes before the first one tells of the latest deadlock, maybe of a run before this one.
      const [, ...transactions] = row?.Status.split("---TRANSACTION ") ?? [];
      return transactions.filter((text) => text.includes("LOCK WAIT") && text.includes(`INTO \`${table}\``));
    };
    while ((await waiting()).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await other.rollback(); // both now hold a shared lock on the gap, and each waits for the other's
    other.release();
    assert.deepEqual((await Promise.all(creators)).sort(), [false, true]);
    assert.equal(deadlocks, 1);
  });
});

describe("a pool of mysql2 that answers from a script", () => {
  const COLUMNS = [
    { name: "user_id", type: "varbinary", bytes: 1024 },
    { name: "version", type: "varchar", bytes: 22 },
    { name: "data", type: "mediumtext", bytes: 16_384 },
    { name: "state", type: "varchar", bytes: 24 },
    { name: "key_id", type: "varchar", bytes: 11 },
  ];

  /** Answers with one thing after the other, and throws what is an error; notes what becomes of the connections. */
  function scripted(columns: readonly object[], ...answers: unknown[]) {
    const ends: string[] = [];
    const answered = (): [unknown] => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return [answer];
    };
    const connection: MysqlConnection = {
      execute: async (sql) => (sql.includes("information_schema") ? [columns] : answered()),
      async query(sql) {
        if (sql === "DO 0") return answered();
        ends.push(sql);
        throw new Error("gone");
      },
      release: () => void ends.push("release"),
      destroy: () => void ends.push("destroy"),
    };
    const store = mysqlStore({ getConnection: async () => connection, query: connection.query });
    return { store, ends };
  }
  const outcome = (call: Promise<unknown>) => call.catch((error: Error) => error.message);
  const failed = (errno: number) => Object.assign(new Error(`number ${errno}`), { errno });
  const written = { serverStatus: 2, affectedRows: 1 };
  const OPEN = /a transaction is open on this connection/;

  test("is believed only outside a transaction, and another connection leaves the pool", async () => {
    for (const [row, says] of [
      [{ alone: 1, version: null, data: null }, /^null$/],
      [{ alone: 1, version: "v", data: "d" }, /^{"version":"v","data":"d"}$/],
      [{ alone: 1, version: "v", data: null }, /the column data came back as object/],
      [{ alone: 1, version: null, data: "d" }, /the column version came back as object/],
      [{ alone: 0, version: "v", data: "d" }, OPEN],
      [undefined, OPEN],
    ] as const) {
      const { store, ends } = scripted(COLUMNS, [row]);
      assert.match(JSON.stringify(await outcome(store.get("alice"))), says);
      assert.deepEqual(ends, ["release", ...(says === OPEN ? ["ROLLBACK", "destroy"] : ["release"])]);
    }
    for (const serverStatus of [0, 1, 3, undefined]) {
      const { store, ends } = scripted(COLUMNS, { ...written, serverStatus });
      assert.match(String(await outcome(store.compareAndSet("alice", "v", record()))), OPEN);
      assert.deepEqual(ends, ["release", "ROLLBACK", "destroy"]);
    }
  });

  test("of MySQL, which knows no @@in_transaction, is asked for its status instead", async () => {
    const row = { alone: 1, version: "v", data: "d" };
    const { store } = scripted(COLUMNS, failed(1193), [row], { serverStatus: 3 }, [row], written);
    assert.match(String(await outcome(store.get("alice"))), OPEN);
    assert.deepEqual(await store.get("alice"), { version: "v", data: "d" });
    for (const errors of [[failed(1193), failed(1193)], [failed(1045)]]) {
      const { store } = scripted(COLUMNS, ...errors, [row], written);
      assert.equal(await outcome(store.get("alice")), errors[0]?.message);
    }
  });

  test("is asked again after what was undone, and explains the other errors", async () => {
    for (const [errno, says] of [
      ...[1213, 1205, 1020].map((undone) => [undone, /^true$/] as const),
      [1062, /^false$/],
      [1146, /the table two_factor is missing/],
      [1054, /the table two_factor lacks a column/],
      [1406, /a column of two_factor is too short/],
      [1193, /^number 1193$/],
    ] as const) {
      const { store } = scripted(COLUMNS, failed(errno), written);
      assert.match(String(await outcome(store.compareAndSet("alice", null, record()))), says);
    }
  });

  test("is refused for a column that is missing, or by one byte too short", async () => {
    const text = COLUMNS.map((column) => ({ ...column, type: "text" }));
    assert.match(String(await outcome(scripted(text).store.get("alice"))), /not compare byte by byte/);
    assert.match(String(await outcome(scripted([]).store.get("alice"))), /the table two_factor is missing/);
    for (const column of COLUMNS) {
      const others = COLUMNS.filter((other) => other !== column);
      for (const [columns, says] of [
        [others, /lacks a column/],
        [[...others, { ...column, bytes: column.bytes - 1 }], /too short/],
      ] as const) {
        assert.match(String(await outcome(scripted(columns).store.get("alice"))), says);
      }
    }
  });
});
