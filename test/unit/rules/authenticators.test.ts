import assert from "node:assert/strict";
import { test } from "node:test";
import {
  purposeOf,
  refusalOf,
  removeAuthenticator,
  renameAuthenticator,
  withConfirmed,
} from "../../../src/rules/authenticators.ts";
import { activeRecord, largestRecord, START } from "../../support/records.ts";

const [only] = activeRecord().authenticators;
assert.ok(only);
const other = { ...only, id: "other" };
const two = activeRecord({ authenticators: [only, other] });
const throttle = {
  free: 5,
  firstDelay: 30,
  maxDelay: 3_600,
  hardStop: 20,
  unknown: [{ failures: 20, within: 2_592_000 }],
};
const detailOf = (result: object) => ("detail" in result ? result.detail : result);

test("a new authenticator is the first, another one, or takes the place of the one meant", () => {
  const one = activeRecord();
  const enroll = { purpose: "enroll", replaces: null };
  assert.deepEqual(purposeOf(activeRecord({ authenticators: [] }), null, throttle), enroll);
  assert.equal(detailOf(purposeOf(one, null, throttle)), "already_enrolled");
  assert.deepEqual(purposeOf(one, { add: true }, throttle), { purpose: "add", replaces: null });
  assert.equal(detailOf(purposeOf(largestRecord(), { add: true }, throttle)), "too_many_authenticators");
  assert.deepEqual(purposeOf(one, { replace: true }, throttle), { purpose: "replace", replaces: only.id });
  assert.deepEqual(purposeOf(two, { replace: "other" }, throttle), { purpose: "replace", replaces: "other" });
  for (const replace of [true, "unknown"] as const)
    assert.equal(detailOf(purposeOf(two, { replace }, throttle)), "authenticator_not_found");
});

test("a confirmed authenticator stands beside the others, or where the replaced one stood", () => {
  const confirmed = { ...only, id: "new" };
  const idsAfter = (purpose: "add" | "replace" | "enroll", replaces: string | null) =>
    withConfirmed(two, { purpose, replaces } as never, confirmed).map(({ id }) => id);
  assert.deepEqual(idsAfter("add", null), [only.id, "other", "new"]);
  assert.deepEqual(idsAfter("replace", only.id), ["new", "other"]);
  assert.deepEqual(idsAfter("enroll", null), ["new"]);
});

test("one of several is renamed or removed by its id, and an unknown id changes nothing", () => {
  assert.equal(refusalOf(two, "other"), null);
  const renamed = renameAuthenticator(two, "other", "spare").record.authenticators;
  assert.deepEqual(renamed, [only, { ...other, label: "spare" }]);
  const removed = removeAuthenticator(two, "other", "epoch-2", START);
  assert.deepEqual([removed.record.authenticators, removed.record.epoch], [[only], "epoch-2"]);
  const authenticator = { id: "other", label: other.label };
  assert.deepEqual(removed.events, [{ type: "authenticator_removed", method: "app", authenticator }]);
  for (const { record, outcome } of [
    renameAuthenticator(two, "unknown", null),
    removeAuthenticator(two, "unknown", "epoch-2", START),
  ]) {
    assert.equal(record, two);
    assert.equal(outcome?.detail, "authenticator_not_found");
  }
});
