import assert from "node:assert/strict";
import { test } from "node:test";
import { createTwoFactor } from "../../../src/two-factor/create.ts";
import type { TwoFactorEvent } from "../../../src/two-factor/event.ts";
import { codeFrom } from "../../support/phone.ts";
import { binding, enrolled, must, nextCode, outcome, USER, world, wrongCode } from "../../support/world.ts";

const told = (events: readonly TwoFactorEvent[]) =>
  events.flatMap(({ type, stepOffset }) => (type === "code_outside_window" ? [stepOffset] : []));

test("R19 a server's clock that is 90 s off: charged as ever, and the host hears by how much", async () => {
  const w = await enrolled();
  const code = nextCode(w);
  for (const seconds of [90, -90]) {
    const skewed = createTwoFactor({ ...w.options, clock: () => w.clock() + seconds * 1_000 });
    const failed = await skewed.verify(USER, code, { binding });
    assert.ok(!failed.ok);
    assert.equal(outcome(failed), "wrong_code");
    assert.equal(failed.attemptsLeft, seconds === 90 ? 4 : 3);
    assert.ok(!JSON.stringify(failed).includes("tepOffset"), "the caller is told nothing");
  }
  assert.deepEqual(told(w.events), [-3, 3]);
  assert.ok(!JSON.stringify(w.events).includes(code), "no event holds the code");
});

test("R19 a wrong code tells of the clock ten steps beyond the window, and once a minute", async () => {
  for (const [steps, heard] of [
    [-11, true],
    [12, false],
  ] as const) {
    const w = await enrolled();
    await w.twoFactor.verify(USER, codeFrom(w.keyUri, w.clock, steps), { binding });
    assert.deepEqual(told(w.events), heard ? [steps] : [], `${steps} steps`);
    await w.twoFactor.verify(USER, codeFrom(w.keyUri, w.clock, steps), { binding });
    assert.equal(told(w.events).length, heard ? 1 : 0, "once a minute");
  }
});

test("R19 a code that is wrong at all near times sends no event, nor does a right one", async () => {
  const w = await enrolled();
  await w.twoFactor.verify(USER, wrongCode(w), { binding });
  must(await w.twoFactor.verify(USER, nextCode(w), { binding }));
  assert.deepEqual(told(w.events), []);
});

test("R19 the first code of an enrollment tells of the clock, too", async () => {
  const w = world();
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }));
  const code = codeFrom(begun.keyUri, w.clock, 3);
  const { enrollmentId } = begun;
  const failed = await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding });
  assert.equal(outcome(failed), "wrong_code");
  assert.deepEqual(told(w.events), [3]);
});
