import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceCookie } from "../../../src/device-cookie.ts";
import type { UserStore } from "../../../src/store.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import {
  binding,
  challengeOf,
  enrolled,
  enrollIn,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  stepWith,
  trusted,
  USER,
  world,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";

const _DAY = 86_400;

test("a forgotten device has no budget of its own, and becomes known again", async () => {
  const w = await enrolled({ trustedDevices: { trustedFor: 60, knownFor: 120 } });
  const token = await trusted(w);
  w.clock.advance(120);
  await w.twoFactor.verify(USER, wrongCode(w), { binding, deviceToken: token });
  assert.equal((await recordOf(w)).app.failures, 1);
  const { device } = must(await w.twoFactor.verify(USER, w.phone.code(), { binding, deviceToken: token }));
  assert.ok(device && device.token !== token);
});

test("at most ten devices are kept: trusted ones and recent ones stay", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  for (let i = 0; i < 25; i++) await signIn(w);
  assert.equal((await w.twoFactor.devices.list(USER)).length, 10);
  assert.equal((await stepWith(w, token)).step, "done");
});

test("without trusted devices nothing is skipped, and known devices keep their own budget", async () => {
  const w = await enrolled({ trustedDevices: false });
  const { device } = await signIn(w, { trustDevice: true });
  assert.equal(device?.trustedUntilAt, null);
  assert.equal((await stepWith(w, device?.token)).step, "code");
  for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
  must(await w.twoFactor.verify(USER, nextCode(w), { binding, deviceToken: device?.token }));
});

test("V34 N10 A1 an attacker at the hard stop does not lock out the owner's known device", async () => {
  const w = await enrolled();
  const deviceToken = (await signIn(w)).device?.token;
  for (let i = 0; i < 40; i++) {
    await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
    await w.twoFactor.verify(USER, wrongBackupCode(w, i), { binding });
    w.clock.advance(3_600);
  }
  const unknown = await challengeOf(w);
  assert.equal(outcome(await w.twoFactor.signIn.complete(unknown, nextCode(w), { binding })), "locked");
  await signIn(w, { deviceToken });
  const proof = { deviceToken, code: nextCode(w), binding };
  must(await w.twoFactor.reauthenticate(USER, proof));
});

test("V34 no call before the first factor touches a counter, so nothing can be locked", async () => {
  const w = await enrolled({ verifyPassword: () => false, reauthentication: { enroll: "none" } });
  for (let i = 0; i < 200; i++) {
    await w.twoFactor.signIn.complete(`v1.forged.${i}.x`, wrongCode(w, i), { binding });
    await w.twoFactor.signIn.begin(USER, { binding, deviceToken: `${"A".repeat(42)}${i % 10}` });
  }
  for (let i = 0; i < 8; i++) await w.twoFactor.reauthenticate(USER, { password: "guess", binding });
  const { app, backup, devices } = await recordOf(w);
  assert.deepEqual([app.failures, backup.failures], [0, 0]);
  assert.ok(devices.every(({ failures }) => failures === 0));
  await signIn(w);
});

test("a known device is charged for its mistakes, waits for itself, and is forgotten at twenty", async () => {
  const w = await enrolled();
  const deviceToken = (await signIn(w)).device?.token;
  const verify = (code: string) => w.twoFactor.verify(USER, code, { binding, deviceToken });
  for (let i = 0; i < 4; i++) assert.equal(outcome(await verify(wrongCode(w, i))), "wrong_code");
  const fifth = await verify(wrongCode(w, 4));
  assert.ok(!fifth.ok && fifth.attemptsLeft === 0 && fifth.retryAt === w.clock() + 30_000);
  assert.equal(outcome(await verify(w.codes[0] ?? "")), "locked", "both kinds of code");
  assert.equal((await recordOf(w)).app.failures, 0);
  must(await w.twoFactor.verify(USER, nextCode(w), { binding }));
  for (let total = 5; total < 20; total++) {
    w.clock.advance(3_600);
    assert.equal(outcome(await verify(wrongCode(w, total))), "wrong_code");
  }
  w.clock.advance(3_600);
  assert.equal((await w.twoFactor.devices.list(USER)).length, 2, "the other two are still known");
  await verify(wrongCode(w, 99));
  assert.equal((await recordOf(w)).app.failures, 1, "now it is a browser like any other");
});

