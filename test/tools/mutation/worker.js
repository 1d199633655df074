// Runs tests in one process, against one mutant after the other: a mutant is a value that the instrumented code reads.
// Arguments: a file to note results in, then `explore` and a test file, or `try` and a file of mutants with their tests.
import { appendFileSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { tests } from "./node-test.js";
import "../../support/assert-message.js";

const [notes, mode, argument] = process.argv.slice(2);
const LIMIT_MS = mode === "explore" ? 50_000 : 6_000; // what takes a quarter of it is left out
const note = (result) => appendFileSync(notes, `${JSON.stringify(result)}\n`);

const state = { mutantCoverage: { static: {}, perTest: {} } };
globalThis.__stryker__ = state;

const files = new Map();

async function testsOf(file) {
  if (!files.has(file)) {
    const first = tests.length;
    await import(pathToFileURL(file).href);
    files.set(file, tests.slice(first));
  }
  return files.get(file);
}

let fail = () => {};
for (const trouble of ["uncaughtException", "unhandledRejection"])
  process.on(trouble, (error) => fail(error ?? new Error(trouble)));
process.on("beforeExit", () => fail(new Error("nothing is left that could end the test")));

/** Why a test fails, if it does: it throws, something throws behind its back, or it does not end. */
async function failureOf(run) {
  let limit;
  try {
    await new Promise((passed, failed) => {
      fail = failed;
      limit = setTimeout(() => failed(new Error("takes too long")), LIMIT_MS).unref();
      run().then(() => setImmediate(passed), failed);
    });
  } catch (error) {
    return error ?? new Error("threw nothing");
  } finally {
    clearTimeout(limit);
  }
  return undefined;
}

/** Once without any mutant: which test reaches which, what it costs, and whether it can be run again. */
async function explore(file) {
  for (const [index, { name, prepare, run }] of (await testsOf(file)).entries()) {
    await prepare();
    state.currentTestId = `test ${index}`;
    const start = process.cpuUsage();
    const error = await failureOf(run);
    const { user, system } = process.cpuUsage(start);
    state.currentTestId = "again";
    const again = error ?? (await failureOf(run));
    state.currentTestId = undefined;
    const hits = state.mutantCoverage.perTest[`test ${index}`] ?? {};
    const cost = (user + system) / 1000;
    note({ index, name, cost, hits, fails: again && String(again) });
  }
  note({ loads: Object.keys(state.mutantCoverage.static) });
}

/** One mutant after the other, each until a test fails with it, passes without it, and fails with it again. */
async function tryAll(jobs) {
  for (const [i, { id, tests: able }] of jobs.entries()) {
    let result = "survived";
    for (const { file, index, hits } of able) {
      note({ id, result: "timeout" }); // what it stays if this test stands still and the process has to be stopped
      const { prepare, run } = (await testsOf(file))[index];
      await prepare();
      const fails = async (activeMutant) => {
        Object.assign(state, { activeMutant, hitCount: 0, hitLimit: 1_000 + 100 * hits });
        const error = await failureOf(run);
        state.activeMutant = undefined;
        return error !== undefined;
      };
      if (!(await fails(id))) continue;
      if (await fails(undefined)) {
        // This mutant, or one before it, has spoiled the process: only the first of a process is believed.
        note(i === 0 ? { id, result: "killed", spoiled: { file, index, hits } } : { id, result: "again" });
        process.exit(0);
      }
      if (!(await fails(id))) continue; // it was chance
      result = "killed";
      break;
    }
    note({ id, result });
  }
}

/** One mutant that acts as modules load: it is awake from the start, by the environment, in children too. */
async function tryLoading([{ id, tests: able }]) {
  note({ id, result: "timeout" });
  state.hitLimit = 1_000_000;
  state.hitCount = 0;
  for (const { file, index } of able) {
    const error = await failureOf(async () => {
      const { prepare, run } = (await testsOf(file))[index];
      await prepare();
      await run();
    });
    if (error) return note({ id, result: "killed" });
  }
  note({ id, result: "survived" });
}

const jobs = () => JSON.parse(readFileSync(argument, "utf8"));
if (mode === "explore") await explore(argument);
else if (process.env.__STRYKER_ACTIVE_MUTANT__) await tryLoading(jobs());
else await tryAll(jobs());
process.exit(0);
