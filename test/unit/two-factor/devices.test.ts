import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../../src/admin.ts";
import { createTestTwoFactor } from "../../../src/testing/index.ts";
import { uriOf } from "../../support/phone.ts";
import {
  binding,
  type Enrolled,
  enrolled,
  enrollIn,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  stepWith,
  tally,
  trusted,
  USER,
  wrongCode,
} from "../../support/world.ts";

const DAY = 86_400;

test("V65 N13 a trusted device skips the second factor, and the assurance is aal 1", async () => {
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

test("a success by code makes the device known for a year, and trusted only on request", async () => {
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

test("R17 trust given for longer ends when the option is lowered, and does not come back", async () => {
  const before = await enrolled();
  const token = await trusted(before);
  const options = {
    ...before.options,
    clock: before.clock,
    trustedDevices: { trustedFor: DAY, knownFor: 7 * DAY },
  };
  const w = { ...before, ...createTestTwoFactor(options) };
  const [listed] = (await w.twoFactor.devices.list(USER)).filter(({ trustedUntilAt }) => trustedUntilAt);
  assert.deepEqual(
    [listed?.trustedUntilAt, listed?.knownUntilAt],
    [w.clock() + DAY * 1_000, w.clock() + 7 * DAY * 1_000],
  );
  w.clock.advance(DAY - 1);
  assert.equal((await stepWith(w, token)).step, "done");
  for (const days of [1, 27, 1]) {
    w.clock.advance(days * DAY);
    assert.equal((await stepWith(w, token)).step, "code");
  }
});

test("V63 trust ends to the millisecond", async () => {
  const w = await enrolled({ trustedDevices: { trustedFor: 60, knownFor: 120 } });
  const token = await trusted(w);
  const start = w.clock();
  const [, given] = await w.twoFactor.devices.list(USER);
  assert.equal(given?.trustedUntilAt, start + 60_000);
  w.clock.set(start + 59_999);
  assert.equal((await stepWith(w, token)).step, "done");
  w.clock.set(start + 60_000);
  assert.equal((await stepWith(w, token)).step, "code");
  const known = await w.twoFactor.devices.list(USER);
  assert.equal(known.at(-1)?.trustedUntilAt, null);
  assert.deepEqual([known.length > 0, (await w.twoFactor.status(USER)).devices], [true, known.length]);
  w.clock.set(start + 120_000);
  assert.deepEqual(await w.twoFactor.devices.list(USER), []);
  assert.equal((await w.twoFactor.status(USER)).devices, 0);
});

test("V64 the token is never rotated: several tabs at once are all let through", async () => {
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
  ["revoking all", (w) => w.twoFactor.devices.revokeAll(USER)],
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
    const ids = await w.twoFactor.devices.list(USER);
    assert.ok(ids.length <= 1, "none but the browser of a replacement");
    for (let i = 0; i < 5; i++) {
      const code = wrongCode({ ...w, keyUri: uriOf((await recordOf(w)).authenticators[0]?.secret ?? "") }, i);
      await w.twoFactor.verify(USER, code, { binding, deviceToken: tokens[0] });
    }
    assert.equal((await recordOf(w)).app.failures, 5, "and its budget");
  });
}

test("V61 one user's token does not work for another, and sends no event", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  await enrollIn(w, "bob");
  const before = w.events.length;
  for (let i = 0; i < 20; i++) assert.equal((await stepWith(w, token, "bob")).step, "code");
  assert.ok(w.events.slice(before).every(({ type, device }) => type === "challenged" && !device));
});

test("junk in the place of a device token is no device", async () => {
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
  assert.deepEqual(await w.twoFactor.devices.revokeAll(USER), { ok: true });
  const token = await trusted(w, { device: "Firefox on Linux", ip: "192.0.2.1" });
  w.clock.advance(60);
  await signIn(w, { context: { device: `a "long"\n name ${"\u00E9".repeat(80)}` } });
  const listed = await w.twoFactor.devices.list(USER);
  assert.deepEqual(Object.keys(listed[0] ?? {}).sort(), [
    "createdAt",
    "current",
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
  must(await w.twoFactor.devices.revoke(USER, id));
  const again = await w.twoFactor.devices.revoke(USER, id);
  assert.ok(!again.ok && again.detail === "device_not_found" && again.reason === "not_found");
  assert.equal((await stepWith(w, token)).step, "code");
  assert.equal((await w.twoFactor.devices.list(USER)).length, 1);
  for (const junk of [undefined, null, 7, {}, "x".repeat(1e6)]) {
    assert.equal(outcome(await w.twoFactor.devices.revoke(USER, junk as string)), "device_not_found");
  }
});

test("trust that was given before trusted devices were turned off does not count any more", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  const off = await enrolled({ ...w.options, onEvent: undefined, trustedDevices: false }, "bob");
  assert.equal((await off.twoFactor.signIn.begin(USER, { binding, deviceToken: token })).step, "code");
});
