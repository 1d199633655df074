import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../src/admin.ts";
import { deviceCookie } from "../../src/page.ts";
import type { Context } from "../../src/two-factor/types.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  enrollIn,
  machines,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  tally,
  USER,
  wrongBackupCode,
  wrongCode,
} from "./world.ts";

const DAY = 86_400;

async function trusted(w: Enrolled, context?: Context): Promise<string> {
  const { device } = await signIn(w, { trustDevice: true, context });
  assert.ok(device);
  return device.token;
}

async function stepWith(w: Enrolled, deviceToken: unknown, user: string = USER) {
  return w.twoFactor.signIn.begin(user, { binding, deviceToken: deviceToken as string });
}

test("V65 N13 a trusted device skips the second factor, and is honest about it", async () => {
  const w = await enrolled();
  const deviceToken = await trusted(w);
  const firstFactor = { amr: ["pwd"], authenticatedAt: w.clock() - 5_000 };
  const step = await w.twoFactor.signIn.begin(USER, { binding, deviceToken, firstFactor });
  assert.deepEqual(step, {
    step: "done",
    userId: USER,
    reason: "trusted_device",
    assurance: { aal: 1, amr: ["pwd"], authenticatedAt: w.clock() - 5_000 },
  });
  assert.ok(!("elevation" in step));
  const { twoFactor } = w;
  for (const result of [
    await twoFactor.disable(USER, { deviceToken, binding }),
    await twoFactor.backupCodes.regenerate(USER, { deviceToken, binding }),
    await twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, deviceToken, binding }),
    await twoFactor.reauthenticate(USER, { deviceToken, binding }),
  ]) {
    assert.equal(outcome(result), "reauthentication_required");
  }
});

test("a success by code makes the browser known for a year, and trusted only when asked", async () => {
  const w = await enrolled();
  const known = await signIn(w);
  assert.deepEqual(known.device && { ...known.device, token: "" }, {
    token: "",
    knownUntilAt: w.clock() + 365 * DAY * 1_000,
    trustedUntilAt: null,
  });
  assert.equal((await stepWith(w, known.device?.token)).step, "code");
  const asked = await signIn(w, { trustDevice: true });
  assert.equal(asked.device?.trustedUntilAt, w.clock() + 30 * DAY * 1_000);
  for (const wish of ["true", 1, {}]) {
    const { device } = await signIn(w, { trustDevice: wish as boolean });
    assert.equal(device?.trustedUntilAt, null, "only true is a wish");
  }
});

test("V63 trust ends on its day, however often the device is used", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  const end = w.clock() + 30 * DAY * 1_000;
  while (w.clock() < end) {
    assert.equal((await stepWith(w, token)).step, "done");
    w.clock.advance(DAY);
  }
  assert.equal((await stepWith(w, token)).step, "code");
  const again = await signIn(w, { deviceToken: token, trustDevice: true });
  assert.equal(again.device?.token, token, "the token stays");
  assert.equal((await stepWith(w, token)).step, "done");
});

test("V63 to the very millisecond", async () => {
  const w = await enrolled({ trustedDevices: { trustedFor: 60, knownFor: 120 } });
  const token = await trusted(w);
  const start = w.clock();
  w.clock.set(start + 59_999);
  assert.equal((await stepWith(w, token)).step, "done");
  w.clock.set(start + 60_000);
  assert.equal((await stepWith(w, token)).step, "code");
  assert.equal((await w.twoFactor.trustedDevices.list(USER)).at(-1)?.trustedUntilAt, null);
  w.clock.set(start + 120_000);
  assert.deepEqual(await w.twoFactor.trustedDevices.list(USER), []);
  assert.equal((await w.twoFactor.status(USER)).devices, 0);
});

test("a browser that is known no more has no budget of its own, and becomes known anew", async () => {
  const w = await enrolled({ trustedDevices: { trustedFor: 60, knownFor: 120 } });
  const token = await trusted(w);
  w.clock.advance(120);
  await w.twoFactor.verify(USER, wrongCode(w), { binding, deviceToken: token });
  assert.equal((await recordOf(w)).app.failures, 1);
  const { device } = must(await w.twoFactor.verify(USER, w.phone.code(), { binding, deviceToken: token }));
  assert.ok(device && device.token !== token);
});

