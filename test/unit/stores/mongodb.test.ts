import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Document, MongoClient } from "mongodb";
import { MongoClient as MongoClient5 } from "mongodb-5";
import { MongoClient as MongoClient6 } from "mongodb-6";
import { Mongoose } from "mongoose";
import { type MongoDatabase, mongodbStore } from "../../../src/stores/mongodb.ts";
import { freshId, record } from "../../../src/testing/contract/bench.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { startMongoServer } from "../../support/mongo-server.ts";

// The kit runs on a server of the test's own, or on yours: see docs/stores/mongodb.md.
const own = await startMongoServer();
const url = process.env["MONGODB_URL"] ?? own.url;
const collection = "twinlock_contract";
const atEnd: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of [...atEnd, own.close]) await close();
});

/** What the tests need of a client of any version of the driver. */
interface Client {
  db(): MongoDatabase;
  startSession(): Session;
  close(): Promise<void>;
}

interface Session {
  startTransaction(): void;
  abortTransaction(): Promise<unknown>;
  endSession(): Promise<unknown>;
}

const DRIVERS: Readonly<Record<string, (url: string) => Client>> = {
  "driver 5": (at) => new MongoClient5(at),
  "driver 6": (at) => new MongoClient6(at),
  "driver 7": (at) => new MongoClient(at),
};

for (const [driver, connect] of Object.entries(DRIVERS)) {
  describe(`MongoDB through ${driver}`, () => {
    const [client, second] = [connect(url), connect(url)];
    userStoreTests(test, () => mongodbStore(client.db(), { collection }), {
      second: () => mongodbStore(second.db(), { collection }),
      async rollback(work) {
        const session = client.startSession();
        session.startTransaction();
        await client.db().collection("twinlock_other").insertOne({ _id: freshId() }, { session });
        await work();
        await session.abortTransaction();
        await session.endSession();
      },
      close: async () => void (await Promise.all([client.close(), second.close()])),
    });
  });

  describe(`a write through ${driver}`, () => {
    test("waits for the journals of a majority, whatever the client is configured for", async () => {
      const { commands, store } = await opened(connect, "?w=1&journal=false&wtimeoutMS=1");
      const [userId, held] = [freshId(), record()];
      await store.compareAndSet(userId, null, held);
      await store.compareAndSet(userId, held.version, record());
      const writes = commands.filter(({ insert, update }) => insert ?? update);
      assert.deepEqual(
        writes.map(({ writeConcern }) => writeConcern),
        Array(2).fill({ w: "majority", wtimeout: 4000, j: true }),
      );
    });

    test("rejects where no majority confirmed it", async () => {
      const { server, store } = await opened(connect);
      const [userId, held] = [freshId(), record()];
      server.spoilNext("insert", "unconfirmed");
      await assert.rejects(store.compareAndSet(userId, null, held), { name: "MongoWriteConcernError" });
      server.spoilNext("update", "unconfirmed");
      const replacing = store.compareAndSet(userId, held.version, record());
      await assert.rejects(replacing, { name: "MongoWriteConcernError" });
    });

    test("is true, and made once, where the driver sends it again", async () => {
      // The driver leaves the timer of its search for a server behind, and that holds the process up.
      const { server, commands, store } = await opened(connect, "?serverSelectionTimeoutMS=2000");
      const [userId, held] = [freshId(), record()];
      server.spoilNext("insert", "lost");
      assert.equal(await store.compareAndSet(userId, null, held), true);
      server.spoilNext("update", "lost");
      assert.equal(await store.compareAndSet(userId, held.version, record()), true);
      const sent = (name: string) => commands.filter((command) => command[name]).length;
      assert.deepEqual([sent("insert"), sent("update")], [2, 2]);
    });
  });

  describe(`a read through ${driver}`, () => {
    test("S4 reads what a majority has from the primary, whatever the client is configured for", async () => {
      const { commands, store } = await opened(
        connect,
        "?readPreference=secondaryPreferred&readConcernLevel=local",
      );
      assert.equal(await store.get("alice"), null);
      const [find] = commands.filter((command) => command["find"]);
      assert.deepEqual(find?.["filter"], { _id: "alice" });
      assert.deepEqual(find?.["readConcern"], { level: "linearizable" });
      assert.deepEqual([find?.["maxTimeMS"], find?.["projection"]], [4000, { version: 1, data: 1 }]);
      assert.equal(find?.["$readPreference"]?.mode ?? "primary", "primary");
    });

    test("reads from a standalone server, which has no majority", async () => {
      const { commands, store } = await opened(connect, "", { alone: true });
      const [userId, held] = [freshId(), record()];
      assert.equal(await store.compareAndSet(userId, null, held), true);
      assert.equal((await store.get(userId))?.version, held.version);
      const levels = commands.filter(({ find }) => find).map(({ readConcern }) => readConcern.level);
      assert.deepEqual(levels, ["linearizable", "local"]);
    });
  });
}

