import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

test("I7 I11 I15 what the calls take and give compiles under exact types, and misuse does not", () => {
  const compiler = ["node_modules/typescript/bin/tsc", "-p", "test/unit/types"];
  const { stdout, status } = spawnSync(process.execPath, compiler, { encoding: "utf8" });
  assert.equal(stdout, "");
  assert.equal(status, 0);
});
