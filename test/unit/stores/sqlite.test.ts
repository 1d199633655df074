import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { createClient } from "@libsql/client";
import Database from "libsql";
import { type SyncSqlite, sqliteSchema, sqliteStore } from "../../../src/stores/sqlite.ts";
import { sqliteDialect } from "../../../src/stores/sqlite-dialect.ts";
import { freshId, record } from "../../../src/testing/contract/bench.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "twinlock-sqlite-"));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

type Open = (path: string) => SyncSqlite & { close(): unknown };

/** Not every runtime has every client: Node 20 has no node:sqlite, and only Bun has bun:sqlite. */
async function clients(): Promise<Record<string, Open | undefined>> {
  const load = (name: string): Promise<Record<string, new (path: string) => ReturnType<Open>>> =>
    import(name).catch(() => ({}));
  const { DatabaseSync } = await load("node:sqlite");
  const { Database: Bun } = await load("bun:sqlite");
  return {
    "the better-sqlite3 API": (path) => new Database(path),
    "node:sqlite": DatabaseSync && ((path) => new DatabaseSync(path)),
    "bun:sqlite": Bun && ((path) => new Bun(path)),
  };
}

const FOUND = await clients(); // before the first suite: what is registered later may run too late

describe("SQLite through @libsql/client", () => {
  const url = `file:${file("libsql.db")}`;
  const [first, second] = [createClient({ url }), createClient({ url })];
  userStoreTests(
    test,
    async () => {
      const store = sqliteStore(first);
      await store.migrate();
      return store;
    },
    {
      second: () => sqliteStore(second),
      async close() {
        first.close();
        second.close();
      },
    },
  );
});

for (const [name, open] of Object.entries(FOUND)) {
  describe(`SQLite through ${name}`, { skip: !open && `this runtime has no ${name}` }, () => {
    if (!open) return;
    const path = file(name.replace(/\W/g, "-"));
    const [first, second] = [open(path), open(path)];
    after(() => [first, second].map((database) => database.close()));
    first.exec("PRAGMA journal_mode = WAL");
    userStoreTests(
      test,
      async () => {
        const store = sqliteStore(first);
        await store.migrate();
        return store;
      },
      { second: () => sqliteStore(second) },
    );

    test("V28 refuses to write inside a transaction that the host has opened on the same connection", async () => {
      const store = sqliteStore(first);
      await store.migrate();
      const userId = freshId();
      first.exec("BEGIN");
      await assert.rejects(
        store.compareAndSet(userId, null, record()),
        /transaction is open.*one of its own/,
      );
      await assert.rejects(store.get(userId), /transaction is open/);
      first.exec("ROLLBACK");
      assert.equal(await store.compareAndSet(userId, null, record()), true);
    });

    test("waits out a writer that holds the file", async () => {
      const store = sqliteStore(first);
      await store.migrate();
      const userId = freshId();
      first.exec("PRAGMA busy_timeout = 0");
      second.exec("BEGIN IMMEDIATE");
      const waiting = store.compareAndSet(userId, null, record());
      assert.equal(await Promise.race([waiting, Promise.resolve("waiting")]), "waiting");
      second.exec("COMMIT");
      assert.equal(await waiting, true);
      assert.notEqual(await sqliteStore(second).get(userId), null);
    });
  });
}

test("@libsql/client confirms a write only when it is committed, whatever was busy before", async () => {
  const url = `file:${file(`busy-${freshId()}.db`)}`;
  const [first, second] = [createClient({ url }), createClient({ url })];
  await first.execute("PRAGMA journal_mode = WAL");
  const store = sqliteStore(first);
  await store.migrate();
  const lock = await second.transaction("write");
  await assert.rejects(first.execute("DELETE FROM two_factor"), /SQLITE_BUSY/); // the application's own trouble
  await lock.commit();
  const [userId, next] = [freshId(), record()];
  const answer = await store.compareAndSet(userId, null, next).catch(() => "rejected");
  const { rows } = await second.execute("SELECT version FROM two_factor");
  assert.deepEqual([answer, rows.length], answer === true ? [true, 1] : ["rejected", 0]);
  first.close();
  second.close();
});

