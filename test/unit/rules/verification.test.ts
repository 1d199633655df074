import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Failure, isFailure } from "../../../src/errors.ts";
import { totp } from "../../../src/otp/totp.ts";
import {
  type Authenticator,
  type Batch,
  emptyRecord,
  MAX_ACCEPTED_STEPS,
  type UserRecord,
} from "../../../src/record.ts";
import { isSpent } from "../../../src/rules/steps.ts";
import { charge } from "../../../src/rules/throttle.ts";
import {
  evaluate,
  type Reservation,
  readCode,
  redeem,
  refund,
  type Submission,
  type VerificationPolicy,
  type Verified,
} from "../../../src/rules/verification.ts";
import { resolveThrottle } from "../../../src/two-factor/settings.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const NOW = 1_893_456_000_000;
const STEP = NOW / 30_000;
const HOUR = 3_600_000;
const POLICY: VerificationPolicy = {
  window: { past: 1, future: 1 },
  throttle: resolveThrottle({}),
  backupCodes: { low: 1 },
};

function person(authenticator: Partial<Authenticator> = {}, batch: Batch | null = null): UserRecord {
  const parameters = { algorithm: "SHA1", digits: 6, period: 30 } as const;
  const rest = { id: "id", label: null, secret: SECRET, acceptedSteps: [], enrolledAt: 0, lastUsedAt: null };
  const authenticators = [{ ...parameters, ...rest, offRun: 0, ...authenticator }];
  return { ...emptyRecord(), authenticators, backupCodes: batch };
}

const batch: Batch = {
  id: "batch",
  alphabet: "base32",
  length: 8,
  salt: "salt",
  createdAt: 0,
  codes: ["first", "second", "third"].map((digest) => ({ digest, usedAt: null })),
};

const codeAt = (step: number) => totp(SECRET, { now: step * 30_000 });
/** A code of no step near the one given. */
function wrongAt(step: number): string {
  const near = [-3, -2, -1, 0, 1, 2, 3].map((offset) => codeAt(step + offset));
  return ["000000", "111111", "222222"].find((code) => !near.includes(code)) ?? "";
}

function submit(record: UserRecord, code: string, more: Partial<Submission & VerificationPolicy> = {}) {
  const { now = NOW, device = null, challenge = null, accepts = "any", ...policy } = more;
  return evaluate(record, { code, now, device, challenge, accepts }, { ...POLICY, ...policy });
}

const detailOf = (outcome: Verified | Failure | Reservation) =>
  "detail" in outcome ? outcome.detail : "accepted";

test("a right code is accepted, noted with its step, and costs nothing", () => {
  const before = charge(person(), { factor: "app", device: null }, NOW, POLICY.throttle).record;
  const { record, outcome, events } = submit(before, codeAt(STEP));
  assert.deepEqual(outcome, { kind: "verified", method: "app", stepOffset: 0 });
  assert.deepEqual(events, [{ type: "verified", method: "app" }]);
  const [authenticator] = record.authenticators;
  assert.deepEqual([authenticator?.acceptedSteps, authenticator?.lastUsedAt], [[STEP], NOW]);
  assert.deepEqual([record.app.failures, record.app.unknown.length], [0, 1]);
});

test("a wrong code costs an attempt, and says how many are left and how long to wait", () => {
  let record = person();
  const left: unknown[] = [];
  for (let i = 0; i < 5; i++) {
    const decision = submit(record, wrongAt(STEP));
    const { attemptsLeft, retryAt } = decision.outcome as Failure;
    left.push([detailOf(decision.outcome), attemptsLeft, retryAt]);
    record = decision.record;
  }
  assert.deepEqual(left, [
    ["wrong_code", 4, undefined],
    ["wrong_code", 3, undefined],
    ["wrong_code", 2, undefined],
    ["wrong_code", 1, undefined],
    ["wrong_code", 0, NOW + 30_000],
  ]);
  assert.equal(record.app.failures, 5);
});

test("the event of a wrong code comes before the events that it leads to", () => {
  let record = person();
  for (let i = 0; i < 4; i++) record = submit(record, wrongAt(STEP)).record;
  const { events } = submit(record, wrongAt(STEP));
  assert.deepEqual(events, [
    { type: "verification_failed", method: "app", detail: "wrong_code" },
    { type: "locked", method: "app", detail: "locked" },
    { type: "unknown_device_failures", method: "app" },
  ]);
});

test("a locked factor gives a right and a wrong code the same answer, and writes nothing", () => {
  let record = person();
  for (let i = 0; i < 5; i++) record = submit(record, wrongAt(STEP)).record;
  for (const code of [codeAt(STEP), wrongAt(STEP)]) {
    const decision = submit(record, code);
    assert.equal(decision.record, record);
    assert.deepEqual({ ...decision.outcome }, { ok: false, reason: "locked", retryAt: NOW + 30_000 });
    assert.deepEqual(decision.events, []);
  }
});

