import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { emptyRecord, type KnownDevice, type UserRecord } from "../../../src/record.ts";
import {
  chargeRow,
  clearRow,
  delayAfter,
  room,
  rowBlock,
  rowLeft,
  type ThrottlePolicy,
} from "../../../src/rules/row.ts";
import {
  type Account,
  accountOf,
  attemptsLeft,
  blockOf,
  charge,
  deviceBudget,
  forgetFailing,
  forgive,
  settle,
  takeBack,
} from "../../../src/rules/throttle.ts";
import { resolveThrottle } from "../../../src/two-factor/settings.ts";
import { activeRecord } from "../../support/records.ts";

const NOW = 1_893_456_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POLICY = resolveThrottle({});
const APP: Account = { factor: "app", device: null };
const BACKUP: Account = { factor: "backup", device: null };
const LAPTOP: Account = { factor: "app", device: "laptop" };

function knownDevice(id: string, more: Partial<KnownDevice> = {}): KnownDevice {
  const times = { createdAt: NOW, lastUsedAt: NOW, knownUntilAt: NOW + 365 * DAY, trustedUntilAt: null };
  const row = { failures: 0, lockedUntilAt: null, totalFailures: 0, trustedAt: null };
  return { id, tokenHash: id, label: null, ...times, ...row, ...more };
}

function withLaptop(more: Partial<KnownDevice> = {}): UserRecord {
  return { ...emptyRecord(), devices: [knownDevice("phone"), knownDevice("laptop", more)] };
}

/** Charges so many failures, each at its own instant. */
function failed(
  record: UserRecord,
  account: Account,
  times: number,
  at: (i: number) => number,
  policy = POLICY,
) {
  let after = record;
  for (let i = 0; i < times; i++) after = charge(after, account, at(i), policy).record;
  return after;
}

const eventTypes = (charged: ReturnType<typeof charge>) => charged.events.map((event) => event.type);

test("N9 N10 four failures are free, the fifth waits 30 seconds, and waits double up to an hour", () => {
  let row = { failures: 0, lockedUntilAt: null as number | null };
  const waits = Array.from({ length: 14 }, () => {
    row = chargeRow(row, NOW, POLICY);
    return row.lockedUntilAt && (row.lockedUntilAt - NOW) / 1_000;
  });
  assert.deepEqual(waits, [null, null, null, null, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
});

test("a wait is finite however many failures went before", () => {
  const policy = { ...POLICY, maxDelay: 86_400, hardStop: 100_000 };
  const row = chargeRow({ failures: 90_000, lockedUntilAt: null }, NOW, policy);
  assert.equal(row.lockedUntilAt, NOW + DAY);
});

test("a lock ends exactly at retryAt", () => {
  const row = { failures: 5, lockedUntilAt: NOW + 30_000 };
  assert.deepEqual(rowBlock(row, NOW + 29_999, POLICY), { detail: "locked", retryAt: NOW + 30_000 });
  assert.equal(rowBlock(row, NOW + 30_000, POLICY), null);
  assert.equal(rowBlock({ failures: 4, lockedUntilAt: null }, NOW, POLICY), null);
});

test("N9 V24 after a hundred failures in a row no wait helps", () => {
  const row = { failures: 99, lockedUntilAt: null };
  assert.equal(rowBlock(row, NOW, POLICY), null);
  const ended = chargeRow(row, NOW, POLICY);
  assert.deepEqual(rowBlock(ended, NOW + 3_650 * DAY, POLICY), { detail: "exhausted" });
  assert.equal(rowLeft(ended, POLICY), 0);
});

test("a row says how many failures it allows before the next wait", () => {
  const left = (failures: number) => rowLeft({ failures, lockedUntilAt: null }, POLICY);
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 98, 99, 100, 101].map(left), [5, 4, 3, 2, 1, 1, 1, 1, 1, 0, 0]);
  assert.equal(rowLeft({ failures: 0, lockedUntilAt: null }, { ...POLICY, free: 4, hardStop: 3 }), 3);
});

test("N11 a success clears the row of the factor that was used and no other", () => {
  const record = failed(
    failed(withLaptop({ failures: 3 }), APP, 7, () => NOW),
    BACKUP,
    6,
    () => NOW,
  );
  const after = settle(record, APP, null);
  assert.deepEqual(after.app, { failures: 0, lockedUntilAt: null, unknown: record.app.unknown });
  assert.equal(after.app.unknown.length, 7);
  assert.deepEqual([after.backup, after.devices], [record.backup, record.devices]);
  assert.deepEqual(clearRow({ failures: 3, lockedUntilAt: NOW }), { failures: 0, lockedUntilAt: null });
});

