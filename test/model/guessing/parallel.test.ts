import assert from "node:assert/strict";
import { test } from "node:test";
import type { TwoFactorOptions } from "../../../src/index.ts";
import { platform } from "../../../src/internal/platform.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { afterOn } from "../../../src/testing/clock.ts";
import { faultyStore, type StoreCall } from "../../../src/testing/index.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import {
  countingStore,
  type Enrolled,
  enrolled,
  enrollIn,
  must,
  outcome,
  signIn,
  tally,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";
import { guessOnce, machine } from "./attackers.ts";

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const settle = async () => {
  for (let i = 0; i < 50; i++) await null;
};

/** The same person behind a service whose derivations end when told to, in the order in which they started. */
function slowDerivations(w: Enrolled, more: Partial<TwoFactorOptions> = {}) {
  const running: { code: string; end: () => void }[] = [];
  let started = 0;
  const derive = (code: Uint8Array) =>
    new Promise<Uint8Array>((resolve) => {
      started++;
      running.push({ code: new TextDecoder().decode(code), end: () => resolve(new Uint8Array(16)) });
    });
  const twoFactor = createTwoFactorWith({ ...w.options, ...more }, { derive, after: afterOn(w.clock) });
  const endOne = async () => {
    running.shift()?.end();
    await settle();
  };
  return { twoFactor, running, endOne, started: () => started };
}

test("V26 H6 of 5,000 wrong codes at once at most five are evaluated", async () => {
  const w = await enrolled();
  const results = await Promise.all(
    times(5_000, (i) => w.twoFactor.verify("ada", wrongCode(w, i % 50), { binding: null })),
  );
  const { wrong_code: evaluated, ...refused } = tally(results.map(outcome));
  assert.equal(evaluated, 5);
  assert.deepEqual(Object.keys(refused).sort(), ["locked", "queue_full"]);
});

test("V26 nor are more without a queue, where every attempt races every other", async () => {
  const w = await enrolled({ queue: false });
  const results = await Promise.all(
    times(300, (i) => w.twoFactor.verify("ada", wrongCode(w, i % 50), { binding: null })),
  );
  const { wrong_code: evaluated = 0, ...refused } = tally(results.map(outcome));
  assert.ok(evaluated >= 1 && evaluated <= 5);
  assert.ok(Object.keys(refused).every((detail) => ["locked", "conflict"].includes(detail)));
  w.clock.advance(30);
  assert.equal(outcome(await w.twoFactor.verify("ada", w.phone.code(), { binding: null })), "ok");
});

test("a flood of guesses asks the store for no more than the queue lets through", async () => {
  const counts = countingStore();
  const w = await enrolled({ store: counts.store });
  const before = { ...counts };
  await Promise.all(times(1_000, () => w.twoFactor.verify("ada", wrongCode(w), { binding: null })));
  assert.equal(counts.reads - before.reads, 33);
  assert.equal(counts.writes - before.writes, 5);
});

test("V26 V31 V37 of 1,000 backup codes at once at most five are derived, on all machines", async () => {
  for (const queue of [true, false]) {
    const w = await enrolled({ queue });
    let derived = 0;
    const machines = times(10, () => machine(w, () => derived++));
    const results = await Promise.all(
      times(1_000, (i) => machines[i % 10]?.verify("ada", wrongBackupCode(w, i), { binding: null })),
    );
    const details = tally(results.map((result) => (result ? outcome(result) : "")));
    assert.equal(derived, 5);
    assert.equal(details["wrong_code"], 5);
  }
});