test("N9 at the hard stop nothing is evaluated, and nobody is told to come back", () => {
  const record = { ...person(), app: { failures: 100, lockedUntilAt: null, unknown: [] } };
  const decision = submit(record, codeAt(STEP));
  assert.equal(decision.record, record);
  assert.deepEqual({ ...decision.outcome }, { ok: false, reason: "locked" });
  const last = { ...person(), app: { failures: 99, lockedUntilAt: null, unknown: [] } };
  assert.deepEqual(
    { ...submit(last, wrongAt(STEP)).outcome },
    { ok: false, reason: "invalid_code", attemptsLeft: 0 },
  );
});

test("input without the shape of a code is refused without a charge", () => {
  const record = person({}, batch);
  for (const code of [
    "12345",
    "1234567",
    "12345A",
    "A12345",
    "ABCDEFG",
    "ABCDEFGHJ",
    "ABCDEFG!",
    "ABCDEFGU",
  ]) {
    const decision = submit(record, code);
    assert.equal(detailOf(decision.outcome), "malformed_code");
    assert.equal(decision.record, record);
  }
  assert.equal(detailOf(submit(emptyRecord(), "123456").outcome), "not_enrolled");
  assert.equal(detailOf(submit(person(), "ABCDEFGH").outcome), "malformed_code");
});

test("R13 where only an app code serves, a backup code is refused as that, and not charged", () => {
  const decision = submit(person({}, batch), "ABCDEFGH", { accepts: "app" });
  assert.equal(detailOf(decision.outcome), "app_code_required");
  assert.equal(decision.record.backup.failures, 0);
  assert.equal(detailOf(submit(person({}, batch), codeAt(STEP), { accepts: "app" }).outcome), "accepted");
});

test("V08 exactly the steps of the window are accepted, for every window that may be configured", () => {
  for (const past of [0, 1, 2]) {
    for (const future of [0, 1, 2]) {
      const accepted = [-4, -3, -2, -1, 0, 1, 2, 3, 4].filter((offset) => {
        const { outcome } = submit(person(), codeAt(STEP + offset), { window: { past, future } });
        return !isFailure(outcome) && "stepOffset" in outcome && outcome.stepOffset === offset;
      });
      assert.equal(accepted.length, past + 1 + future);
      assert.deepEqual([accepted[0], accepted.at(-1)], [past === 0 ? 0 : -past, future]);
    }
  }
});

test("V01 V02 once a later step was accepted, earlier codes are refused without a charge", () => {
  const { record } = submit(person(), codeAt(STEP + 1));
  for (const step of [STEP - 1, STEP, STEP + 1]) {
    const decision = submit(record, codeAt(step));
    assert.equal(detailOf(decision.outcome), "app_code_reused");
    assert.equal(decision.record, record);
    assert.deepEqual(decision.events, [{ type: "code_reused", method: "app", detail: "app_code_reused" }]);
  }
});

test("V02 accepted steps strictly increase on clocks that differ by up to five minutes", () => {
  const moves = fc.array(
    fc.record({
      pause: fc.integer({ min: 0, max: 200 }),
      skew: fc.integer({ min: -150, max: 150 }),
      offset: fc.integer({ min: -2, max: 2 }),
    }),
    { maxLength: 50 },
  );
  fc.assert(
    fc.property(moves, (steps) => {
      let record = person();
      let time = NOW;
      let last = 0;
      for (const { pause, skew, offset } of steps) {
        time += pause * 1_000;
        const now = time + skew * 1_000; // the clock of the machine that the request happens to reach
        const decision = submit(record, codeAt(Math.floor(now / 30_000) + offset), {
          now,
          window: { past: 2, future: 2 },
        });
        record = decision.record;
        if (isFailure(decision.outcome)) continue;
        const step = Math.floor(now / 30_000) + (decision.outcome as Verified).stepOffset;
        assert.ok(step > last);
        last = step;
      }
    }),
  );
});

test("V03 V10 no step is accepted twice, whatever the clock does", () => {
  const jump = fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: -7_200, max: 7_200 }));
  const moves = fc.array(fc.record({ jump, offset: fc.integer({ min: -1, max: 1 }) }), { maxLength: 80 });
  fc.assert(
    fc.property(moves, (steps) => {
      let record = person();
      let now = NOW;
      const accepted = new Set<number>();
      for (const { jump: seconds, offset } of steps) {
        now += seconds * 1_000;
        const decision = submit(record, codeAt(Math.floor(now / 30_000) + offset), { now });
        record = decision.record;
        if (isFailure(decision.outcome)) continue;
        const step = Math.floor(now / 30_000) + (decision.outcome as Verified).stepOffset;
        assert.ok(!accepted.has(step));
        accepted.add(step);
      }
    }),
  );
});

