import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { wait } from "../../src/internal/timer.ts";

test("a wait ends after its time, and a canceled one does not", async (context) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  const ended: string[] = [];
  const long = wait(20);
  const short = wait(10);
  const canceled = wait(10);
  void long.done.then(() => ended.push("long"));
  void short.done.then(() => ended.push("short"));
  void canceled.done.then(() => ended.push("canceled"));
  canceled.cancel();
  mock.timers.tick(9);
  await Promise.resolve();
  assert.deepEqual(ended, []);
  mock.timers.tick(1);
  await short.done;
  assert.deepEqual(ended, ["short"]);
  mock.timers.tick(10);
  await long.done;
  assert.deepEqual(ended, ["short", "long"]);
});

test("what has ended may still be canceled, and twice", async (context) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  const waiting = wait(1);
  mock.timers.tick(1);
  await waiting.done;
  waiting.cancel();
  waiting.cancel();
});
