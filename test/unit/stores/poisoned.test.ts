/** A sign-in over a connection that somebody left inside a transaction: nothing that it says is true for anybody else. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import Database from "libsql";
import { createPool } from "mysql2/promise";
import pg from "pg";
import postgres from "postgres";
import type { StoredRecord, UserStore } from "../../../src/store.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { mysqlStore, type SqlValue } from "../../../src/stores/mysql.ts";
import { postgresStore } from "../../../src/stores/postgres.ts";
import {
  type LibsqlClient,
  type LibsqlStatement,
  type SyncSqlite,
  sqliteStore,
} from "../../../src/stores/sqlite.ts";
import { freshId } from "../../../src/testing/contract/bench.ts";
import {
  createTestTwoFactor,
  faultyStore,
  type StoreCall,
  type StoreFault,
} from "../../../src/testing/index.ts";
import { MYSQL_URL, POSTGRES_URL, skipUnless } from "../../support/servers.ts";

const table = "poisoned";
const binding = null;

interface Poisoned {
  store: UserStore & { migrate(): Promise<void> };
  /** Leaves the store's only connection so; each begins with a read, so that a snapshot is taken. */
  poisons: Readonly<Record<string, () => Promise<unknown>>>;
  /** A store over connections of its own, where the test can see what the poisoned one hides. */
  other?: UserStore;
  /** Ends the transaction where only its owner may: a single connection is not the store's to roll back. */
  heal?: () => unknown;
  close(): Promise<unknown>;
}

const [noPostgres, noMysql] = [await skipUnless(POSTGRES_URL), await skipUnless(MYSQL_URL)];
const READ = `SELECT count(*) FROM ${table}`;

const CASES: Readonly<Record<string, { skip: false | string; open: () => Poisoned | Promise<Poisoned> }>> = {
  "pg's pool": {
    skip: noPostgres,
    open() {
      const [pool, beside] = [1, 2].map((max) => new pg.Pool({ connectionString: POSTGRES_URL, max }));
      assert.ok(pool && beside);
      const leave =
        (...statements: string[]) =>
        async () => {
          const client = await pool.connect();
          for (const statement of statements) await client.query(statement).catch(() => {});
          client.release();
        };
      return {
        store: postgresStore(pool, { table }),
        other: postgresStore(beside, { table }),
        poisons: {
          "an open transaction": leave("BEGIN"),
          "a frozen snapshot": leave("BEGIN ISOLATION LEVEL REPEATABLE READ", READ),
          "a failed transaction": leave("BEGIN", "no SQL"),
        },
        close: () => Promise.all([pool.end(), beside.end()]),
      };
    },
  },
  "a client of pg": {
    skip: noPostgres,
    async open() {
      const client = new pg.Client({ connectionString: POSTGRES_URL });
      await client.connect();
      // Most versions of pg cannot be asked whether a transaction is open.
      const mute = { query: (query: { text: string }) => client.query(query) };
      return {
        store: postgresStore(mute, { table }),
        poisons: { "an open transaction": () => client.query("BEGIN") },
        heal: () => client.query("ROLLBACK"),
        close: () => client.end(),
      };
    },
  },
  "postgres.js": {
    skip: noPostgres,
    open() {
      const sql = postgres(POSTGRES_URL, { max: 1, onnotice() {} });
      const beside = postgres(POSTGRES_URL, { max: 2, onnotice() {} });
      const leave =
        (...statements: string[]) =>
        async () => {
          const reserved = await sql.reserve();
          for (const statement of statements) await reserved.unsafe(statement).catch(() => {});
          reserved.release();
        };
      return {
        store: postgresStore(sql, { table }),
        other: postgresStore(beside, { table }),
        poisons: {
          "an open transaction": leave("BEGIN"),
          "a frozen snapshot": leave("BEGIN ISOLATION LEVEL REPEATABLE READ", READ),
          "a failed transaction": leave("BEGIN", "no SQL"),
        },
        close: () => Promise.all([sql.end(), beside.end()]),
      };
    },
  },
  PGlite: {
    skip: false,
    open() {
      const database = new PGlite();
      return {
        store: postgresStore(database, { table }),
        poisons: { "an open transaction": () => database.exec("BEGIN") },
        heal: () => database.exec("ROLLBACK"),
        close: () => database.close(),
      };
    },
  },
  mysql2: {
    skip: noMysql,
    open() {
      const [pool, beside] = [1, 2].map((connectionLimit) => createPool({ uri: MYSQL_URL, connectionLimit }));
      assert.ok(pool && beside);
      const leave =
        (...statements: string[]) =>
        async () => {
          const connection = await pool.getConnection();
          for (const statement of statements) await connection.query(statement);
          connection.release();
        };
      return {
        store: mysqlStore(pool, { table }),
        other: mysqlStore(beside, { table }),
        poisons: {
          "an open transaction": leave("BEGIN", READ),
          "autocommit off": leave("SET autocommit = 0", READ),
          "autocommit off and nothing begun": leave("SET autocommit = 0"),
        },
        close: () => Promise.all([pool.end(), beside.end()]),
      };
    },
  },
  "mysql2 and a server that knows no @@in_transaction": {
    skip: noMysql,
    open() {
      const pool = createPool({ uri: MYSQL_URL, connectionLimit: 1 });
      const unknown = Object.assign(new Error("Unknown system variable 'in_transaction'"), { errno: 1193 });
      const likeMysql = {
        query: (sql: string) => pool.query(sql),
        async getConnection() {
          const connection = await pool.getConnection();
          return {
            async execute(sql: string, values: SqlValue[]) {
              if (sql.includes("@@in_transaction")) throw unknown;
              return connection.execute(sql, values);
            },
            query: (sql: string) => connection.query(sql),
            release: () => connection.release(),
            destroy: () => connection.destroy(),
          };
        },
      };
      return {
        store: mysqlStore(likeMysql, { table }),
        poisons: {
          "an open transaction": () => pool.query("BEGIN"),
          "autocommit off": () => pool.query("SET autocommit = 0"),
        },
        close: () => pool.end(),
      };
    },
  },
  "a client of libsql that keeps open what was begun on it": {
    skip: false,
    open: () => sqlite(asLibsql),
  },
  "a SQLite connection that tells": {
    skip: false,
    open: () => sqlite((database) => database),
  },
  "a SQLite connection that cannot be asked": {
    skip: false,
    open: () =>
      sqlite((database) => ({
        prepare: (sql) => database.prepare(sql),
        exec: (sql) => database.exec(sql),
      })),
  },
};

