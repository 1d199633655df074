import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { plotted, spoken, withTables } from "../../../docs/guessing/tables.ts";

const REWRITE = "run `npm ci && npm run write` in docs/guessing";

test("A1 the tables on guessing are those that the code gives", () => {
  const page = readFileSync("docs/guessing.md", "utf8");
  assert.equal(withTables(page), page, REWRITE);
});

test("the picture of the odds was drawn from the figures that the code gives", () => {
  assert.ok(readFileSync("docs/images/guess-risk.svg", "utf8").includes(plotted()), REWRITE);
});

test("odds are said to two digits", () => {
  const said = [3e-6, 2.9996e-4, 9.9996e-5, 1.24e-3, 0.00949, 0.0096, 0.65, 1, 0, 1e-13].map(spoken);
  assert.deepEqual(said, [
    "3 in 1,000,000",
    "3 in 10,000",
    "1 in 10,000",
    "1.2 in 1,000",
    "9.5 in 1,000",
    "0.96 %",
    "65 %",
    "100 %",
    ...Array<string>(2).fill("less than 1 in 1,000,000,000,000"),
  ]);
});
