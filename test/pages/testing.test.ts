import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { test } from "node:test";

// The same sign-in, tested with four runners as their users run them, against the built package.

const FOLDER = "examples/testing";
const MODULES = `${FOLDER}/node_modules`;
const needs = !existsSync(`${MODULES}/vitest`)
  ? `npm ci --prefix ${FOLDER}`
  : !existsSync("dist/testing/index.js")
    ? "npm run build"
    : undefined;
const skip = needs === undefined || process.env["CI"] ? false : `needs ${needs}`;

for (const [runner, passed] of Object.entries({
  node: /\bpass 2\b/,
  vitest: /Tests\s+2 passed/,
  jest: /Tests:\s+1 passed/,
  playwright: /1 passed/,
})) {
  test(`the example for ${runner} passes as its users run it`, { skip }, () => {
    assert.equal(needs, undefined, `run ${needs}`);
    if (!existsSync(`${MODULES}/twinlock`)) symlinkSync("../../..", `${MODULES}/twinlock`, "junction");
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const { stdout, stderr, status } = spawnSync("npm", ["run", "--silent", runner], {
      cwd: FOLDER,
      encoding: "utf8",
      env: { ...env, NO_COLOR: "1" },
      shell: process.platform === "win32",
    });
    const output = stdout + stderr;
    assert.equal(status, 0, output);
    assert.match(output, passed);
    assert.doesNotMatch(output, /\b[1-9]\d* (failed|skipped)/);
  });
}
