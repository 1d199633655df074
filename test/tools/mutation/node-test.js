// Collects tests in place of node:test, so that one process can run each of them against every mutant: any test alone,
// in any order, again and again. A suite's `before` runs once, `after` never: the process ends, and its folder goes.
import { mock } from "node:test";

export const tests = [];

const suiteOf = (name, parent) => ({ name, parent, before: [], beforeEach: [], afterEach: [] });
let suite = suiteOf("", null);

/** A function, with or without options before it. */
function parts(rest) {
  const options = rest.find((part) => typeof part === "object");
  return { run: rest.at(-1), skipped: Boolean(options?.skip) };
}

/** A suite and those around it, the outermost first. */
const around = (inner) => (inner ? [...around(inner.parent), inner] : []);

async function runWithHooks(suites, run) {
  const cleanups = suites.flatMap(({ afterEach }) => afterEach);
  const context = { mock, after: (hook) => void cleanups.unshift(hook), diagnostic() {}, skip() {} };
  try {
    for (const { beforeEach } of suites) for (const hook of beforeEach) await hook();
    await run(context);
  } finally {
    for (const hook of cleanups) await hook();
    mock.restoreAll();
  }
}

export function test(name, ...rest) {
  const { run, skipped } = parts(rest);
  const suites = around(suite);
  // The last test of the contract kit closes the connections, which the others need again.
  if (skipped || name === "store contract: closes") return;
  tests.push({
    name: [...suites.map((one) => one.name).filter(Boolean), name].join(" > "),
    prepare: async () => {
      for (const { before } of suites) for (const hook of before.splice(0)) await hook();
    },
    run: () => runWithHooks(suites, run),
  });
}

export function describe(name, ...rest) {
  const { run, skipped } = parts(rest);
  if (skipped) return;
  suite = suiteOf(name, suite);
  run();
  suite = suite.parent;
}

export const before = (hook) => void suite.before.push(hook);
export const beforeEach = (hook) => void suite.beforeEach.push(hook);
export const afterEach = (hook) => void suite.afterEach.push(hook);
export const after = () => {};

export { describe as suite, mock, test as it };
