import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { generateKey } from "../../src/keyring.ts";
import { fixtureOf, READINGS, readersOf, removeReaders } from "../support/old-systems.ts";
import { openStore } from "../support/open-store.ts";
import { POSTGRES_URL, skipUnless } from "../support/servers.ts";
import type { Message } from "./support/old-system-process.ts";

const skip = await skipUnless(POSTGRES_URL);
const table = `moved_${process.pid}`;

/**
 * Which of its codes the old system says that each unused one is. It is asked once for both processes, and forgets the
 * digest as when the code is used: bcrypt in JavaScript takes its time.
 */
async function namesOf(userId: string): Promise<Map<string, string | null>> {
  const { page, which } = READINGS[userId] ?? assert.fail();
  const readers = await readersOf(page);
  const names = new Map<string, string | null>();
  let fixture = fixtureOf(userId);
  for (const code of (which && fixture.expect.backupCodes?.unused) ?? []) {
    const name = (await which?.(fixture, code, readers)) ?? assert.fail(`${userId} does not know its code`);
    names.set(code, name);
    const isOther = (one: { code?: unknown } | string) => one !== name && Object(one).code !== name;
    const row = JSON.stringify(fixture.row, (_, value) =>
      Array.isArray(value) ? value.filter(isOther) : value,
    );
    fixture = { ...fixture, row: JSON.parse(row) };
  }
  return names;
}

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
    removeReaders();
    for (const process of processes) process.kill();
    await admin.query(`DROP TABLE ${table}`);
    await admin.end();
  });

  for (const name of Object.keys(READINGS)) {
    const { at, code, laterAt, laterCode, backupCodes } = fixtureOf(name).expect;
    const names = namesOf(name);
    const isOnce = async (userId: string, code: string, at: number): Promise<void> => {
      const named = (await names).get(code) ?? null;
      const both = await tell({ userId, code, name: named, at, startAt: Date.now() + 10 });
      assert.equal(both.filter((said) => said === "ok").length, 1, both.join());
    };

    for (const userId of [name, `job:${name}`]) {
      test(`${userId}: each app code and each old backup code is good once`, async () => {
        if (userId !== name) {
          const both = await tell({ importing: userId, at, startAt: Date.now() + 10 });
          assert.deepEqual(both.sort(), ["already_enrolled", "ok"]);
        }
        await isOnce(userId, code, at);
        await isOnce(userId, laterCode, laterAt);
        if (name === "time2fa") return; // its backup codes have six digits, as an app code has
        for (const unused of backupCodes?.unused ?? []) await isOnce(userId, unused, laterAt);
      });
    }
  }
});
