import assert from "node:assert/strict";
import { test } from "node:test";
import type { UserStore } from "../../src/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { faultyStore, type StoreCall } from "../../src/testing/index.ts";
import {
  binding,
  enrolled,
  enrollIn,
  machines,
  must,
  outcome,
  recordOf,
  tally,
  USER,
  withPassword,
  world,
  wrongBackupCode,
  wrongCode,
} from "../support/world.ts";

// Five thousand without the queue take ten seconds of computing: CI does them all.
const CROWD = process.env["CI"] ? 5_000 : 500;

const evaluated = (outcomes: readonly string[]) => tally(outcomes)["wrong_code"] ?? 0;

test("V26 H6 of five thousand wrong codes at once at most five are evaluated", async () => {
  const w = await enrolled();
  const codes = Array.from({ length: 50 }, (_, i) => wrongCode(w, i));
  const outcomes = await Promise.all(
    Array.from({ length: 5_000 }, async (_, i) =>
      outcome(await w.twoFactor.verify(USER, codes[i % 50], { binding })),
    ),
  );
  assert.equal(evaluated(outcomes), 5);
  assert.deepEqual(Object.keys(tally(outcomes)).sort(), ["locked", "queue_full", "wrong_code"]);
  assert.equal((await recordOf(w)).app.failures, 5);
});

test("V26 and without the queue, over four machines that overtake each other at every await", async () => {
  const all = machines(4, { seed: 51 });
  const [first] = all;
  assert.ok(first);
  const w = await enrollIn(first);
  const outcomes = await Promise.all(
    Array.from({ length: CROWD }, async (_, i) => {
      const { twoFactor } = all[i % 4] ?? first;
      return outcome(await twoFactor.verify(USER, wrongCode(w, i % 50), { binding }));
    }),
  );
  assert.ok(evaluated(outcomes) <= 5, JSON.stringify(tally(outcomes)));
  assert.equal((await recordOf(w)).app.failures, evaluated(outcomes), "each that was told was charged");
});

test("V26 V31 of many backup-code guesses at once at most five reach a derivation", async () => {
  const all = machines(4, { seed: 52 });
  const [first] = all;
  assert.ok(first);
  const w = await enrollIn(first);
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const { twoFactor } = all[i % 4] ?? first;
      return outcome(await twoFactor.verify(USER, wrongBackupCode(w, i), { binding }));
    }),
  );
  assert.ok(evaluated(outcomes) <= 5, JSON.stringify(tally(outcomes)));
  assert.equal((await recordOf(w)).backup.failures, evaluated(outcomes));
});

/** Lets nobody write until everybody has read: the worst order there is. */
function inLockstep(size: number): { store: UserStore; on(): void } {
  let active = false;
  const waiting: ((fault: undefined) => void)[] = [];
  const plan = ({ method }: StoreCall) => {
    if (!active || method === "get") return undefined;
    return new Promise<undefined>((resolve) => {
      waiting.push(resolve);
      if (waiting.length < size) return;
      active = false; // the losers may go on alone
      for (const wake of waiting) wake(undefined);
    });
  };
  return {
    store: faultyStore(memoryStore(), { plan }),
    on: () => {
      active = true;
    },
  };
}

test("V04 V26 when everybody has read before anybody writes, still one code is accepted once", async () => {
  const { store, on } = inLockstep(30);
  const w = await enrolled({ store, queue: false });
  on();
  const code = w.phone.code();
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, async () => outcome(await w.twoFactor.verify(USER, code, { binding }))),
  );
  assert.equal(tally(outcomes)["ok"], 1);
  const guesses = inLockstep(30);
  const g = await enrolled({ store: guesses.store, queue: false });
  guesses.on();
  const wrong = await Promise.all(
    Array.from({ length: 30 }, async (_, i) =>
      outcome(await g.twoFactor.verify(USER, wrongCode(g, i), { binding })),
    ),
  );
  assert.ok(evaluated(wrong) <= 5);
});

test("a mix of everything at once leaves one truth: each success is in the record, and no more", async () => {
  for (const seed of [61, 62]) {
    const all = machines(4, { seed, ...withPassword, reauthentication: { replace: "none" } });
    const [first] = all;
    assert.ok(first);
    const w = await enrollIn(first);
    const code = w.phone.code();
    const proof = { elevation: w.signIn.elevation, binding };
    const [a, b, c, d] = all.map(({ twoFactor }) => twoFactor);
    assert.ok(a && b && c && d);
    const results = await Promise.all([
      a.verify(USER, code, { binding, trustDevice: true }),
      b.verify(USER, w.codes[0], { binding }),
      c.verify(USER, code, { binding }),
      d.enrollment.begin(USER, { accountName: USER, replace: true, ...proof }),
      a.devices.revokeAll(USER),
      b.verify(USER, w.codes[1], { binding }),
      c.verify(USER, w.codes[1], { binding }),
    ]);
    const app = [results[0], results[2]].filter(({ ok }) => ok).length;
    const backup = [results[1], results[5], results[6]].filter(({ ok }) => ok).length;
    const { authenticators, backupCodes } = await recordOf(w);
    assert.equal(app, 1);
    assert.equal(authenticators[0]?.acceptedSteps.length, 2);
    assert.equal(backupCodes?.codes.filter(({ usedAt }) => usedAt !== null).length, backup);
    assert.equal(backup, 2);
  }
});

test("disabling and signing in at once: whoever is first, nothing of the factor is left", async () => {
  for (const seed of [71, 72, 73, 74]) {
    const all = machines(2, { seed });
    const [first, second] = all;
    assert.ok(first && second);
    const w = await enrollIn(first);
    const proof = { elevation: w.signIn.elevation, binding };
    const [disabled, verified] = await Promise.all([
      first.twoFactor.disable(USER, proof),
      second.twoFactor.verify(USER, w.phone.code(), { binding, trustDevice: true }),
    ]);
    must(disabled);
    assert.ok(["ok", "not_enrolled"].includes(outcome(verified)), outcome(verified));
    const record = await recordOf(w);
    assert.deepEqual(
      [record.authenticators, record.backupCodes, record.devices, record.pending],
      [[], null, [], null],
    );
    if (verified.ok) {
      const stale = await w.twoFactor.enrollment.begin(USER, {
        accountName: USER,
        elevation: verified.elevation,
        binding,
      });
      assert.equal(outcome(stale), "ok", "enrolling takes no proof here");
    }
  }
});

test("one user's crowd does not make another user wait", async () => {
  let release = (): void => undefined;
  const held = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  let hold = "";
  const plan = ({ method, userId }: StoreCall) => (method === "get" && userId === hold ? held : undefined);
  const w = await enrolled({ store: faultyStore(memoryStore(), { plan }) });
  const bob = await enrollIn({ ...world({ clock: w.clock }), twoFactor: w.twoFactor, store: w.store }, "bob");
  hold = USER;
  const crowd = Array.from({ length: 40 }, () => w.twoFactor.verify(USER, "000000", { binding }));
  must(await w.twoFactor.verify("bob", bob.phone.code(), { binding }));
  hold = "";
  release();
  const counts = tally((await Promise.all(crowd)).map(outcome));
  assert.equal(counts["queue_full"], 7, "one runs, thirty-two wait");
});
