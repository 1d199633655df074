import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEFECTS } from "./list.ts";

// `npm run tool -- defects` plants them. What is cheap to check is checked with every change, so that the list stays true.

test("every planted defect changes one place that is there", () => {
  const lost = DEFECTS.filter(({ file, find, replace }) => {
    const places = readFileSync(file, "utf8").split(find).length - 1;
    return places !== 1 || find === replace;
  });
  assert.deepEqual(
    lost.map(({ name, file, find }) => `${name}: ${file} has not exactly one ${JSON.stringify(find)}`),
    [],
  );
});

/** Part of a title that stands in a test file as it is; the rest may be put together. */
const LITERAL = 20;

test("every planted defect has a name of its own, and a test that is named for it", () => {
  assert.equal(new Set(DEFECTS.map(({ name }) => name)).size, DEFECTS.length);
  assert.ok(DEFECTS.length >= 30);
  for (const { name, test: file, caughtBy } of DEFECTS) {
    const text = readFileSync(`test/${file}.test.ts`, "utf8");
    const parts = Array.from({ length: caughtBy.length - LITERAL }, (_, i) => caughtBy.slice(i, i + LITERAL));
    assert.ok(
      parts.some((part) => text.includes(part)),
      `${name}: ${file} has no test "${caughtBy}"`,
    );
  }
});
