import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generateKey } from "../../src/index.ts";
import { freshId } from "../../src/testing/contract/bench.ts";
import { openStore, type Target } from "../support/open-store.ts";
import { codeFrom } from "../support/phone.ts";
import { POSTGRES_URL, skipUnless } from "../support/servers.ts";
import { gather } from "./processes/crowd.ts";
import type { Order } from "./processes/orders.ts";
import { BINDING as binding, createInstance } from "./processes/service.ts";

const STEP = 30_000;
const START = 1_800_000_000_000;
const ROUNDS = 250; // of two orders for each of two processes
const target: Target = { kind: "PostgreSQL", url: POSTGRES_URL, table: "rolling" };
const skip = await skipUnless(POSTGRES_URL);

test("two versions share a user for 1,000 operations: nobody locked out, nothing counted twice", {
  skip,
}, async () => {
  const keys = generateKey();
  const opened = await openStore(target);
  await opened.migrate();
  const crowd = await gather(2);
  try {
    await crowd.open(target, keys, true);
    const { twoFactor, clock } = createInstance(opened.store, keys);
    const userId = freshId();
    clock.set(START);
    const begun = await twoFactor.enrollment.begin(userId, { accountName: "ada", binding });
    assert.ok(begun.ok);
    const { enrollmentId, keyUri } = begun;
    const first = { enrollmentId, code: codeFrom(keyUri, clock), binding };
    const confirmed = await twoFactor.enrollment.confirm(userId, first);
    assert.ok(confirmed.ok && confirmed.state === "active");
    const backupCodes = confirmed.backupCodes?.codes ?? [];

    const accepted = new Map<string, number>();
    const outcomes = new Map<string, number>();
    const kinds = fc.sample(fc.noBias(fc.nat(119)), { numRuns: ROUNDS * 4, seed: 7 });
    for (let round = 1; round <= ROUNDS; round++) {
      const at = START + round * STEP;
      clock.set(at);
      const order = (kind: number): Order => {
        const code = codeFrom(keyUri, clock);
        if (kind === 0) return { does: "verify", userId, code: "000000" };
        if (kind === 1)
          return { does: "verify", userId, code: backupCodes[round % backupCodes.length] ?? "" };
        if (kind < 18) return { does: "forget devices", userId };
        return { does: kind % 2 ? "verify" : "sign in", userId, code };
      };
      const orders = [0, 1].map((process) =>
        [0, 1].map((i) => order(kinds[(round - 1) * 4 + process * 2 + i] ?? 0)),
      );
      const reports = await crowd.race(at, (process) => orders[process] ?? []);
      reports.forEach(({ outcome }, i) => {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        const done = orders.flat()[i];
        if (outcome !== "ok" || !done || !("code" in done)) return;
        const used = done.code.length === 6 ? `${done.code} of round ${round}` : done.code;
        accepted.set(used, (accepted.get(used) ?? 0) + 1);
      });
    }
    const expected = ["ok", "app_code_reused", "backup_code_reused", "wrong_code", "locked"];
    assert.deepEqual(
      [...outcomes.keys()].filter((outcome) => !expected.includes(outcome)),
      [],
    );
    assert.deepEqual(
      [...accepted.values()].filter((count) => count > 1),
      [],
    );
    assert.ok(accepted.size > ROUNDS * 0.9, `${accepted.size} codes were accepted`);
    clock.set(START + (ROUNDS + 10) * STEP);
    assert.ok((await twoFactor.verify(userId, codeFrom(keyUri, clock), { binding })).ok);
  } finally {
    await crowd.close();
    crowd.end();
    await opened.close();
  }
});