test("V64 the token is never rotated: tabs at once are all let through", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  w.clock.advance(2 * DAY); // the next use is noted with a write
  const steps = await Promise.all(Array.from({ length: 20 }, () => stepWith(w, token)));
  assert.deepEqual(tally(steps.map(({ step }) => step)), { done: 20 });
  const { device } = must(await w.twoFactor.verify(USER, w.phone.code(), { binding, deviceToken: token }));
  assert.equal(device, null, "a live token was shown, and its trust is unchanged");
});

const ENDINGS: readonly [string, (w: Enrolled) => Promise<unknown>][] = [
  ["V59 disabling", (w) => w.twoFactor.disable(USER, { code: nextCode(w), binding })],
  ["V59 replacement", (w) => enrollAgain(w, true)],
  ["V59 an administrator's reset", (w) => createAdmin(w.options).reset(USER, { actor: "a", reason: "r" })],
  ["V60 A6 a changed password", (w) => w.twoFactor.credentialChanged(USER, "password")],
  ["V60 a changed e-mail address", (w) => w.twoFactor.credentialChanged(USER, "email")],
  ["V60 A6 an account recovery", (w) => w.twoFactor.credentialChanged(USER, "recovery")],
  ["revoking all", (w) => w.twoFactor.trustedDevices.revokeAll(USER)],
];

async function enrollAgain(w: Enrolled, replace: boolean): Promise<void> {
  const proof = replace ? { code: nextCode(w) } : {};
  const begun = must(
    await w.twoFactor.enrollment.begin(USER, { accountName: USER, replace, binding, ...proof }),
  );
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding }));
}

for (const [name, end] of ENDINGS) {
  test(`${name} ends every device, known and trusted`, async () => {
    const w = await enrolled();
    const tokens = [await trusted(w), (await signIn(w)).device?.token, await trusted(w)];
    await end(w);
    if ((await w.twoFactor.status(USER)).state === "none") await enrollAgain(w, false);
    for (const token of tokens) assert.equal((await stepWith(w, token)).step, "code");
    const ids = await w.twoFactor.trustedDevices.list(USER);
    assert.ok(ids.length <= 1, "none but the browser of a replacement");
    for (let i = 0; i < 5; i++) {
      const code = wrongCode({ ...w, secret: (await recordOf(w)).authenticators[0]?.secret ?? "" }, i);
      await w.twoFactor.verify(USER, code, { binding, deviceToken: tokens[0] });
    }
    assert.equal((await recordOf(w)).app.failures, 5, "and its budget");
  });
}

test("V61 one user's token is nothing for another, and nobody is told of it", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  await enrollIn(w, "bob");
  const before = w.events.length;
  for (let i = 0; i < 20; i++) assert.equal((await stepWith(w, token, "bob")).step, "code");
  assert.equal(w.events.length, before);
});

test("junk for a device token is no device, whatever it is", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  for (const junk of [
    "",
    token.slice(1),
    `${token}=`,
    token.toLowerCase(),
    "x".repeat(1e6),
    7,
    null,
    {},
    [token],
  ]) {
    assert.equal((await stepWith(w, junk)).step, "code");
    const { device } = must(
      await w.twoFactor.verify(USER, nextCode(w), { binding, deviceToken: junk as string }),
    );
    assert.notEqual(device, null);
  }
});

test("V66 a token is 256 random bits, and only its hash is stored", async () => {
  const w = await enrolled();
  const tokens = [await trusted(w), await trusted(w)];
  assert.notEqual(tokens[0], tokens[1]);
  const stored = JSON.stringify(await recordOf(w));
  for (const token of tokens) {
    assert.match(token, /^[A-Za-z0-9_-]{43}$/);
    assert.ok(!stored.includes(token));
  }
});

