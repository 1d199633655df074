import assert from "node:assert/strict";
import { test } from "node:test";
import { after } from "../../src/internal/timer.ts";

const called = (ms: number): Promise<void> => new Promise((resolve) => after(ms, resolve));

test("what is to run later runs after its time, and not when it was called off", async () => {
  const ran: string[] = [];
  after(2, () => ran.push("long"));
  after(1, () => ran.push("short"));
  after(1, () => ran.push("called off"))();
  assert.deepEqual(ran, []);
  await called(3);
  assert.deepEqual(ran, ["short", "long"]);
});

test("what has run may still be called off, and twice", async () => {
  const ran: string[] = [];
  const cancel = after(1, () => ran.push("ran"));
  await called(2);
  cancel();
  cancel();
  assert.deepEqual(ran, ["ran"]);
});
