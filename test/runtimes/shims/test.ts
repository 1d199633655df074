/** As much of node:test as the portable tests use, for runtimes that have none. */

type Body = (t: Context) => unknown;
type Options = { skip?: boolean | string; timeout?: number; concurrency?: boolean | number };
interface Context {
  skip(reason?: string): void;
  test(name: string, body: Body): Promise<void>;
  diagnostic(message: string): void;
}
interface Group {
  path: string;
  skip: boolean;
  items: (Group | { path: string; skip: boolean; body: Body })[];
  before: Body[];
  after: Body[];
  beforeEach: Body[];
  afterEach: Body[];
}

const newGroup = (path: string, skip: boolean): Group => ({
  path,
  skip,
  items: [],
  before: [],
  after: [],
  beforeEach: [],
  afterEach: [],
});
let current = newGroup("", false);
const loading: Promise<unknown>[] = [];

/** (name, options, body) with the options left out or not. */
const split = <T>(options: Options | T, body?: T): [boolean, T] =>
  body === undefined
    ? [false, options as T]
    : [Boolean((options as Options).skip), body];

export function test(name: string, options: Options | Body, body?: Body): void {
  const [skip, run] = split(options, body);
  current.items.push({ path: `${current.path} > ${name}`, skip, body: run });
}
export const it = test;

export function describe(name: string, options: Options | (() => unknown), body?: () => unknown): void {
  const [skip, run] = split(options, body);
  const outer = current;
  current = newGroup(`${outer.path} > ${name}`, skip);
  outer.items.push(current);
  loading.push(Promise.resolve(run()));
  current = outer;
}
export const suite = describe;

export const before = (body: Body): number => current.before.push(body);
export const after = (body: Body): number => current.after.push(body);
export const beforeEach = (body: Body): number => current.beforeEach.push(body);
export const afterEach = (body: Body): number => current.afterEach.push(body);
export default test;

interface Result {
  passed: number;
  failed: number;
  skipped: number;
  log: string;
}

async function runCase(path: string, body: Body, around: Group[], result: Result): Promise<void> {
  let skipped = false;
  const context: Context = {
    skip: () => {
      skipped = true;
    },
    diagnostic: () => {},
    test: (name, inner) => runCase(`${path} > ${name}`, inner, [], result),
  };
  try {
    for (const group of around) for (const hook of group.beforeEach) await hook(context);
    await body(context);
    for (const group of around) for (const hook of group.afterEach) await hook(context);
    result[skipped ? "skipped" : "passed"]++;
  } catch (error) {
    result.failed++;
    result.log += `${path}\n${error instanceof Error ? (error.stack ?? error.message) : error}\n`;
  }
}

async function runGroup(group: Group, around: Group[], skip: boolean, result: Result): Promise<void> {
  const context = { skip() {}, diagnostic() {}, test: async () => {} };
  if (!skip) for (const hook of group.before) await hook(context);
  for (const item of group.items) {
    if ("items" in item) await runGroup(item, [...around, item], skip || item.skip, result);
    else if (skip || item.skip) result.skipped++;
    else await runCase(item.path, item.body, around, result);
  }
  if (!skip) for (const hook of group.after) await hook(context);
}

/** Loads test files one after the other, runs their tests and counts. */
export async function runTests(loads: readonly (() => Promise<unknown>)[]): Promise<Result> {
  const result = { passed: 0, failed: 0, skipped: 0, log: "" };
  for (const load of loads) {
    const file = newGroup("", false);
    current = file;
    loading.length = 0;
    try {
      await load();
      await Promise.all(loading);
      await runGroup(file, [file], false, result);
    } catch (error) {
      result.failed++;
      result.log += `${error instanceof Error ? error.stack : error}\n`;
    }
  }
  return result;
}