test("asks a connection whether a transaction is open, and SQLite only where it cannot tell", async () => {
  const open = /a transaction is open on this connection/;
  for (const [told, thrown, says] of [
    [{ inTransaction: true }, "not asked", open],
    [{ isTransaction: true }, "not asked", open],
    [{}, "cannot start a transaction within a transaction", open],
    [{}, "disk I/O error", /^Error: disk I\/O error$/],
  ] as const) {
    const exec = () => {
      throw new Error(thrown);
    };
    const store = sqliteStore({ ...told, exec, prepare: () => assert.fail("went on") });
    await assert.rejects(store.get("alice"), says);
  }
});

test("the errors of every client are understood, by their code or their text", () => {
  for (const [error, trouble] of [
    [{ code: "SQLITE_BUSY" }, "again"],
    [{ code: "SQLITE_LOCKED" }, "again"],
    [{ message: "database is locked" }, "again"],
    [{ message: "database table is locked" }, "again"],
    [{ message: "no such table: t" }, "no_table"],
    [{ message: "no such column: c" }, "no_column"],
    [{ message: "table t has no column named c" }, "no_column"],
    [{ code: "SQLITE_IOERR", message: "disk I/O error" }, undefined],
  ] as const) {
    assert.equal(sqliteDialect.trouble(error), trouble, JSON.stringify(error));
  }
});

describe("a SQLite database", () => {
  const memory = (): ReturnType<typeof createClient> => createClient({ url: ":memory:" });

  test("without the table says what to run", async () => {
    const store = sqliteStore(memory());
    const advice =
      /the table two_factor is missing: run the SQL of sqliteSchema\(\) once, or await store\.migrate\(\)/;
    await assert.rejects(store.get("alice"), advice);
    await assert.rejects(store.compareAndSet("alice", null, record()), advice);
    await assert.rejects(sqliteStore(new Database(":memory:")).get("alice"), advice);
  });

  test("without a column says what to compare it with", async () => {
    const client = memory();
    await client.execute("CREATE TABLE two_factor (user_id TEXT PRIMARY KEY, version TEXT, data TEXT)");
    const writing = sqliteStore(client).compareAndSet("alice", null, record());
    await assert.rejects(writing, /two_factor lacks a column: compare it with the SQL of sqliteSchema\(\)/);
  });

  test("may name the table, and migrating twice changes nothing", async () => {
    const client = memory();
    const store = sqliteStore(client, { table: "main.SecondFactor" });
    await store.migrate();
    assert.equal(await store.compareAndSet("alice", null, record()), true);
    await store.migrate();
    const { rows } = await client.execute('SELECT user_id FROM "SecondFactor"');
    assert.equal(rows.length, 1);
    assert.match(sqliteSchema("main.SecondFactor"), /^CREATE TABLE IF NOT EXISTS "main"\."SecondFactor" \(/);
  });

  test("answers who has no second factor in one query over the summary", async () => {
    const client = memory();
    const store = sqliteStore(client);
    await store.migrate();
    await client.execute("CREATE TABLE users (id TEXT PRIMARY KEY)");
    await client.execute("INSERT INTO users VALUES ('alice'), ('bob'), ('carol')");
    await store.compareAndSet("alice", null, record());
    const reset = { ...record(), summary: { ...record().summary, state: "none" as const } };
    await store.compareAndSet("bob", null, reset);
    const { rows } = await client.execute(
      "SELECT id FROM users LEFT JOIN two_factor ON user_id = id WHERE state IS NULL OR state <> 'active' ORDER BY id",
    );
    assert.deepEqual(
      rows.map((row) => row["id"]),
      ["bob", "carol"],
    );
  });
});
