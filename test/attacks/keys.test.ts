import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lengthPrefixed, utf8 } from "../../src/internal/bytes.ts";
import { createKeyring, generateKey } from "../../src/keyring.ts";
import { decodeRecord, encodeRecord } from "../../src/record/format.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  enrollIn,
  must,
  outcome,
  recordOf,
  signIn,
  USER,
  type World,
  world,
} from "../support/world.ts";

test("V62 fields that are authenticated together cannot run into each other", async () => {
  await fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 6 }), { maxLength: 5 }),
      fc.array(fc.string({ maxLength: 6 }), { maxLength: 5 }),
      (a, b) => {
        const same =
          a.length === b.length && a.every((field, i) => utf8(field).join() === utf8(b[i] ?? "").join());
        assert.equal(lengthPrefixed(...a).join() === lengthPrefixed(...b).join(), same);
      },
    ),
  );
  const keyring = createKeyring(generateKey());
  const sealed = await keyring.forUser("ab").seal("cversion", "{}");
  for (const [user, version] of [
    ["abc", "version"],
    ["a", "bcversion"],
    ["ab", "cversio"],
  ] as const) {
    await assert.rejects(keyring.forUser(user).open(version, sealed), { code: "record_invalid" });
  }
});

test("V70 A16 keys rotate in two deploys, and nobody is enrolled again", async () => {
  const [first, second] = [generateKey(), generateKey()];
  const w = await enrolled({ keys: first });
  const deploy = (keys: string): World => ({
    ...w,
    ...createTestTwoFactor({ ...w.options, onEvent: undefined, keys }),
  });
  const added = deploy(`${first} ${second}`);
  const moved = deploy(`${second} ${first}`);
  const challenge = await challengeOf(moved);
  must(await added.twoFactor.signIn.complete(challenge, added.phone.code(), { binding }));
  const keyIdOf = async () => (await w.store.get(USER))?.data.split(".")[1];
  assert.equal(await keyIdOf(), createKeyring(first).keyId);
  await signIn(moved);
  assert.equal(await keyIdOf(), createKeyring(second).keyId, "every write seals under the first key");
  await signIn(added);
  assert.equal(await moved.twoFactor.rewrap(USER), true, "and rewrap finishes the rest");
  assert.equal(await moved.twoFactor.rewrap(USER), false);
  assert.equal(await moved.twoFactor.rewrap("nobody"), false);
  assert.equal(await w.store.get("nobody"), null);
  assert.deepEqual(
    moved.events.filter(({ type }) => type === "rewrapped").map(({ notify }) => notify),
    [false],
  );
  await signIn(deploy(second));
});

test("V70 a key that is removed while records are sealed under it fails clearly, and closed", async () => {
  const [first, second] = [generateKey(), generateKey()];
  const w = await enrolled({ keys: first });
  const gone = world({ ...w.options, onEvent: undefined, keys: second });
  for (const call of [
    () => gone.twoFactor.status(USER),
    () => gone.twoFactor.signIn.begin(USER, { binding }),
    () => gone.twoFactor.verify(USER, w.phone.code(), { binding }),
  ]) {
    await assert.rejects(call, { name: "TwoFactorError", code: "key_unknown", message: /keys/ });
  }
  const { elevation } = w.signIn;
  const fresh = await enrollIn(world({ keys: second, clock: w.clock }));
  const foreign = await fresh.twoFactor.disable(USER, { elevation, binding });
  assert.equal(outcome(foreign), "elevation_invalid");
});

test("V70 A16 keys are demanded, each of 32 bytes, none twice", () => {
  const create = (keys: string | undefined) => () => createTestTwoFactor({ keys });
  const key = generateKey();
  assert.throws(create(undefined), /^TypeError: keys: .*npx twinlock key/);
  for (const wrong of [
    "",
    "  ",
    "short",
    `${key}A`,
    key.slice(1),
    `${key} ${key}`,
    `${key},${generateKey()}`,
  ]) {
    assert.throws(create(wrong), /^TypeError: keys: /);
  }
  assert.throws(create(Array.from({ length: 17 }, generateKey).join(" ")), /^RangeError: keys: /);
  assert.doesNotThrow(create(` ${key}\n\t${generateKey()} `));
});

test("no two sealings of one record are alike", async () => {
  const keyring = createKeyring(generateKey());
  const seal = keyring.forUser(USER);
  const sealed = await Promise.all(Array.from({ length: 50 }, () => seal.seal("v", "{}")));
  assert.equal(new Set(sealed).size, 50);
  const tokens = await Promise.all(Array.from({ length: 50 }, () => keyring.sealToken("challenge", "{}")));
  assert.equal(new Set(tokens).size, 50);
});

test("the largest record that the service can make stays within 16 KiB sealed", async () => {
  const w = await largest();
  const row = await w.store.get(USER);
  assert.ok(row);
  const { devices, spentChallenges, app, backup, pending, backupCodes } = await recordOf(w);
  assert.deepEqual(
    [devices.length, spentChallenges.length, backupCodes?.codes.length, pending?.batch?.codes.length],
    [10, 32, 16, 16],
  );
  assert.ok(app.unknown.length > 50 && backup.unknown.length > 50);
  assert.ok(row.data.length <= 16_384, `${row.data.length}`);
  await signIn(w);
});

/** Ten devices with long names, two batches of sixteen, a pending replacement, spent challenges, years of failures. */
async function largest(): Promise<Enrolled> {
  const unknown = [{ failures: 100, within: 365 * 86_400 }];
  const w = await enrolled({
    backupCodes: { count: 16, alphabet: "base32", length: 32, acknowledge: true },
    throttle: { free: 10, unknown },
    lifetimes: { challenge: 3_600, enrollment: 3_600, elevation: 3_600 },
    totp: { algorithm: "SHA512" },
  });
  const device = "\u{1F4BB}".repeat(40);
  for (let i = 0; i < 60; i++) {
    await w.twoFactor.verify(USER, "000000", { binding });
    await w.twoFactor.verify(USER, "0".repeat(32), { binding });
    w.clock.advance(4_000 + i * 500);
  }
  const ids = Array.from({ length: 32 }, () => challengeOf(w));
  for (const challenge of await Promise.all(ids)) {
    w.clock.advance(30);
    const options = { binding, trustDevice: true, context: { device } };
    must(await w.twoFactor.signIn.complete(challenge, w.phone.code(), options));
  }
  w.clock.advance(30);
  const proof = { code: w.phone.code(), binding };
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName: "b", replace: true, ...proof }));
  const next = world({ clock: w.clock });
  next.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: next.phone.code(), binding }));
  return w;
}

test("a record beyond its bounds is refused, never cut", async () => {
  const { devices, ...record } = await recordOf(await enrolled());
  const [device] = devices;
  assert.ok(device);
  const many = (count: number) => ({ ...record, devices: Array.from({ length: count }, () => device) });
  assert.deepEqual(decodeRecord(encodeRecord(many(10))), many(10));
  assert.throws(() => encodeRecord(many(11)), TypeError);
  assert.throws(() => encodeRecord({ ...many(1), epoch: "x".repeat(23) }), TypeError);
});
