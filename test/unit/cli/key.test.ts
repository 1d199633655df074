import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";

let runs = 0;

/** Runs the command as a module of its own, and gives what it prints and its exit code. */
async function run(t: TestContext, ...args: string[]): Promise<{ out: string; err: string; code: unknown }> {
  const { argv, exitCode } = process;
  const out = t.mock.method(console, "log", () => {});
  const err = t.mock.method(console, "error", () => {});
  process.argv = ["node", "twinlock", ...args];
  try {
    await import(`../../../src/cli.ts?run=${++runs}`);
    const said = (calls: readonly { arguments: unknown[] }[]) =>
      calls.map((call) => call.arguments[0]).join("\n");
    return { out: said(out.mock.calls), err: said(err.mock.calls), code: process.exitCode };
  } finally {
    Object.assign(process, { argv, exitCode });
    t.mock.restoreAll();
  }
}

test("`twinlock key` prints a new key and nothing else", async (t) => {
  const [first, second] = [await run(t, "key"), await run(t, "key")];
  assert.match(first.out, /^[\w-]{43}$/);
  assert.notEqual(second.out, first.out);
  assert.deepEqual([first.err, first.code], ["", undefined]);
});

test("anything else prints the usage on the error stream and fails", async (t) => {
  for (const args of [[], ["keys"], ["key", "2"], ["--help", "key"]]) {
    const { out, err, code } = await run(t, ...args);
    assert.deepEqual([out, code], ["", 2]);
    assert.match(err, /^Usage: twinlock key /);
  }
});
