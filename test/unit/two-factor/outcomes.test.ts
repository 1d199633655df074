import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { Failure } from "../../../src/errors.ts";
import { messages } from "../../../src/page.ts";
import { SCENARIOS, verify } from "../../support/scenarios.ts";
import { enrolled, recordOf, USER, type World, wrongBackupCode, wrongCode } from "../../support/world.ts";

/** All failures in all rows, the known devices' included. */
async function charges(w: World): Promise<number> {
  const { app, backup, password, enrollment, passkey, devices } = await recordOf(w);
  return [app, backup, password, enrollment, passkey, ...devices].reduce(
    (sum, { failures }) => sum + failures,
    0,
  );
}

for (const [detail, scenario] of Object.entries(SCENARIOS)) {
  test(`${detail} is shown as ${scenario.reason} and is ${scenario.charged ? "" : "not "}charged`, async () => {
    const { w, happen } = await scenario.scene();
    const before = await charges(w);
    const row = await w.store.get(USER);
    const failure = (await happen()) as Failure;
    assert.equal(failure.ok, false);
    assert.equal(failure.detail, detail);
    assert.equal(failure.reason, scenario.reason);
    assert.equal((await charges(w)) - before, scenario.charged ? 1 : 0);
    if (!scenario.charged) assert.deepEqual(await w.store.get(USER), row, "and nothing was written");
    assert.equal(failure.attemptsLeft, scenario.attemptsLeft);
    if (scenario.retryAt) assert.ok((failure.retryAt ?? 0) > w.clock());
    else assert.equal(failure.retryAt, undefined);
  });

  test(`${detail} leaves the exact cause out of whatever is printed or sent`, async () => {
    const { happen } = await scenario.scene();
    const failure = (await happen()) as Failure;
    assert.ok(!Object.keys(failure).includes("detail"));
    assert.ok(!("detail" in { ...failure }));
    assert.ok(!("detail" in JSON.parse(JSON.stringify(failure))));
    assert.ok(!inspect(failure).includes("detail"));
    assert.ok(Object.isFrozen(failure));
    assert.ok(messages[failure.reason].length > 0);
  });
}

test("together they produce every reason", () => {
  const produced = new Set(Object.values(SCENARIOS).map(({ reason }) => reason));
  assert.deepEqual([...produced].sort(), Object.keys(messages).sort());
});

test("a wrong code says how many attempts are left, and the last one when to come back", async () => {
  const w = await enrolled();
  const told = [];
  for (let i = 0; i < 5; i++) {
    const failure = await verify(w, wrongCode(w, i));
    assert.ok(!failure.ok);
    told.push([failure.attemptsLeft, failure.retryAt]);
  }
  assert.deepEqual(told, [
    [4, undefined],
    [3, undefined],
    [2, undefined],
    [1, undefined],
    [0, w.clock() + 30_000],
  ]);
  const backup = await verify(w, wrongBackupCode(w));
  assert.ok(!backup.ok && backup.attemptsLeft === 4, "the other kind has attempts of its own");
});
