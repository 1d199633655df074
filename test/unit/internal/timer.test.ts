import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { after } from "../../../src/internal/timer.ts";

test("a task runs after its time, and not if it was canceled", (context) => {
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

test("a task that has run may still be canceled, also twice", (context) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  context.after(() => mock.timers.reset());
  const ran: string[] = [];
  const cancel = after(1, () => ran.push("ran"));
  mock.timers.tick(1);
  cancel();
  cancel();
  assert.deepEqual(ran, ["ran"]);
});
