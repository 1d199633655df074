// The commands `key` and usage, and the tools that `check` is made of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../../src/cli/run.ts";
import { messageOf, within } from "../../../src/cli/terminal.ts";

/** Runs a command, and gives its exit code with what it printed as a result and as an error. */
async function ran(...args: string[]) {
  const [out, wrong]: [string[], string[]] = [[], []];
  const code = await run(args, { log: (line) => out.push(line), error: (line) => wrong.push(line) });
  return { code, out, wrong };
}

test("`twinlock key` prints a new key and nothing else", async () => {
  const [first, second] = [await ran("key"), await ran("key")];
  assert.deepEqual([first.code, first.wrong, first.out.length], [0, [], 1]);
  assert.match(String(first.out), /^[\w-]{43}$/);
  assert.notDeepEqual(second.out, first.out);
});

test("anything else prints the usage on the error stream and fails", async () => {
  const usage = `Usage: twinlock key             prints a new key for TWO_FACTOR_KEYS
       twinlock check MODULE    checks the options that a module exports, and their store`;
  for (const args of ["", "keys", "key 2", "--help key", "check", "check a b", "a b"])
    assert.deepEqual(await ran(...args.split(" ")), { code: 2, out: [], wrong: [usage] }, args);
});

test("a time limit says how long it was, and ends with the call", async (t) => {
  const timers: [end: () => void, ms: number][] = [];
  t.mock.method(globalThis, "setTimeout", (...timer: [() => void, number]) => timers.push(timer));
  const { mock } = t.mock.method(globalThis, "clearTimeout", () => {});
  assert.equal(await within(2, () => "answer"), "answer");
  assert.deepEqual([timers[0]?.[1], mock.calls[0]?.arguments], [2_000, [1]]);
  const late = within(3, () => new Promise(() => {}));
  timers[1]?.[0]();
  await assert.rejects(late, /^Error: no answer within 3 s$/);
});

test("an error is told in the first line that says something", () => {
  for (const [error, says] of [
    [new Error("away."), "away"],
    [new Error("a.b\nat once."), "a.b"],
    [{ message: "", code: "E1", errors: [{ message: "", code: "E2" }, new Error("second")] }, "E2"],
    [{ message: "", code: "E1", errors: [] }, "E1"],
    [{ code: "E1", errors: [new Error("first")] }, "first"],
    ["thrown", "thrown"],
    [null, "null"],
    [undefined, "undefined"],
  ])
    assert.equal(messageOf(error), says);
});
