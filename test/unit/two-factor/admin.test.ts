import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../../src/admin.ts";
import * as twinlock from "../../../src/index.ts";
import { formatKeyUri } from "../../../src/otp/key-uri.ts";
import { pathsOf } from "../../support/calls.ts";
import { codeFrom } from "../../support/phone.ts";
import {
  binding,
  challengeOf,
  enrolled,
  enrollIn,
  must,
  outcome,
  recordOf,
  signIn,
  USER,
  world,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";

const by = { actor: "support:7", reason: "lost phone, passport checked" };
const secret = "JBSWY3DPEHPK3PXP"; // ten bytes, as older libraries made them

test("`twinlock` has no way to remove a factor without proof: `twinlock/admin` has", async () => {
  const { twoFactor } = world();
  const paths = pathsOf(twoFactor)
    .filter((path) => path !== "authenticators.remove")
    .join(" "); // which takes proof
  assert.ok(!/reset|unlock|import|remove|delete/i.test(paths), paths);
  assert.ok(!Object.keys(twinlock).some((name) => /admin/i.test(name)));
});

test("V59 a reset removes the factor, its codes, devices, challenges and elevations", async () => {
  const w = await enrolled();
  const { device } = await signIn(w, { trustDevice: true });
  const challenge = await challengeOf(w);
  must(await createAdmin(w.options).reset(USER, by));
  assert.equal((await w.twoFactor.status(USER)).state, "none");
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding, deviceToken: device?.token })).step, "done");
  const old = await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding });
  assert.equal(outcome(old), "challenge_invalid");
  await enrollIn(w);
});

test("R21 a reset of somebody without a factor says so, and tells nobody of a change", async () => {
  const w = world();
  const never = createAdmin(w.options);
  assert.equal(outcome(await never.reset(USER, by)), "not_enrolled");
  assert.equal(await w.store.get(USER), null);
  const e = await enrollIn(w);
  must(await w.admin.reset(USER, by));
  assert.equal(outcome(await w.admin.reset(USER, by)), "not_enrolled");
  assert.equal(e.events.filter(({ type }) => type === "reset").length, 1);
});

test("R21 a reset that names its factor may be run again: the next factor is left alone", async () => {
  const w = await enrolled();
  const { enrolledAt } = await w.twoFactor.status(USER);
  assert.ok(enrolledAt !== null);
  const reset = () => w.admin.reset(USER, { ...by, enrolledAt });
  must(await reset());
  assert.equal(outcome(await reset()), "not_enrolled");
  await enrollIn(w);
  assert.equal(outcome(await reset()), "factor_changed");
  assert.equal((await w.twoFactor.status(USER)).state, "active");
  for (const wrong of ["1", 1.5, -1, null]) {
    await assert.rejects(
      w.admin.reset(USER, { ...by, enrolledAt: wrong as never }),
      /^\w+Error: enrolledAt: /,
    );
  }
});

test("N14 a reset keeps the counters: it gives an attacker no new guesses", async () => {
  const w = await enrolled();
  for (let i = 0; i < 20; i++) {
    await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
    w.clock.advance(3_600);
  }
  must(await createAdmin(w.options).reset(USER, by));
  const again = await enrollIn(w);
  assert.equal(outcome(await w.twoFactor.verify(USER, wrongCode(again), { binding })), "locked");
});

test("N12 unlock ends every wait, every hard stop and the long counters", async () => {
  const w = await enrolled({
    throttle: { hardStop: 5 },
    verifyPassword: (_user, password) => password === "right",
    reauthentication: { enroll: "none", replace: "none" },
  });
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName: "b", replace: true, binding }));
  const { enrollmentId } = begun;
  const attempts = {
    app: () => w.twoFactor.verify(USER, wrongCode(w), { binding }),
    backup: () => w.twoFactor.verify(USER, wrongBackupCode(w), { binding }),
    password: () => w.twoFactor.reauthenticate(USER, { password: "wrong", binding }),
    enrollment: () => w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: wrongCode(w), binding }),
  };
  for (const attempt of Object.values(attempts)) {
    for (let i = 0; i < 5; i++) await attempt();
    assert.equal(outcome(await attempt()), "exhausted");
  }
  must(await createAdmin(w.options).unlock(USER, by));
  const { app, backup } = await recordOf(w);
  assert.deepEqual([app.unknown, backup.unknown], [[], []]);
  for (const [name, attempt] of Object.entries(attempts)) {
    const result = await attempt();
    assert.ok(!result.ok && result.attemptsLeft === 4, `${name}: ${outcome(result)}`);
  }
  assert.equal((await w.twoFactor.status(USER)).state, "active", "and removes nothing");
});

test("unlock also gives every known device its attempts back", async () => {
  const w = await enrolled();
  const deviceToken = w.signIn.device?.token;
  for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding, deviceToken });
  must(await createAdmin(w.options).unlock(USER, by));
  const [device] = (await recordOf(w)).devices;
  assert.deepEqual([device?.failures, device?.totalFailures, device?.lockedUntilAt], [0, 0, null]);
  const { device: same } = must(await w.twoFactor.verify(USER, w.phone.code(), { binding, deviceToken }));
  assert.equal(same, null, "and stays known");
});

