// The recipe for Prisma, held to the store contract on SQLite.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createClient } from "@libsql/client";
import { PrismaLibSql } from "@prisma/adapter-libsql";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";
import { PrismaClient } from "./generated/client.ts";
import { prismaStore } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "twinlock-prisma-"));
const url = `file:${join(folder, "prisma.db")}`;
const clients = [0, 1].map(() => new PrismaClient({ adapter: new PrismaLibSql({ url, timeout: 5000 }) }));
const [first, second] = clients;
after(() => rmSync(folder, { recursive: true }));

userStoreTests(
  test,
  async () => {
    const client = createClient({ url });
    await sqliteStore(client).migrate();
    client.close();
    return prismaStore(first);
  },
  {
    second: () => prismaStore(second),
    close: async () => void (await Promise.all(clients.map((client) => client.$disconnect()))),
  },
);
