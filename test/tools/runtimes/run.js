// Runs every suite on every runtime, then lets each runtime use what the others wrote, and prints what came of it.
// Arguments narrow it down: parts of the names of runtimes and of suites, in any order.
import { availableParallelism } from "node:os";
import { RUNTIMES } from "./runtimes.js";
import { exception, suites } from "./suites.js";

const EXCHANGE = "test/tools/runtimes/exchange.ts";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const LONGEST = 600_000; // ms for one suite on one runtime, so that a test that waits for ever is named

const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const runtimes = narrow(RUNTIMES, ({ name }) => name);
const chosen = narrow([...suites()], ([name]) => name);
const faults = [];
let tests = 0;

const startedAt = Date.now();
print("tests that passed", await matrix(chosen, runTests));

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
const seconds = Math.round((Date.now() - startedAt) / 1000);
const verdict = faults.length === 0 ? "All green" : `${faults.length} faults`;
console.log(`\n${verdict}: ${tests} tests passed on ${runtimes.length} runtimes in ${seconds} s.`);
process.exit(faults.length === 0 ? 0 : 1);

function narrow(all, nameOf) {
  const found = all.filter((one) => wanted.some((word) => nameOf(one).toLowerCase().includes(word)));
  return found.length > 0 ? found : all;
}

/**
 * Fills a line for each of `rows` with a cell for each runtime, as many at once as there are cores; never two of one
 * row, whose tests share a table of a database.
 */
async function matrix(rows, cell) {
  const lines = rows.map(([name]) => [name]);
  const left = runtimes.flatMap((runtime, column) =>
    rows.map((row, line) => ({ runtime, column, row, line })),
  );
  const busy = new Set();
  async function lane() {
    for (;;) {
      const next = left.findIndex(({ line }) => !busy.has(line));
      if (next < 0) return; // what is left follows on what another lane does
      const [{ runtime, column, row, line }] = left.splice(next, 1);
      busy.add(line);
      lines[line][column + 1] = await cell(runtime, ...row);
      busy.delete(line);
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return lines;
}

/** What to print, and the reasons for what did not run. */
async function runTests(runtime, suite, files) {
  const reasonOf = (file) => exception(file, runtime.name);
  const reasons = files.flatMap((file) => reasonOf(file) ?? []);
  const runnable = files.filter((file) => !reasonOf(file));
  if (runnable.length === 0) return { text: "", reasons };
  const where = `${suite} on ${runtime.name}`;
  const began = Date.now();
  const result = await attempt(where, () => runtime.test(runnable));
  if (process.stderr.isTTY) console.error(`${where}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  if (!result) return { text: "FAIL", reasons };
  const { passed, skips, ok, log } = result;
  if (!ok || passed === 0) faults.push(`${where}: ${passed === 0 ? "no test passed" : "failed"}\n${log}`);
  tests += passed;
  return {
    text: ok ? `${passed} ` : "FAIL ",
    reasons: [...reasons, ...skips.map((reason) => `some tests skip themselves: ${reason}`)],
  };
}

async function useRecord(runtime, writer) {
  const outcome = uses.get(runtime)[writer] ?? "missing";
  if (outcome !== "ok") faults.push(`${runtime.name} could not use the record of ${writer}: ${outcome}`);
  return { text: outcome === "ok" ? "ok" : "FAIL", reasons: [] };
}

async function attempt(what, work) {
  const late = AbortSignal.timeout(LONGEST);
  const silence = new Promise((_, reject) => {
    late.onabort = () => reject(new Error(`no answer within ${LONGEST / 60_000} minutes`));
  });
  try {
    return await Promise.race([work(), silence]);
  } catch (error) {
    faults.push(`${what}: ${error.stack ?? error}`);
    return undefined;
  }
}

/** Prints the lines as a table, with a letter for each reason, and what the letters mean. */
function print(title, lines) {
  const reasons = [...new Set(lines.flatMap(([, ...cells]) => cells.flatMap((cell) => cell.reasons)))];
  const marks = (cell) =>
    [...new Set(cell.reasons)].map((reason) => LETTERS[reasons.indexOf(reason)]).join("");
  const all = [
    [title, ...runtimes.map(({ name }) => name)],
    ...lines.map(([name, ...cells]) => [name, ...cells.map((cell) => (cell.text + marks(cell)).trim())]),
  ];
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)));
  console.log(
    `\n${all.map((line) => line.map((cell, i) => cell.padEnd(widths[i])).join("  ")).join("\n")}\n`,
  );
  for (const [i, reason] of reasons.entries()) console.log(`${LETTERS[i]}  ${reason}`);
}
