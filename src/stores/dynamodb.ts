/** Records in DynamoDB, through the AWS SDK for JavaScript 3: one item per user, each write under a condition. */

import { checkOptions } from "../internal/check.ts";
import type { StoredRecord, UserStore } from "../store.ts";

/** Options of {@link dynamodbStore}. */
export interface DynamodbStoreOptions {
  /** The table's name, 3 to 255 letters, digits, `_`, `-` and `.`, or its ARN. Default `two_factor`. */
  table?: string;
}

/** The part of a `DynamoDB` of `@aws-sdk/client-dynamodb` that the store uses. */
export interface DynamoClient {
  readonly middlewareStack: unknown;
  getItem(input: object): Promise<object>;
  putItem(input: object): Promise<object>;
}

/** The part of a `DynamoDBDocument` of `@aws-sdk/lib-dynamodb` that the store uses. */
export interface DynamoDocument {
  readonly middlewareStack: unknown;
  get(input: object): Promise<object>;
  put(input: object): Promise<object>;
}

type Value = string | number | null;
type Values = Readonly<Record<string, Value>>;
type Attributes = Readonly<Record<string, unknown>>;

/** A client, reduced to two calls and to how it spells attributes. */
interface Driver {
  get(input: object): Promise<object>;
  put(input: object): Promise<object>;
  write(value: Value): unknown;
  read(attribute: unknown): unknown;
}

/**
 * The condition of a first write. The SDK sends a request again when its answer was lost: then our own version is there
 * already, and writing the same item once more is a success.
 */
const IF_NEW = "attribute_not_exists(user_id) OR version = :own";
const IF_EXPECTED = "version = :expected OR version = :own";

/**
 * Keeps records in DynamoDB. The table has the partition key `user_id` of type string, and no sort key.
 *
 * @param client - `new DynamoDB()` of `@aws-sdk/client-dynamodb`, or `DynamoDBDocument.from(client)` of
 *   `@aws-sdk/lib-dynamodb`, which takes the `DynamoDBClient` that you have.
 * @throws TypeError if it is neither, such as a client of SDK 2 or one that only knows `send`; RangeError if the
 *   table's name is not valid.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DynamoDB } from "@aws-sdk/client-dynamodb";
 * import { dynamodbStore } from "twinlock/stores/dynamodb";
 *
 * const client = new DynamoDB({ region: "eu-central-1" }); // connects at its first use
 * const store = dynamodbStore(client, { table: "acme_two_factor" });
 * assert.ok("compareAndSet" in store);
 * ```
 */
export function dynamodbStore(
  client: DynamoClient | DynamoDocument,
  options: DynamodbStoreOptions = {},
): UserStore {
  checkOptions("options", options, ["table"]);
  const TableName = checkTable(options.table);
  const driver = driverOf(client);
  return {
    async get(userId) {
      const Key = attributes({ user_id: userId }, driver);
      const { Item } = (await driver.get({ TableName, Key, ConsistentRead: true })) as { Item?: Attributes };
      if (Item === undefined) return null;
      return { version: text(Item, "version", driver), data: text(Item, "data", driver) };
    },
    async compareAndSet(userId, expected, next) {
      const compared: Values = {
        ":own": next.version,
        ...(expected === null ? {} : { ":expected": expected }),
      };
      return put(driver, {
        TableName,
        Item: attributes({ user_id: userId, ...fields(next) }, driver),
        ConditionExpression: expected === null ? IF_NEW : IF_EXPECTED,
        ExpressionAttributeValues: attributes(compared, driver),
      });
    },
  };
}

async function put(driver: Driver, input: object): Promise<boolean> {
  try {
    await driver.put(input);
    return true;
  } catch (error) {
    const { name, $metadata } = Object(error) as { name?: unknown; $metadata?: { attempts?: number } };
    // After a second attempt the answer is unknown: the first may have been written, and overwritten since.
    if (name === "ConditionalCheckFailedException" && ($metadata?.attempts ?? 1) === 1) return false;
    throw error;
  }
}

function checkTable(table: unknown = "two_factor"): string {
  if (typeof table !== "string") throw new TypeError("table: want a name or an ARN");
  if (!/^([\w.-]{3,255}|arn:[\w.:/-]{1,1020})$/.test(table)) {
    throw new RangeError("table: want 3 to 255 letters, digits, _, - and ., or an ARN");
  }
  return table;
}

function driverOf(client: DynamoClient | DynamoDocument): Driver {
  const shape = Object(client) as Partial<DynamoClient & DynamoDocument>;
  if (shape.middlewareStack && typeof shape.getItem === "function") return items(client as DynamoClient);
  if (shape.middlewareStack && typeof shape.get === "function") return documents(client as DynamoDocument);
  throw new TypeError(
    "client: want new DynamoDB() of @aws-sdk/client-dynamodb, or DynamoDBDocument.from(client) of @aws-sdk/lib-dynamodb",
  );
}

function items(client: DynamoClient): Driver {
  return {
    get: (input) => client.getItem(input),
    put: (input) => client.putItem(input),
    write(value) {
      if (value === null) return { NULL: true };
      return typeof value === "number" ? { N: String(value) } : { S: value };
    },
    read: (attribute) => (Object(attribute) as { S?: unknown }).S,
  };
}

function documents(client: DynamoDocument): Driver {
  return {
    get: (input) => client.get(input),
    put: (input) => client.put(input),
    write: (value) => value,
    read: (attribute) => attribute,
  };
}

function attributes(values: Values, { write }: Driver): Attributes {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, write(value)]));
}

function text(item: Attributes, name: string, { read }: Driver): string {
  const value = read(item[name]);
  if (typeof value === "string") return value;
  throw new TypeError(`table: the attribute ${name} did not come back as text`);
}

function fields({ version, data, summary }: StoredRecord): Values {
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
