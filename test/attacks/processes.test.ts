import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { generateKey } from "../../src/index.ts";
import { freshId } from "../../src/testing/contract/bench.ts";
import { virtualPasskey } from "../../src/testing/passkey.ts";
import { startDynamoServer } from "../support/dynamo-server.ts";
import { startMongoServer } from "../support/mongo-server.ts";
import { type OpenStore, openStore, type Target } from "../support/open-store.ts";
import { codeFrom } from "../support/phone.ts";
import { MYSQL_URL, POSTGRES_URL, REDIS_URL, skipUnless } from "../support/servers.ts";
import { type Crowd, gather } from "./processes/crowd.ts";
import type { Report } from "./processes/orders.ts";
import { BINDING as binding, createInstance, type Instance } from "./processes/service.ts";

const folder = mkdtempSync(join(tmpdir(), "twinlock-attack-"));
const table = "attack";
const [mongo, dynamo] = await Promise.all([startMongoServer(), startDynamoServer()]);
const TARGETS: readonly (Target & { skip: false | string })[] = [
  { kind: "SQLite", url: `file:${join(folder, "attack.db")}`, table, skip: false },
  { kind: "PostgreSQL", url: POSTGRES_URL, table, skip: await skipUnless(POSTGRES_URL) },
  { kind: "MariaDB", url: MYSQL_URL, table, skip: await skipUnless(MYSQL_URL) },
  { kind: "Redis", url: REDIS_URL, table, skip: await skipUnless(REDIS_URL) },
  { kind: "MongoDB", url: mongo.url, table, skip: false },
  { kind: "DynamoDB", url: dynamo.url, table, skip: false },
];
const FREE = 4; // throttle.free: one more failure starts the first wait
const STEP = 30_000;
const START = 1_800_000_000_000;

let crowd: Crowd;
before(async () => {
  crowd = await gather();
});
after(async () => {
  crowd.end();
  await Promise.all([mongo.close(), dynamo.close()]);
  rmSync(folder, { recursive: true });
});

