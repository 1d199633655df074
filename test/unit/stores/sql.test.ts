import assert from "node:assert/strict";
import { test } from "node:test";
import { type PgPool, type PostgresJs, postgresSchema, postgresStore } from "../../../src/stores/postgres.ts";
import { type Dialect, sqlStore } from "../../../src/stores/sql.ts";
import { fakeClock } from "../../../src/testing/clock.ts";
import { record } from "../../../src/testing/contract/bench.ts";

type Query = Parameters<PgPool["query"]>[0];
type Answer = Awaited<ReturnType<PgPool["query"]>>;

/** A client that answers from a script: an error with a code, or an answer; the last one again and again. */
function scripted(...script: (string | Answer)[]): PgPool & { queries: Query[] } {
  const queries: Query[] = [];
  return {
    queries,
    async query(query) {
      const answer = script[Math.min(queries.push(query), script.length) - 1];
      if (answer === undefined || typeof answer === "string") {
        throw Object.assign(new Error(`code ${answer}`), { code: answer });
      }
      return answer;
    },
  };
}

const DONE: Answer = { rows: [], rowCount: 1 };

for (const code of ["40001", "40P01"]) {
  test(`runs a statement again that the database has undone itself (${code})`, async () => {
    const client = scripted(code, code, code, DONE);
    assert.equal(await postgresStore(client).compareAndSet("alice", "v1", record()), true);
    assert.equal(client.queries.length, 4);
  });
}

for (const code of ["23505", "42P07", "42710"]) {
  test(`makes the table again after another process made it in between (${code})`, async () => {
    const client = scripted(code, DONE);
    await postgresStore(client).migrate();
    assert.equal(client.queries.length, 2);
  });
}

test("gives up on a database that goes on undoing, within two seconds", async () => {
  const clock = fakeClock();
  let tries = 0;
  const dialect: Dialect = {
    ...{ name: "any", quote: '"', onConflict: "" },
    schema: () => "",
    parameter: (position) => `$${position}`,
    trouble: () => "again",
  };
  const undo = async () => {
    tries++;
    clock.advance(0.4);
    throw new Error("undone");
  };
  const store = sqlStore(dialect, { first: undo, change: undo, script: undo }, {}, clock);
  await assert.rejects(store.compareAndSet("alice", "v1", record()), /^Error: undone$/);
  assert.equal(tries, 5);
});

for (const code of ["08006", "57P01", "ECONNRESET", "53300", "25006", "22P02"]) {
  test(`does not run a statement again that may have been written (${code})`, async () => {
    const client = scripted(code, DONE);
    await assert.rejects(postgresStore(client).compareAndSet("alice", "v1", record()), { code });
    assert.equal(client.queries.length, 1);
  });
}

test("S6 one round trip reads and one writes, without prepared statements", async () => {
  const client = scripted({ rows: [{ version: "v1", data: "d1" }], rowCount: 1 });
  const store = postgresStore(client);
  assert.deepEqual(await store.get("alice"), { version: "v1", data: "d1" });
  await store.compareAndSet("alice", null, record());
  await store.compareAndSet("alice", "v1", record());
  assert.equal(client.queries.length, 3);
  for (const query of client.queries) assert.deepEqual(Object.keys(query), ["text"]);
});

test("each value goes out as what it is: text, bytes of text, a number or NULL", async () => {
  const client = scripted(DONE);
  const summary = { state: "none", enrolledAt: null, backupCodesActive: 10, keyId: "k" } as const;
  await postgresStore(client).compareAndSet("alice", null, { version: "v-1", data: "it's", summary });
  const [, row] = client.queries[0]?.text.split(/SELECT | WHERE/) ?? [];
  assert.equal(row, "'v-1', convert_from(decode('69742773', 'hex'), 'UTF8'), 'none', NULL, 10, 'k', 'alice'");
});

