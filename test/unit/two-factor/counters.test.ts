import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../../../src/internal/hmac.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import type { TwoFactor } from "../../../src/two-factor/interface.ts";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
import {
  binding,
  countingStore,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  tally,
  USER,
  world,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";

// What speed is made of, counted at the public API: no noise of a machine moves these.

const CROWD = 100;

interface Counted extends Enrolled {
  /** What a call cost, in calls of the store and in derivations. */
  cost<T>(
    run: (twoFactor: TwoFactor) => Promise<T>,
  ): Promise<{ result: T; reads: number; writes: number; derivations: number }>;
}

async function counted(options: Partial<TwoFactorOptions> = {}): Promise<Counted> {
  const counts = countingStore();
  let derivations = 0;
  const w = await enrolled({ ...options, store: counts.store });
  const twoFactor = createTwoFactorWith(w.options, {
    derive: async (code) => {
      derivations++;
      return sha256(code).subarray(0, 16);
    },
  });
  const batch = must(await twoFactor.backupCodes.regenerate(USER, { binding, code: w.phone.code() }));
  w.clock.advance(30);
  return {
    ...w,
    codes: batch.codes,
    async cost(run) {
      const before = { reads: counts.reads, writes: counts.writes, derivations };
      const result = await run(twoFactor);
      return {
        result,
        reads: counts.reads - before.reads,
        writes: counts.writes - before.writes,
        derivations: derivations - before.derivations,
      };
    },
  };
}

test("an app code, right or wrong, costs one read and one write", async () => {
  const w = await counted();
  for (const [code, wanted] of [
    [w.phone.code(), "ok"],
    [wrongCode(w), "wrong_code"],
  ] as const) {
    const { result, ...cost } = await w.cost((t) => t.verify(USER, code, { binding }));
    assert.equal(outcome(result), wanted);
    assert.deepEqual(cost, { reads: 1, writes: 1, derivations: 0 });
  }
});

test("a sign-in costs two reads and one write", async () => {
  const w = await counted();
  for (const deviceToken of [undefined, w.signIn.device?.token]) {
    const { result, ...cost } = await w.cost(async (t) => {
      const step = await t.signIn.begin(USER, { binding, deviceToken });
      assert.ok(step.step === "code");
      return t.signIn.complete(step.challenge, nextCode(w), { binding });
    });
    assert.equal(outcome(result), "ok");
    assert.deepEqual(cost, { reads: 2, writes: 1, derivations: 0 });
  }
});

test("a sign-in from a trusted device costs one read, and a write a day", async () => {
  const w = await counted();
  const { device } = must(await w.twoFactor.verify(USER, nextCode(w), { binding, trustDevice: true }));
  w.clock.advance(86_400);
  for (const writes of [1, 0]) {
    const { result, ...cost } = await w.cost((t) =>
      t.signIn.begin(USER, { binding, deviceToken: device?.token }),
    );
    assert.equal(result.step, "done");
    assert.deepEqual(cost, { reads: 1, writes, derivations: 0 });
  }
});

test("a form that lacks its id costs nothing", async () => {
  const w = await counted();
  const forms: readonly ((t: TwoFactor) => Promise<unknown>)[] = [
    (t) => t.authenticators.rename(USER, { id: undefined, label: null }),
    (t) => t.authenticators.remove(USER, { id: undefined, binding }),
    (t) => t.devices.revoke(USER, undefined),
    (t) => t.backupCodes.acknowledge(USER, { batchId: undefined }),
    (t) => t.enrollment.confirm(USER, { enrollmentId: undefined, code: "123456", binding }),
    (t) => t.enrollment.acknowledge(USER, { batchId: undefined, binding }),
  ];
  for (const form of forms) {
    const { result, ...cost } = await w.cost(form);
    assert.deepEqual(cost, { reads: 0, writes: 0, derivations: 0 });
  }
});

test("a backup code costs one read, two writes and one derivation; a wrong one a write less", async () => {
  const w = await counted();
  const [code = ""] = w.codes;
  for (const [typed, wanted, writes] of [
    [code, "ok", 2],
    [code, "backup_code_reused", 1],
    [wrongBackupCode(w), "wrong_code", 1],
  ] as const) {
    const { result, ...cost } = await w.cost((t) => t.verify(USER, typed, { binding }));
    assert.equal(outcome(result), wanted);
    assert.deepEqual(cost, { reads: 1, writes, derivations: 1 });
  }
});

test("a replay costs one read and no write, also a hundred times at once", async () => {
  const w = await counted();
  const code = w.phone.code();
  await w.cost((t) => t.verify(USER, code, { binding }));
  const { result, ...cost } = await w.cost((t) => t.verify(USER, code, { binding }));
  assert.equal(outcome(result), "app_code_reused");
  assert.deepEqual(cost, { reads: 1, writes: 0, derivations: 0 });
  const crowd = await w.cost((t) =>
    Promise.all(Array.from({ length: CROWD }, () => t.verify(USER, code, { binding }))),
  );
  assert.equal(crowd.writes, 0);
  assert.ok(crowd.reads <= CROWD);
});

test("a locked user costs one read and no write, and no derivation", async () => {
  const w = await counted();
  for (let i = 0; i < 5; i++) {
    await w.cost((t) => t.verify(USER, wrongCode(w, i), { binding }));
    await w.cost((t) => t.verify(USER, wrongBackupCode(w, i), { binding }));
  }
  for (const typed of [w.phone.code(), w.codes[1]]) {
    const { result, ...cost } = await w.cost((t) => t.verify(USER, typed, { binding }));
    assert.equal(outcome(result), "locked");
    assert.deepEqual(cost, { reads: 1, writes: 0, derivations: 0 });
  }
});

test("junk costs nothing, and a code in a shape that this user's codes lack costs one read", async () => {
  const w = await counted();
  for (const [typed, reads] of [
    [undefined, 0],
    ["", 0],
    ["1".repeat(65), 0],
    ["12345", 1],
    ["123456789", 1],
  ] as const) {
    const { result, ...cost } = await w.cost((t) => t.verify(USER, typed, { binding }));
    assert.equal(outcome(result), "malformed_code");
    assert.deepEqual(cost, { reads, writes: 0, derivations: 0 });
  }
});

test("of a hundred copies of a code one is accepted, for at most three store calls each", async () => {
  const w = await counted();
  const code = nextCode(w);
  const { result, reads, writes } = await w.cost((t) =>
    Promise.all(Array.from({ length: CROWD }, () => t.verify(USER, code, { binding }))),
  );
  const seen = tally(result.map(outcome));
  assert.equal(seen["ok"], 1);
  const evaluated = CROWD - (seen["queue_full"] ?? 0);
  assert.ok(reads + writes <= 3 * evaluated, `${reads + writes} calls for ${evaluated} attempts`);
});

test("a hundred wrong codes at once cost at most one and a half store calls an attempt", async () => {
  const w = await counted();
  const { result, reads, writes } = await w.cost((t) =>
    Promise.all(Array.from({ length: CROWD }, (_, i) => t.verify(USER, wrongCode(w, i), { binding }))),
  );
  const seen = tally(result.map(outcome));
  assert.equal(seen["wrong_code"], 5);
  const evaluated = CROWD - (seen["queue_full"] ?? 0);
  assert.ok(reads + writes <= 1.5 * evaluated, `${reads + writes} calls for ${evaluated} attempts`);
});

test("a hundred wrong backup codes at once cost no more derivations than there are free attempts", async () => {
  const w = await counted();
  const { derivations } = await w.cost((t) =>
    Promise.all(Array.from({ length: CROWD }, (_, i) => t.verify(USER, wrongBackupCode(w, i), { binding }))),
  );
  assert.equal(derivations, 5);
});

test("a new batch costs one derivation a code, however often its write is tried", async () => {
  const w = await counted();
  const { result, derivations } = await w.cost((t) =>
    t.backupCodes.regenerate(USER, { binding, code: w.phone.code() }),
  );
  assert.equal(must(result).codes.length, 10);
  assert.equal(derivations, 10);
});

test("S7 V37 a crowd that confirms at once has at most ten batches derived, on all machines", async () => {
  const w = world({ queue: false });
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }));
  w.phone.scan(begun.keyUri);
  let derivations = 0;
  const derive = async (code: Uint8Array) => {
    derivations++;
    return sha256(code).subarray(0, 16);
  };
  const confirm = () =>
    createTwoFactorWith(w.options, { derive }).enrollment.confirm(USER, {
      enrollmentId: begun.enrollmentId,
      code: w.phone.code(),
      binding,
    });
  const results = await Promise.all(Array.from({ length: CROWD }, confirm));
  const shown = results.flatMap((result) => (result.ok ? [result.backupCodes?.batchId] : []));
  assert.equal(new Set(shown).size, 1, "one batch, however often it is shown");
  assert.ok(derivations >= 10 && derivations <= 100, `${derivations} derivations`);
});