test("H6 the two kinds of code have a budget each", () => {
  const record = failed(emptyRecord(), APP, 5, () => NOW);
  assert.deepEqual(blockOf(record, APP, NOW, POLICY), { detail: "locked", retryAt: NOW + 30_000 });
  assert.equal(blockOf(record, BACKUP, NOW, POLICY), null);
});

test("V35 twenty failures in thirty days lock out unknown devices, despite successes between", () => {
  let record = emptyRecord();
  for (let day = 0; day < 20; day++) {
    assert.equal(blockOf(record, APP, NOW + day * DAY, POLICY), null);
    record = settle(charge(record, APP, NOW + day * DAY, POLICY).record, APP, null);
  }
  const retryAt = NOW + HOUR + 30 * DAY; // the first failure has aged out: thirty days, counted from the hour's end
  assert.deepEqual(blockOf(record, APP, NOW + 20 * DAY, POLICY), { detail: "locked", retryAt });
  assert.deepEqual(blockOf(record, APP, retryAt - 1, POLICY), { detail: "locked", retryAt });
  assert.equal(blockOf(record, APP, retryAt, POLICY), null);
});

test("V24 V35 a hundred failures in a year close it, at any pace that the shorter limit allows", () => {
  let record = emptyRecord();
  let evaluated = 0;
  for (let hour = 0; hour < 365 * 24; hour++) {
    if (blockOf(record, APP, NOW + hour * HOUR, POLICY)) continue;
    record = settle(charge(record, APP, NOW + hour * HOUR, POLICY).record, APP, null);
    evaluated++;
  }
  assert.equal(evaluated, 100);
});

test("no window of a limit holds more failures than it names, whenever they come", () => {
  const limit = fc.record({
    failures: fc.integer({ min: 1, max: 6 }),
    within: fc.integer({ min: 3_600, max: 40_000 }),
  });
  const pauses = fc.array(fc.integer({ min: 0, max: 6 * HOUR }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(limit, { minLength: 1, maxLength: 3 }), pauses, (unknown, steps) => {
      const policy: ThrottlePolicy = { ...POLICY, unknown };
      let record = emptyRecord();
      let now = NOW;
      const charged: number[] = [];
      for (const pause of steps) {
        now += pause;
        if (blockOf(record, APP, now, policy)) continue;
        record = settle(charge(record, APP, now, policy).record, APP, null);
        charged.push(now);
      }
      for (const { failures, within } of unknown) {
        for (const from of charged) {
          const inside = charged.filter((at) => at >= from && at < from + within * 1_000);
          assert.ok(inside.length <= failures);
        }
      }
    }),
  );
});

test("of two locks, by the row and by a long counter, the later end counts", () => {
  const unknown = [{ failures: 5, within: 3_600 }];
  const short = failed(emptyRecord(), APP, 5, () => NOW, { ...POLICY, unknown });
  const ofCounter = { detail: "locked", retryAt: NOW + 2 * HOUR };
  assert.deepEqual(blockOf(short, APP, NOW, { ...POLICY, unknown }), ofCounter);
  const slow = { ...POLICY, unknown, firstDelay: 3_600, maxDelay: 86_400 };
  const long = failed(emptyRecord(), APP, 7, () => NOW, slow);
  assert.deepEqual(blockOf(long, APP, NOW, slow), { detail: "locked", retryAt: NOW + 4 * HOUR });
  const over = failed(emptyRecord(), APP, 100, () => NOW);
  assert.deepEqual(blockOf(over, APP, NOW, POLICY), { detail: "exhausted" });
});

test("of two long counters the one that holds longer counts", () => {
  const unknown = [
    { failures: 2, within: 36_000 },
    { failures: 3, within: 7_200 },
  ];
  const policy = { ...POLICY, unknown };
  const record = failed(emptyRecord(), APP, 3, () => NOW, policy);
  assert.deepEqual(blockOf(record, APP, NOW, policy), { detail: "locked", retryAt: NOW + 11 * HOUR });
});

