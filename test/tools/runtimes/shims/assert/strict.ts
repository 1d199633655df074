/** As much of node:assert/strict as the portable tests use, for runtimes that have none. */

type Expected = RegExp | object | ((error: unknown) => unknown);

class AssertionError extends Error {
  override name = "AssertionError";
}

function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function check(holds: boolean, message: unknown, fallback: () => string): asserts holds {
  if (holds) return;
  if (message instanceof Error) throw message;
  throw new AssertionError(typeof message === "string" ? message : fallback());
}

export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof RegExp && b instanceof RegExp) return String(a) === String(b);
  if (a instanceof Map && b instanceof Map) return same([...a], [...b]);
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((item) => b.has(item));
  if (a instanceof Error && b instanceof Error && (a.name !== b.name || a.message !== b.message))
    return false;
  const keys = Object.keys(a);
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key as never], b[key as never]))
  );
}

function matches(error: unknown, expected: Expected | undefined): boolean {
  if (expected === undefined) return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === "function") {
    if (expected.prototype !== undefined && error instanceof (expected as unknown as new () => unknown))
      return true;
    return (expected as (error: unknown) => unknown)(error) === true;
  }
  return Object.entries(expected).every(([key, value]) => {
    const actual = (error as Record<string, unknown>)[key];
    return value instanceof RegExp && typeof actual === "string" ? value.test(actual) : same(actual, value);
  });
}

/** Node takes a text in the place of what is expected as the message. */
const expectation = (expected: Expected | string | undefined): Expected | undefined =>
  typeof expected === "string" ? undefined : expected;

function ok(value: unknown, message?: unknown): asserts value {
  check(Boolean(value), message, () => `want something true, have ${show(value)}`);
}

const assert = Object.assign(ok as (value: unknown, message?: unknown) => void, {
  ok,
  fail(message?: unknown): never {
    check(false, message, () => "failed");
    throw new AssertionError("failed");
  },
  equal(a: unknown, b: unknown, message?: unknown) {
    check(Object.is(a, b), message, () => `want ${show(b)}, have ${show(a)}`);
  },
  notEqual(a: unknown, b: unknown, message?: unknown) {
    check(!Object.is(a, b), message, () => `want anything but ${show(b)}`);
  },
  deepEqual(a: unknown, b: unknown, message?: unknown) {
    check(same(a, b), message, () => `want ${show(b)}, have ${show(a)}`);
  },
  notDeepEqual(a: unknown, b: unknown, message?: unknown) {
    check(!same(a, b), message, () => `want anything but ${show(b)}`);
  },
  match(text: string, pattern: RegExp, message?: unknown) {
    check(
      typeof text === "string" && pattern.test(text),
      message,
      () => `want ${pattern}, have ${show(text)}`,
    );
  },
  doesNotMatch(text: string, pattern: RegExp, message?: unknown) {
    check(!pattern.test(text), message, () => `want no ${pattern}, have ${show(text)}`);
  },
  throws(run: () => unknown, expected?: Expected | string, message?: unknown) {
    let error: unknown;
    try {
      run();
    } catch (thrown) {
      check(matches(thrown, expectation(expected)), message, () => `want ${show(expected)}, have ${thrown}`);
      return;
    }
    check(false, message, () => `want a throw, have ${show(error)}`);
  },
  doesNotThrow(run: () => unknown) {
    run();
  },
  async rejects(
    run: Promise<unknown> | (() => Promise<unknown>),
    expected?: Expected | string,
    message?: unknown,
  ) {
    try {
      await (typeof run === "function" ? run() : run);
    } catch (thrown) {
      check(matches(thrown, expectation(expected)), message, () => `want ${show(expected)}, have ${thrown}`);
      return;
    }
    check(false, message, () => "want a rejection");
  },
  async doesNotReject(run: Promise<unknown> | (() => Promise<unknown>)) {
    await (typeof run === "function" ? run() : run);
  },
});

export default assert;
export const { equal, notEqual, deepEqual, notDeepEqual, match, doesNotMatch, throws, rejects, fail } =
  assert;
export { ok };
