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

for (const code of ["08006", "57P01", "ECONNRESET", "53300", "25006"]) {
  test(`does not run a statement again that may have been written (${code})`, async () => {
    const client = scripted(code, DONE);
    await assert.rejects(postgresStore(client).compareAndSet("alice", "v1", record()), { code });
    assert.equal(client.queries.length, 1);
  });
}

for (const code of ["26000", "42P05", "0A000"]) {
  test(`goes on without names when a pooler has forgotten a prepared statement (${code})`, async () => {
    const client = scripted(code, DONE);
    const store = postgresStore(client);
    assert.equal(await store.compareAndSet("alice", "v1", record()), true);
    await store.get("alice");
    assert.deepEqual(
      client.queries.map(({ name }) => name),
      ["twinlock_set_two_factor", undefined, undefined],
    );
  });
}

test("statement names stay within PostgreSQL's 63 bytes", async () => {
  const client = scripted(DONE);
  const store = postgresStore(client, { table: `${"s".repeat(24)}.${"t".repeat(23)}` });
  await store.compareAndSet("alice", null, record());
  assert.equal((client.queries[0]?.name ?? "").length, 61);
});

test("one round trip reads, one writes, and values never enter the SQL", async () => {
  const client = scripted({ rows: [{ version: "v1", data: "d1" }], rowCount: 1 });
  const store = postgresStore(client);
  const next = record();
  assert.deepEqual(await store.get("al'ice"), { version: "v1", data: "d1" });
  await store.compareAndSet("al'ice", null, next);
  await store.compareAndSet("al'ice", "v1", next);
  assert.equal(client.queries.length, 3);
  for (const { text } of client.queries) assert.doesNotMatch(text, /al'ice|v1/);
  const { state, enrolledAt, backupCodesActive, keyId } = next.summary;
  const fields = [next.version, next.data, state, enrolledAt, backupCodesActive, keyId, "al'ice"];
  assert.deepEqual(
    client.queries.map(({ values }) => values),
    [["al'ice"], fields, [...fields, "v1"]],
  );
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

test("a client that does not count rows is refused instead of believed", async () => {
  const writing = postgresStore(scripted({ rows: [], rowCount: null })).compareAndSet(
    "alice",
    "v1",
    record(),
  );
  await assert.rejects(writing, /^TypeError: client: it does not say how many rows/);
});

test("what the database counts as one row is one, in either kind of number", async () => {
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

test("each statement has a name of its own, and migrating sends the schema without one", async () => {
  const client = scripted({ rows: [], rowCount: 0 });
  const store = postgresStore(client, { table: "auth.factors" });
  await store.get("alice");
  await store.compareAndSet("alice", null, record());
  await store.compareAndSet("alice", "v1", record());
  await store.migrate();
  assert.deepEqual(
    client.queries.map(({ name }) => name),
    ["twinlock_get_auth.factors", "twinlock_add_auth.factors", "twinlock_set_auth.factors", undefined],
  );
  assert.deepEqual(client.queries.at(-1), { text: postgresSchema("auth.factors") });
});

test("advice on a table keeps what the database said as its cause", async () => {
  const error = await postgresStore(scripted("42P01"))
    .get("alice")
    .catch((caught: Error) => caught);
  assert.ok(error instanceof Error && /the table two_factor is missing/.test(error.message));
  assert.deepEqual((error.cause as { code?: string }).code, "42P01");
});

test("postgres.js prepares statements unless the host has told it not to", async () => {
  for (const [options, prepare] of [
    [{}, true],
    [{ prepare: true }, true],
    [{ prepare: false }, false],
  ] as const) {
    const calls: unknown[][] = [];
    const client = {
      options,
      begin() {},
      unsafe: async (...call: unknown[]) => {
        calls.push(call);
        return Object.assign([], { count: 1 });
      },
    } as unknown as PostgresJs;
    const store = postgresStore(client);
    assert.equal(await store.compareAndSet("alice", "v1", record()), true);
    assert.deepEqual(calls[0]?.[2], { prepare });
    await store.migrate();
    assert.deepEqual(calls[1], [postgresSchema()]);
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
  assert.throws(() => postgresSchema("t".repeat(49)), /^RangeError: table: want at most 48 characters/);
  assert.throws(() => postgresSchema(7 as unknown as string), /^TypeError: table: want a string/);
});