test("the long counters keep no more than the longest limit needs, in number and in time", () => {
  const everyHour = failed(emptyRecord(), APP, 300, (i) => NOW + i * HOUR);
  assert.equal(everyHour.app.unknown.length, 100);
  assert.equal(everyHour.app.unknown.at(-1), NOW / HOUR + 299);
  const later = charge(everyHour, APP, NOW + 400 * DAY, POLICY).record;
  assert.deepEqual(later.app.unknown, [NOW / HOUR + 400 * 24]);
  const none = failed(emptyRecord(), APP, 3, () => NOW, { ...POLICY, unknown: [] });
  assert.deepEqual([none.app.unknown, none.app.failures], [[], 3]);
});

test("V35 the fifth failure from unknown devices in a month sends one event", () => {
  const heard: number[] = [];
  let record = emptyRecord();
  for (let i = 1; i <= 12; i++) {
    const charged = charge(record, APP, NOW + i * DAY, POLICY);
    if (eventTypes(charged).includes("unknown_device_failures")) heard.push(i);
    record = settle(charged.record, APP, null);
  }
  assert.deepEqual(heard, [5]);
  const strict = { ...POLICY, unknown: [{ failures: 2, within: 86_400 }] };
  const second = charge(charge(emptyRecord(), APP, NOW, strict).record, APP, NOW, strict);
  assert.deepEqual(second.events, [
    { type: "locked", method: "app", detail: "locked" },
    { type: "unknown_device_failures", method: "app" },
  ]);
  assert.deepEqual(charge(emptyRecord(), APP, NOW, { ...POLICY, unknown: [] }).events, []);
});

test("H5 every failure that locks sends an event, which says whether the lock ends by itself", () => {
  const before = failed(emptyRecord(), BACKUP, 3, () => NOW);
  assert.deepEqual(charge(before, BACKUP, NOW, POLICY).events, []);
  const fourth = failed(emptyRecord(), BACKUP, 4, () => NOW - 40 * DAY);
  const locked = { type: "locked", method: "backup", detail: "locked" };
  assert.deepEqual(charge(fourth, BACKUP, NOW, POLICY).events, [locked]);
  const last = failed(emptyRecord(), BACKUP, 99, (i) => NOW - (99 - i) * 36 * DAY);
  assert.deepEqual(charge(last, BACKUP, NOW, POLICY).events, [{ ...locked, detail: "exhausted" }]);
});

test("V34 a known device has a budget of its own: no failure elsewhere locks it", () => {
  const record = failed(withLaptop(), APP, 100, (i) => NOW + i * HOUR);
  assert.deepEqual(blockOf(record, APP, NOW, POLICY), { detail: "exhausted" });
  assert.equal(blockOf(record, LAPTOP, NOW, POLICY), null);
  assert.equal(attemptsLeft(record, LAPTOP, NOW, POLICY), 5);
});

test("failures of a known device wait like any others and touch nothing else", () => {
  const record = failed(withLaptop(), LAPTOP, 5, () => NOW);
  const [phone, laptop] = record.devices;
  assert.deepEqual(blockOf(record, LAPTOP, NOW, POLICY), { detail: "locked", retryAt: NOW + 30_000 });
  assert.deepEqual(blockOf(record, { factor: "backup", device: "laptop" }, NOW, POLICY), {
    detail: "locked",
    retryAt: NOW + 30_000,
  });
  assert.deepEqual([laptop?.failures, laptop?.totalFailures, phone], [5, 5, knownDevice("phone")]);
  assert.deepEqual([record.app, record.backup], [emptyRecord().app, emptyRecord().backup]);
  assert.deepEqual(
    charge(
      failed(withLaptop(), LAPTOP, 4, () => NOW),
      LAPTOP,
      NOW,
      POLICY,
    ).events,
    [{ type: "locked", method: "app", detail: "locked" }],
  );
});

test("a known device is forgotten at its twentieth failure, whatever succeeded in between", () => {
  let record = withLaptop();
  for (let i = 0; i < 19; i++) record = settle(charge(record, LAPTOP, NOW, POLICY).record, LAPTOP, null);
  assert.equal(record.devices[1]?.totalFailures, 19);
  assert.equal(attemptsLeft(record, LAPTOP, NOW, POLICY), 1);
  assert.equal(forgetFailing(record, LAPTOP, POLICY).record, record);
  const last = charge(record, LAPTOP, NOW, POLICY);
  const forgotten = forgetFailing(last.record, LAPTOP, POLICY);
  assert.deepEqual(
    forgotten.record.devices.map((device) => device.id),
    ["phone"],
  );
  assert.deepEqual(forgotten.events, [{ type: "device_revoked", device: { id: "laptop", label: null } }]);
});

