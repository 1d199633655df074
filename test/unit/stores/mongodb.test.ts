import { MongoClient } from "mongodb";
import { MongoClient as MongoClient5 } from "mongodb-5";
import { MongoClient as MongoClient6 } from "mongodb-6";
import { after, describe, test } from "node:test";
import { mongodbStore } from "../../src/stores/mongodb.ts";
import { userStoreTests } from "../../src/testing/store-contract.ts";
import { startMongoServer } from "../support/mongo-server.ts";

const server = await startMongoServer();
after(() => server.close());
for (const [version, Client] of [["5", MongoClient5], ["6", MongoClient6], ["7", MongoClient]] as const) {
  describe(version, () => {
    const a = new Client(server.url), b = new Client(server.url);
    userStoreTests(test, () => mongodbStore(a.db()), { second: () => mongodbStore(b.db()), async rollback(work) {
      const session = a.startSession();
      session.startTransaction();
      await a.db().collection("other").insertOne({_id: String(Math.random()) as never}, {session});
      await work();
      await session.abortTransaction();
      await session.endSession();
    }, close: async () => { await a.close(); await b.close(); } });
  });
}
