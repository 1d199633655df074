import assert from "node:assert/strict";
import { test } from "node:test";
import { afterOn, type FakeClock, fakeClock } from "../../../src/testing/clock.ts";
import { createTestTwoFactor } from "../../../src/testing/index.ts";

test("the clock stands still until it is moved, and goes back when it is set back", () => {
  const clock = fakeClock();
  assert.equal(new Date(clock()).toISOString(), "2030-01-01T00:00:00.000Z");
  clock.advance(1.5);
  assert.equal(clock.now(), Date.UTC(2030, 0, 1) + 1_500);
  clock.set(0);
  assert.equal(clock(), 0);
});

test("a wrong move names what is wrong with it", () => {
  const clock = fakeClock();
  assert.throws(() => clock.advance(-1), /^RangeError: seconds: want 0 or more$/);
  assert.throws(() => clock.advance("30" as unknown as number), /^TypeError: seconds: want a number$/);
  assert.throws(() => clock.set(Number.NaN), /^TypeError: at: want a number$/);
  assert.throws(() => fakeClock(-1), /^RangeError: startAt: want 0 or more$/);
});

test("waits end in the order in which they are due, and not when they are canceled", async () => {
  const clock = fakeClock(0);
  const after = afterOn(clock);
  const ended: number[] = [];
  for (const seconds of [3, 1, 2]) after(seconds * 1_000, () => ended.push(seconds));
  after(2_000, () => ended.push(0))();
  clock.advance(0.999);
  await null;
  assert.deepEqual(ended, []);
  clock.advance(1.001);
  await null;
  assert.deepEqual(ended, [1, 2]);
  clock.advance(1);
  await null;
  assert.deepEqual(ended, [1, 2, 3]);
});

test("what was answered before the clock moved was in time", async () => {
  const { twoFactor, clock } = createTestTwoFactor();
  const status = twoFactor.status("ada");
  clock.advance(30);
  assert.equal((await status).state, "none");
});

test("a pause between retries passes without the clock", async () => {
  await new Promise<void>((resolve) => afterOn(fakeClock())(511, resolve));
});

test("a clock that cannot be moved is refused", () => {
  assert.throws(() => afterOn(Date.now as FakeClock), /^TypeError: clock: want what fakeClock returned$/);
});
