import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../../../src/errors.ts";
import { emptyRecord, type Passkey, type UserRecord } from "../../../src/record.ts";
import { purposeOf } from "../../../src/rules/authenticators.ts";
import type { EnrollmentPolicy } from "../../../src/rules/enrollment.ts";
import * as uses from "../../../src/rules/passkey-use.ts";
import * as rules from "../../../src/rules/passkeys.ts";
import { activeRecord, batchOf, START } from "../../support/records.ts";

const throttle = { free: 4, firstDelay: 30, maxDelay: 3_600, hardStop: 100, unknown: [] };
const policy: EnrollmentPolicy = {
  ...{ window: { past: 1, future: 1 }, throttle, lifetime: 600 },
  ...{ issueCodes: true, backupCodes: {}, acknowledge: true },
};
const parameters = { algorithm: "SHA1", digits: 6, period: 30 } as const;
const asked = { label: null, bindingHash: "session", parameters };
const fresh = { id: "new", epoch: "epoch-2", batch: null };

function passkey(id: string, change: Partial<Passkey> = {}): Passkey {
  return {
    ...{ id, publicKey: `key of ${id}`, counter: 0, label: null, transports: 0 },
    ...{ synced: 0, backedUp: 0, enrolledAt: START, lastUsedAt: null },
    ...change,
  };
}

const recordWith = (...passkeys: Passkey[]): UserRecord => ({ ...activeRecord(), passkeys });
const begun = (record: UserRecord) => rules.beginRegistration(record, asked, START, "pending", policy).record;
const detail = (outcome: unknown) => (outcome as { detail?: string } | null)?.detail ?? "none";

function register(
  record: UserRecord,
  one: Passkey,
  change: Partial<typeof policy> = {},
  batch = fresh.batch,
) {
  const which = { id: "pending", bindingHash: "session", passkey: one };
  return rules.register(record, which, START, { ...fresh, batch }, { ...policy, ...change });
}

test("a registration ends what was pending, and remembers that it did", () => {
  const second = rules.beginRegistration(begun(emptyRecord()), asked, START, "second", policy);
  assert.deepEqual(second.record.pending?.superseded, ["pending"]);
  assert.deepEqual(second.events, [
    { type: "enrollment_superseded" },
    { type: "enrollment_started", method: "passkey" },
  ]);
  assert.equal(second.record.pending?.secret, "");
  let { record } = second;
  for (const id of ["c", "d", "e", "f"])
    record = rules.beginRegistration(record, asked, START, id, policy).record;
  assert.deepEqual(record.pending?.superseded, ["second", "c", "d", "e"], "no more than four");
});

test("ten passkeys leave no room, neither to begin nor to confirm", () => {
  const ten = Array.from({ length: 10 }, (_, i) => passkey(`${i}`));
  const full = recordWith(...ten);
  assert.equal(detail(rules.beginRegistration(full, asked, START, "x", policy).outcome), "too_many_passkeys");
  const meanwhile = { ...begun(activeRecord()), passkeys: ten };
  assert.equal(detail(register(meanwhile, passkey("eleventh")).outcome), "too_many_passkeys");
});

test("authenticators and passkeys have room for twelve together", () => {
  const [app] = activeRecord().authenticators;
  assert.ok(app);
  const apps = (count: number) => Array.from({ length: count }, (_, i) => ({ ...app, id: `${i}` }));
  const keys = (count: number) => Array.from({ length: count }, (_, i) => passkey(`key ${i}`));
  const begins = (authenticators: number, passkeys: number) =>
    detail(
      rules.crowded({ ...emptyRecord(), authenticators: apps(authenticators), passkeys: keys(passkeys) }),
    );
  assert.deepEqual([begins(5, 6), begins(5, 7), begins(2, 9)], ["none", "too_many_passkeys", "none"]);
  const adds = (authenticators: number, passkeys: number) => {
    const record = { ...emptyRecord(), authenticators: apps(authenticators), passkeys: keys(passkeys) };
    return detail(purposeOf(record, { add: true }, throttle));
  };
  assert.deepEqual(
    [adds(4, 7), adds(4, 8), adds(2, 10)],
    ["none", ...Array(2).fill("too_many_authenticators")],
  );
});

