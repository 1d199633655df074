import { describe, test } from "node:test";
import { Miniflare } from "miniflare";
import { d1Store } from "../../../src/stores/d1.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";

describe("Cloudflare D1 through miniflare", () => {
  const worker = new Miniflare({ modules: true, script: "export default {}", d1Databases: ["DB"] });
  userStoreTests(
    test,
    async () => {
      const store = d1Store(await worker.getD1Database("DB"));
      await store.migrate();
      return store;
    },
    { close: () => worker.dispose() },
  );
});
