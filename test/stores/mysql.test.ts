import { describe, test } from "node:test";
import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import { mysqlStore } from "../../src/stores/mysql.ts";
import { userStoreTests } from "../../src/testing/store-contract.ts";
import { MYSQL_URL, skipUnless } from "../support/servers.ts";

const skip = await skipUnless(MYSQL_URL);

describe("MariaDB through mysql2", { skip }, () => {
  const table = "contract_mysql2";
  const [first, second] = [createPool(MYSQL_URL), createCallbackPool(MYSQL_URL)];
  const store = mysqlStore(first, { table });
  userStoreTests(
    test,
    async () => {
      await store.migrate();
      return store;
    },
    {
      second: () => mysqlStore(second, { table }),
      async rollback(work) {
        const connection = await first.getConnection();
        await connection.beginTransaction();
        await work();
        await connection.rollback();
        connection.release();
      },
      close: async () => void (await Promise.all([first.end(), second.promise().end()])),
    },
  );
});
