import assert from "node:assert/strict";
import { test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { createClient as createLibsql } from "@libsql/client";
import { Redis } from "ioredis";
import { createConnection, createPool } from "mysql2";
import pg from "pg";
import postgres from "postgres";
import { createClient as createNodeRedis } from "redis";
import { d1Store } from "../../../src/stores/d1.ts";
import { mysqlStore } from "../../../src/stores/mysql.ts";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { record } from "../../../src/testing/contract/bench.ts";
import { userStoreTests, virtualAuthenticator, virtualPasskey } from "../../../src/testing/index.ts";

const f = () => {};
const HALVES = [
  ...[{ unsafe: f, begin: f }, { unsafe: f, reserve: f }, { unsafe: 1, begin: f, reserve: f }, { query: 1 }],
  ...[{ execute: f }, { execute: 1, batch: f }, { prepare: f }, { prepare: 1, exec: f }, { exec: f }],
  ...[{ isInTransaction: f, exec: f }, { evalSha: 1 }, { evalsha: 1 }],
];
const NOTHING = [undefined, null, 7, "postgres://", {}, f, new Map(), ...HALVES] as never[];

test("a wrong client is refused at construction, and the error says what is wanted", () => {
  for (const client of NOTHING) {
    assert.throws(
      () => postgresStore(client),
      /^TypeError: client: want a Pool of pg, the client of postgres\.js/,
    );
    assert.throws(() => mysqlStore(client), /^TypeError: pool: want createPool\(\) of mysql2/);
    assert.throws(() => sqliteStore(client), /^TypeError: client: want a client of @libsql\/client/);
    assert.throws(() => d1Store(client), /^TypeError: database: want the D1 binding itself/);
    assert.throws(() => redisStore(client), /^TypeError: client: want a client of ioredis or of node-redis/);
  }
});

test("the clients of other databases are refused", async () => {
  const pool = new pg.Pool();
  const sqlite = createLibsql({ url: ":memory:" });
  const mysql = createPool({});
  for (const half of [pool, { getConnection: f }, { getConnection: 1, query: f }]) {
    assert.throws(() => mysqlStore(half as never), /^TypeError: pool: want createPool\(\)/);
  }
  assert.throws(() => sqliteStore(pool as never), /^TypeError: client: want/);
  assert.throws(() => d1Store(sqlite as never), /^TypeError: database: want/);
  assert.throws(() => redisStore(pool as never), /^TypeError: client: want/);
  assert.throws(() => postgresStore(sqlite as never), /^TypeError: client: want/);
  assert.throws(
    () => postgresStore(mysql as never),
    /^TypeError: client: this is a pool of mysql2: use mysqlStore/,
  );
  assert.throws(() => sqliteStore({ prepare() {}, exec() {}, withSession() {} } as never), /use d1Store/);
  assert.throws(
    () => redisStore(new Redis({ lazyConnect: true }), { prefix: 7 as never }),
    /^TypeError: prefix:/,
  );
  await mysql.promise().end();
});

test("V28 PGlite's transaction is refused", async () => {
  const lite = new PGlite();
  await lite.transaction(async (inside) => {
    assert.throws(() => postgresStore(inside as never), /^TypeError: client: want the pool itself/);
  });
  await lite.close();
});

test("V28 a transaction of postgres.js, and a connection checked out of pg's pool, is refused", () => {
  const sql = postgres({ host: "nowhere" });
  const inTransaction = /^TypeError: client: want the pool itself, not a transaction/;
  const transaction = Object.assign(sql, { savepoint() {} });
  assert.throws(() => postgresStore(transaction), inTransaction);
  const checkedOut = Object.assign(new pg.Client(), { release() {} });
  assert.throws(() => postgresStore(checkedOut), inTransaction);
  assert.throws(() => postgresStore({ query: f, rollback: f } as never), inTransaction);
});

test("V28 a connection of mysql2, which may be in a transaction, is refused", () => {
  const connection = createConnection({ host: "127.0.0.1", port: 1 }).on("error", () => {});
  assert.throws(() => mysqlStore(connection as never), /^TypeError: pool: want a pool, not one connection/);
});

test("V28 a transaction of libsql is refused", async () => {
  const libsql = await createLibsql({ url: ":memory:" }).transaction("write");
  const inTransaction = /^TypeError: client: want the client itself, not a transaction/;
  assert.throws(() => sqliteStore(libsql as never), inTransaction);
  await libsql.rollback();
});

test("V28 a pipeline and a transaction of Redis are refused", () => {
  const redis = new Redis({ lazyConnect: true });
  for (const client of [redis.multi(), redis.pipeline(), createNodeRedis().multi()]) {
    const inTransaction = /^TypeError: client: want the client itself, not a pipeline or a transaction/;
    assert.throws(() => redisStore(client as never), inTransaction);
  }
});

test("a session of D1, and an object that only looks like a binding, is refused", () => {
  for (const client of [{ prepare() {} }, { prepare: true, withSession() {} }, { withSession() {} }]) {
    assert.throws(() => d1Store(client as never), /^TypeError: database: want the D1 binding itself/);
  }
});

test("S8 an unknown option is refused by its name, not ignored", async () => {
  const misspelled = { tabel: "auth.two_factor" } as never;
  const unknown = /^TypeError: tabel: there is no such option$/;
  const mysql = createPool({});
  assert.throws(() => postgresStore(new pg.Pool(), misspelled), unknown);
  assert.throws(() => mysqlStore(mysql as never, misspelled), unknown);
  assert.throws(() => sqliteStore(createLibsql({ url: ":memory:" }), misspelled), unknown);
  assert.throws(() => d1Store({ prepare() {}, withSession() {} } as never, misspelled), unknown);
  assert.throws(
    () => redisStore(new Redis({ lazyConnect: true }), { prefx: "app:" } as never),
    /^TypeError: prefx: there is no such option$/,
  );
  assert.throws(
    () => userStoreTests(test, () => assert.fail(), { secnod: () => assert.fail() } as never),
    /^TypeError: secnod: there is no such option$/,
  );
  for (const virtual of [virtualAuthenticator, virtualPasskey]) {
    assert.throws(() => virtual({ skwe: 30 } as never), /^TypeError: skwe: there is no such option$/);
  }
  await mysql.promise().end();
});

test("S3 a PGlite that cannot say whether a transaction is open is refused", () => {
  const mute = { query() {}, exec() {} } as never;
  assert.throws(() => postgresStore(mute), /^TypeError: client: want a PGlite that tells/);
});

test("S2 the answers of a Redis client inside MULTI are refused", async () => {
  const queued = async () => "QUEUED";
  const clients = [
    { hmget: queued, evalsha: queued, eval: queued },
    { hmGet: queued, evalSha: queued, eval: queued },
  ];
  for (const client of clients) {
    const store = redisStore(client as never);
    await assert.rejects(store.get("ada"), /^TypeError: client: no answer came, as inside MULTI/);
    await assert.rejects(
      store.compareAndSet("ada", null, record()),
      /^TypeError: client: no answer came, as inside MULTI/,
    );
  }
});

test("a name in the place of the options is refused, not ignored", () => {
  const misplaced = "auth.two_factor" as never;
  for (const make of [
    () => postgresStore(new pg.Pool(), misplaced),
    () => redisStore(new Redis({ lazyConnect: true }), misplaced),
    () => userStoreTests(test, () => assert.fail(), misplaced),
    () => virtualAuthenticator(misplaced),
    () => virtualPasskey(misplaced),
  ]) {
    assert.throws(make, /^TypeError: options: want an object/);
  }
});