test("a trusted device with nineteen failures and then a right backup code stays trusted", async () => {
  const w = await enrolled();
  const deviceToken = await trusted(w);
  for (let i = 0; i < 19; i++) {
    await w.twoFactor.verify(USER, wrongCode(w, i), { binding, deviceToken });
    w.clock.advance(3_600);
  }
  const before = w.events.length;
  const done = must(await w.twoFactor.verify(USER, w.codes[0], { binding, deviceToken }));
  assert.equal(done.device, null, "its token is as good as before");
  assert.deepEqual(
    w.events.slice(before).map(({ type }) => type),
    ["verified", "backup_code_used"],
  );
  assert.equal((await stepWith(w, deviceToken)).step, "done");
});

test("a device that reached a lowered hard stop is forgotten, not locked out for good", async () => {
  const w = await enrolled();
  const deviceToken = (await signIn(w)).device?.token;
  for (let i = 0; i < 12; i++) {
    await w.twoFactor.verify(USER, wrongCode(w, i), { binding, deviceToken });
    w.clock.advance(3_600);
  }
  const { twoFactor } = world({ ...w.options, onEvent: undefined, throttle: { hardStop: 10 } });
  assert.equal((await twoFactor.status(USER)).devices, 1, "the one that enrolled");
  assert.equal((await twoFactor.devices.list(USER)).length, 1);
  const done = must(await twoFactor.verify(USER, w.phone.code(), { binding, deviceToken }));
  assert.notEqual(done.device?.token, deviceToken);
});

test("two accounts on one device have cookies of their own, and each counts for its user", async () => {
  const w = await enrolled();
  await enrollIn(w, "bob");
  const jar = new Map<string, string>();
  for (const user of [USER, "bob"]) {
    const challenge = await challengeOf(w, {}, user);
    w.clock.advance(30);
    const code = w.phone.code(user);
    const done = must(await w.twoFactor.signIn.complete(challenge, code, { binding, trustDevice: true }));
    assert.ok(done.device);
    const [pair = ""] = deviceCookie(user).set(done.device).split(";");
    const [name = "", value = ""] = pair.split("=");
    jar.set(name, value);
  }
  assert.equal(jar.size, 2);
  for (const user of [USER, "bob"]) {
    assert.equal((await stepWith(w, jar.get(deviceCookie(user).name), user)).step, "done");
  }
});

test("R9 a crowd with the password holds up no known device in verify or re-authentication", async () => {
  const inner = memoryStore();
  let release = () => {};
  let hold = false;
  const store: UserStore = {
    get: (userId) => inner.get(userId),
    async compareAndSet(userId, expected, next) {
      if (hold) {
        hold = false;
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return inner.compareAndSet(userId, expected, next);
    },
  };
  const w = await enrolled({ store });
  const deviceToken = (await signIn(w)).device?.token;
  w.clock.advance(30);
  hold = true; // the first of the crowd is at it for long, and the others wait behind it
  const crowd = Array.from({ length: 60 }, (_, i) => w.twoFactor.verify(USER, wrongCode(w, i), { binding }));
  const known = { binding, deviceToken };
  assert.equal(outcome(await w.twoFactor.reauthenticate(USER, { ...known, code: w.phone.code() })), "ok");
  assert.equal(outcome(await w.twoFactor.verify(USER, w.codes[0], known)), "ok");
  const junk = { binding, deviceToken: "j".repeat(43) };
  assert.equal(outcome(await w.twoFactor.verify(USER, "000000", junk)), "queue_full");
  release();
  assert.ok((await Promise.all(crowd)).map(outcome).includes("queue_full"));
});