test("the same passkey is not registered twice", () => {
  const record = { ...begun(recordWith(passkey("a"))) };
  assert.equal(detail(register(record, passkey("a")).outcome), "already_enrolled");
});

test("an app's enrollment is no registration of a passkey", () => {
  const record = begun(emptyRecord());
  const app = { ...record, pending: record.pending && { ...record.pending, purpose: "enroll" as const } };
  assert.equal(detail(register(app, passkey("a")).outcome), "enrollment_not_found");
  const other = { id: "another", bindingHash: "session", passkey: passkey("a") };
  assert.equal(detail(rules.register(record, other, START, fresh, policy).outcome), "enrollment_not_found");
});

test("a first passkey brings codes, ten batches a day at most, which are to be saved (V37)", () => {
  const record = begun(emptyRecord());
  const counted = register(record, passkey("a"));
  assert.deepEqual([counted.outcome, counted.events], [{ kind: "needs_batch", digits: [6] }, []]);
  assert.deepEqual(counted.record.issuedAt, [START]);
  const crowded = { ...record, issuedAt: Array<number>(10).fill(START) };
  assert.equal(detail(register(crowded, passkey("a")).outcome), "too_many_batches");
  const batch = batchOf(10) as never;
  const waiting = register(record, passkey("a"), {}, batch);
  assert.ok(!isFailure(waiting.outcome) && waiting.outcome.kind === "awaiting_acknowledgement");
  assert.equal(waiting.record.pending?.expiresAt, START + 1_200_000);
  assert.deepEqual(waiting.record.pending?.verified, { at: START, acceptedSteps: [], offset: 0 });
  assert.deepEqual(waiting.events, [{ type: "verified", method: "passkey" }]);
  const again = register(waiting.record, passkey("a"), {}, batch);
  assert.equal(again.record.pending?.expiresAt, START + 1_200_000, "once");
  const active = register(record, passkey("a"), { acknowledge: false }, batch);
  assert.ok(!isFailure(active.outcome) && active.outcome.kind === "active");
  const named = { id: "a", label: null };
  assert.deepEqual(active.events, [{ type: "enrolled", method: "passkey", passkey: named }]);
  assert.equal(active.record.userHandle, "pending");
  const known = register({ ...record, userHandle: "first" }, passkey("a"), { issueCodes: false });
  assert.equal(known.record.userHandle, "first");
});

test("refused responses have a budget of their own, and their event names the passkey", () => {
  let record = recordWith(passkey("a"));
  for (let i = 0; i < 4; i++) record = uses.chargePasskey(record, "wrong_passkey", START, throttle).record;
  const fifth = uses.chargePasskey(record, "wrong_passkey", START, throttle);
  assert.deepEqual(fifth.events, [
    { type: "verification_failed", method: "passkey", detail: "wrong_passkey" },
    { type: "locked", method: "passkey", detail: "locked" },
  ]);
  record = fifth.record;
  assert.deepEqual(record.app, activeRecord().app);
  const block = uses.refusalOfPasskeys(record, START, throttle);
  assert.equal(detail(block), "locked");
  const used = uses.usePasskey(
    record,
    { id: "a", publicKey: "key of a", counter: 1, backedUp: true, isKnown: false },
    START,
    throttle,
  );
  assert.equal(detail(used.outcome), "locked");
  const known = { id: "a", publicKey: "key of a", counter: 1, backedUp: true, isKnown: true };
  assert.equal(isFailure(uses.usePasskey(record, known, START, throttle).outcome), false);
  const many = { ...record, passkey: { ...record.passkey, failures: 200_000, lockedUntilAt: null } };
  assert.equal(uses.chargePasskey(many, "wrong_passkey", START, throttle).record.passkey.failures, 100_000);
  const cloned = uses.chargePasskey(
    recordWith(passkey("a")),
    "passkey_cloned",
    START,
    throttle,
    passkey("a"),
  );
  const named = { method: "passkey", passkey: { id: "a", label: null } };
  assert.deepEqual(cloned.events, [
    { type: "verification_failed", detail: "passkey_cloned", ...named },
    { type: "passkey_cloned", ...named },
  ]);
});

