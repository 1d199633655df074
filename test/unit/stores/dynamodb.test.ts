import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type DynamoDB, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type DynamoClient, dynamodbStore } from "../../../src/stores/dynamodb.ts";
import { freshId, record } from "../../../src/testing/contract/bench.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { connect, startDynamoServer } from "../../support/dynamo-server.ts";

const given = process.env["DYNAMODB_URL"];
const server = given ? { url: given, close: async () => {} } : await startDynamoServer();
const { client, createTable } = connect(server.url);
const table = "twinlock_contract";
const store = dynamodbStore(client, { table });

before(() => createTable(table));
after(async () => {
  client.destroy();
  await server.close();
});

describe("DynamoDB through its own client", () => {
  const second = connect(server.url).client;
  userStoreTests(test, () => store, {
    second: () => dynamodbStore(second, { table }),
    close: async () => second.destroy(),
  });
});

describe("DynamoDB through the document client", () => {
  userStoreTests(test, () => dynamodbStore(DynamoDBDocument.from(client), { table }), {
    second: () => store,
  });
});

describe("the item of the DynamoDB store", () => {
  test("has the summary beside the data, and is the same through either client", async () => {
    const next = { ...record(), summary: { ...record().summary, enrolledAt: null } };
    const { state, keyId } = next.summary;
    for (const either of [client, DynamoDBDocument.from(client)]) {
      const userId = freshId();
      await dynamodbStore(either, { table }).compareAndSet(userId, null, next);
      const { Item } = await client.getItem({ TableName: table, Key: { user_id: { S: userId } } });
      assert.deepEqual(Item, {
        user_id: { S: userId },
        version: { S: next.version },
        data: { S: next.data },
        state: { S: state },
        enrolled_at: { NULL: true },
        backup_codes_active: { N: "10" },
        key_id: { S: keyId },
      });
    }
  });

  test("V29 an item without version or data as text is refused", async () => {
    const userId = freshId();
    const Item = { user_id: { S: userId }, version: { S: "v" }, data: { N: "7" } };
    await client.putItem({ TableName: table, Item });
    for (const either of [client, DynamoDBDocument.from(client)]) {
      const reading = dynamodbStore(either, { table }).get(userId);
      await assert.rejects(reading, /^TypeError: table: the attribute data did not come back as text/);
    }
    await client.putItem({ TableName: table, Item: { user_id: { S: userId }, data: { S: "d" } } });
    await assert.rejects(store.get(userId), /the attribute version did not come back as text/);
  });
});

describe("a request that the SDK sends a second time by itself", () => {
  /** A client whose next put is carried out, and whose answer is then lost; `meanwhile` runs before it is sent again. */
  function losesAnswer(meanwhile: () => Promise<unknown>): DynamoDB {
    const losing = connect(server.url).client;
    let lost = false;
    losing.middlewareStack.add(
      (next, { commandName }) =>
        async (call) => {
          const answer = await next(call);
          if (commandName !== "PutItemCommand" || lost) return answer;
          lost = true;
          await meanwhile();
          throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET", $metadata: {} });
        },
      { step: "finalizeRequest", priority: "low" },
    );
    return losing;
  }

  test("answers true and is written once if the first was carried out", async () => {
    const [userId, first, second] = [freshId(), record(), record()];
    const losing = () =>
      dynamodbStore(
        losesAnswer(async () => {}),
        { table },
      );
    assert.equal(await losing().compareAndSet(userId, null, first), true);
    assert.equal(await losing().compareAndSet(userId, first.version, second), true);
    assert.deepEqual(await store.get(userId), { version: second.version, data: second.data });
  });

  test("rejects if the first was carried out and another write came after it", async () => {
    const [userId, first, ours, theirs] = [freshId(), record(), record(), record()];
    await store.compareAndSet(userId, null, first);
    const losing = losesAnswer(() => store.compareAndSet(userId, ours.version, theirs));
    const writing = dynamodbStore(losing, { table }).compareAndSet(userId, first.version, ours);
    await assert.rejects(writing, { name: "ConditionalCheckFailedException" });
    assert.equal((await store.get(userId))?.version, theirs.version);
  });
});

describe("a client of DynamoDB", () => {
  test("is asked for a consistent read", async () => {
    const calls: object[] = [];
    const watched: DynamoClient = {
      middlewareStack: {},
      getItem: async (input) => {
        calls.push(input);
        return {};
      },
      putItem: async () => ({}),
    };
    assert.equal(await dynamodbStore(watched).get("alice"), null);
    const Key = { user_id: { S: "alice" } };
    assert.deepEqual(calls, [{ TableName: "two_factor", Key, ConsistentRead: true }]);
  });

  test("is refused if it is of SDK 2, only knows `send`, or is no client at all", () => {
    const second = { getItem() {}, putItem() {}, makeRequest() {} };
    const bare = new DynamoDBClient({});
    const others = [
      second,
      bare,
      DynamoDBDocumentClient.from(bare),
      new Map(),
      undefined,
      null,
      {},
      "dynamodb",
    ];
    for (const other of others) {
      assert.throws(
        () => dynamodbStore(other as never),
        /^TypeError: client: want new DynamoDB\(\) of .+, or DynamoDBDocument\.from\(client\)/,
      );
    }
  });

  test("passes errors on: a missing table is not a user without a row", async () => {
    const missing = dynamodbStore(client, { table: "no_such_table" });
    await assert.rejects(missing.get("alice"), { name: "ResourceNotFoundException" });
    await assert.rejects(missing.compareAndSet("alice", null, record()), {
      name: "ResourceNotFoundException",
    });
  });
});

test("S8 unknown options of the DynamoDB store are refused by name", () => {
  const arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/acme.two_factor";
  for (const name of ["abc", "Acme.two-factor_2", arn]) assert.ok(dynamodbStore(client, { table: name }));
  assert.throws(
    () => dynamodbStore(client, { tabel: "t" } as never),
    /^TypeError: options\.tabel: there is no/,
  );
  assert.throws(() => dynamodbStore(client, "two_factor" as never), /^TypeError: options: want an object/);
  assert.throws(() => dynamodbStore(client, { table: 7 as never }), /^TypeError: table: want a name/);
  for (const name of ["", "ab", "a b c", "two/factor", "x".repeat(256), `arn:${"x".repeat(1021)}`]) {
    assert.throws(() => dynamodbStore(client, { table: name }), /^RangeError: table: want 3 to 255/);
  }
});
