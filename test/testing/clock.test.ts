import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeClock, fakeClock, waitOn } from "../../src/testing/clock.ts";

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

test("waits end in the order in which they are due, when the clock has come so far, and not if canceled", async () => {
  const clock = fakeClock(0);
  const wait = waitOn(clock);
  const ended: number[] = [];
  for (const seconds of [3, 1, 2]) void wait(seconds * 1_000).done.then(() => ended.push(seconds));
  wait(1_000).cancel();
  const canceled = wait(2_000);
  void canceled.done.then(() => ended.push(0));
  canceled.cancel();
  clock.advance(0.999);
  await turn();
  assert.deepEqual(ended, []);
  clock.advance(1.001);
  await turn();
  assert.deepEqual(ended, [1, 2]);
  clock.advance(1);
  await turn();
  assert.deepEqual(ended, [1, 2, 3]);
});

test("a pause between retries passes without the clock", async () => {
  await waitOn(fakeClock())(511).done;
});

test("a clock that cannot be moved is refused", () => {
  assert.throws(() => waitOn(Date.now as FakeClock), /^TypeError: clock: want what fakeClock returned$/);
});

async function turn(): Promise<void> {
  for (let i = 0; i < 5; i++) await undefined;
}
