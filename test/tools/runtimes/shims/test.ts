/** As much of node:test as the portable tests use, for runtimes that have none. */

type Body = (t: Context) => unknown;
interface Options {
  skip?: boolean | string;
}
interface Context {
  skip(reason?: string): void;
  after(hook: Body): void;
  diagnostic(message: string): void;
  mock: { method(object: object, name: string, replacement: unknown): void };
  test(name: string, body: Body): Promise<void>;
}
interface Case {
  path: string;
  skip: boolean | string;
  body: Body;
}
interface Group {
  path: string;
  skip: boolean | string;
  items: (Group | Case)[];
  hooks: Record<"before" | "after" | "beforeEach" | "afterEach", Body[]>;
}

/** What came of the tests: how many passed and failed, why others were skipped, and what the failures say. */
interface Result {
  passed: number;
  failed: number;
  skips: string[];
  log: string;
}

const newGroup = (path: string, skip: boolean | string): Group => ({
  path,
  skip,
  items: [],
  hooks: { before: [], after: [], beforeEach: [], afterEach: [] },
});
let current = newGroup("", false);
let loading: Promise<unknown>[] = [];

export { mock } from "./mock.ts";
export { describe as suite, test as default, test as it };

export function test(name: string, options: Options | Body, body = options as Body): void {
  current.items.push({ path: `${current.path} > ${name}`, skip: (options as Options).skip ?? false, body });
}

export function describe(name: string, options: Options | Body, body = options as Body): void {
  const outer = current;
  current = newGroup(`${outer.path} > ${name}`, (options as Options).skip ?? false);
  outer.items.push(current);
  loading.push(Promise.resolve(body(NOTHING)));
  current = outer;
}

const hook = (when: keyof Group["hooks"]) => (body: Body) => void current.hooks[when].push(body);
export const before = hook("before");
export const after = hook("after");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");

const NOTHING: Context = {
  skip() {},
  after() {},
  diagnostic() {},
  mock: { method() {} },
  async test() {},
};

const platform = globalThis as { setImmediate?: (run: () => void) => unknown };
platform.setImmediate ??= (run) => setTimeout(run, 0);

/** Loads test files one after the other, and runs their tests. */
export async function runTests(loads: readonly (() => Promise<unknown>)[]): Promise<Result> {
  const result: Result = { passed: 0, failed: 0, skips: [], log: "" };
  for (const load of loads) {
    const file = newGroup("", false);
    current = file;
    loading = [];
    try {
      await load();
      await Promise.all(loading);
      await runGroup(file, [file], false, result);
    } catch (error) {
      fail(result, "outside a test", error);
    }
  }
  return result;
}

async function runGroup(
  group: Group,
  around: Group[],
  skip: boolean | string,
  result: Result,
): Promise<void> {
  if (!skip) for (const body of group.hooks.before) await body(NOTHING);
  for (const item of group.items) {
    const skipped = skip || item.skip;
    if ("items" in item) await runGroup(item, [...around, item], skipped, result);
    else if (skipped) result.skips.push(String(skipped));
    else await runCase(item, around, result);
  }
  if (!skip) for (const body of group.hooks.after) await body(NOTHING);
}

async function runCase({ path, body }: Omit<Case, "skip">, around: Group[], result: Result): Promise<void> {
  let skipped: string | undefined;
  const afterwards: Body[] = [];
  const context: Context = {
    skip: (reason = "it says so") => {
      skipped = reason;
    },
    after: (last) => void afterwards.push(last),
    diagnostic() {},
    mock: {
      method(object, name, replacement) {
        const original: unknown = Reflect.get(object, name);
        Reflect.set(object, name, replacement);
        afterwards.push(() => Reflect.set(object, name, original));
      },
    },
    test: (name, inner) => runCase({ path: `${path} > ${name}`, body: inner }, [], result),
  };
  try {
    for (const group of around) for (const each of group.hooks.beforeEach) await each(context);
    try {
      await body(context);
    } finally {
      for (const last of afterwards) await last(context);
    }
    for (const group of around) for (const each of group.hooks.afterEach) await each(context);
    if (skipped === undefined) result.passed++;
    else result.skips.push(skipped);
  } catch (error) {
    // workerd has the names of what it does not implement
    const missing = (error as { code?: unknown }).code === "ERR_METHOD_NOT_IMPLEMENTED";
    if (missing) result.skips.push((error as Error).message);
    else fail(result, path, error);
  }
}

function fail(result: Result, path: string, error: unknown): void {
  result.failed++;
  result.log += `${path}\n${error instanceof Error ? (error.stack ?? error.message) : error}\n`;
}
