/** The stores keep the contract, apart from the client, which each describes by its shape. */

import type * as ContractD1 from "contract/stores/d1";
import type * as ContractDynamodb from "contract/stores/dynamodb";
import type * as ContractMemory from "contract/stores/memory";
import type * as ContractMongodb from "contract/stores/mongodb";
import type * as ContractMysql from "contract/stores/mysql";
import type * as ContractPostgres from "contract/stores/postgres";
import type * as ContractRedis from "contract/stores/redis";
import type * as ContractSqlite from "contract/stores/sqlite";
import type * as D1 from "../../../src/stores/d1.ts";
import type * as Dynamodb from "../../../src/stores/dynamodb.ts";
import type * as Memory from "../../../src/stores/memory.ts";
import type * as Mongodb from "../../../src/stores/mongodb.ts";
import type * as Mysql from "../../../src/stores/mysql.ts";
import type * as Postgres from "../../../src/stores/postgres.ts";
import type * as Redis from "../../../src/stores/redis.ts";
import type * as Sqlite from "../../../src/stores/sqlite.ts";
import type { Expect, Extends, SameCall } from "./expect.ts";

type Factory = (client: never, options?: object) => unknown;

/** The promised factory takes any client; ours says which. Options may be added, and the result may do more. */
type Keeps<Ours extends Factory, Promised extends Factory> =
  Extends<Parameters<Promised>[1], Parameters<Ours>[1]> extends true
    ? Extends<ReturnType<Ours>, ReturnType<Promised>>
    : false;

export type Stores = [
  Expect<SameCall<typeof Memory.memoryStore, typeof ContractMemory.memoryStore>>,
  Expect<Keeps<typeof Postgres.postgresStore, typeof ContractPostgres.postgresStore>>,
  Expect<SameCall<typeof Postgres.postgresSchema, typeof ContractPostgres.postgresSchema>>,
  Expect<Keeps<typeof Mysql.mysqlStore, typeof ContractMysql.mysqlStore>>,
  Expect<SameCall<typeof Mysql.mysqlSchema, typeof ContractMysql.mysqlSchema>>,
  Expect<Keeps<typeof Sqlite.sqliteStore, typeof ContractSqlite.sqliteStore>>,
  Expect<SameCall<typeof Sqlite.sqliteSchema, typeof ContractSqlite.sqliteSchema>>,
  Expect<Keeps<typeof D1.d1Store, typeof ContractD1.d1Store>>,
  Expect<Keeps<typeof Redis.redisStore, typeof ContractRedis.redisStore>>,
  Expect<Keeps<typeof Mongodb.mongodbStore, typeof ContractMongodb.mongodbStore>>,
  Expect<Keeps<typeof Dynamodb.dynamodbStore, typeof ContractDynamodb.dynamodbStore>>,
];
