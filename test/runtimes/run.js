// Runs every suite on every runtime, then lets each runtime use what the others wrote, and prints what came of it.
// Arguments narrow it down: parts of the names of runtimes and of suites, in any order.
import { RUNTIMES } from "./runtimes.js";
import { exception, suites } from "./suites.js";

const EXCHANGE = "test/runtimes/exchange.ts";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const runtimes = narrow(RUNTIMES, ({ name }) => name);
const chosen = narrow([...suites()], ([name]) => name);
const reasons = [];
const faults = [];

print("tests that passed", await matrix(chosen, runTests));
for (const [i, reason] of reasons.entries()) console.log(`${LETTERS[i]}  ${reason}`);

const written = {};
for (const runtime of runtimes) {
  const result = await attempt(`${runtime.name} writes a record`, () => runtime.run(EXCHANGE, {}));
  if (result) written[runtime.name] = result.written;
}
const uses = new Map();
for (const runtime of runtimes) {
  const result = await attempt(`${runtime.name} uses records`, () => runtime.run(EXCHANGE, written));
  uses.set(runtime, result?.read ?? {});
}
const writers = Object.keys(written).map((name) => [name]);
print("written by (rows), used by", await matrix(writers, useRecord));

for (const fault of faults) console.error(`\n${fault}`);
console.log(faults.length === 0 ? "\nAll green." : `\n${faults.length} faults.`);
process.exit(faults.length === 0 ? 0 : 1);

function narrow(all, nameOf) {
  const found = all.filter((one) => wanted.some((word) => nameOf(one).toLowerCase().includes(word)));
  return found.length > 0 ? found : all;
}

/** A row for each of `rows`, a column for each runtime. */
async function matrix(rows, cell) {
  const lines = rows.map(([name]) => [name]);
  for (const runtime of runtimes) {
    for (const [i, row] of rows.entries()) lines[i].push(await cell(runtime, ...row));
  }
  return lines;
}

async function runTests(runtime, suite, files) {
  const reasonOf = (file) => exception(file, runtime.name);
  const marks = [...new Set(files.flatMap((file) => reasonOf(file) ?? []))].map(letter);
  const runnable = files.filter((file) => !reasonOf(file));
  if (runnable.length === 0) return marks.join("");
  const where = `${suite} on ${runtime.name}`;
  const startedAt = Date.now();
  const result = await attempt(where, () => runtime.test(runnable));
  console.error(`${where}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  if (!result) return "FAIL";
  const { passed, skips, ok, log } = result;
  if (!ok || passed === 0) faults.push(`${where}: ${passed === 0 ? "no test passed" : "failed"}\n${log}`);
  const skipped = [...new Set(skips)].map((reason) => letter(`some tests skip themselves: ${reason}`));
  return [ok ? passed : "FAIL", [...marks, ...skipped].join("")].join(" ").trim();
}

async function useRecord(runtime, writer) {
  const outcome = uses.get(runtime)[writer] ?? "missing";
  if (outcome !== "ok") faults.push(`${runtime.name} could not use the record of ${writer}: ${outcome}`);
  return outcome === "ok" ? "ok" : "FAIL";
}

/** A letter for a reason, the same each time. */
function letter(reason) {
  if (!reasons.includes(reason)) reasons.push(reason);
  return LETTERS[reasons.indexOf(reason)];
}

async function attempt(what, work) {
  try {
    return await work();
  } catch (error) {
    faults.push(`${what}: ${error.stack ?? error}`);
    return undefined;
  }
}

function print(title, lines) {
  const all = [[title, ...runtimes.map(({ name }) => name)], ...lines];
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => String(line[column]).length)));
  console.log(
    `\n${all.map((line) => line.map((cell, i) => String(cell).padEnd(widths[i])).join("  ")).join("\n")}\n`,
  );
}