test("every call of an administrator takes actor and reason, and neither may be empty", async () => {
  const w = await enrolled();
  const admin = createAdmin(w.options);
  for (const [given, message] of [
    [{}, /^TypeError: actor: /],
    [{ actor: "", reason: "r" }, /^RangeError: actor: /],
    [{ actor: "a" }, /^TypeError: reason: /],
    [{ actor: "a", reason: "" }, /^RangeError: reason: /],
    [null, /^TypeError: by: /],
    [{ ...by, evenIfUnreadable: 1 }, /^TypeError: evenIfUnreadable: /],
  ] as const) {
    await assert.rejects(admin.reset(USER, given as never), message);
    await assert.rejects(admin.unlock(USER, given as never), message);
  }
  assert.equal((await w.twoFactor.status(USER)).state, "active");
});

const OPERATIONS = ["reset", "unlock", "import", "export", "rename"];

test("authorize is asked here too, and its refusal is a value", async () => {
  const asked: string[] = [];
  const w = await enrolled({
    authorize: (_user, operation) => {
      asked.push(operation);
      return !OPERATIONS.includes(operation);
    },
  });
  asked.length = 0;
  const admin = createAdmin(w.options);
  for (const result of [
    await admin.reset(USER, by),
    await admin.unlock(USER, by),
    await admin.importEnrollment("bob", { ...by, secret }),
    await admin.exportEnrollment(USER, by),
    await admin.rename(USER, "bob", by),
  ]) {
    assert.equal(outcome(result), "not_authorized");
  }
  assert.deepEqual(asked, OPERATIONS);
  assert.equal(await w.store.get("bob"), null);
});

test("an enrollment from another system goes on working: old secret, parameters, dates and codes", async () => {
  const w = world();
  const enrolledAt = w.clock() - 86_400_000;
  const step = Math.floor(w.clock() / 60_000);
  const parameters = { algorithm: "SHA256", digits: 7, period: 60 } as const;
  must(
    await w.admin.importEnrollment(USER, {
      ...by,
      ...parameters,
      secret: secret.toLowerCase(),
      lastStep: step,
      enrolledAt,
      backupCodes: ["1234 5678", "0000-0001"],
    }),
  );
  const status = await w.twoFactor.status(USER);
  assert.deepEqual([status.state, status.enrolledAt, status.lastUsedAt], ["active", enrolledAt, null]);
  assert.equal(status.backupCodes?.active, 2);
  const verify = (code: string) => w.twoFactor.verify(USER, code, { binding });
  const keyUri = formatKeyUri({ secret, accountName: USER, ...parameters });
  assert.equal(
    outcome(await verify(codeFrom(keyUri, w.clock))),
    "app_code_reused",
    "spent in the other system",
  );
  must(await verify(codeFrom(keyUri, w.clock, 2)));
  must(await verify("12345678"));
  assert.equal(outcome(await verify("12345678")), "backup_code_reused");
  must(await verify("0000 0001"));
  const event = w.events.find(({ type }) => type === "imported");
  assert.deepEqual([event?.actor, event?.reason, event?.notify], [by.actor, by.reason, true]);
});

test("imported letters are Crockford's, whatever their case", async () => {
  const w = world();
  const backupCodes = ["abcde12345", "ZZZZZ00000"];
  must(await w.admin.importEnrollment(USER, { ...by, secret, backupCodes }));
  must(await w.twoFactor.verify(USER, "ABCDE-I2345", { binding }));
  must(await w.twoFactor.verify(USER, "zzzzz ooooo", { binding }));
});

test("an active factor is never overwritten by an import", async () => {
  const w = await enrolled();
  const result = await createAdmin(w.options).importEnrollment(USER, { ...by, secret });
  assert.equal(outcome(result), "already_enrolled");
  must(await w.twoFactor.verify(USER, w.phone.code(), { binding }));
});

test("H1 V48 what cannot be imported is refused at once, naming the field", async () => {
  const w = world();
  const admin = createAdmin(w.options);
  const load = (more: object) => () => admin.importEnrollment(USER, { ...by, secret, ...more });
  for (const [more, message] of [
    [{ secret: "JBSWY3DP" }, /^RangeError: secret: /],
    [{ secret: "not base 32!" }, /^RangeError: base32: /],
    [{ secret: 7 }, /^TypeError: secret: /],
    [{ digits: 5 }, /^RangeError: digits: /],
    [{ digits: 8 }, /^RangeError: digits: /], // as long as the backup codes that this configuration makes
    [{ period: 0 }, /^RangeError: period: /],
    [{ algorithm: "MD5" }, /^TypeError: algorithm: /],
    [{ lastStep: -2 }, /^RangeError: lastStep: /],
    [{ backupCodes: "12345678" }, /^TypeError: backupCodes: /],
    [{ legacyCodes: "12345678" }, /^TypeError: legacyCodes: /],
    [{ backupCodes: ["12345678"], legacyCodes: ["a digest"] }, /^TypeError: legacyCodes: /],
    [{ backupDigests: { codes: [] } }, /^TypeError: backupDigests: /],
    [{ recoveryCodes: ["12345678"] }, /^TypeError: recoveryCodes: /],
    [{ evenIfRemoved: "yes" }, /^TypeError: evenIfRemoved: /],
    [{ enrollments: [{ secret }] }, /^TypeError: secret: /], // either one or several
  ] as const) {
    await assert.rejects(load(more), message, JSON.stringify(more));
  }
  assert.equal(await w.store.get(USER), null);
});
