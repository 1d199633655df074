import assert from "node:assert/strict";
import { test } from "node:test";
import { type Failure, failure } from "../../../src/errors.ts";
import { totp } from "../../../src/otp/totp.ts";
import { emptyRecord, type Pending, type UserRecord } from "../../../src/record.ts";
import * as rules from "../../../src/rules/enrollment.ts";
import { cancel } from "../../../src/rules/pending.ts";
import { endSessions, remove } from "../../../src/rules/removal.ts";
import { activeRecord, batchOf, deviceOf, START } from "../../support/records.ts";

const OLD = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const NEW = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";
const MINUTE = 60_000;
const parameters = { algorithm: "SHA1", digits: 6, period: 30 } as const;
const policy: rules.EnrollmentPolicy = {
  window: { past: 1, future: 1 },
  throttle: { free: 4, firstDelay: 30, maxDelay: 3_600, hardStop: 100, unknown: [] },
  lifetime: 600,
  issueCodes: false,
  backupCodes: {},
  acknowledge: false,
};
const acknowledged = { ...policy, issueCodes: true, acknowledge: true };
const fresh = { id: "new", epoch: "epoch-2", batch: null };
const batch = batchOf(10);
const codeAt = (now: number, secret = NEW) => totp(secret, { now });

function begin(record: UserRecord, change: Partial<Parameters<typeof rules.begin>[1]> = {}, now = START) {
  const beside = { replace: true } as const;
  const asked = { beside, label: null, bindingHash: "session", parameters, ...change };
  return rules.begin(record, asked, now, { id: "pending", secret: NEW }, policy);
}

function confirm(
  record: UserRecord,
  change: { id?: string; bindingHash?: string | null; code?: string | Failure } = {},
  now = START,
  rule = policy,
  made = fresh as Parameters<typeof rules.confirm>[3],
) {
  const asked = { id: "pending", bindingHash: "session", code: codeAt(now), ...change };
  return rules.confirm(record, asked, now, made, rule);
}

function detail(outcome: unknown): string {
  return (outcome as { detail?: string }).detail ?? JSON.stringify(outcome);
}

const old = activeRecord();
const withOldSecret = {
  ...old,
  authenticators: old.authenticators.map((authenticator) => ({ ...authenticator, secret: OLD })),
};
const pendingReplace = begin(withOldSecret).record;
const pendingEnroll = begin(emptyRecord()).record;

test("begin shows a new secret and changes nothing that is active (V11)", () => {
  const { record, outcome, events } = begin(withOldSecret);
  assert.equal((outcome as Pending).secret, NEW);
  assert.equal((outcome as Pending).expiresAt, START + 600_000);
  assert.deepEqual((outcome as Pending).superseded, []);
  assert.deepEqual({ ...record, pending: null }, withOldSecret);
  assert.deepEqual(events, [{ type: "enrollment_started" }]);
});

test("an active factor is not enrolled over, only replaced (V14)", () => {
  assert.equal(detail(begin(old, { beside: null }).outcome), "already_enrolled");
  assert.equal((begin(old).outcome as Pending).purpose, "replace");
  assert.equal((begin(emptyRecord()).outcome as Pending).purpose, "enroll");
});

test("the session that began sees the same secret again, to the same end (V17)", () => {
  const again = rules.begin(
    pendingEnroll,
    { beside: null, label: null, bindingHash: "session", parameters },
    START + MINUTE,
    { id: "other", secret: OLD },
    policy,
  );
  assert.equal(again.record, pendingEnroll, "nothing to write");
  assert.equal((again.outcome as Pending).id, "pending");
  assert.equal((again.outcome as Pending).expiresAt, START + 600_000);
});

for (const [who, bindingHash] of [
  ["another session", "other"],
  ["a session without a binding", null],
] as const) {
  test(`${who} supersedes what is pending, and the first tab is told so (V17)`, () => {
    const next = rules.begin(
      pendingEnroll,
      { beside: null, label: null, bindingHash, parameters },
      START,
      { id: "second", secret: OLD },
      policy,
    );
    assert.deepEqual(
      next.events.map((event) => event.type),
      ["enrollment_superseded", "enrollment_started"],
    );
    assert.equal(detail(confirm(next.record).outcome), "enrollment_superseded");
  });
}