/** As versions before 0.16 did it: one connection, whatever `execute` has left on it. */
function asLibsql(database: SyncSqlite): LibsqlClient {
  const run = ({ sql, args }: LibsqlStatement) =>
    /^SELECT/.test(sql)
      ? { rows: [database.prepare(sql).get(...args)].filter(Boolean), rowsAffected: 0 }
      : { rows: [], rowsAffected: Number(database.prepare(sql).run(...args).changes) };
  return {
    execute: async (statement) => run(statement),
    async batch(statements, mode) {
      database.exec(mode === "write" ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED");
      const results = statements.map(run);
      database.exec("COMMIT");
      return results;
    },
  };
}

function sqlite(client: (database: SyncSqlite) => SyncSqlite | LibsqlClient): Poisoned {
  const database = new Database(":memory:");
  return {
    store: sqliteStore(client(database), { table }),
    poisons: { "an open transaction": async () => database.exec("BEGIN") },
    heal: () => database.exec("ROLLBACK"),
    close: async () => void database.close(),
  };
}

for (const [name, { skip, open }] of Object.entries(CASES)) {
  describe(`a sign-in over ${name}`, { skip }, () => {
    let opened: Poisoned;
    before(async () => {
      opened = await open();
      await opened.store.migrate();
    });
    after(() => opened.close());

    const unavailable = (call: Promise<unknown>) => assert.rejects(call, { code: "store_unavailable" });
    /** Somebody enrolled, and a service whose next read or write finds the connection poisoned. */
    const victim = async (poison: () => Promise<unknown>, at: StoreCall["method"]) => {
      let armed = false;
      const plan = async ({ method }: StoreCall): Promise<undefined> => {
        if (!armed || method !== at) return;
        armed = false;
        await poison();
      };
      const made = createTestTwoFactor({ store: faultyStore(opened.store, { plan }) });
      const userId = freshId();
      const person = await made.enroll(userId);
      const verify = (code = "000000") => made.twoFactor.verify(userId, code, { binding });
      const arm = () => {
        armed = true;
      };
      return { ...made, ...person, userId, verify, arm };
    };
    const each = async (run: (poison: () => Promise<unknown>) => Promise<void>) => {
      for (const poison of Object.values(opened.poisons)) await run(poison);
    };

    test("S2 reads nothing inside somebody's transaction: no factor is not an answer", () =>
      each(async (poison) => {
        const userId = freshId();
        const { twoFactor, options, clock } = createTestTwoFactor({ store: opened.store });
        await poison();
        if (opened.other)
          await createTestTwoFactor({ ...options, clock, store: opened.other }).enroll(userId);
        await unavailable(twoFactor.signIn.begin(userId, { binding }));
        await opened.heal?.();
        const { step } = await twoFactor.signIn.begin(userId, { binding });
        assert.equal(step, opened.other ? "code" : "done");
      }));

    for (const at of ["get", "compareAndSet"] as const) {
      test(`S1 a code is accepted once, whatever is rolled back after it (${at})`, () =>
        each(async (poison) => {
          const { verify, arm, phone, backupCodes } = await victim(poison, at);
          for (const code of [phone.code(), backupCodes[0]]) {
            arm();
            await unavailable(verify(code));
            await opened.heal?.();
            assert.equal((await verify(code)).ok, true);
            assert.equal((await verify(code)).ok, false);
          }
        }));

      test(`S1 no guess is revealed that is not charged (${at})`, () =>
        each(async (poison) => {
          const { verify, arm } = await victim(poison, at);
          arm();
          await unavailable(verify());
          await opened.heal?.();
          const guess = await verify();
          assert.equal(guess.ok || guess.attemptsLeft, 4);
        }));
    }
  });
}

describe("a store that the application brings", () => {
  /** Rejects after it has written, as with a confirmation that a replica did not give in time; then all is undone. */
  const unconfirmed = () => {
    const kept = memoryStore();
    const seen = new Map<string, StoredRecord>();
    const state = { rejects: false, undo: () => seen.clear() };
    const store: UserStore = {
      get: async (userId) => seen.get(userId) ?? kept.get(userId),
      async compareAndSet(userId, expected, next) {
        if (!state.rejects) return kept.compareAndSet(userId, expected, next);
        if (((await store.get(userId))?.version ?? null) !== expected) return false;
        seen.set(userId, next);
        throw new Error("WAIT said 0 replicas");
      },
    };
    return { store, state };
  };

  test("S1 that rejects after each write accepts nothing twice", async () => {
    const { store, state } = unconfirmed();
    const { twoFactor, enroll, events } = createTestTwoFactor({ store });
    const { phone, backupCodes } = await enroll("ada");
    const verify = (code = "000000") => twoFactor.verify("ada", code, { binding });
    for (const code of [phone.code(), backupCodes[0]]) {
      const heard = events.length;
      state.rejects = true;
      await assert.rejects(verify(code), { code: "store_unavailable" });
      await assert.rejects(verify(), { code: "store_unavailable" });
      assert.equal(events.length, heard);
      state.rejects = false;
      state.undo();
      assert.equal((await verify(code)).ok, true);
      assert.equal((await verify(code)).ok, false);
    }
  });

  for (const fault of ["loseAnswer", "deny"] as const) {
    test(`S1 that has written and says something else is asked to confirm it (${fault})`, async () => {
      let faults: (StoreFault | undefined)[] = [];
      const inner = memoryStore();
      const store = faultyStore(inner, {
        plan: ({ method }) => (method === "compareAndSet" ? faults.shift() : undefined),
      });
      const { twoFactor, enroll, events, clock } = createTestTwoFactor({ store });
      const { phone } = await enroll("ada");
      const verify = () => twoFactor.verify("ada", phone.code(), { binding });
      faults = [fault];
      const before = (await inner.get("ada"))?.version;
      assert.equal((await verify()).ok, true);
      assert.equal(events.filter(({ type }) => type === "verified").length, 1);
      assert.notEqual((await inner.get("ada"))?.version, before);
      for (const second of ["fail", "conflict", "loseAnswer", "deny"] as const) {
        clock.advance(30);
        faults = [fault, second];
        await assert.rejects(verify(), { code: "store_unavailable" });
        assert.equal((await verify()).ok, false); // it had landed
      }
      assert.equal(events.filter(({ type }) => type === "verified").length, 1);
    });
  }

  test("S5 that writes after the time limit sends the event once", async () => {
    let answer = (): void => undefined;
    const inner = memoryStore();
    let slow = false;
    const store: UserStore = {
      get: inner.get,
      async compareAndSet(...args) {
        if (slow) await new Promise<void>((resolve) => (answer = resolve));
        return inner.compareAndSet(...args);
      },
    };
    const { twoFactor, enroll, events, clock } = createTestTwoFactor({ store });
    const { phone } = await enroll("ada");
    const heard = () => events.filter(({ type }) => type === "verified").length;
    slow = true;
    const verifying = twoFactor.verify("ada", phone.code(), { binding });
    const rejected = assert.rejects(verifying, { code: "store_unavailable" });
    const turns = async () => {
      for (let i = 0; i < 200; i++) await null;
      await new Promise((resolve) => setImmediate(resolve));
    };
    await turns();
    clock.advance(5);
    await rejected;
    assert.equal(heard(), 0);
    answer();
    await turns();
    assert.equal(heard(), 1);
  });
});
