/**
 * Node 20 reads the source of a failing `assert.ok(x)` to make a message of it. It looks in the TypeScript for a place
 * that is one in the JavaScript which tsx made of it, and quotes another expression, or parses for minutes. With a
 * message of ours a failure is told at once.
 */

import assert from "node:assert/strict";

const { ok } = assert;

function okAtOnce(value, message = "the value is not truthy") {
  if (value) return;
  if (message instanceof Error) throw message;
  throw new assert.AssertionError({
    message,
    actual: value,
    expected: true,
    operator: "==",
    stackStartFn: okAtOnce,
  });
}

if (process.versions.node.startsWith("20.")) assert.ok = Object.assign(okAtOnce, ok);
