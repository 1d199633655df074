import assert from "node:assert/strict";
import { test } from "node:test";
import { idsIn, matched, pageWith, ROWS, type TestResult } from "./table.ts";

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

test("text that only looks like an id is none", () => {
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

test("every row has one id, a source and a sentence", () => {
  assert.ok(ROWS.length > 150);
  assert.equal(new Set(ROWS.map((row) => row.id)).size, ROWS.length);
  for (const { id, requirement, source, without } of ROWS) {
    assert.deepEqual(idsIn(id), [id]);
    assert.ok(source !== "");
    for (const sentence of [requirement, without ?? requirement]) assert.match(sentence, /^[A-Z`].*\.\*?$/);
  }
});

test("the page links the files of a row's tests, and keeps the reason of a row without", () => {
  const page = "| V01 | It holds. | here | |\n| V02 | Not ours. | there | *Later.* |\n";
  const row = { id: "V01", requirement: "It holds.", source: "here", without: undefined };
  const tests = ["b", "a", "b"].map((name) => ({ ...result("V01"), file: `test/unit/${name}.test.ts` }));
  assert.equal(
    pageWith(page, [{ row, tests, verdict: "proved" }]),
    "| V01 | It holds. | here | [unit/a](../test/unit/a.test.ts), [unit/b](../test/unit/b.test.ts) |\n| V02 | Not ours. | there | *Later.* |\n",
  );
});
