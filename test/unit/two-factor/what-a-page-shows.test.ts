/** What a page can show and ask: locks, this device, clients without a cookie, blank fields, what was heard. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TwoFactorEvent } from "../../../src/two-factor/event.ts";
import {
  binding,
  enrolled,
  must,
  nextCode,
  outcome,
  PASSWORD,
  recordOf,
  signIn,
  trusted,
  USER,
  withPassword,
  world,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";

const context = { ip: "192.0.2.1", device: "Firefox on Linux" };

test("R6 an elevation holds a password for its lifetime, from when the host says it was shown", async () => {
  const w = await enrolled(withPassword);
  const day = 86_400_000;
  for (const [age, expected] of [
    [90 * day, "reauthentication_required"],
    [600_000, "reauthentication_required"],
    [599_999, "ok"],
  ] as const) {
    w.clock.advance(30);
    const firstFactor = { amr: ["pwd"], authenticatedAt: w.clock() + 30_000 - age };
    const { elevation } = await signIn(w, { firstFactor });
    const proof = { elevation, binding, accountName: USER, replace: true };
    assert.equal(outcome(await w.twoFactor.enrollment.begin(USER, proof)), expected);
  }
});

test("R6 the password of an elevation ends before its code does", async () => {
  const w = await enrolled(withPassword);
  const firstFactor = { amr: ["pwd"], authenticatedAt: w.clock() - 300_000 };
  const { elevation } = await signIn(w, { firstFactor });
  w.clock.advance(330);
  const replace = { elevation, binding, accountName: USER, replace: true };
  assert.equal(outcome(await w.twoFactor.enrollment.begin(USER, replace)), "reauthentication_required");
  must(await w.twoFactor.enrollment.begin(USER, { ...replace, password: PASSWORD }));
});

test("R7 a code alone is one factor", async () => {
  const w = await enrolled(withPassword);
  const app = must(await w.twoFactor.reauthenticate(USER, { code: w.phone.code(), binding }));
  assert.deepEqual(app.assurance, { aal: 1, amr: ["otp"], authenticatedAt: w.clock() });
  const backup = must(await w.twoFactor.reauthenticate(USER, { code: w.codes[0], binding }));
  assert.deepEqual(backup.assurance, { aal: 1, amr: [], authenticatedAt: w.clock() });
  const both = must(
    await w.twoFactor.reauthenticate(USER, { password: PASSWORD, code: nextCode(w), binding }),
  );
  assert.deepEqual(both.assurance.amr, ["pwd", "otp", "mfa"]);
});

test("R11 a policy that throws sends an event with its cause, in every call", async () => {
  const cause = new Error("the database of roles is away");
  let broken = false;
  const w = await enrolled({
    authorize: () => {
      if (broken) throw cause;
      return true;
    },
    reauthentication: { payout: "code" } as never,
  });
  broken = true;
  const calls = {
    begin: () => w.twoFactor.signIn.begin(USER, { binding, context }),
    verify: () => w.twoFactor.verify(USER, w.phone.code(), { binding, context }),
    disable: () => w.twoFactor.disable(USER, { binding, context }),
    allow: () => w.twoFactor.allow(USER, "payout" as never, { binding, context }),
    reset: () => w.admin.reset(USER, { actor: "a", reason: "r", context }),
  };
  for (const [name, call] of Object.entries(calls)) {
    const heard = w.events.length;
    await call();
    const [event, ...more] = w.events.slice(heard);
    assert.deepEqual([event?.type, event?.context, more.length], ["policy_error", context, 0], name);
    assert.equal(event?.cause, cause);
    assert.ok(!JSON.stringify(event).includes("roles"), "in no JSON");
  }
});

test("R11 a requirement that throws sends an event with its cause", async () => {
  const cause = new Error("away");
  const w = world({ requirement: () => Promise.reject(cause) });
  await assert.rejects(w.twoFactor.signIn.begin(USER, { binding }), { code: "requirement_unavailable" });
  assert.deepEqual([w.events.length, w.events[0]?.type], [1, "policy_error"]);
  assert.equal(w.events[0]?.cause, cause);
});

test("R11 onEventError gets an event for which onEvent has thrown", async () => {
  const cause = new Error("mail is down");
  const lost: [unknown, TwoFactorEvent][] = [];
  const w = world({
    onEvent: () => Promise.reject(cause),
    onEventError: (error, event) => {
      lost.push([error, event]);
      throw new Error("and so is this");
    },
  });
  must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(lost[0]?.[0], cause);
  assert.equal(lost[0]?.[1].type, "enrollment_started");
});

test("R12 blank fields are missing: nothing is charged, and the form is asked for", async () => {
  const w = await enrolled(withPassword);
  for (const blank of ["", "  ", null]) {
    const given = { password: blank === "  " ? "" : blank, code: blank, binding } as {
      password: string;
      code: string;
      binding: string;
    };
    const calls = [
      w.twoFactor.disable(USER, given),
      w.twoFactor.reauthenticate(USER, given),
      w.twoFactor.backupCodes.regenerate(USER, given),
      w.twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, ...given }),
    ];
    for (const result of await Promise.all(calls)) assert.equal(outcome(result), "reauthentication_required");
  }
  const { app, password } = await recordOf(w);
  assert.deepEqual([app.failures, password.failures], [0, 0]);
  must(await w.twoFactor.reauthenticate(USER, { password: PASSWORD, code: "", binding }));
});

test("the retryAt of the status is that of app codes", async () => {
  const w = await enrolled();
  for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongBackupCode(w, i), { binding });
  const { locks, retryAt } = await w.twoFactor.status(USER);
  assert.deepEqual([locks[0]?.of, retryAt], ["backup", null]);
});

test("R14 the status names each lock, and the end of each, or that no wait ends it", async () => {
  const w = await enrolled({ ...withPassword, throttle: { free: 0, hardStop: 2 } });
  assert.deepEqual((await w.twoFactor.status(USER)).locks, []);
  const until = () => w.clock() + 30_000;
  await w.twoFactor.verify(USER, wrongCode(w), { binding });
  await w.twoFactor.verify(USER, wrongBackupCode(w), { binding });
  await w.twoFactor.reauthenticate(USER, { password: "guess", binding });
  const proof = { accountName: USER, replace: true, elevation: w.signIn.elevation, password: "x", binding };
  assert.equal(outcome(await w.twoFactor.enrollment.begin(USER, proof)), "locked");
  assert.deepEqual((await w.twoFactor.status(USER)).locks, [
    { of: "app", retryAt: until() },
    { of: "backup", retryAt: until() },
    { of: "password", retryAt: until() },
  ]);
  w.clock.advance(30);
  await w.twoFactor.verify(USER, wrongCode(w), { binding });
  assert.deepEqual((await w.twoFactor.status(USER)).locks, [{ of: "app", retryAt: null }]);
});

test("R14 begin marks the methods that are closed to this device", async () => {
  const w = await enrolled({ throttle: { free: 0, hardStop: 1 } });
  const deviceToken = w.signIn.device?.token;
  await w.twoFactor.verify(USER, wrongCode(w), { binding });
  const begin = async (options = {}) => {
    const step = await w.twoFactor.signIn.begin(USER, { binding, ...options });
    assert.ok(step.step === "code");
    return step;
  };
  const unknown = await begin();
  assert.deepEqual([unknown.methods, unknown.locks], [["app", "backup"], [{ of: "app", retryAt: null }]]);
  assert.deepEqual((await begin({ deviceToken })).locks, []);
});

test("R15 the list marks this device by its token, and revoking takes the token", async () => {
  const w = await enrolled();
  const token = await trusted(w, context);
  const list = await w.twoFactor.devices.list(USER, { deviceToken: token });
  assert.deepEqual(
    list.map(({ current, label }) => [current, label]),
    [
      [false, null],
      [true, "Firefox on Linux"],
    ],
  );
  assert.ok((await w.twoFactor.devices.list(USER)).every(({ current }) => !current));
  must(await w.twoFactor.devices.revoke(USER, token, { context }));
  assert.equal(outcome(await w.twoFactor.devices.revoke(USER, token)), "device_not_found");
  assert.equal((await w.twoFactor.devices.list(USER)).length, 1);
  assert.equal(outcome(await w.twoFactor.devices.revoke(USER, undefined)), "device_not_found");
});

test("R16 with remember: false a success adds no device and drops none", async () => {
  const w = await enrolled({ trustedDevices: { max: 2 } });
  const before = await w.twoFactor.devices.list(USER);
  const heard = w.events.length;
  for (let i = 0; i < 5; i++) {
    const options = { binding, remember: false, trustDevice: true };
    const { device } = must(await w.twoFactor.verify(USER, nextCode(w), options));
    assert.equal(device, null);
    const step = await w.twoFactor.signIn.begin(USER, { binding });
    assert.ok(step.step === "code");
    must(await w.twoFactor.signIn.complete(step.challenge, nextCode(w), options));
  }
  assert.deepEqual(await w.twoFactor.devices.list(USER), before);
  assert.deepEqual([...new Set(w.events.slice(heard).map(({ type }) => type))], ["verified", "challenged"]);
});

test("R24 a right password without a code, a skipped code, and devices send events", async () => {
  const w = await enrolled();
  const deviceToken = await trusted(w, context);
  const [, device] = await w.twoFactor.devices.list(USER);
  const name = { id: device?.id, label: "Firefox on Linux" };
  const heard = w.events.length;
  await w.twoFactor.signIn.begin(USER, { binding, context });
  await w.twoFactor.signIn.begin(USER, { binding, context, deviceToken });
  must(await w.twoFactor.devices.revoke(USER, device?.id, { context }));
  await w.twoFactor.credentialChanged(USER, "password", { context });
  assert.deepEqual(
    w.events.slice(heard).map(({ type, device: named, context: from }) => [type, named, from]),
    [
      ["challenged", undefined, context],
      ["code_skipped", name, context],
      ["device_revoked", name, context],
      ["device_revoked", { id: (await firstDevice(w, heard))?.id, label: null }, context],
    ],
  );
});

async function firstDevice(w: { events: readonly TwoFactorEvent[] }, heard: number) {
  return w.events.slice(0, heard).find(({ type }) => type === "device_known")?.device;
}
