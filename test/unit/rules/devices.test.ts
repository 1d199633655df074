import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../src/internal/bytes.ts";
import { MAX_DEVICES, type UserRecord } from "../../../src/record.ts";
import {
  admit,
  type DevicePolicy,
  type FreshDevice,
  freshDevice,
  isTrusted,
  knownUntil,
  liveDevice,
  revoke,
  touch,
  trustedUntil,
} from "../../../src/rules/devices.ts";
import { labelText } from "../../../src/rules/label.ts";
import { activeRecord, deviceOf, START } from "../../support/records.ts";

const DAY = 86_400_000;
const policy: DevicePolicy = {
  mayTrust: true,
  trustedFor: 30 * 86_400,
  knownFor: 365 * 86_400,
  max: MAX_DEVICES,
  maxFailures: 20,
};
const fresh: FreshDevice = { id: "fresh", token: "token-fresh", tokenHash: "hash-fresh" };
const never = () => assert.fail("no device was needed");
const laptop = deviceOf("laptop");
const record = activeRecord({ devices: [laptop, deviceOf("phone")] });

function admitFresh(from: UserRecord, change: Partial<Parameters<typeof admit>[1]> = {}, now = START) {
  const asked = { tokenHash: null, token: null, trust: false, label: null, ...change };
  return admit(from, asked, now, () => fresh, policy);
}

test("a device is known by the hash of its token until its date, and null is no device", () => {
  assert.equal(liveDevice(record, "hash-laptop", START, policy), laptop);
  assert.equal(liveDevice(record, "hash-other", START, policy), undefined);
  assert.equal(liveDevice(record, null, START, policy), undefined);
  assert.equal(liveDevice(null, "hash-laptop", START, policy), undefined);
  assert.equal(liveDevice(record, "hash-laptop", laptop.knownUntilAt - 1, policy), laptop);
  assert.equal(liveDevice(record, "hash-laptop", laptop.knownUntilAt, policy), undefined);
});

test("V61 an unknown token, or that of another user, makes a new device", () => {
  const { record: after, outcome } = admitFresh(record, { tokenHash: "hash-of-bob", token: "token-of-bob" });
  assert.equal(outcome?.token, "token-fresh");
  assert.deepEqual(after.devices.map(({ id }) => id).sort(), ["fresh", "laptop", "phone"]);
});

test("a success makes the device known for a year, and trusted only on request", () => {
  const known = admitFresh(activeRecord(), { label: "Firefox" });
  assert.deepEqual(known.outcome, {
    token: "token-fresh",
    knownUntilAt: START + 365 * DAY,
    trustedUntilAt: null,
  });
  assert.deepEqual(known.record.devices, [
    deviceOf("fresh", { label: "Firefox", knownUntilAt: START + 365 * DAY }),
  ]);
  assert.deepEqual(known.events, [{ type: "device_known", device: { id: "fresh", label: "Firefox" } }]);
  const trusted = admitFresh(activeRecord(), { trust: true });
  assert.equal(trusted.outcome?.trustedUntilAt, START + 30 * DAY);
  const device = { id: "fresh", label: null };
  assert.deepEqual(trusted.events, [
    { type: "device_known", device },
    { type: "device_trusted", device },
  ]);
});

test("V64 the token of a known device never changes, and is handed out only when needed", () => {
  const asked = { tokenHash: "hash-laptop", token: "token-laptop", trust: false, label: null };
  const seen = admit(record, asked, START + DAY, never, policy);
  assert.equal(seen.outcome, null);
  assert.deepEqual(seen.events, []);
  assert.equal(seen.record.devices[0]?.lastUsedAt, START + DAY);
  const named = admit(record, { ...asked, label: "Firefox" }, START, never, policy).record;
  assert.equal(named.devices[0]?.label, "Firefox");
  const again = admit(named, asked, START, never, policy).record;
  assert.equal(again.devices[0]?.label, "Firefox", "a sign-in that says nothing keeps the name");
  const trusted = admit(record, { ...asked, trust: true }, START + DAY, never, policy);
  assert.equal(trusted.outcome?.token, "token-laptop");
  const trustedUntilAt = START + 31 * DAY;
  assert.deepEqual(trusted.record.devices, [
    { ...laptop, lastUsedAt: START + DAY, trustedUntilAt, trustedAt: START + DAY },
    deviceOf("phone"),
  ]);
  assert.deepEqual(trusted.events, [{ type: "device_trusted", device: { id: "laptop", label: null } }]);
});

