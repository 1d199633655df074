import { after, before, describe, test } from "node:test";
import { Cluster, Redis } from "ioredis";
import { createCluster } from "redis";
import { redisStore } from "../../../src/stores/redis.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { type OwnServer, skipOwnServer, startServer } from "../../support/own-server.ts";

// One node that holds all slots is a cluster to its clients, and refuses a script with keys of two slots as any would.
describe("a Redis cluster", { skip: skipOwnServer("Redis") }, () => {
  let server: OwnServer;
  let viaIoRedis: Cluster;
  const nodeRedis = (url: string) => createCluster({ rootNodes: [{ url }] });
  let viaNodeRedis: ReturnType<typeof nodeRedis>;
  before(async () => {
    server = await startServer("Redis", "--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
    const node = new Redis(server.url);
    await node.cluster("ADDSLOTSRANGE", 0, 16383);
    while (!(await node.cluster("INFO")).includes("cluster_state:ok")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await node.quit();
    viaIoRedis = new Cluster([server.url]);
    viaNodeRedis = nodeRedis(server.url);
    await viaNodeRedis.connect();
  });
  after(async () => {
    await viaIoRedis.quit();
    await viaNodeRedis.close();
    await server.stop();
  });

  userStoreTests(test, () => redisStore(viaIoRedis), { second: () => redisStore(viaNodeRedis) });
});
