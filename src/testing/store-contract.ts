/** The conformance kit for stores. */

import { checkOptions } from "../internal/check.ts";
import type { UserStore } from "../store.ts";
import { type Bench, type Check, freshId, runCheck, want } from "./contract/bench.ts";
import { idChecks } from "./contract/ids.ts";
import { raceChecks, rollbackChecks } from "./contract/races.ts";
import { valueChecks } from "./contract/values.ts";
import { writeChecks } from "./contract/writes.ts";

const CHECKS: readonly Check[] = [...idChecks, ...valueChecks, ...writeChecks, ...raceChecks];

/**
 * Registers the checks of the store contract with your test runner: node:test, vitest, jest or any other whose `test`
 * takes a name and an async function.
 *
 * Every check uses user ids of its own, so the table may hold other rows, and nothing is cleaned up. A failure says
 * which clause of the contract broke, what was seen, and how to mend the store.
 *
 * @param test - the runner's `test`.
 * @param makeStore - makes the store under test. It is called once per check, and may return the same store each time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryStore } from "twinlock/stores/memory";
 * import { userStoreTests } from "twinlock/testing";
 *
 * const checks: (() => Promise<void>)[] = [];
 * userStoreTests((_name, run) => checks.push(run), memoryStore); // in a test file: userStoreTests(test, ...)
 * for (const run of checks) await run();
 * assert.ok(checks.length >= 40);
 * ```
 */
export function userStoreTests(
  test: (name: string, run: () => Promise<void>) => unknown,
  makeStore: () => UserStore | Promise<UserStore>,
  options: {
    /** Makes a store over a second connection to the same data. Without it the two-connection checks use one. */
    second?: (() => UserStore | Promise<UserStore>) | undefined;
    /**
     * Begins a transaction as the application does, runs the work and rolls back. What the store wrote must stay. Pass it
     * if your application has transactions that the store could be drawn into.
     */
    rollback?: ((work: () => Promise<void>) => Promise<void>) | undefined;
    /** Runs after the last check: ends pools, drops tables. */
    close?: (() => Promise<void>) | undefined;
  } = {},
): void {
  if (typeof test !== "function") throw new TypeError("test: want your runner's test function");
  if (typeof makeStore !== "function") throw new TypeError("makeStore: want a function that gives a store");
  checkOptions("options", options, ["second", "rollback", "close"], "");
  const { second, rollback, close } = options;
  for (const check of rollback ? [...CHECKS, ...rollbackChecks(rollback)] : CHECKS) {
    const name = `store contract ${check.clause}: ${check.name}`;
    test(name, () => runCheck(check, () => benchOf(makeStore, second)));
  }
  if (close) test("store contract: closes", () => close());
}

async function benchOf(
  makeStore: () => UserStore | Promise<UserStore>,
  second: (() => UserStore | Promise<UserStore>) | undefined,
): Promise<Bench> {
  const store = await makeStore();
  const other = second ? await second() : store;
  for (const { get, compareAndSet } of [store, other]) {
    const whole = typeof get === "function" && typeof compareAndSet === "function";
    want(whole, "makeStore gave something without get and compareAndSet");
  }
  return { store, other, user: () => `kit-${freshId()}-` };
}
