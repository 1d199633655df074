// Collects tests in place of node:test, so that one process can run each of them against every mutant.
export const tests = [];

const names = [];

export function test(name, ...rest) {
  tests.push({ name: [...names, name].join(" > "), run: rest.at(-1) });
}

export function describe(name, ...rest) {
  names.push(name);
  rest.at(-1)();
  names.pop();
}

export { describe as suite, test as it };