test("a counter must rise or be 0, and an unknown passkey is wrong", () => {
  const use = (counter: number, backedUp = false, id = "a") => ({
    ...{ id, publicKey: `key of ${id}`, counter, backedUp, isKnown: false },
  });
  const record = recordWith(passkey("a", { counter: 5 }), passkey("b"));
  for (const counter of [0, 5])
    assert.equal(detail(uses.usePasskey(record, use(counter), START, throttle).outcome), "passkey_cloned");
  for (const other of [{ publicKey: "another" }, { id: "b" }]) {
    const wrong = uses.usePasskey(record, { ...use(6), ...other }, START, throttle);
    assert.equal(detail(wrong.outcome), "wrong_passkey");
  }
  const failed = uses.chargePasskey(record, "wrong_passkey", START, throttle).record;
  const used = uses.usePasskey(failed, use(6, true), START, throttle);
  const after = passkey("a", { counter: 6, backedUp: 1, lastUsedAt: START });
  assert.deepEqual(used.outcome, after);
  assert.deepEqual(used.record, { ...record, passkeys: [after, passkey("b")] });
  const name = { id: "a", label: null };
  assert.deepEqual(used.events, [{ type: "verified", method: "passkey", passkey: name }]);
  const none = uses.usePasskey(record, use(0, false, "b"), START, throttle);
  assert.ok(!isFailure(none.outcome));
  assert.equal(detail(uses.usePasskey(record, use(9, false, "z"), START, throttle).outcome), "wrong_passkey");
  const nobody = uses.usePasskey(emptyRecord(), use(9), START, throttle);
  assert.equal(detail(nobody.outcome), "not_enrolled");
});

test("a passkey is renamed and removed by its id, and no other", () => {
  const record = recordWith(passkey("a"), passkey("b"));
  const renamed = rules.renamePasskey(record, "a", "key");
  assert.deepEqual(
    renamed.record.passkeys.map(({ label }) => label),
    ["key", null],
  );
  const events = (type: string, label: string | null) => [
    { type, method: "passkey", passkey: { id: "a", label } },
  ];
  assert.deepEqual(renamed.events, events("passkey_renamed", "key"));
  assert.equal(detail(rules.renamePasskey(record, "z", "key").outcome), "passkey_not_found");
  assert.equal(detail(rules.removePasskey(record, "z", "epoch-2", START).outcome), "passkey_not_found");
  assert.equal(rules.refusalOfPasskey(record, "a"), null);
  assert.equal(detail(rules.refusalOfPasskey(record, "z")), "passkey_not_found");
  const removed = rules.removePasskey(record, "a", "epoch-2", START);
  assert.deepEqual([removed.record.passkeys, removed.record.epoch], [[passkey("b")], "epoch-2"]);
  assert.deepEqual(removed.events, events("passkey_removed", null));
});

test("the ids, keys and names of all passkeys together have a bound, in bytes", () => {
  const one = passkey("a", { publicKey: "k".repeat(rules.MAX_CREDENTIALS_LENGTH - 27) });
  const renamed = (label: string) => rules.renamePasskey(recordWith(one), "a", label);
  assert.equal(renamed("é".repeat(13)).outcome, null);
  assert.equal(detail(renamed(`${"é".repeat(13)}x`).outcome), "too_many_passkeys");
  const added = (more: number) =>
    register(begun(recordWith(one)), passkey("b", { publicKey: "k".repeat(25 + more) }));
  const waiting = recordWith(passkey("a"));
  const pending = { ...begun(waiting).pending, passkey: one } as never;
  assert.equal(
    detail(rules.renamePasskey({ ...waiting, pending }, "a", "n".repeat(19)).outcome),
    "too_many_passkeys",
  );
  assert.notEqual(detail(added(0).outcome), "too_many_passkeys");
  assert.equal(detail(added(1).outcome), "too_many_passkeys");
});