test("V10 after a clock was an hour ahead, the next code is accepted and no spent one", () => {
  const before = submit(person(), codeAt(STEP)).record;
  const ahead = NOW + HOUR;
  const during = submit(before, codeAt(STEP + 120), { now: ahead });
  assert.equal(detailOf(during.outcome), "accepted");
  const later = NOW + 60_000;
  const put = submit(during.record, codeAt(STEP + 2), { now: later });
  assert.equal(detailOf(put.outcome), "accepted");
  assert.equal(detailOf(submit(put.record, codeAt(STEP + 2), { now: later }).outcome), "app_code_reused");
  assert.equal(detailOf(submit(put.record, codeAt(STEP + 1), { now: later }).outcome), "app_code_reused");
  assert.equal(detailOf(submit(put.record, codeAt(STEP + 120), { now: ahead }).outcome), "app_code_reused");
  assert.equal(detailOf(submit(put.record, codeAt(STEP + 121), { now: ahead }).outcome), "accepted");
});

test("a step is spent when it or a later one was accepted, or it lies below all known ones", () => {
  assert.equal(isSpent(10, [], 20), false);
  assert.equal(isSpent(10, [9], 20), false);
  assert.equal(isSpent(10, [10], 20), true);
  assert.equal(isSpent(10, [9, 20], 20), true);
  assert.equal(isSpent(10, [9, 21], 20), false);
  const full = Array.from({ length: MAX_ACCEPTED_STEPS }, (_, i) => 100 + i);
  assert.equal(isSpent(99, full, 20), true);
  assert.equal(isSpent(99, full.slice(1), 20), false);
  assert.equal(isSpent(116, full, 120), false);
});

test("a later step holds a code to the end of the window and five minutes ahead, no further", () => {
  const atEnd = STEP + POLICY.window.future + 10;
  assert.equal(detailOf(submit(person({ acceptedSteps: [atEnd] }), codeAt(STEP)).outcome), "app_code_reused");
  assert.equal(detailOf(submit(person({ acceptedSteps: [atEnd + 1] }), codeAt(STEP)).outcome), "accepted");
});

test("the highest sixteen steps are kept, in order", () => {
  let record = person({ acceptedSteps: [STEP + 200] });
  for (let i = 0; i < 20; i++) record = submit(record, codeAt(STEP + i), { now: NOW + i * 30_000 }).record;
  const expected = [...Array.from({ length: 15 }, (_, i) => STEP + 5 + i), STEP + 200];
  assert.deepEqual(record.authenticators[0]?.acceptedSteps, expected);
});

test("a success says by how many steps the phone is off, and an event when it stays off", () => {
  const offsets = [1, 1, 1, 1, 0, -1, -1, 1, -1, -1, -1];
  let record = person();
  const heard: number[] = [];
  offsets.forEach((offset, i) => {
    const now = NOW + i * 120_000;
    const decision = submit(record, codeAt(Math.floor(now / 30_000) + offset), { now });
    assert.equal((decision.outcome as Verified).stepOffset, offset);
    if (decision.events.some(({ type, method }) => type === "clock_off" && method === "app")) heard.push(i);
    record = decision.record;
  });
  assert.deepEqual(heard, [2, 10]);
  assert.equal(record.authenticators[0]?.offRun, -3);
});

test("a phone that is off for ever is counted no further than the record can hold", () => {
  const run = (offRun: number, offset: number) =>
    submit(person({ offRun }), codeAt(STEP + offset)).record.authenticators[0]?.offRun;
  assert.deepEqual(
    [run(999, 1), run(1_000, 1), run(-1_000, -1), run(1_000, -1), run(5, 0)],
    [1_000, 1_000, -1_000, -1, 0],
  );
});

/** Reserves and redeems a backup code; the digest is what the derivation would have given. */
function redeemed(record: UserRecord, digest: string, device: string | null = null) {
  const reserved = submit(record, "ABCDEFGH", { device });
  return redeem(reserved.record, reserved.outcome as Reservation, digest, NOW, POLICY);
}

test("V31 a backup code is charged before it is known to be right", () => {
  const decision = submit(person({}, batch), "ABCDEFGI");
  assert.deepEqual(decision.outcome, {
    kind: "reserved",
    legacy: false,
    batchId: "batch",
    salt: "salt",
    code: "ABCDEFG1",
    account: { factor: "backup", device: null, weight: 1 },
    challenge: null,
    reservedAt: NOW,
    events: [],
  });
  assert.deepEqual([decision.record.backup.failures, decision.record.app.failures], [1, 0]);
  assert.deepEqual(decision.events, []);
});