test("R17 a lowered option holds for older devices, and raising it gives none of them more", () => {
  const asked = { trust: true };
  const [device] = admitFresh(activeRecord(), asked).record.devices;
  assert.ok(device);
  const later = { ...policy, trustedFor: 86_400, knownFor: 7 * 86_400 };
  const about = (rule: DevicePolicy) => [trustedUntil(device, rule), knownUntil(device, rule)];
  assert.deepEqual(about(policy), [START + 30 * DAY, START + 365 * DAY]);
  assert.deepEqual(about(later), [START + DAY, START + 7 * DAY]);
  assert.deepEqual(about({ ...later, trustedFor: 10 * 86_400 }), [START + 10 * DAY, START + 10 * DAY]);
  assert.deepEqual(about({ ...policy, trustedFor: 90 * 86_400, knownFor: 400 * 86_400 }), about(policy));
  assert.ok(isTrusted(device, START + DAY - 1, later));
  for (const day of [1, 2, 29]) assert.ok(!isTrusted(device, START + day * DAY, later), `day ${day}`);
});

test("V63 trust ends on its day, used or not, and only a code renews it", () => {
  const trusted = admitFresh(activeRecord(), { trust: true }).record;
  const end = START + 30 * DAY;
  let current = trusted;
  for (let at = START + DAY; at < end; at += DAY) {
    const device = liveDevice(current, "hash-fresh", at, policy);
    assert.ok(device && isTrusted(device, at, policy));
    current = touch(current, device.id, at).record;
  }
  const device = liveDevice(current, "hash-fresh", end, policy);
  assert.ok(device && !isTrusted(device, end, policy), "still known, no longer trusted");
});

test("where devices may not be trusted, none is, whatever the record says", () => {
  const strict = { ...policy, mayTrust: false };
  const asked = { tokenHash: null, token: null, trust: true, label: null };
  assert.equal(admit(record, asked, START, () => fresh, strict).outcome?.trustedUntilAt, null);
  assert.equal(isTrusted(deviceOf("old", { trustedUntilAt: START + DAY }), START, strict), false);
});

test("a device is known at least as long as it is trusted", () => {
  const short = { ...policy, knownFor: 60 };
  const asked = { tokenHash: null, token: null, trust: true, label: null };
  const made = admit(activeRecord(), asked, START, () => fresh, short);
  assert.equal(made.outcome?.knownUntilAt, made.outcome?.trustedUntilAt);
  const again = { ...asked, tokenHash: "hash-fresh", token: "token-fresh" };
  const later = admit(made.record, again, START + DAY, never, short);
  assert.equal(later.outcome?.knownUntilAt, START + 31 * DAY);
});

test("room is made by dropping the expired, then the merely known, then the least recent", () => {
  const trusted = { trustedUntilAt: START + DAY };
  const devices = [
    deviceOf("expired", { ...trusted, lastUsedAt: START, knownUntilAt: START }),
    deviceOf("trusted-old", { ...trusted, lastUsedAt: START - 9 }),
    deviceOf("known-new", { lastUsedAt: START - 1 }),
    deviceOf("known-old", { lastUsedAt: START - 5 }),
    deviceOf("trusted-new", { ...trusted, lastUsedAt: START - 2 }),
  ];
  const kept = (max: number) =>
    admit(
      activeRecord({ devices }),
      { tokenHash: null, token: null, trust: false, label: null },
      START,
      () => fresh,
      { ...policy, max },
    ).record.devices.map(({ id }) => id);
  assert.deepEqual(kept(10), ["trusted-new", "trusted-old", "known-new", "known-old", "fresh"]);
  assert.deepEqual(kept(3), ["trusted-new", "trusted-old", "fresh"]);
  assert.deepEqual(kept(2), ["trusted-new", "fresh"]);
  assert.deepEqual(kept(1), ["fresh"]);
});

test("there are never more than ten, and the one that was just admitted is among them", () => {
  let current = activeRecord();
  for (let i = 0; i < 25; i++) {
    const made = { id: `d${i}`, token: `t${i}`, tokenHash: `h${i}` };
    const asked = { tokenHash: null, token: null, trust: i % 3 === 0, label: null };
    current = admit(current, asked, START + i, () => made, policy).record;
    assert.ok(current.devices.length <= MAX_DEVICES);
    assert.ok(liveDevice(current, `h${i}`, START + i, policy));
  }
});