for (const [doomed, asked] of [
  [1, ["SELECT 1", "SELECT 1", "ROLLBACK", "release 0", "release 1"]],
  [9, ["SELECT 1", "SELECT 1", "SELECT 1", "release 0", "release 1", "release 2"]],
] as const) {
  test(`postgres.js rolls back a transaction left open, where it finds it (${doomed})`, async () => {
    const log: string[] = [];
    let reserved = 0;
    const answer = async (sql: string, fails: boolean, code: string) => {
      log.push(sql);
      if (fails) throw Object.assign(new Error(), { code });
      return Object.assign([], { count: 1 });
    };
    let code = "25P02";
    const client: PostgresJs = {
      ...{ begin: true, options: { max: 3 } },
      unsafe: (sql) => answer(sql, true, code),
      async reserve() {
        const own = reserved++;
        return {
          unsafe: (sql) => answer(sql, own === doomed && sql === "SELECT 1", code),
          release: () => void log.push(`release ${own}`),
        };
      },
    };
    const store = postgresStore(Object.assign(() => {}, client));
    await assert.rejects(store.get("alice"), /a transaction is open/);
    assert.deepEqual(log.splice(0).slice(1), asked);
    code = "ECONNRESET";
    await assert.rejects(store.get("alice"), { code });
    await assert.rejects(store.migrate(), { code });
    assert.deepEqual(log.slice(1), [postgresSchema()]);
  });
}

test("no value can end its literal, whatever the server takes for an escape", async () => {
  const client = scripted({ rows: [], rowCount: 1 });
  const store = postgresStore(client);
  for (const evil of ["al'ice", "a\\", "$1", "é", "a\n'; --", "E'", "%c3%a9", ""]) {
    const next = { ...record(), data: evil };
    await store.get(evil);
    await store.compareAndSet(evil, null, next);
    await store.compareAndSet(evil, evil, next);
    for (const { text } of client.queries.splice(0)) {
      const literals = text.match(/'[^']*'/g) ?? [];
      for (const one of literals)
        assert.match(one, /^'([\w.~-]*|a transaction is open on this connection)'$/);
      assert.doesNotMatch(text.replace(/'[^']*'/g, ""), /['\\;é%]/);
    }
  }
});

test("V29 refuses values that do not come back as text", async () => {
  for (const value of [12, null, undefined, new Uint8Array(2), { a: 1 }]) {
    const client = scripted({ rows: [{ version: "v1", data: value }], rowCount: 1 });
    await assert.rejects(
      postgresStore(client).get("alice"),
      /^TypeError: two_factor: the column data came back as/,
    );
  }
});

test("a client that does not count changed rows is refused", async () => {
  const writing = postgresStore(scripted({ rows: [], rowCount: null })).compareAndSet(
    "alice",
    "v1",
    record(),
  );
  await assert.rejects(writing, /^TypeError: client: it does not say how many rows/);
});

test("one changed row counts as one, as a number or as a BigInt", async () => {
  for (const [rowCount, written] of [
    [1, true],
    [1n, true],
    [0, false],
    [0n, false],
    [2, false],
  ] as const) {
    const store = postgresStore(scripted({ rows: [], rowCount: rowCount as number }));
    assert.equal(await store.compareAndSet("alice", "v1", record()), written, String(rowCount));
  }
});

test("migrating sends the schema as it is", async () => {
  const client = scripted({ rows: [], rowCount: 0 });
  await postgresStore(client, { table: "auth.factors" }).migrate();
  assert.deepEqual(client.queries, [{ text: postgresSchema("auth.factors") }]);
});

test("advice on a table keeps what the database said as its cause", async () => {
  for (const [code, advice] of Object.entries({
    "42P01": "Error: the table two_factor is missing: run the SQL of postgresSchema()",
    "25P02":
      "TypeError: client: a transaction is open on this connection, or autocommit is off: give the store",
  })) {
    const reading = postgresStore(scripted(code)).get("alice");
    const error = await reading.then(
      () => assert.fail(),
      (caught: Error) => caught,
    );
    assert.ok(String(error).startsWith(advice), String(error));
    assert.equal((error.cause as { code?: string }).code, code);
  }
});

test("a table name that would need more than quotes is refused", () => {
  assert.match(postgresSchema("auth.Two_Factor2"), /"auth"\."Two_Factor2"/);
  for (const table of [
    'a"; DROP TABLE users; --',
    "a b",
    "a.b.c",
    "",
    ".a",
    "a.",
    "1a",
    "tablé",
    "a\n",
    "$a",
  ]) {
    assert.throws(() => postgresSchema(table), /^RangeError: table: want letters, digits and underscores/);
    assert.throws(() => postgresStore(scripted(), { table }), /^RangeError: table: want letters/);
  }
  postgresSchema("t".repeat(48));
  assert.throws(() => postgresSchema("t".repeat(49)), /^RangeError: table: want at most 48 characters/);
  assert.throws(() => postgresSchema(7 as unknown as string), /^TypeError: table: want a string/);
});
