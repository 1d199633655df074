/** Records in MongoDB, through the official driver or a connection of Mongoose: one document per user. */

import { checkOptions } from "../internal/check.ts";
import type { StoredRecord, UserStore } from "../store.ts";

/** Options of {@link mongodbStore}. */
export interface MongodbStoreOptions {
  /**
   * The collection's name: letters, digits, `_`, `-` and `.`, beginning with a letter or `_`, 100 characters at most.
   * Default `two_factor`.
   */
  collection?: string;
}

/** The part of the driver's `Db`, or of a connection of Mongoose, that the store uses. */
export interface MongoDatabase {
  collection(name: string): MongoCollection;
}

/** The part of a collection of the driver or of Mongoose that the store uses. */
export interface MongoCollection {
  findOne(filter: object, options: object): Promise<unknown>;
  insertOne(document: object, options: object): Promise<unknown>;
  replaceOne(filter: object, replacement: object, options: object): Promise<unknown>;
}

const TIMEOUT = 4000; // milliseconds, below the default `storeTimeout` of five seconds

/** The write concern: a majority has the write in its journals, so that no failover undoes it. */
const DURABLE = { writeConcern: { w: "majority", journal: true, wtimeoutMS: TIMEOUT } };

/** The read concern: the read shows what a majority has, so that a deposed primary cannot answer from an old state. */
const CURRENT = {
  readPreference: "primary",
  readConcern: { level: "linearizable" },
  projection: { version: 1, data: 1 },
  maxTimeMS: TIMEOUT,
};

/** The read concern of a standalone server, which has no majority to ask. */
const ALONE = { ...CURRENT, readConcern: { level: "local" } };

const NOT_A_REPLICA_SET = 123;
const DUPLICATE_KEY = 11000;

/**
 * Keeps records in MongoDB, each durable on a majority of the replica set before it counts.
 *
 * The id is the document's `_id`, so it needs no index of its own. The first write makes the collection. The client's
 * own read preference, read concern and write concern do not apply, and the store joins no transaction.
 *
 * @param database - `client.db()` of the driver (`mongodb` 5 to 7), or a connection of Mongoose.
 * @throws TypeError if it is neither, such as a session or a client; RangeError if the name is not valid.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { MongoClient } from "mongodb";
 * import { mongodbStore } from "twinlock/stores/mongodb";
 *
 * const client = new MongoClient("mongodb://db.example.com/app"); // connects at its first use
 * const store = mongodbStore(client.db(), { collection: "auth.two_factor" });
 * assert.ok("compareAndSet" in store);
 * await client.close();
 * ```
 */
export function mongodbStore(database: MongoDatabase, options: MongodbStoreOptions = {}): UserStore {
  checkOptions("options", options, ["collection"]);
  const name = checkName(options.collection);
  const collection = collectionOf(database, name);
  return {
    async get(userId) {
      const found = await read(collection, userId);
      return found === null ? null : rowOf(found, userId, name);
    },
    async compareAndSet(userId, expected, next) {
      if (expected === null) return insert(collection, { _id: userId, ...fields(next) });
      const filter = { _id: userId, version: expected };
      const { matchedCount } = acknowledged(
        await collection.replaceOne(filter, fields(next), { ...DURABLE }),
      );
      return matchedCount === 1;
    },
  };
}

function checkName(name: unknown = "two_factor"): string {
  if (typeof name !== "string") throw new TypeError("collection: want a name");
  if (!/^(?!system\.)[A-Za-z_][\w.-]{0,99}$/.test(name)) {
    throw new RangeError("collection: want up to 100 letters, digits, _, - and ., as in auth.two_factor");
  }
  return name;
}

function collectionOf(database: MongoDatabase, name: string): MongoCollection {
  const shape = Object(database) as Partial<MongoDatabase> & { inTransaction?: unknown };
  if (shape.inTransaction) {
    throw new TypeError("database: want the database itself, not a session: a rollback would undo a charge");
  }
  const collection = typeof shape.collection === "function" ? shape.collection(name) : undefined;
  if (typeof collection?.replaceOne !== "function") {
    throw new TypeError("database: want client.db() of the driver, or a connection of Mongoose");
  }
  return collection;
}

async function read(collection: MongoCollection, userId: string): Promise<unknown> {
  try {
    return await collection.findOne({ _id: userId }, { ...CURRENT });
  } catch (error) {
    if (codeOf(error) !== NOT_A_REPLICA_SET) throw error;
    return collection.findOne({ _id: userId }, { ...ALONE });
  }
}

function rowOf(found: unknown, userId: string, name: string): { version: string; data: string } {
  const { _id, version, data } = Object(found) as Record<string, unknown>;
  if (typeof version !== "string" || typeof data !== "string") {
    throw new TypeError(`${name}: version and data did not come back as text`);
  }
  if (_id !== userId) {
    throw new TypeError(`${name}: another user's document was found: want a collection without a collation`);
  }
  return { version, data };
}

async function insert(collection: MongoCollection, document: object): Promise<boolean> {
  try {
    acknowledged(await collection.insertOne(document, { ...DURABLE }));
    return true;
  } catch (error) {
    if (codeOf(error) === DUPLICATE_KEY) return false;
    throw error;
  }
}

function acknowledged(result: unknown): { matchedCount?: unknown } {
  const shape = Object(result) as { acknowledged?: unknown; matchedCount?: unknown };
  if (shape.acknowledged === true) return shape;
  throw new TypeError("database: the server was not asked whether it wrote; see the store's page");
}

function fields({ version, data, summary }: StoredRecord): Record<string, string | number | null> {
  const { state, enrolledAt, backupCodesActive, keyId } = summary;
  return {
    version,
    data,
    state,
    enrolled_at: enrolledAt,
    backup_codes_active: backupCodesActive,
    key_id: keyId,
  };
}

function codeOf(error: unknown): unknown {
  return (Object(error) as { code?: unknown }).code;
}