test("a known device is forgotten no later than at the hard stop, and never locked out for good", () => {
  const policy = { ...POLICY, hardStop: 7 };
  assert.deepEqual([deviceBudget(policy), deviceBudget(POLICY)], [7, 20]);
  const [before, after] = [6, 7].map((count) => failed(withLaptop(), LAPTOP, count, () => NOW, policy));
  assert.ok(before && after);
  const eventsOf = (record: UserRecord) => charge(record, LAPTOP, NOW + DAY, policy).events;
  assert.deepEqual(
    [eventsOf(failed(withLaptop(), LAPTOP, 5, () => NOW, policy)), eventsOf(before)],
    [[{ type: "locked", method: "app", detail: "locked" }], []],
    "nobody waits at a door that is gone",
  );
  assert.equal(forgetFailing(before, LAPTOP, policy).record.devices.length, 2);
  assert.equal(forgetFailing(after, LAPTOP, policy).record.devices.length, 1);
});

test("a forgotten device counts as an unknown one", () => {
  const record = charge(withLaptop(), { factor: "app", device: "gone" }, NOW, POLICY).record;
  assert.equal(record.app.failures, 1);
  assert.equal(attemptsLeft(record, { factor: "app", device: "gone" }, NOW, POLICY), 4);
});

test("a reserved failure is taken back exactly, and only the one that was reserved", () => {
  const before = failed(emptyRecord(), BACKUP, 2, () => NOW - 5 * HOUR);
  const reserved = charge(before, BACKUP, NOW, POLICY).record;
  const other = charge(reserved, BACKUP, NOW + HOUR, POLICY).record;
  const settled = settle(other, BACKUP, NOW);
  const hour = NOW / HOUR;
  assert.deepEqual(settled.backup, {
    failures: 0,
    lockedUntilAt: null,
    unknown: [hour - 5, hour - 5, hour + 1],
  });
  assert.deepEqual(settle(emptyRecord(), BACKUP, NOW), emptyRecord()); // aged out meanwhile
  const twice = failed(emptyRecord(), BACKUP, 2, () => NOW);
  assert.deepEqual(settle(twice, BACKUP, NOW).backup.unknown, [hour]);
});

test("a success on a known device clears its row and returns a reserved failure", () => {
  const record = withLaptop({ failures: 6, lockedUntilAt: NOW, totalFailures: 9 });
  const [phone, laptop] = settle(record, LAPTOP, null).devices;
  assert.deepEqual(laptop, knownDevice("laptop", { totalFailures: 9 }));
  assert.deepEqual(phone, knownDevice("phone"));
  assert.equal(settle(record, LAPTOP, NOW).devices[1]?.totalFailures, 8);
  assert.equal(settle(withLaptop(), LAPTOP, NOW).devices[1]?.totalFailures, 0);
  const gone = failed(emptyRecord(), APP, 3, () => NOW);
  assert.equal(settle(gone, LAPTOP, NOW), gone);
});

test("the attempts that are left are those of the row or of a long counter, whichever ends first", () => {
  const left = (failures: number, policy: ThrottlePolicy) =>
    attemptsLeft(
      failed(emptyRecord(), APP, failures, () => NOW, policy),
      APP,
      NOW,
      policy,
    );
  assert.deepEqual(
    [0, 1, 4].map((n) => left(n, POLICY)),
    [5, 4, 1],
  );
  const unknown = [
    { failures: 9, within: 3_600 },
    { failures: 3, within: 86_400 },
  ];
  assert.deepEqual(
    [0, 2, 3].map((n) => left(n, { ...POLICY, unknown })),
    [3, 1, 0],
  );
  assert.equal(left(2, { ...POLICY, unknown: [] }), 3);
  const lowered = { ...POLICY, unknown: [{ failures: 2, within: 86_400 }] };
  assert.equal(
    attemptsLeft(
      failed(emptyRecord(), APP, 4, () => NOW),
      APP,
      NOW,
      lowered,
    ),
    0,
  );
});

test("V10 a lock by a clock that was ahead does not hold, one within five minutes does", () => {
  const row = (ahead: number) => ({ failures: 5, lockedUntilAt: NOW + 30_000 + ahead });
  assert.equal(rowBlock(row(HOUR), NOW, POLICY), null);
  assert.equal(rowBlock(row(300_001), NOW, POLICY), null);
  assert.equal(rowBlock(row(300_000), NOW, POLICY)?.detail, "locked");
});

