/**
 * A server of MongoDB's wire protocol for the tests: one process, documents in memory, and of the commands those that
 * a store sends. What a driver does is real here; what a replica set does is only claimed, and nothing is durable.
 */

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type Document, Long } from "mongodb";
import { answerTo, messageReader, type Request } from "./mongo-wire.ts";

export interface MongoServer {
  url: string;
  /** Every command that arrived, without the greetings. */
  commands: Document[];
  /**
   * Spoils the next command of this name: `unconfirmed` carries it out and says that no majority confirmed it, and
   * `lost` carries it out and closes the connection instead of answering.
   */
  spoilNext(command: string, how: "unconfirmed" | "lost"): void;
  close(): Promise<void>;
}

type Collection = Map<string, Document>;

interface State {
  readonly address: string;
  readonly alone: boolean;
  readonly collections: Map<string, Collection>;
  /** Answers by session and number of the write, so that a write that is sent again is not carried out again. */
  readonly answers: Map<string, Document>;
  /** Writes of open transactions, by session. */
  readonly open: Map<string, (() => void)[]>;
}

const GREETINGS = ["hello", "isMaster", "ismaster"];

/** Starts a server on a free port: the primary of a replica set of one, or, with `alone`, of none. */
export async function startMongoServer({ alone = false } = {}): Promise<MongoServer> {
  const spoilt = new Map<string, "unconfirmed" | "lost">();
  const commands: Document[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => socket.destroy()));
    socket.on("close", () => sockets.delete(socket));
    socket.on(
      "data",
      messageReader((request) => answer(request, socket)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const address = `127.0.0.1:${bound && typeof bound === "object" ? bound.port : 0}`;
  const state: State = { address, alone, collections: new Map(), answers: new Map(), open: new Map() };

  function answer(request: Request, socket: Socket): void {
    const name = Object.keys(request.command)[0] ?? "";
    if (!GREETINGS.includes(name)) commands.push(request.command);
    const how = spoilt.get(name);
    spoilt.delete(name);
    const result = carriedOut(name, request.command, state);
    if (how === "lost") return void socket.destroy();
    const spoiling = how && { writeConcernError: { code: 64, errmsg: "waiting for replication timed out" } };
    if (request.wantsAnswer) socket.write(answerTo(request, { ...result, ...spoiling }));
  }

  return {
    url: `mongodb://${address}/test`,
    commands,
    spoilNext: (command, how) => void spoilt.set(command, how),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Carries a command out, unless it is a write that is sent again: that gets the answer that it got. */
function carriedOut(name: string, command: Document, state: State): Document {
  if (GREETINGS.includes(name)) return greeting(state);
  const { txnNumber, autocommit } = command;
  const retried = txnNumber !== undefined && autocommit === undefined;
  const key = `${sessionOf(command)}/${txnNumber}`;
  const known = retried ? state.answers.get(key) : undefined;
  if (known) return known;
  const result = runSafely(name, command, state);
  if (retried) state.answers.set(key, result);
  return result;
}

function greeting({ address, alone }: State): Document {
  return {
    ok: 1,
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    minWireVersion: 0,
    maxWireVersion: 21, // as MongoDB 7.0 says
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    logicalSessionTimeoutMinutes: 30,
    localTime: new Date(),
    ...(alone ? {} : { setName: "test", hosts: [address], me: address, primary: address, setVersion: 1 }),
  };
}

function runSafely(name: string, command: Document, state: State): Document {
  try {
    return run(name, command, state);
  } catch (error) {
    return failure(2, "BadValue", String(error));
  }
}

function run(name: string, command: Document, state: State): Document {
  const collection = collectionOf(`${command["$db"]}.${command[name]}`, state);
  switch (name) {
    case "find":
      return find(command, collection, state);
    case "insert":
      return insert(command, collection, state);
    case "update":
      return update(command, collection, state);
    case "commitTransaction":
      for (const write of state.open.get(sessionOf(command)) ?? []) write();
      state.open.delete(sessionOf(command));
      return { ok: 1 };
    case "abortTransaction":
      state.open.delete(sessionOf(command));
      return { ok: 1 };
    case "ping":
    case "create":
    case "createIndexes":
    case "endSessions":
      return { ok: 1 };
    default:
      return failure(59, "CommandNotFound", `no such command: ${name}`);
  }
}

function find(command: Document, collection: Collection, { alone }: State): Document {
  if (alone && command["readConcern"]?.level === "linearizable") {
    return failure(123, "NotAReplicaSet", "node needs to be a replica set member to use read concern");
  }
  const found = matching(command["filter"], collection);
  return { ok: 1, cursor: { id: Long.ZERO, ns: `${command["$db"]}.${command["find"]}`, firstBatch: found } };
}

function insert(command: Document, collection: Collection, state: State): Document {
  const documents: Document[] = command["documents"];
  const taken = documents.findIndex(({ _id }) => collection.has(textOf(_id)));
  if (taken >= 0) {
    const errmsg = "E11000 duplicate key error collection";
    return { ok: 1, n: 0, writeErrors: [{ index: taken, code: 11000, errmsg, keyPattern: { _id: 1 } }] };
  }
  commit(command, state, () => {
    for (const document of documents) collection.set(textOf(document["_id"]), document);
  });
  return { ok: 1, n: documents.length };
}

/** One replacement at a time, which is what a store needs; anything else is refused and not half done. */
function update(command: Document, collection: Collection, state: State): Document {
  const [change, ...more]: Document[] = command["updates"];
  const replacement: Document = change?.["u"] ?? {};
  if (!change || more.length > 0 || change["upsert"] || Object.keys(replacement)[0]?.startsWith("$")) {
    return failure(115, "CommandNotSupported", "only one replacement, without upsert");
  }
  const [found] = matching(change["q"], collection);
  if (!found) return { ok: 1, n: 0, nModified: 0 };
  const _id = textOf(found["_id"]);
  commit(command, state, () => collection.set(_id, { ...replacement, _id }));
  return { ok: 1, n: 1, nModified: 1 };
}

/** Writes at once, or with the transaction that the command belongs to. */
function commit(command: Document, state: State, write: () => void): void {
  const session = sessionOf(command);
  if (command["autocommit"] === false) state.open.set(session, [...(state.open.get(session) ?? []), write]);
  else write();
}

function matching(filter: Document, collection: Collection): Document[] {
  const { _id, ...rest } = filter;
  const held = collection.get(textOf(_id));
  const equal = held && Object.entries(rest).every(([field, value]) => held[field] === textOf(value));
  return equal ? [held] : [];
}

/** Ids and what is compared are text here: an operator must not be taken for a value. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error("this server compares text only");
}

function collectionOf(name: string, { collections }: State): Collection {
  const held = collections.get(name) ?? new Map();
  collections.set(name, held);
  return held;
}

function sessionOf(command: Document): string {
  return String(command["lsid"]?.id?.toString("hex"));
}

function failure(code: number, codeName: string, errmsg: string): Document {
  return { ok: 0, code, codeName, errmsg };
}