test("V37 what is no code by its shape reaches neither the store nor the derivation", async () => {
  const counted = countingStore();
  const w = await enrolled({ store: counted.store });
  let derived = 0;
  const twoFactor = machine(w, () => derived++);
  const before = { reads: counted.reads, writes: counted.writes };
  for (const code of ["1".repeat(65), "1".repeat(1_000_000), "", "   ", undefined, null, {}, []]) {
    const result = await twoFactor.verify("ada", code as string, { binding: null });
    assert.equal(outcome(result), "malformed_code");
  }
  assert.deepEqual({ reads: counted.reads, writes: counted.writes }, before);
  for (const code of ["12345", "1234567", "123456789", "abcdefgh", "\u0000", "1".repeat(64)]) {
    const result = await twoFactor.verify("ada", code, { binding: null });
    assert.equal(outcome(result), "malformed_code");
  }
  assert.deepEqual([counted.writes, derived], [before.writes, 0]);
});

test("regenerating in a loop delays other users only by the derivations under way", async () => {
  const w = await enrolled();
  const eve = await enrolledBeside(w, "eve");
  const { twoFactor, running, endOne, started } = slowDerivations(w);
  const looped = times(1_000, () => twoFactor.backupCodes.regenerate("eve", eve));
  await settle();
  assert.equal(started(), platform().derivations);
  const redemption = twoFactor.verify("ada", wrongBackupCode(w), { binding: null });
  await settle();
  const redeemed = () => running.some(({ code }) => code === wrongBackupCode(w));
  let waited = 0;
  for (; !redeemed(); waited++) await endOne();
  assert.ok(waited <= 2, `${waited} derivations went before`);
  while (running.length > 0) await endOne();
  assert.equal(outcome(await redemption), "wrong_code");
  const outcomes = tally((await Promise.all(looped)).map(outcome));
  assert.equal(outcomes["ok"], 1);
  assert.ok(started() <= 5 * 10 + 1, `${started()} derivations`);
});

test("codes are regenerated five times a day at most, and whoever asks again is told when", async () => {
  const w = await enrolled({ reauthentication: { regenerate: "none" } });
  const ask = () => w.twoFactor.backupCodes.regenerate("ada", { binding: null });
  const first = w.clock();
  for (let i = 0; i < 5; i++) {
    assert.equal(outcome(await ask()), "ok");
    w.clock.advance(60);
  }
  const refused = await ask();
  assert.deepEqual({ ...refused }, { ok: false, reason: "busy", retryAt: first + 86_400_000 });
  w.clock.set(first + 86_400_000 - 1);
  assert.equal(outcome(await ask()), "too_many_batches");
  w.clock.set(first + 86_400_000);
  assert.equal(outcome(await ask()), "ok");
  assert.equal(outcome(await ask()), "too_many_batches");
});

/** Another user on the same machine, and the proof that regenerating takes. */
async function enrolledBeside(w: Enrolled, user: string) {
  const other = await enrollIn(w, user);
  const elevation = must(
    await w.twoFactor.reauthenticate(user, { binding: null, code: other.phone.code() }),
  ).elevation;
  return { binding: null, elevation };
}

test("V34 a flood that hangs in the store does not stand between a known device and the door", async () => {
  let hang = false;
  const plan = ({ method }: StoreCall) => (hang && method === "compareAndSet" ? "hang" : undefined);
  const w = await enrolled({ store: faultyStore(memoryStore(), { plan }) });
  const deviceToken = (await signIn(w)).device?.token;
  w.clock.advance(30);
  const known = await w.twoFactor.signIn.begin("ada", { binding: null, deviceToken });
  assert.ok(known.step === "code");
  hang = true;
  const flood = times(40, () => guessOnce(w.twoFactor, wrongCode(w)));
  for (let i = 0; i < 10; i++) await settle();
  assert.equal(outcome(await guessOnce(w.twoFactor, w.phone.code())), "queue_full");
  hang = false;
  const result = await w.twoFactor.signIn.complete(known.challenge, w.phone.code(), { binding: null });
  assert.equal(outcome(result), "ok");
  for (let i = 0; i < 4; i++) {
    w.clock.advance(5);
    await settle();
  }
  await Promise.allSettled(flood);
});
