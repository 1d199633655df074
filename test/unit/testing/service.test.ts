import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../src/stores/memory.ts";
import {
  createTestTwoFactor,
  fakeClock,
  faultyStore,
  virtualAuthenticator,
} from "../../../src/testing/index.ts";

const USER = "ada";
const binding = "session";
const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

test("a sign-in can be tested in a few lines", async () => {
  const { twoFactor, clock, events, enroll } = createTestTwoFactor();
  const startedAt = clock();
  const { phone, backupCodes } = await enroll(USER);
  assert.equal(clock(), startedAt + 30_000);
  assert.equal(backupCodes.length, 10);

  const step = await twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code");
  const done = await twoFactor.signIn.complete(step.challenge, phone.code(), { binding });
  assert.ok(done.ok && done.userId === USER);
  assert.deepEqual(
    events.map((event) => event.type),
    ["enrollment_started", "enrolled", "device_known", "challenged", "verified", "device_known"],
  );
});

test("backup codes redeem without the cost of the real derivation", async () => {
  const { twoFactor, enroll } = createTestTwoFactor();
  const [code] = (await enroll(USER)).backupCodes;
  const first = await twoFactor.verify(USER, code, { binding });
  assert.ok(first.ok && first.method === "backup");
  assert.equal((await twoFactor.verify(USER, code, { binding })).ok, false);
});

test("each person who enrolls has a phone, and the elevation and device of the success", async () => {
  const { twoFactor, enroll } = createTestTwoFactor();
  const [ada, bob] = [await enroll(USER, { binding }), await enroll("bob")];
  assert.deepEqual([ada.signIn.userId, bob.signIn.userId], [USER, "bob"]);
  assert.equal((await twoFactor.verify("bob", ada.phone.code(), { binding })).ok, false);
  assert.ok((await twoFactor.verify("bob", bob.phone.code(), { binding })).ok);
  const deviceToken = ada.signIn.device?.token;
  assert.ok((await twoFactor.verify(USER, ada.phone.code(), { binding, deviceToken })).ok);
  const { elevation } = ada.signIn;
  assert.equal((await twoFactor.disable(USER, { binding: null, elevation })).ok, false, "its binding counts");
  assert.ok((await twoFactor.disable(USER, { binding, elevation })).ok);
});

test("enrolling takes the proof that the options ask for, and a failure names the detail", async () => {
  const { twoFactor, clock, enroll } = createTestTwoFactor({
    verifyPassword: (_userId, password) => password === "correct horse",
    backupCodes: { acknowledge: true },
    totp: { period: 60, digits: 7 },
  });
  await assert.rejects(enroll(USER), /^Error: enroll: reauthentication_required$/);
  await assert.rejects(enroll(USER, { password: "wrong" }), /^Error: enroll: wrong_password$/);
  const { phone, backupCodes } = await enroll(USER, { password: "correct horse", binding });
  assert.equal((await twoFactor.status(USER)).state, "active", "the codes were acknowledged");
  assert.equal(backupCodes.length, 10);
  assert.equal(phone.code().length, 7);
  assert.ok((await twoFactor.verify(USER, phone.code(), { binding })).ok, "a step of 60 seconds has passed");
  await assert.rejects(enroll(USER, { password: "correct horse" }), /^Error: enroll: already_enrolled$/);
  const plain = createTestTwoFactor({ clock, backupCodes: { atEnrollment: false } });
  assert.deepEqual((await plain.enroll(USER)).backupCodes, []);
});

test("the administrator has the same users, clock and cheap hashing", async () => {
  const { twoFactor, admin, clock, events } = createTestTwoFactor();
  const phone = virtualAuthenticator({ clock });
  phone.scan(`otpauth://totp/ada?secret=${SECRET}`);
  const by = { actor: "migration", reason: "from the old system" };
  const imported = { ...by, secret: SECRET, backupCodes: ["12345678", "87654321"] };
  assert.ok((await admin.importEnrollment(USER, imported)).ok);
  assert.ok((await twoFactor.verify(USER, "12345678", { binding })).ok);
  assert.ok((await twoFactor.verify(USER, phone.code(), { binding })).ok);
  assert.ok((await admin.reset(USER, by)).ok);
  assert.equal(events.filter((event) => event.actor === "migration").length, 2);
});

test("a store that never answers times out when the clock is advanced, and nothing sleeps", async () => {
  const store = faultyStore(memoryStore(), { plan: () => "hang" });
  const { twoFactor, clock } = createTestTwoFactor({ store });
  const status = twoFactor.status(USER);
  clock.advance(5);
  await assert.rejects(status, { code: "store_unavailable" });
});

test("the host's own options win, its listener hears events, and a clock must be a fake one", async () => {
  const heard: string[] = [];
  const clock = fakeClock(0);
  const made = createTestTwoFactor({
    clock,
    issuer: "Acme",
    reauthentication: { disable: "none" },
    onEvent: (event) => void heard.push(event.type),
  });
  assert.equal(made.clock, clock);
  const begun = await made.twoFactor.enrollment.begin(USER, { accountName: USER, binding });
  assert.ok(begun.ok && begun.keyUri.includes("Acme"));
  assert.deepEqual(heard, ["enrollment_started"]);
  assert.throws(() => createTestTwoFactor({ clock: Date.now }), /^TypeError: clock: want what fakeClock/);
});

test("with verifyPassword the proofs are those of the real service", async () => {
  const { twoFactor } = createTestTwoFactor({ verifyPassword: (_user, password) => password === "right" });
  const without = await twoFactor.enrollment.begin(USER, { accountName: USER, binding });
  assert.ok(!without.ok && without.reason === "reauthenticate");
  const given = await twoFactor.enrollment.begin(USER, { accountName: USER, binding, password: "right" });
  assert.ok(given.ok);
});
