import assert from "node:assert/strict";
import { test } from "node:test";
import { createLimiter } from "../../../src/internal/limiter.ts";

type Priority = "urgent" | "patient";

/** A limiter whose tasks end when told to, and the order in which they started. */
function setup(slots: number) {
  const limiter = createLimiter(slots);
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const run = (priority: Priority, name: string) =>
    limiter(priority, () => {
      started.push(name);
      return new Promise<string>((resolve, reject) =>
        ends.set(name, (error) => (error ? reject(error) : resolve(name))),
      );
    });
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error);
    for (let i = 0; i < 10; i++) await null;
  };
  return { run, end, started };
}

test("as many tasks run at a time as there are slots", async () => {
  const { run, end, started } = setup(2);
  const runs = ["a", "b", "c"].map((name) => run("urgent", name));
  await end("nobody");
  assert.deepEqual(started, ["a", "b"]);
  await end("b");
  assert.deepEqual(started, ["a", "b", "c"]);
  await end("a");
  await end("c");
  assert.deepEqual(await Promise.all(runs), ["a", "b", "c"]);
});

test("what a person waits for goes before a batch, however long the batch has waited", async () => {
  const { run, end, started } = setup(2);
  for (let i = 0; i < 10; i++) void run("patient", `batch ${i}`);
  void run("urgent", "redemption 0");
  void run("urgent", "redemption 1");
  await end("batch 0");
  await end("batch 1");
  await end("redemption 0");
  assert.deepEqual(started, ["batch 0", "batch 1", "redemption 0", "redemption 1", "batch 2"]);
});

test("a task that fails makes room like any other", async () => {
  const { run, end, started } = setup(1);
  const failing = run("urgent", "a");
  void run("urgent", "b");
  const failed = assert.rejects(failing, /trouble/);
  await end("a", new Error("trouble"));
  await failed;
  assert.deepEqual(started, ["a", "b"]);
});

test("after a rush, all slots are free again", async () => {
  const { run, end, started } = setup(2);
  for (const name of ["a", "b", "c", "d"]) void run("patient", name);
  for (const name of ["a", "b", "c", "d"]) await end(name);
  void run("patient", "e");
  void run("patient", "f");
  void run("patient", "g");
  await end("nobody");
  assert.deepEqual(started.slice(4), ["e", "f"]);
});
