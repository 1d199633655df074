import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, describe, test } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { type IoRedis, type NodeRedis, redisStore } from "../../../src/stores/redis.ts";
import { freshId, record } from "../../../src/testing/contract/bench.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { REDIS_URL, skipUnless } from "../../support/servers.ts";

const skip = await skipUnless(REDIS_URL);
const prefix = "twinlock-contract:";

describe("Redis through ioredis", { skip }, () => {
  const client = new Redis(REDIS_URL, { lazyConnect: true });
  const second = new Redis(REDIS_URL, { lazyConnect: true });
  userStoreTests(test, () => redisStore(client, { prefix }), {
    second: () => redisStore(second, { prefix }),
    close: async () => void (await Promise.all([client.quit(), second.quit()])),
  });
});

describe("Redis through node-redis", { skip }, () => {
  const client = createClient({ url: REDIS_URL });
  const second = createClient({ url: REDIS_URL });
  userStoreTests(
    test,
    async () => {
      if (!client.isOpen) await client.connect();
      return redisStore(client, { prefix });
    },
    {
      async second() {
        if (!second.isOpen) await second.connect();
        return redisStore(second, { prefix });
      },
      close: async () => void (await Promise.all([client.close(), second.close()])),
    },
  );
});

describe("the script of the Redis store", { skip }, () => {
  const client = new Redis(REDIS_URL, { lazyConnect: true });
  after(() => client.quit());

  test("is sent by its digest, and as a whole when the server does not have it", async () => {
    const calls: string[][] = [];
    const watched: IoRedis = {
      hmget: (...call) => client.hmget(...call),
      evalsha: (...call) => {
        calls.push(["evalsha", call[0]]);
        return client.evalsha(...call);
      },
      eval: (...call) => {
        calls.push(["eval", createHash("sha1").update(call[0]).digest("hex")]);
        return client.eval(...call);
      },
    };
    const store = redisStore(watched, { prefix });
    await client.script("FLUSH");
    const held = record();
    const userId = freshId();
    assert.equal(await store.compareAndSet(userId, null, held), true);
    assert.equal(await store.compareAndSet(userId, held.version, record()), true);
    assert.deepEqual(
      calls.map(([command]) => command),
      ["evalsha", "eval", "evalsha"],
    );
    assert.equal(new Set(calls.map(([, sha1]) => sha1)).size, 1, "the name is not the script's SHA-1");
  });

  test("gives true to a write that a client sends a second time by itself", async () => {
    const store = redisStore(client, { prefix });
    const [userId, held, next] = [freshId(), record(), record()];
    await store.compareAndSet(userId, null, held);
    assert.equal(await store.compareAndSet(userId, held.version, next), true);
    assert.equal(await store.compareAndSet(userId, held.version, next), true);
    assert.equal(await store.compareAndSet(userId, held.version, record()), false);
    assert.equal(await store.compareAndSet(userId, null, record()), false);
  });

  test("uses one key a user, and keeps the summary beside the data", async () => {
    const [userId, next] = [freshId(), record()];
    await redisStore(client, { prefix: "twinlock-{one}:" }).compareAndSet(userId, null, next);
    assert.deepEqual(await client.hgetall(`twinlock-{one}:${userId}`), {
      version: next.version,
      data: next.data,
      state: "active",
      enrolled_at: "1700000000000",
      backup_codes_active: "10",
      key_id: next.summary.keyId,
    });
    await client.del(`twinlock-{one}:${userId}`);
  });

  test("V29 rejects a key with another kind of value, and a client that returns no strings", async () => {
    const userId = freshId();
    await client.set(prefix + userId, "something else");
    const store = redisStore(client, { prefix });
    await assert.rejects(store.get(userId), /WRONGTYPE/);
    await assert.rejects(store.compareAndSet(userId, null, record()), /WRONGTYPE/);
    await client.del(prefix + userId);
    const buffers: IoRedis = {
      ...client,
      evalsha: client.evalsha,
      eval: client.eval,
      hmget: async () => [new Uint8Array(), new Uint8Array()],
    };
    await assert.rejects(redisStore(buffers).get(userId), /want a client that returns strings/);
  });
});

describe("a Redis client that answers from a script", () => {
  type Call = [command: string, ...unknown[]];

  function scripted(answers: { read?: unknown; cached?: unknown }): NodeRedis & { calls: Call[] } {
    const calls: Call[] = [];
    return {
      calls,
      async hmGet(...call) {
        calls.push(["hmGet", ...call]);
        return answers.read;
      },
      async evalSha(...call) {
        calls.push(["evalSha", ...call]);
        if ("cached" in answers) throw answers.cached;
        return 1;
      },
      async eval(...call) {
        calls.push(["eval", ...call]);
        return 1;
      },
    };
  }

  test("is asked for the key of the user, by default under two_factor:", async () => {
    const client = scripted({ read: [null, null] });
    assert.equal(await redisStore(client).get("alice"), null);
    assert.deepEqual(client.calls, [["hmGet", "two_factor:alice", ["version", "data"]]]);
  });

  test("is sent the whole record, with an empty text for a missing value", async () => {
    const client = scripted({});
    const next = { ...record(), summary: { ...record().summary, enrolledAt: null } };
    assert.equal(await redisStore(client).compareAndSet("alice", null, next), true);
    const { state, backupCodesActive, keyId } = next.summary;
    const [[, , sent] = []] = client.calls;
    assert.deepEqual(sent, {
      keys: ["two_factor:alice"],
      arguments: ["", next.version, next.data, state, "", String(backupCodesActive), keyId],
    });
  });

  test("V29 half a row, or one whose values are no text, is refused", async () => {
    for (const read of [
      ["v", null],
      [null, "d"],
      ["v", 7],
      [7, "d"],
      [undefined, undefined],
    ]) {
      await assert.rejects(redisStore(scripted({ read })).get("alice"), /want a client that returns strings/);
    }
    assert.deepEqual(await redisStore(scripted({ read: ["v", "d"] })).get("alice"), {
      version: "v",
      data: "d",
    });
  });

  test("is sent the script again only when the server has forgotten it", async () => {
    const forgotten = scripted({ cached: new Error("NOSCRIPT No matching script") });
    assert.equal(await redisStore(forgotten).compareAndSet("alice", "v", record()), true);
    assert.deepEqual(
      forgotten.calls.map(([command]) => command),
      ["evalSha", "eval"],
    );
    assert.deepEqual(forgotten.calls[0]?.[2], forgotten.calls[1]?.[2]);
    for (const trouble of [new Error("READONLY"), new Error("said NOSCRIPT"), undefined]) {
      const client = scripted({ cached: trouble });
      const writing = redisStore(client).compareAndSet("alice", "v", record());
      await assert.rejects(writing, (error) => error === trouble);
      assert.equal(client.calls.length, 1, "it may have been written");
    }
  });
});
