// Runs the tests against one mutant after the other, in one process: a mutant is a value that the instrumented code
// reads. Arguments: a file to note results in, the ids to try, and the test files.
import { appendFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { tests } from "./node-test.js";

const [notes, ids, ...files] = process.argv.slice(2);
const note = (result) => appendFileSync(notes, `${JSON.stringify(result)}\n`);

const state = { mutantCoverage: { static: {}, perTest: {} } };
globalThis.__stryker__ = state;
for (const file of files) await import(pathToFileURL(file).href);

// Once without any mutant: which test reaches which.
const reaching = [];
for (const [i, { name, run }] of tests.entries()) {
  state.currentTestId = String(i);
  const before = performance.now();
  try {
    await run({});
  } catch (error) {
    note({ broken: name, message: String(error) });
    process.exit(1);
  }
  const mutants = new Set(Object.keys(state.mutantCoverage.perTest[i] ?? {}));
  reaching.push({ name, run, mutants, cost: performance.now() - before });
}
state.currentTestId = undefined;
reaching.sort((a, b) => a.cost - b.cost);

for (const id of JSON.parse(ids)) {
  note({ id, result: "timeout" }); // what it stays if this process has to be stopped
  const able = reaching.filter(({ mutants }) => mutants.has(id));
  state.activeMutant = id;
  let result = able.length > 0 ? "survived" : state.mutantCoverage.static[id] ? "static" : "not covered";
  for (const { run } of able) {
    try {
      await run({});
    } catch {
      result = "killed";
      break;
    }
  }
  state.activeMutant = undefined;
  note({ id, result });
}