for (const { skip, ...target } of TARGETS) {
  describe(`eight processes against one ${target.kind}`, { skip }, () => {
    const keys = generateKey();
    let opened: OpenStore;
    let instance: Instance;

    before(async () => {
      opened = await openStore(target);
      await opened.migrate();
      instance = createInstance(opened.store, keys);
      await crowd.open(target, keys);
    });
    after(async () => {
      await crowd.close();
      await opened.close();
    });

    const at = (steps: number): number => {
      instance.clock.set(START + steps * STEP);
      return START + steps * STEP;
    };

    async function begin(): Promise<{ userId: string; enrollmentId: string; code(steps: number): string }> {
      const userId = freshId();
      at(0);
      const begun = await instance.twoFactor.enrollment.begin(userId, { accountName: "ada", binding });
      assert.ok(begun.ok);
      const code = (steps: number): string => codeFrom(begun.keyUri, () => START + steps * STEP);
      return { userId, enrollmentId: begun.enrollmentId, code };
    }

    async function enroll(): Promise<{
      userId: string;
      backupCodes: readonly string[];
      elevation: string;
      code(steps: number): string;
    }> {
      const { userId, enrollmentId, code } = await begin();
      const result = await instance.twoFactor.enrollment.confirm(userId, {
        enrollmentId,
        code: code(0),
        binding,
      });
      assert.ok(result.ok && result.state === "active" && result.backupCodes);
      return { userId, code, backupCodes: result.backupCodes.codes, elevation: result.signIn.elevation };
    }

    const verify = (userId: string, code: string) => instance.twoFactor.verify(userId, code, { binding });

    test("V04 one app code lets one in", async () => {
      const { userId, code } = await enroll();
      const order = { does: "verify", userId, code: code(1) } as const;
      const reports = await crowd.race(at(1), () => [order, order, order]);
      exactlyOne(reports, ["app_code_reused", "conflict"]);
      assert.ok((await verify(userId, code(2))).ok);
    });

    test("V04 five authenticators, whose codes come from everywhere, let each in once", async () => {
      const { userId, code, ...person } = await enroll();
      const codes = [code];
      for (let { elevation } = person; codes.length < 5; ) {
        const asked = { accountName: "ada", add: true, label: `${codes.length}`, elevation, binding };
        const begun = await instance.twoFactor.enrollment.begin(userId, asked);
        assert.ok(begun.ok);
        const { enrollmentId, keyUri } = begun;
        const first = { enrollmentId, code: codeFrom(keyUri, instance.clock), binding };
        const added = await instance.twoFactor.enrollment.confirm(userId, first);
        assert.ok(added.ok && added.state === "active");
        ({ elevation } = added.signIn);
        codes.push((steps) => codeFrom(keyUri, () => START + steps * STEP));
      }
      const orders = codes.map((each) => ({ does: "verify", userId, code: each(1) }) as const);
      const reports = await crowd.race(at(1), () => orders);
      onlyAmong(reports, ["ok", "app_code_reused", "conflict"]);
      assert.equal(reports.filter(({ outcome }) => outcome === "ok").length, 5, outcomes(reports));
    });

    test("V39 one backup code lets one in", async () => {
      const { userId, code, backupCodes } = await enroll();
      const order = { does: "verify", userId, code: backupCodes[0] ?? "" } as const;
      const reports = await crowd.race(at(1), () => [order]);
      exactlyOne(reports, ["backup_code_reused", "conflict", "locked"]);
      at(3); // past the first wait: a spent backup code is charged like a wrong one
      assert.ok((await verify(userId, backupCodes[1] ?? "")).ok);
      assert.ok((await verify(userId, code(3))).ok);
    });

    for (const synced of [false, true]) {
      test(`a passkey's response ${synced ? "without a counter " : ""}lets one in`, async () => {
        const { userId, elevation } = await enroll();
        const key = virtualPasskey({ synced });
        const { signIn, passkeys } = instance.twoFactor;
        assert.ok(passkeys);
        const begun = await passkeys.begin(userId, { accountName: "ada", elevation, binding });
        assert.ok(begun.ok);
        const { enrollmentId } = begun;
        const registration = await key.create(begun.options);
        assert.ok((await passkeys.confirm(userId, { enrollmentId, response: registration, binding })).ok);
        const step = await signIn.begin(userId, { binding });
        assert.ok(step.step === "code");
        const { challenge } = step;
        const asked = await passkeys.options({ challenge }, { binding });
        assert.ok(asked.ok);
        const order = { does: "respond", challenge, response: await key.get(asked.options) } as const;
        const reports = await crowd.race(at(0), () => [order, order, order, order, order, order]);
        exactlyOne(reports, ["challenge_used", "passkey_cloned", "conflict", "locked"]);
      });
    }

    test("an elevation that may be used once lets one in", async () => {
      const { userId, elevation } = await enroll();
      const order = { does: "allow", userId, elevation } as const;
      const reports = await crowd.race(at(1), () => [order]);
      exactlyOne(reports, ["elevation_used", "conflict"]);
    });

    test("V41 of many regenerations the last caller's codes work, and no other's", async () => {
      const { userId, backupCodes, elevation } = await enroll();
      const order = { does: "regenerate", userId, elevation } as const;
      const reports = await crowd.race(at(1), () => [order]);
      onlyAmong(reports, ["ok", "conflict", "too_many_batches"]);
      const working = [];
      for (const { codes } of reports.filter(({ outcome }) => outcome === "ok")) {
        at(9 * (working.length + 1)); // past any wait that a code of a lost batch has caused
        working.push((await verify(userId, codes[0] ?? "")).ok);
      }
      assert.equal(working.filter(Boolean).length, 1, outcomes(reports));
      at(99);
      assert.equal((await verify(userId, backupCodes[0] ?? "")).ok, false);
    });

    test("R3 one enrollment is confirmed once, repeated to the same form, and its codes work", async () => {
      const { userId, enrollmentId, code } = await begin();
      const order = { does: "confirm", userId, enrollmentId, code: code(0) } as const;
      const reports = await crowd.race(at(0), () => [order]);
      onlyAmong(reports, ["ok", "conflict", "too_many_batches"]);
      const [winner, ...others] = reports.filter((report) => report.outcome === "ok");
      assert.ok(winner, outcomes(reports));
      for (const other of others) assert.deepEqual(other.codes, winner.codes);
      assert.ok((await verify(userId, winner.codes[0] ?? "")).ok);
      assert.equal((await verify(userId, code(0))).ok, false);
      at(1);
      assert.ok((await verify(userId, code(1))).ok);
    });

    for (const [kind, digits] of [
      ["V26 app", 6],
      ["V31 backup", 8],
    ] as const) {
      test(`${kind} codes: no more guesses are revealed than budgeted, and the owner gets in later`, async () => {
        const { userId, code } = await enroll();
        let guess = 0;
        const next = (): string => String(guess++).padStart(digits, "0");
        const guesses = (): { does: "verify"; userId: string; code: string }[] =>
          Array.from({ length: 6 }, () => ({ does: "verify" as const, userId, code: next() }));
        const reports = await crowd.race(at(1), guesses);
        const revealed = reports.filter(({ outcome }) => outcome === "wrong_code").length;
        assert.equal(revealed, FREE + 1, outcomes(reports));
        onlyAmong(reports, ["wrong_code", "locked", "conflict", "queue_full"]);
        const again = await crowd.race(at(3), guesses); // past the first wait there is one guess, then a longer wait
        assert.equal(again.filter(({ outcome }) => outcome === "wrong_code").length, 1, outcomes(again));
        at(9);
        assert.ok((await verify(userId, code(9))).ok);
      });
    }
  });
}

/** Exactly one was let in, and every other was told one of these. */
function exactlyOne(reports: readonly Report[], others: readonly string[]): Report {
  onlyAmong(reports, ["ok", ...others]);
  const winners = reports.filter(({ outcome }) => outcome === "ok");
  assert.equal(winners.length, 1, outcomes(reports));
  return winners[0] as Report;
}

function onlyAmong(reports: readonly Report[], expected: readonly string[]): void {
  for (const { outcome } of reports) assert.ok(expected.includes(outcome), outcomes(reports));
}

function outcomes(reports: readonly Report[]): string {
  return reports.map(({ outcome }) => outcome).join(" ");
}
