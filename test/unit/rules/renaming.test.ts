import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyRecord } from "../../../src/record.ts";
import { takenOver, vacated } from "../../../src/rules/renaming.ts";
import { activeRecord, START } from "../../support/records.ts";

const moved = activeRecord({ epoch: "moved" });

test("a factor moves to an id without one, and again when the move stopped half-way", () => {
  const { record, outcome, events } = takenOver(emptyRecord(), moved);
  assert.deepEqual([record, outcome, events], [moved, null, [{ type: "renamed" }]]);
  assert.deepEqual(takenOver(record, moved), { record: moved, outcome: null, events: [] });
  const nothing = takenOver(emptyRecord(), emptyRecord());
  assert.deepEqual(nothing.events, [{ type: "renamed" }], "two empty records are no earlier try");
  const { record: gone, events: told } = vacated(moved, "epoch-2", START);
  assert.deepEqual([gone.authenticators, gone.removedAt, told], [[], START, [{ type: "renamed" }]]);
});

test("a factor moves over no other factor, and over no removal", () => {
  const removed = { ...emptyRecord(), removedAt: START };
  assert.equal(takenOver(activeRecord({ epoch: "own" }), moved).outcome?.detail, "already_enrolled");
  assert.equal(takenOver(removed, moved).outcome?.detail, "factor_removed");
});
