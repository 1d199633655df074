/**
 * Plants each defect alone in a copy of the project, and fails unless the test that is named for it fails.
 *
 *     npm run tool -- defects                all of them
 *     npm run tool -- defects replay nonce   those whose name, file or test holds one of the words
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { TestResult } from "../standards/table.ts";
import { DEFECTS, type Defect } from "./list.ts";

/** A defect may make a test go on for ever; what failed before counts. */
const PATIENCE_MS = 180_000;

const { positionals } = parseArgs({ allowPositionals: true });
const chosen = DEFECTS.filter(
  ({ name, file, test }) =>
    positionals.length === 0 || positionals.some((word) => `${name} ${file} ${test}`.includes(word)),
);
if (chosen.length === 0) throw new Error("no defect holds these words");

const copy = mkdtempSync(join(tmpdir(), "defects-"));
process.once("exit", () => rmSync(copy, { recursive: true }));
for (const name of ["src", "test", "docs", "examples", "package.json", "tsconfig.json"]) {
  cpSync(name, join(copy, name), { recursive: true, filter: (path) => !path.includes("node_modules") });
}
symlinkSync(resolve("node_modules"), join(copy, "node_modules"), "junction");

const problems: string[] = [];
const sound = resultsOf([...new Set(chosen.map(({ test }) => test))]);
const broken = sound.filter(({ result }) => result === "failed").map(({ name }) => name);
if (broken.length > 0) throw new Error(`without any defect these fail:\n${broken.join("\n")}`);
const titles = new Set(sound.map(({ name }) => name));
for (const defect of chosen) {
  if (!titles.has(defect.caughtBy)) console.log(`        no test passes that is called "${defect.caughtBy}"`);
  const failed = plant(defect);
  const caught = failed.includes(defect.caughtBy);
  console.log(`${caught ? "caught" : "MISSED"}  ${defect.name}`);
  if (caught) continue;
  problems.push(defect.name);
  console.log(
    `        wanted: ${defect.caughtBy}\n        failed: ${failed.join("\n                ") || "nothing"}`,
  );
}
console.log(
  `\n${chosen.length - problems.length} of ${chosen.length} planted defects are caught by the test named for them`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

function plant({ file, find, replace, test }: Defect): readonly string[] {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  if (text.split(find).length !== 2)
    throw new Error(`${file}: ${JSON.stringify(find)} must stand there once`);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  try {
    return resultsOf([test])
      .filter(({ result }) => result === "failed")
      .map(({ name }) => name);
  } finally {
    writeFileSync(path, text);
  }
}

/** What became of the tests in these files. */
function resultsOf(tests: readonly string[]): readonly TestResult[] {
  const reporter = join(copy, "test/tools/standards/reporter.js");
  const files = tests.map((test) => `test/${test}.test.ts`);
  const preloads = ["--import", "tsx", "--import", "./test/support/assert-message.js"];
  const options = [...preloads, "--test", `--test-reporter=${reporter}`];
  const run = spawnSync(process.execPath, [...options, ...files], {
    cwd: copy,
    encoding: "utf8",
    timeout: PATIENCE_MS * tests.length,
  });
  const lines = run.stdout.split("\n").filter((line) => line.startsWith("{"));
  if (lines.length === 0 && run.signal === null) throw new Error(`no test ran in ${files}: ${run.stderr}`);
  return lines.map((line) => JSON.parse(line) as TestResult);
}