test("a session that asks for another enrollment is not shown the one that it began", () => {
  const [authenticator] = old.authenticators;
  const two = { ...old, authenticators: ["a", "b"].map((id) => ({ ...authenticator, id }) as never) };
  const purpose = (record: UserRecord, purpose: Pending["purpose"]) => ({
    ...record,
    pending: record.pending && { ...record.pending, purpose },
  });
  for (const [record, beside] of [
    [begin(two, { beside: { replace: "a" } }).record, { replace: "b" }],
    [purpose(begin(two, { beside: { add: true } }).record, "passkey"), { add: true }],
  ] as const) {
    const asked = { beside, label: null, bindingHash: "session", parameters };
    const { outcome } = rules.begin(record, asked, START, { id: "second", secret: OLD }, policy);
    assert.equal((outcome as Pending).id, "second");
  }
});

test("two sessions without a binding do not share a secret", () => {
  const first = begin(emptyRecord(), { bindingHash: null }).record;
  const second = rules.begin(
    first,
    { beside: null, label: null, bindingHash: null, parameters },
    START,
    { id: "second", secret: OLD },
    policy,
  );
  assert.equal((second.outcome as Pending).secret, OLD);
});

test("a fifth supersession forgets the first id, and says not found instead", () => {
  let record = pendingEnroll;
  for (const id of ["a", "b", "c", "d", "e"]) {
    const asked = { beside: null, label: null, bindingHash: id, parameters };
    record = rules.begin(record, asked, START, { id, secret: OLD }, policy).record;
  }
  assert.equal(detail(confirm(record, { id: "a" }).outcome), "enrollment_superseded");
  assert.equal(detail(confirm(record).outcome), "enrollment_not_found");
});

test("an expired enrollment is neither shown again nor called superseded", () => {
  const late = START + 600_000;
  assert.equal(detail(confirm(pendingEnroll, {}, late).outcome), "enrollment_expired");
  const { outcome, events } = begin(pendingEnroll, { parameters: { ...parameters, digits: 8 } }, late);
  assert.equal((outcome as Pending).digits, 8);
  assert.deepEqual(events, [{ type: "enrollment_started" }]);
});

test("the first code activates, is spent with it, and changes the epoch (V05)", () => {
  const { record, outcome, events } = confirm(pendingEnroll);
  assert.deepEqual(outcome, { kind: "active", offset: 0, verifiedAt: START });
  const [active] = record.authenticators;
  assert.equal(active?.secret, NEW);
  assert.deepEqual(active?.acceptedSteps, [START / 30_000]);
  assert.equal(record.epoch, "epoch-2");
  assert.equal(record.pending, null);
  assert.deepEqual(events, [{ type: "enrolled", method: "app", authenticator: { id: "new", label: null } }]);
});

test("a replacement takes over and ends everything of the old authenticator (C3)", () => {
  const before: UserRecord = {
    ...pendingReplace,
    devices: [deviceOf("laptop")],
    nextBackupCodes: batchOf(3, { id: "next" }),
    backupCodes: batchOf(3, { id: "old" }),
    spentChallenges: [{ id: "spent", expiresAt: START + MINUTE }],
    app: { failures: 3, lockedUntilAt: null, unknown: [1, 2, 3] },
    backup: { failures: 2, lockedUntilAt: null, unknown: [4] },
  };
  const { record, events } = confirm(before, {}, START, { ...policy, issueCodes: true }, { ...fresh, batch });
  assert.deepEqual(
    record.authenticators.map(({ secret }) => secret),
    [NEW],
  );
  assert.deepEqual([record.devices, record.spentChallenges, record.nextBackupCodes], [[], [], null]);
  assert.equal(record.backupCodes?.id, "batch");
  assert.deepEqual(
    record.app,
    { failures: 0, lockedUntilAt: null, unknown: [1, 2, 3] },
    "long counters stay",
  );
  assert.deepEqual(record.backup, { failures: 0, lockedUntilAt: null, unknown: [4] });
  assert.deepEqual(events, [{ type: "replaced", method: "app", authenticator: { id: "new", label: null } }]);
});

test("a replacement that issues no codes keeps the old ones and their counter", () => {
  const before = { ...pendingReplace, backupCodes: batch, backup: { ...old.backup, failures: 2 } };
  const { record } = confirm(before);
  assert.equal(record.backupCodes, batch);
  assert.equal(record.backup.failures, 2);
});

test("the code of the old authenticator confirms nothing", () => {
  const { record, outcome } = confirm(pendingReplace, { code: codeAt(START, OLD) });
  assert.equal(detail(outcome), "wrong_code");
  assert.equal(record.authenticators[0]?.secret, OLD);
});

