import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { generateKey } from "../../src/keyring.ts";
import { fixtureOf, READINGS } from "../support/old-systems.ts";
import { openStore } from "../support/open-store.ts";
import { POSTGRES_URL, skipUnless } from "../support/servers.ts";
import type { Message } from "./support/old-system-process.ts";

const skip = await skipUnless(POSTGRES_URL);
const table = `moved_${process.pid}`;

async function answer(process: ChildProcess): Promise<string> {
  const [said] = await once(process, "message");
  return said as string;
}

describe("two processes on PostgreSQL, and an old system that delivers their users", { skip }, () => {
  const admin = new pg.Client({ connectionString: POSTGRES_URL });
  const processes: ChildProcess[] = [];
  const tell = (message: Message): Promise<string[]> =>
    Promise.all(
      processes.map((process) => {
        const answered = answer(process);
        process.send(message);
        return answered;
      }),
    );

  before(async () => {
    await admin.connect();
    const target = { kind: "PostgreSQL", url: POSTGRES_URL, table } as const;
    const opened = await openStore(target);
    await opened.migrate();
    await opened.close();
    const script = join(import.meta.dirname, "support", "old-system-process.ts");
    for (let i = 0; i < 2; i++) processes.push(fork(script, { execArgv: ["--import", "tsx"] }));
    await Promise.all(processes.map(answer));
    await tell({ open: target, keys: generateKey() });
  });

  after(async () => {
    await tell({ close: true });
    for (const process of processes) process.kill();
    await admin.query(`DROP TABLE ${table}`);
    await admin.end();
  });

  for (const userId of Object.keys(READINGS)) {
    test(`${userId}: each app code and each old backup code is good once`, async () => {
      const { at, code, laterAt, laterCode, backupCodes } = fixtureOf(userId).expect;
      const typed = async (code: string, at: number): Promise<string[]> =>
        tell({ userId, code, at, startAt: Date.now() + 20 });
      const isOnce = async (code: string, at: number): Promise<void> => {
        const both = await typed(code, at);
        assert.equal(both.filter((said) => said === "ok").length, 1, both.join());
      };
      await isOnce(code, at);
      await isOnce(laterCode, laterAt);
      if (userId === "time2fa") return; // its backup codes have six digits, as an app code has
      for (const unused of backupCodes?.unused ?? []) await isOnce(unused, laterAt);
      for (const used of backupCodes?.used?.slice(0, 1) ?? []) {
        assert.ok(!(await typed(used, laterAt)).includes("ok"));
      }
    });
  }
});