test("devices are listed with what a person may read, and revoked one by one without proof", async () => {
  const w = await enrolled();
  await w.twoFactor.trustedDevices.revokeAll(USER);
  const token = await trusted(w, { device: "Firefox on Linux", ip: "192.0.2.1" });
  w.clock.advance(60);
  await signIn(w, { context: { device: `a "long"\n name ${"\u00E9".repeat(80)}` } });
  const listed = await w.twoFactor.trustedDevices.list(USER);
  assert.deepEqual(Object.keys(listed[0] ?? {}).sort(), [
    "createdAt",
    "id",
    "knownUntilAt",
    "label",
    "lastUsedAt",
    "trustedUntilAt",
  ]);
  assert.equal(listed[0]?.label, "Firefox on Linux");
  assert.match(listed[1]?.label ?? "", /^a {1,2}long {1,2}name \u00E9+$/);
  assert.ok(new TextEncoder().encode(listed[1]?.label ?? "").length <= 64);
  assert.ok(!JSON.stringify(listed).includes(token));
  const id = listed[0]?.id ?? "";
  must(await w.twoFactor.trustedDevices.revoke(USER, id));
  const again = await w.twoFactor.trustedDevices.revoke(USER, id);
  assert.ok(!again.ok && again.detail === "device_not_found" && again.reason === "not_found");
  assert.equal((await stepWith(w, token)).step, "code");
  assert.equal((await w.twoFactor.trustedDevices.list(USER)).length, 1);
  for (const junk of [undefined, null, 7, {}, "x".repeat(1e6)]) {
    assert.equal(outcome(await w.twoFactor.trustedDevices.revoke(USER, junk as string)), "device_not_found");
  }
});

test("at most ten devices are kept: trusted ones and recent ones stay", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  for (let i = 0; i < 25; i++) await signIn(w);
  assert.equal((await w.twoFactor.trustedDevices.list(USER)).length, 10);
  assert.equal((await stepWith(w, token)).step, "done");
});

test("without trusted devices nothing is skipped, and known browsers keep their own budget", async () => {
  const w = await enrolled({ trustedDevices: false });
  const { device } = await signIn(w, { trustDevice: true });
  assert.equal(device?.trustedUntilAt, null);
  assert.equal((await stepWith(w, device?.token)).step, "code");
  for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
  must(await w.twoFactor.verify(USER, nextCode(w), { binding, deviceToken: device?.token }));
});

test("trust that was given before trusted devices were turned off does not count any more", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  const off = await enrolled({ ...w.options, onEvent: undefined, trustedDevices: false }, "bob");
  assert.equal((await off.twoFactor.signIn.begin(USER, { binding, deviceToken: token })).step, "code");
});

test("V34 N10 A1 an attacker at the hard stop does not keep the owner out of a known browser", async () => {
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

test("V34 without the password nothing can be locked: no call before the first factor touches a counter", async () => {
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

test("a known browser is charged for its own mistakes, waits for itself, and is forgotten at twenty", async () => {
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
  assert.equal((await w.twoFactor.trustedDevices.list(USER)).length, 2, "the other two are still known");
  await verify(wrongCode(w, 99));
  assert.equal((await recordOf(w)).app.failures, 1, "now it is a browser like any other");
});

test("a known browser whose twentieth failure was reserved for a right backup code is told so and known anew", async () => {
  const w = await enrolled();
  const deviceToken = (await signIn(w)).device?.token;
  for (let i = 0; i < 19; i++) {
    await w.twoFactor.verify(USER, wrongCode(w, i), { binding, deviceToken });
    w.clock.advance(3_600);
  }
  const before = w.events.length;
  const done = must(await w.twoFactor.verify(USER, w.codes[0], { binding, deviceToken }));
  assert.notEqual(done.device?.token, deviceToken);
  assert.deepEqual(
    w.events.slice(before).map(({ type }) => type),
    ["device_revoked", "verified", "backup_code_used", "device_known"],
  );
});

for (const seed of [31, 32]) {
  test(`noting that a device was used takes no failure back (seed ${seed})`, async () => {
    const all = machines(3, { seed });
    const [first] = all;
    assert.ok(first);
    const w = await enrollIn(first);
    const token = await trusted(w);
    w.clock.advance(2 * DAY);
    await Promise.all([
      ...all.map(({ twoFactor }) => twoFactor.signIn.begin(USER, { binding, deviceToken: token })),
      ...all.map(({ twoFactor }, i) =>
        twoFactor.verify(USER, wrongCode(w, i), { binding, deviceToken: token }),
      ),
    ]);
    const device = (await recordOf(w)).devices.find(({ trustedUntilAt }) => trustedUntilAt !== null);
    assert.deepEqual([device?.failures, device?.totalFailures], [3, 3]);
  });
}

test("two accounts in one browser have cookies of their own, and each helps its own", async () => {
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