test("a wrong code keeps secret, id and expiry, and is charged (V16)", () => {
  const { record, outcome, events } = confirm(pendingEnroll, { code: "000000" });
  assert.equal(detail(outcome), "wrong_code");
  assert.deepEqual({ ...record, enrollment: pendingEnroll.enrollment }, pendingEnroll);
  assert.equal(record.enrollment.failures, 1);
  assert.deepEqual(events, [{ type: "verification_failed", method: "app", detail: "wrong_code" }]);
  const fourth = { ...pendingEnroll, enrollment: { failures: 4, lockedUntilAt: null } };
  assert.deepEqual(confirm(fourth, { code: "000000" }).events, [
    { type: "verification_failed", method: "app", detail: "wrong_code" },
    { type: "locked", method: "app" },
  ]);
});

test("the budget of an enrollment survives supersession, cancel and another session (V25)", () => {
  let record = pendingEnroll;
  const outcomes = [];
  for (let i = 0; i < 5; i++) {
    const decision = confirm(record, {
      code: "000000",
      id: `${record.pending?.id}`,
      bindingHash: `${i || "session"}`,
    });
    outcomes.push(detail(decision.outcome));
    const cleared = i % 2 ? cancel(decision.record, START).record : decision.record;
    record = rules.begin(
      cleared,
      { beside: null, label: null, bindingHash: `${i + 1}`, parameters },
      START,
      { id: `p${i}`, secret: NEW },
      policy,
    ).record;
  }
  assert.deepEqual(outcomes, Array(5).fill("wrong_code"));
  const right = confirm(record, { id: "p4", bindingHash: "5" });
  assert.equal(detail(right.outcome), "locked");
  assert.equal((right.outcome as { retryAt?: number }).retryAt, START + 30_000);
  assert.equal(right.record, record, "a closed door writes nothing");
});

test("input that is no code is not charged", () => {
  const number = confirm(pendingEnroll, { code: failure("code_not_text") });
  assert.deepEqual([detail(number.outcome), number.record], ["code_not_text", pendingEnroll]);
  const held = { ...pendingReplace, backupCodes: batch };
  assert.equal(detail(confirm(held, { code: "12345678" }).outcome), "app_code_required");
  const refused = failure("malformed_code");
  for (const code of [refused, "", "12345", "1234567", "12345a", "a12345", "１２３４５６"]) {
    const { record, outcome } = confirm(pendingEnroll, { code });
    assert.equal(detail(outcome), "malformed_code");
    assert.equal(record, pendingEnroll);
  }
});

test("another binding finds no enrollment, with the right id and the right code (V50)", () => {
  for (const bindingHash of ["other", null]) {
    assert.equal(detail(confirm(pendingEnroll, { bindingHash }).outcome), "enrollment_not_found");
  }
  assert.equal(detail(confirm(pendingEnroll, { id: "tampered" }).outcome), "enrollment_not_found");
  assert.equal(detail(confirm(emptyRecord()).outcome), "enrollment_not_found");
});

test("S7 codes are asked for only when the code is right, and counted before they are derived", () => {
  const issuing = { ...policy, issueCodes: true };
  const right = confirm(pendingEnroll, {}, START, issuing);
  assert.deepEqual(right.outcome, { kind: "needs_batch", digits: [6] });
  assert.deepEqual(right.record, { ...pendingEnroll, issuedAt: [START] });
  const eight = { ...old, authenticators: old.authenticators.map((one) => ({ ...one, digits: 8 })) };
  assert.deepEqual(confirm(begin(eight).record, {}, START, issuing).outcome, {
    ...{ kind: "needs_batch", digits: [6, 8] },
  });
  assert.equal(detail(confirm(pendingEnroll, { code: "000000" }, START, issuing).outcome), "wrong_code");
});

test("with acknowledgement, the right code waits and the old authenticator works on (B4)", () => {
  const { record, outcome, events } = confirm(pendingReplace, {}, START, acknowledged, { ...fresh, batch });
  assert.deepEqual(outcome, { kind: "awaiting_acknowledgement" });
  assert.deepEqual(events, [{ type: "verified", method: "app" }]);
  assert.equal(record.authenticators[0]?.secret, OLD);
  assert.equal(record.epoch, pendingReplace.epoch);
  assert.equal(record.pending?.expiresAt, START + 1_200_000, "one more lifetime for saving them");
});

const waiting = confirm(pendingEnroll, {}, START, acknowledged, { ...fresh, batch }).record;
const saved = { batchId: "batch", bindingHash: "session" };

test("acknowledging activates, and the code that confirmed stays spent (V19)", () => {
  const late = START + 19 * MINUTE;
  const { record, outcome } = rules.acknowledge(waiting, saved, late, fresh, policy);
  assert.deepEqual(outcome, { kind: "active", offset: 0, verifiedAt: START });
  assert.deepEqual(record.authenticators[0]?.acceptedSteps, [START / 30_000]);
  assert.equal(record.backupCodes, batch);
});

