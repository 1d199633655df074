import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createClient } from "@libsql/client";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { userStoreTests } from "../../src/testing/store-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "twinlock-sqlite-"));
const url = `file:${join(folder, "libsql.db")}`;

describe("libsql", () => {
  const [first, second] = [createClient({ url }), createClient({ url })];
  userStoreTests(
    test,
    async () => {
      const store = sqliteStore(first);
      await store.migrate();
      return store;
    },
    {
      second: () => sqliteStore(second),
      async close() {
        first.close();
        second.close();
        rmSync(folder, { recursive: true });
      },
    },
  );
});