test("V31 five reservations lock out the sixth, whatever becomes of them", () => {
  let record = person({}, batch);
  for (let i = 0; i < 5; i++) record = submit(record, "ABCDEFGH").record;
  assert.equal(detailOf(submit(record, "ABCDEFGH").outcome), "locked");
  assert.equal(detailOf(submit(record, codeAt(STEP)).outcome), "accepted");
});

test("a right backup code is spent, its charge taken back, and the host told when few are left", () => {
  const first = redeemed(person({}, batch), "second");
  assert.deepEqual(first.outcome, { kind: "verified", method: "backup", stepOffset: 0 });
  assert.deepEqual(
    first.record.backupCodes?.codes.map((code) => code.usedAt),
    [null, NOW, null],
  );
  assert.deepEqual(first.record.backup, emptyRecord().backup);
  const told = [
    { type: "verified", method: "backup" },
    { type: "backup_code_used", method: "backup" },
  ];
  assert.deepEqual(first.events, told);
  const second = redeemed(first.record, "first");
  assert.deepEqual(second.events, [...told, { type: "backup_codes_low", method: "backup" }]);
});

test("V38 a used backup code and a wrong one look the same and cost the same", () => {
  const used = redeemed(person({}, batch), "first").record;
  const again = redeemed(used, "first");
  const wrong = redeemed(used, "no such digest");
  assert.deepEqual({ ...again.outcome }, { ...wrong.outcome });
  assert.deepEqual([detailOf(again.outcome), detailOf(wrong.outcome)], ["backup_code_reused", "wrong_code"]);
  assert.deepEqual([again.record.backup.failures, wrong.record.backup.failures], [1, 1]);
  assert.deepEqual(again.events, [
    { type: "verification_failed", method: "backup", detail: "backup_code_reused" },
  ]);
});

test("a code of a batch that was replaced meanwhile is wrong", () => {
  const reserved = submit(person({}, batch), "ABCDEFGH");
  const replaced = { ...reserved.record, backupCodes: { ...batch, id: "next" } };
  const gone = { ...reserved.record, backupCodes: null };
  for (const record of [replaced, gone]) {
    const decision = redeem(record, reserved.outcome as Reservation, "first", NOW, POLICY);
    assert.equal(detailOf(decision.outcome), "wrong_code");
    assert.equal(decision.record, record);
  }
});

test("the lock after a wrong backup code is told only once the code is known to be wrong", () => {
  let record = person({}, batch);
  for (let i = 0; i < 4; i++) record = submit(record, "ABCDEFGH", { now: NOW - 90 * 86_400_000 }).record;
  assert.deepEqual(
    redeemed(record, "none").events.map((event) => event.type),
    ["verification_failed", "locked"],
  );
  const right = redeemed(record, "first");
  assert.ok(right.events.every((event) => event.type !== "locked"));
  assert.equal(right.record.backup.lockedUntilAt, null);
});

test("a device is forgotten at its twentieth failure, and a reserved right code is none", () => {
  const device = { id: "laptop", tokenHash: "hash", label: null, createdAt: 0, lastUsedAt: 0 };
  const until = { knownUntilAt: NOW + HOUR, trustedUntilAt: null, trustedAt: null };
  const row = { failures: 0, lockedUntilAt: null, totalFailures: 19 };
  const record = { ...person({}, batch), devices: [{ ...device, ...until, ...row }] };
  const right = redeemed(record, "first", "laptop");
  assert.equal(detailOf(right.outcome), "accepted");
  assert.equal(right.record.devices[0]?.totalFailures, 19);
  const wrong = redeemed(record, "no such", "laptop");
  assert.deepEqual(wrong.record.devices, []);
  assert.deepEqual(
    wrong.events.map(({ type }) => type),
    ["verification_failed", "device_revoked"],
  );
});

test("where backup codes are turned off, nobody is told that few are left", () => {
  const reserved = submit(person({}, batch), "ABCDEFGH");
  const policy = { ...POLICY, backupCodes: null };
  const { events } = redeem(reserved.record, reserved.outcome as Reservation, "first", NOW, policy);
  assert.ok(events.some(({ type }) => type === "backup_code_used"));
  assert.ok(!events.some(({ type }) => type === "backup_codes_low"));
});

test("a charge for a code that nobody could check is taken back", () => {
  const { record, outcome } = submit(person({}, batch), "ABCDEFGH");
  const back = refund(record, outcome as Reservation, POLICY);
  assert.deepEqual(back, { record: person({}, batch), outcome: null, events: [] });
});

test("a code is text: a number has lost its leading zeros", () => {
  assert.equal(readCode(" 123 456 "), "123456");
  for (const [input, detail] of [
    [123_456, "code_not_text"],
    [123_456n, "code_not_text"],
    [null, "malformed_code"],
    ["", "malformed_code"],
  ] as const) {
    assert.equal((readCode(input) as Failure).detail, detail);
  }
});