test("V13 nothing is acknowledged that was not verified, or by another session, or too late", () => {
  const unverified = { ...waiting, pending: waiting.pending && { ...waiting.pending, verified: null } };
  const tries: readonly [UserRecord, typeof saved | { batchId: string; bindingHash: null }, number][] = [
    [pendingEnroll, saved, START],
    [unverified, saved, START],
    [waiting, { ...saved, batchId: "other" }, START],
    [waiting, { ...saved, bindingHash: "other" }, START],
    [waiting, { ...saved, bindingHash: null }, START],
    [waiting, saved, START + 20 * MINUTE],
    [emptyRecord(), saved, START],
  ];
  for (const [record, asked, now] of tries) {
    const decision = rules.acknowledge(record, asked, now, fresh, policy);
    assert.equal(detail(decision.outcome), "batch_not_found");
    assert.equal(decision.record, record);
  }
});

test("while codes wait, the same code is refused and the next one makes a new batch", () => {
  const again = confirm(waiting, {}, START, acknowledged, { ...fresh, batch });
  assert.equal(detail(again.outcome), "app_code_reused");
  assert.deepEqual(again.events, [{ type: "code_reused", method: "app", detail: "app_code_reused" }]);
  const next = START + 30_000;
  const other = batchOf(10, { id: "batch-2" });
  const { record } = confirm(waiting, {}, next, acknowledged, { ...fresh, batch: other });
  assert.equal(record.pending?.batch?.id, "batch-2");
  assert.equal(record.pending?.expiresAt, waiting.pending?.expiresAt, "repeating does not extend");
  assert.equal(detail(rules.acknowledge(record, saved, next, fresh, policy).outcome), "batch_not_found");
});

test("confirming makes at most ten batches a day (V37)", () => {
  const issuing = { ...policy, issueCodes: true };
  const issuedAt = Array.from({ length: 10 }, (_, i) => START + i);
  const { record, outcome } = confirm({ ...pendingEnroll, issuedAt }, {}, START + 10, issuing);
  assert.equal(detail(outcome), "too_many_batches");
  assert.equal(record.authenticators.length, 0);
  const tomorrow = { ...pendingEnroll, issuedAt: issuedAt.map((at) => at - 86_400_000) };
  assert.equal(confirm(tomorrow, {}, START + 10, issuing).record.issuedAt.length, 1);
});

test("cancel gives up what is pending and nothing else (V18)", () => {
  const { record, events } = cancel(pendingReplace, START);
  assert.deepEqual(record, withOldSecret);
  assert.deepEqual(events, [{ type: "enrollment_superseded" }]);
  assert.equal(cancel(old, START).record, old);
});

const rich: UserRecord = {
  ...pendingReplace,
  backupCodes: batch,
  nextBackupCodes: batchOf(2, { id: "next" }),
  devices: [deviceOf("laptop")],
  spentChallenges: [{ id: "spent", expiresAt: START }],
  app: { failures: 5, lockedUntilAt: START + 30_000, unknown: [1] },
  backup: { failures: 1, lockedUntilAt: null, unknown: [2] },
  password: { failures: 2, lockedUntilAt: null },
  enrollment: { failures: 3, lockedUntilAt: null },
  regeneratedAt: [START],
};
const COUNTERS = ["app", "backup", "password", "enrollment", "regeneratedAt", "issuedAt"] as const;

for (const event of ["disabled", "reset"] as const) {
  test(`${event}: nothing of the factor is left but its counters (V59)`, () => {
    const { record, events } = remove(rich, "epoch-2", START, event);
    const counters = Object.fromEntries(COUNTERS.map((name) => [name, rich[name]]));
    assert.deepEqual(record, { ...emptyRecord(), ...counters, epoch: "epoch-2", removedAt: START });
    assert.deepEqual(events, [{ type: event }]);
  });
}

test("V60 a changed credential ends devices, challenges and what is pending; the factor stays", () => {
  const { record, events } = endSessions(rich, "epoch-2", START);
  assert.equal(record.epoch, "epoch-2");
  assert.deepEqual([record.devices, record.spentChallenges, record.pending], [[], [], null]);
  assert.deepEqual(record.authenticators, rich.authenticators);
  assert.equal(record.backupCodes, rich.backupCodes);
  for (const name of COUNTERS) assert.deepEqual(record[name], rich[name]);
  assert.deepEqual(
    events.map((event) => event.type),
    ["device_revoked", "enrollment_superseded"],
  );
});

test("a changed credential sends no event where no device is known and nothing is pending", () => {
  const quiet = endSessions({ ...rich, devices: [], pending: null }, "epoch-2", START);
  assert.deepEqual(quiet.events, []);
});
