import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { idsIn, matched, ROWS, type TestResult } from "./table.ts";

const result = (name: string, how: TestResult["result"] = "passed"): TestResult => ({
  name,
  file: "f",
  result: how,
});
const verdict = (id: string, ...results: TestResult[]) =>
  matched(results).lines.find(({ row }) => row.id === id)?.verdict;

test("a title names its rows as words, anywhere, alone or as a range", () => {
  assert.deepEqual(idsIn("V01 V37b: refused (H1, T2)"), ["V01", "V37b", "H1", "T2"]);
  assert.deepEqual(idsIn("writes the form: U2 to U4"), ["U2", "U3", "U4"]);
  assert.deepEqual(idsIn("keeps V09 to V11 apart"), ["V09", "V10", "V11"]);
});

test("what only looks like an id is none", () => {
  assert.deepEqual(idsIn("seed N1 to N7, seed N2: B1 to B3, SHA1, D1, T+1, xV01, V011, a-V01, N1x"), []);
});

test("a row is proved by a test that passed, and never by one that was skipped or is not there", () => {
  const id = "V01";
  assert.equal(verdict(id, result(id)), "proved");
  assert.equal(verdict(id, result(id), result(id, "failed")), "failed");
  assert.equal(verdict(id, result(id, "skipped")), "skipped");
  assert.equal(verdict(id), "no test");
});

test("a row with a reason has no test, and a test has a row", () => {
  const excused = ROWS.find((row) => row.without !== undefined);
  assert.ok(excused);
  assert.equal(verdict(excused.id), "not applicable");
  assert.equal(verdict(excused.id, result(excused.id)), "both");
  assert.deepEqual(matched([result("V99 x")]).unknown, ['V99 in "V99 x" (f)']);
});

test("every row has one id, a source and a sentence, and stands on the page", () => {
  assert.equal(new Set(ROWS.map((row) => row.id)).size, ROWS.length);
  const page = readFileSync("docs/standards.md", "utf8");
  for (const { id, requirement, source, without } of ROWS) {
    assert.deepEqual(idsIn(id), [id]);
    assert.ok(source !== "");
    for (const sentence of [requirement, without ?? requirement]) assert.match(sentence, /^[A-Z`].*\.$/);
    assert.ok(page.includes(`| ${id} |`), id);
  }
});
