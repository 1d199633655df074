/**
 * Prints every requirement with its tests and their results; fails on a row without a test or a reason.
 *
 *     npm run tool -- standards                          runs the tests first
 *     npm run tool -- standards otp rules             runs those whose path holds "otp" or "rules"
 *     npm run tool -- standards --results FILE        reads what `reporter.js` wrote
 *     npm run tool -- standards --write               also writes the last column of docs/standards.md
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { type Line, matched, PAGE, pageWith, type TestResult } from "./table.ts";

const FAILURES: ReadonlySet<Line["verdict"]> = new Set(["failed", "no test", "both"]);

const { values, positionals } = parseArgs({
  options: { results: { type: "string" }, write: { type: "boolean" } },
  allowPositionals: true,
});
const inCi = Boolean(process.env["CI"]);
const { lines, unknown } = matched(readResults(values.results ?? runTests()));
const written = readFileSync(PAGE, "utf8");
const page = pageWith(written, lines);
if (values.write) writeFileSync(PAGE, page);

for (const { row, tests, verdict } of lines) {
  console.log(`${row.id.padEnd(4)} ${verdict.padEnd(14)} ${row.requirement}`);
  if (row.without !== undefined) console.log(`     ${row.without}`);
  for (const { file, name, result } of tests)
    console.log(`     ${result === "passed" ? "" : `${result}: `}${file}: ${name}`);
}

const problems = [
  ...lines.filter(({ verdict }) => FAILURES.has(verdict)).map(({ row, verdict }) => `${row.id}: ${verdict}`),
  ...lines
    .filter(({ verdict }) => inCi && verdict === "skipped")
    .map(({ row }) => `${row.id}: only skipped tests`),
  ...unknown.map((id) => `no such row: ${id}`),
  ...(inCi && written !== page ? [`${PAGE} is out of date: npm run tool -- standards --write`] : []),
];
const proved = lines.filter(({ verdict }) => verdict === "proved").length;
const reasons = lines.filter(({ verdict }) => verdict === "not applicable").length;
console.log(
  `\n${lines.length} rows: ${proved} proved, ${reasons} with a reason, ${lines.length - proved - reasons} open`,
);
for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function runTests(): string {
  const folder = mkdtempSync(join(tmpdir(), "standards-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const file = join(folder, "results.jsonl");
  const reporters = [
    `--test-reporter=dot --test-reporter-destination=stdout`,
    `--test-reporter=${join(import.meta.dirname, "reporter.js")} --test-reporter-destination=${file}`,
  ];
  const env = { ...process.env, NODE_OPTIONS: reporters.join(" ") };
  const wanted = positionals.length > 0 ? positionals : ["test/"]; // the pages too
  const { status } = spawnSync(process.execPath, ["test/run.js", ...wanted], { stdio: "inherit", env });
  if (status === null) throw new Error("the tests were stopped");
  return file;
}

function readResults(file: string): TestResult[] {
  const texts = readFileSync(file, "utf8")
    .split("\n")
    .filter((text) => text !== "");
  return texts.map((text) => {
    const result = JSON.parse(text) as TestResult;
    return { ...result, file: relative(process.cwd(), result.file) };
  });
}