test("V10 failures dated ahead lock nobody out, and count from the next failure on", () => {
  const ahead = failed(emptyRecord(), APP, 20, () => NOW + 3_650 * DAY, POLICY);
  const settled = settle(ahead, APP, null);
  assert.equal(blockOf(settled, APP, NOW, POLICY), null);
  assert.equal(attemptsLeft(settled, APP, NOW, POLICY), 5);
  const next = charge(settled, APP, NOW, POLICY).record;
  assert.deepEqual(
    next.app.unknown,
    Array<number>(20)
      .fill(NOW / HOUR)
      .concat(NOW / HOUR),
  );
  assert.equal(blockOf(next, APP, NOW, POLICY)?.detail, "locked");
});

test("hours stay in order when a machine that is ahead writes before one that is behind", () => {
  const ahead = charge(emptyRecord(), APP, NOW + HOUR, POLICY).record;
  const behind = charge(ahead, APP, NOW + HOUR - 1_000, POLICY).record;
  assert.deepEqual(behind.app.unknown, [NOW / HOUR, NOW / HOUR + 1]);
});

test("an hour that has begun on a machine five minutes ahead counts on the others", () => {
  const edge = NOW + HOUR - 300_000; // five minutes before the next hour
  const record = settle(
    failed(emptyRecord(), APP, 20, () => NOW + HOUR),
    APP,
    null,
  );
  assert.equal(blockOf(record, APP, edge, POLICY)?.detail, "locked");
  assert.equal(blockOf(record, APP, edge - 1, POLICY), null);
});

test("a limit has room for a guess at several secrets, and always for the first one", () => {
  const rooms = [
    [5, 0, 1, 5],
    [5, 0, 2, 2],
    [5, 0, 9, 1],
    [5, 1, 2, 2],
    [5, 2, 2, 1],
    [5, 4, 2, 0],
    [5, 9, 2, 0],
  ] as const;
  for (const [limit, used, weight, left] of rooms) assert.equal(room(limit, used, weight), left);
});

test("only an app code is a guess at the secret of every authenticator", () => {
  const { authenticators } = activeRecord();
  const weight = (factor: Account["factor"], times: number) =>
    accountOf({ ...emptyRecord(), authenticators: Array(times).fill(authenticators[0]) }, factor, null)
      .weight;
  assert.deepEqual([weight("app", 0), weight("app", 3), weight("backup", 3)], [1, 3, 1]);
});

test("waits double with each guess at several secrets, not with each secret", () => {
  const waits = [0, 2, 4, 6, 8, 10].map((failures) => delayAfter(failures, POLICY, 2));
  assert.deepEqual(waits, [0, 0, 30, 60, 120, 240]);
});

test("failures are forgiven where an hour still holds them, and the wait that they led to", () => {
  const row = { failures: 6, lockedUntilAt: NOW, unknown: [1, 2, 2, 3] };
  assert.deepEqual(forgive(row, [1, 2, 9], POLICY, 1), { failures: 3, lockedUntilAt: null, unknown: [2, 3] });
  assert.deepEqual(forgive(row, [3], POLICY, 1), { failures: 5, lockedUntilAt: NOW, unknown: [1, 2, 2] });
});

test("a charge that is taken back leaves the account as it was, on a known device too", () => {
  const sixTimes = failed(withLaptop(), APP, 6, () => NOW);
  const back = takeBack(sixTimes, APP, NOW, POLICY);
  assert.deepEqual(back.app, {
    ...failed(withLaptop(), APP, 5, () => NOW).app,
    lockedUntilAt: back.app.lockedUntilAt,
  });
  const once = failed(withLaptop(), LAPTOP, 1, () => NOW);
  assert.deepEqual(takeBack(once, LAPTOP, NOW, POLICY), withLaptop());
});

test("a charge that is taken back leaves a known device the wait of its other failures", () => {
  const six = failed(withLaptop(), LAPTOP, 6, () => NOW);
  const five = takeBack(six, LAPTOP, NOW, POLICY);
  const [, laptop] = five.devices;
  assert.equal(takeBack(five, LAPTOP, NOW, POLICY).devices[1]?.lockedUntilAt, null, "four have none");
  assert.deepEqual([laptop?.failures, laptop?.totalFailures], [5, 5]);
  assert.equal(laptop?.lockedUntilAt, six.devices[1]?.lockedUntilAt);
});
