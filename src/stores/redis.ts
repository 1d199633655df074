/** Records in Redis or Valkey, through ioredis or node-redis: one hash per user, and one script that writes. */

import { checkOptions } from "../internal/check.ts";
import type { StoredRecord, UserStore } from "../store.ts";

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** The part of a key before the user's id. Default `two_factor:`. */
  prefix?: string;
}

/** The part of a `Redis` or `Cluster` of ioredis that the store uses. */
export interface IoRedis {
  hmget(key: string, ...fields: string[]): Promise<unknown[]>;
  evalsha(sha1: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** The part of a client or cluster of node-redis that the store uses. */
export interface NodeRedis {
  hmGet(key: string, fields: string[]): Promise<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

interface Driver {
  read(key: string): Promise<unknown>;
  cached(key: string, values: string[]): Promise<unknown>;
  whole(key: string, values: string[]): Promise<unknown>;
}

/**
 * Writes if the version is the expected one; "" stands for no row. A client may send the script again after a lost
 * connection: then our own version is there already, which is a success.
 */
const SCRIPT = `local held = redis.call("HGET", KEYS[1], "version")
if held == ARGV[2] then return 1 end
if (held or "") ~= ARGV[1] then return 0 end
redis.call("HSET", KEYS[1], "version", ARGV[2], "data", ARGV[3], "state", ARGV[4], "enrolled_at", ARGV[5],
  "backup_codes_active", ARGV[6], "key_id", ARGV[7])
return 1`;

const SCRIPT_SHA1 = "873b1aab7aac2d017f11574fa99e5d7bfc5fcfce";

/**
 * Keeps records in Redis. They are as durable as the server is configured to be: see the store's page for the settings.
 *
 * @param client - a `Redis` or `Cluster` of ioredis, or `createClient()` or `createCluster()` of node-redis.
 * @throws TypeError if it is neither, or is a pipeline or `multi()`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Redis } from "ioredis";
 * import { redisStore } from "twinlock/stores/redis";
 *
 * const client = new Redis("redis://db.example.com", { lazyConnect: true });
 * const store = redisStore(client, { prefix: "app:two_factor:" });
 * assert.ok("compareAndSet" in store);
 * ```
 */
export function redisStore(client: IoRedis | NodeRedis, options: RedisStoreOptions = {}): UserStore {
  checkOptions("options", options, ["prefix"], "");
  const { prefix = "two_factor:" } = options;
  if (typeof prefix !== "string") throw new TypeError("prefix: want a string");
  const driver = driverOf(client);
  const run = async (key: string, values: string[]): Promise<unknown> => {
    try {
      return await driver.cached(key, values);
    } catch (error) {
      if (!String((error as Error | undefined)?.message).startsWith("NOSCRIPT")) throw error;
      return driver.whole(key, values); // a restarted server does not know the script yet
    }
  };
  return {
    async get(userId) {
      const fields = await driver.read(prefix + userId);
      if (!Array.isArray(fields)) throw inMulti();
      const [version, data]: unknown[] = fields;
      if (version === null && data === null) return null;
      if (typeof version === "string" && typeof data === "string") return { version, data };
      throw new TypeError("client: want a client that returns strings");
    },
    async compareAndSet(userId, expected, next) {
      const written = Number(await run(prefix + userId, [expected ?? "", ...fields(next)]));
      if (written !== 0 && written !== 1) throw inMulti();
      return written === 1;
    },
  };
}

/** Makes the error of a client inside MULTI, where the server answers "QUEUED" and the command may be discarded. */
function inMulti(): TypeError {
  return new TypeError(
    "client: no answer came, as inside MULTI: give the store a client that nobody runs MULTI on",
  );
}

function fields({ version, data, summary }: StoredRecord): string[] {
  const { state, enrolledAt, backupCodesActive, keyId } = summary;
  return [version, data, state, String(enrolledAt ?? ""), String(backupCodesActive), keyId];
}

function driverOf(client: IoRedis | NodeRedis): Driver {
  const shape = Object(client) as Partial<IoRedis & NodeRedis> & {
    isPipeline?: unknown;
    execAsPipeline?: unknown;
  };
  if (shape.isPipeline || shape.execAsPipeline) {
    throw new TypeError("client: want the client itself, not a pipeline or a transaction");
  }
  if (typeof shape.evalSha === "function") return nodeRedis(client as NodeRedis);
  if (typeof shape.evalsha === "function") return ioRedis(client as IoRedis);
  throw new TypeError("client: want a client of ioredis or of node-redis");
}

function ioRedis(client: IoRedis): Driver {
  return {
    read: (key) => client.hmget(key, "version", "data"),
    cached: (key, values) => client.evalsha(SCRIPT_SHA1, 1, key, ...values),
    whole: (key, values) => client.eval(SCRIPT, 1, key, ...values),
  };
}

function nodeRedis(client: NodeRedis): Driver {
  return {
    read: (key) => client.hmGet(key, ["version", "data"]),
    cached: (key, values) => client.evalSha(SCRIPT_SHA1, { keys: [key], arguments: values }),
    whole: (key, values) => client.eval(SCRIPT, { keys: [key], arguments: values }),
  };
}