test("a skipped second factor is noted once a day, on the device as it is now", () => {
  assert.equal(touch(record, "laptop", START + DAY - 1).record, record);
  assert.equal(
    touch(record, "gone", START + DAY).record,
    record,
    "a device that was just revoked stays away",
  );
  const noted = touch(record, "laptop", START + DAY);
  assert.deepEqual(noted.events, []);
  assert.deepEqual(noted.record.devices, [{ ...laptop, lastUsedAt: START + DAY }, deviceOf("phone")]);
  const failed = { ...record, devices: [{ ...laptop, failures: 3, totalFailures: 9 }] };
  const [touched] = touch(failed, "laptop", START + DAY).record.devices;
  assert.deepEqual(touched, { ...laptop, failures: 3, totalFailures: 9, lastUsedAt: START + DAY });
});

test("one device or all are forgotten, and forgetting nothing writes nothing", () => {
  const one = revoke(record, ({ id }) => id === "laptop");
  assert.deepEqual(
    one.record.devices.map(({ id }) => id),
    ["phone"],
  );
  assert.equal(one.outcome, true);
  assert.deepEqual(one.events, [{ type: "device_revoked", device: { id: "laptop", label: null } }]);
  assert.deepEqual(revoke(record, () => true).record.devices, []);
  assert.equal(revoke(record, () => false).record, record);
  assert.equal(revoke(activeRecord(), () => true).outcome, false);
});

test("V66 a token is 256 random bits, and only its hash is part of the device", () => {
  const asked: number[] = [];
  const random = (length: number) => {
    asked.push(length);
    return new Uint8Array(length).fill(asked.length);
  };
  const made = freshDevice(random, (token) => `hash of ${token.length} characters`);
  assert.deepEqual(asked, [32, 6]);
  assert.equal(made.token.length, 43);
  assert.equal(made.tokenHash, "hash of 43 characters");
  const { record: after } = admit(
    record,
    { tokenHash: null, token: null, trust: true, label: null },
    START,
    () => made,
    policy,
  );
  assert.ok(!JSON.stringify(after).includes(made.token));
});

test("a label is one clean line of at most 64 bytes, or none", () => {
  assert.equal(labelText("Firefox on Linux"), "Firefox on Linux");
  assert.equal(labelText(' a\r\nb\u202Ec\u0000\u2028d"\\e '), "a b c d e");
  assert.equal(labelText("é".repeat(40)), "é".repeat(32));
  assert.equal(labelText("\u{1F600}".repeat(40)), "\u{1F600}".repeat(16));
  for (const none of [undefined, null, 7, {}, "", " \n ", "\uD800"]) assert.equal(labelText(none), null);
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (text) => {
      const label = labelText(text);
      if (label === null) return;
      assert.ok(utf8(label).length <= 64);
      assert.equal(labelText(label), label.trim() === "" ? null : label.trim());
      assert.equal(JSON.stringify(label).length, label.length + 2, "nothing needs escaping in the record");
    }),
  );
});

test("a device with a used-up budget is not known any more, and makes room first", () => {
  const known = deviceOf("known", { totalFailures: 19, lastUsedAt: START - 2 });
  const spent = deviceOf("spent", { totalFailures: 20, lastUsedAt: START - 1, trustedUntilAt: START + DAY });
  const both = activeRecord({ devices: [known, spent] });
  assert.equal(liveDevice(both, known.tokenHash, START, policy), known);
  assert.equal(liveDevice(both, spent.tokenHash, START, policy), undefined);
  const asked = { tokenHash: null, token: null, trust: false, label: null };
  const after = admit(both, asked, START, () => fresh, { ...policy, max: 2 });
  assert.deepEqual(
    after.record.devices.map(({ id }) => id),
    ["known", "fresh"],
  );
});

test("trust without a date of its own counts from when the device became known", () => {
  const undated = deviceOf("laptop", { trustedUntilAt: START + 90 * 86_400_000 });
  const short = { ...policy, mayTrust: true, trustedFor: 86_400 };
  assert.equal(trustedUntil({ ...undated, trustedAt: null }, short), START + 86_400_000);
});