/** A store over a server of its own, so that nobody else's commands are among those that it saw. */
async function opened(connect: (url: string) => Client, settings = "", options = {}) {
  const server = await startMongoServer(options);
  const client = connect(server.url + settings);
  atEnd.push(async () => {
    await client.close();
    await server.close();
  });
  return { server, commands: server.commands, store: mongodbStore(client.db()) };
}

describe("MongoDB through Mongoose", () => {
  const mongoose = new Mongoose().set("transactionAsyncLocalStorage", true);
  const connection = mongoose.createConnection(url); // not yet connected: Mongoose makes calls wait
  userStoreTests(test, () => mongodbStore(connection, { collection }), {
    async rollback(work) {
      const abort = new Error("the application's transaction fails");
      await connection
        .transaction(async (session) => {
          const other = connection.collection<{ _id: string }>("twinlock_other");
          await other.insertOne({ _id: freshId() }, { session });
          await work();
          throw abort;
        })
        .catch((error) => assert.equal(error, abort));
    },
  });

  test("V28 does not join a transaction that Mongoose gives to every model", async () => {
    const seen = own.commands.length;
    const store = mongodbStore(mongoose.connection, { collection });
    await mongoose.connect(own.url);
    const userId = freshId();
    const model = mongoose.model("Other", new mongoose.Schema({ _id: String }));
    const aborted = mongoose.connection.transaction(async () => {
      await model.create({ _id: freshId() });
      assert.equal(await store.compareAndSet(userId, null, record()), true);
      throw new Error("the application's transaction fails");
    });
    await assert.rejects(aborted, /the application's transaction fails/);
    assert.ok(await store.get(userId), "the write went with the application's");
    const inserts = own.commands.slice(seen).filter(({ insert }) => insert);
    assert.deepEqual(
      inserts.map(({ insert, autocommit }) => [insert, autocommit]),
      [
        ["others", false],
        [collection, undefined],
      ],
    );
    await mongoose.disconnect();
  });

  after(() => connection.close());
});

test("the document of the MongoDB store has the user's id, and the summary beside the data", async () => {
  const client = new MongoClient(own.url);
  const [userId, next] = [freshId(), record()];
  await mongodbStore(client.db(), { collection }).compareAndSet(userId, null, next);
  assert.deepEqual(await client.db().collection<{ _id: string }>(collection).findOne({ _id: userId }), {
    _id: userId,
    version: next.version,
    data: next.data,
    state: "active",
    enrolled_at: 1_700_000_000_000,
    backup_codes_active: 10,
    key_id: next.summary.keyId,
  });
  await client.close();
});

describe("a database of MongoDB that answers from a script", () => {
  const acknowledged = { acknowledged: true, matchedCount: 1 };

  function scripted(answers: { found?: unknown; written?: unknown; error?: unknown }): MongoDatabase {
    const write = async (): Promise<unknown> => {
      if ("error" in answers) throw answers.error;
      return answers.written;
    };
    const findOne = async (_filter: object, options: object): Promise<unknown> => {
      if ("error" in answers && JSON.stringify(options).includes("linearizable")) throw answers.error;
      return answers.found;
    };
    return { collection: () => ({ findOne, insertOne: write, replaceOne: write }) };
  }

  test("V29 half a document, or one whose values are no text, is refused", async () => {
    const halves: unknown[] = [undefined, {}, "v", { version: "v" }, { data: "d" }];
    for (const found of [...halves, { version: 7, data: "d" }, { version: "v", data: new Uint8Array() }]) {
      const store = mongodbStore(scripted({ found: found && Object.assign(Object(found), { _id: "a" }) }));
      await assert.rejects(
        store.get("a"),
        /^TypeError: two_factor: version and data did not come back as text/,
      );
    }
  });

  test("another user's document, which a collation found, is refused", async () => {
    const found: Document = { _id: "Alice", version: "v", data: "d" };
    const reading = mongodbStore(scripted({ found })).get("alice");
    await assert.rejects(reading, /^TypeError: two_factor: another user's document was found/);
  });

  test("P4 a write counts only if the server acknowledges it and has found the version", async () => {
    for (const written of [undefined, null, {}, { acknowledged: false, matchedCount: 1 }]) {
      const store = mongodbStore(scripted({ written }));
      const message = /^TypeError: database: the server was not asked whether it wrote/;
      await assert.rejects(store.compareAndSet("alice", null, record()), message);
      await assert.rejects(store.compareAndSet("alice", "v", record()), message);
    }
    for (const [matchedCount, done] of [
      [1, true],
      [0, false],
      [undefined, false],
    ] as const) {
      const store = mongodbStore(scripted({ written: { ...acknowledged, matchedCount } }));
      assert.equal(await store.compareAndSet("alice", "v", record()), done);
    }
  });

  test("a document that is there already gives false, and any other error is passed on", async () => {
    const there = mongodbStore(scripted({ error: Object.assign(new Error("E11000"), { code: 11000 }) }));
    assert.equal(await there.compareAndSet("alice", null, record()), false);
    for (const error of [new Error("E11000"), Object.assign(new Error(), { code: 11600 }), undefined]) {
      const store = mongodbStore(scripted({ error }));
      await assert.rejects(store.compareAndSet("alice", null, record()), (seen) => seen === error);
      await assert.rejects(store.compareAndSet("alice", "v", record()), (seen) => seen === error);
      await assert.rejects(store.get("alice"), (seen) => seen === error, "no weaker read is tried");
    }
  });
});

describe("the database that the MongoDB store is given", () => {
  const client = new MongoClient(own.url);
  after(() => client.close());

  test("V28 a session, which may be in a transaction, is refused", () => {
    const session = client.startSession();
    assert.throws(
      () => mongodbStore(session as never),
      /^TypeError: database: want the database itself, not a session/,
    );
    assert.throws(
      () => mongodbStore(client.db(), { session } as never),
      /^TypeError: options\.session: there is no such option/,
    );
  });

  test("a client, a collection, a model, or nothing is refused", () => {
    const mongoose = new Mongoose();
    const model = mongoose.model("Refused", new mongoose.Schema({}, { autoCreate: false, autoIndex: false }));
    const firestore = { collection: () => ({ doc() {} }) };
    const others = [client, client.db().collection("two_factor"), mongoose, model, firestore];
    for (const other of [...others, undefined, null, {}, () => {}, new Map(), "mongodb://"]) {
      assert.throws(
        () => mongodbStore(other as never),
        /^TypeError: database: want client\.db\(\) of the driver, or a connection of Mongoose/,
      );
    }
  });

  test("S8 misspelled options and invalid collection names are refused by name", () => {
    const database = client.db();
    for (const name of ["t", "_t", "auth.two_factor", "two-factor", "x".repeat(100)]) {
      assert.ok(mongodbStore(database, { collection: name }));
    }
    assert.throws(
      () => mongodbStore(database, { colection: "t" } as never),
      /^TypeError: options\.colection: there is no such option/,
    );
    assert.throws(() => mongodbStore(database, "two_factor" as never), /^TypeError: options: want an object/);
    assert.throws(() => mongodbStore(database, { collection: 7 as never }), /^TypeError: collection: want/);
    for (const name of ["", "$t", "a$b", "a\0b", "a b", ".t", "1t", "system.users", "x".repeat(101)]) {
      assert.throws(
        () => mongodbStore(database, { collection: name }),
        /^RangeError: collection: want up to/,
      );
    }
  });
});
