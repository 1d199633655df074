import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { after } from "../../../src/internal/timer.ts";

test("what is to run later runs after its time, and not when it was called off", (context) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  const ran: string[] = [];
  after(20, () => ran.push("long"));
  after(10, () => ran.push("short"));
  after(10, () => ran.push("called off"))();
  mock.timers.tick(9);
  assert.deepEqual(ran, []);
  mock.timers.tick(1);
  assert.deepEqual(ran, ["short"]);
  mock.timers.tick(10);
  assert.deepEqual(ran, ["short", "long"]);
});

test("what has run may still be called off, and twice", (context) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  const ran: string[] = [];
  const cancel = after(1, () => ran.push("ran"));
  mock.timers.tick(1);
  cancel();
  cancel();
  assert.deepEqual(ran, ["ran"]);
});
