import { describe, test } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { redisStore } from "../../src/stores/redis.ts";
import { userStoreTests } from "../../src/testing/store-contract.ts";
import { REDIS_URL, skipUnless } from "../support/servers.ts";

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
