import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase32 } from "../../../src/otp/index.ts";
import { createAdminWith } from "../../../src/two-factor/administration.ts";
import { codeFrom, uriOf } from "../../support/phone.ts";
import {
  binding,
  enrolled,
  must,
  nextCode,
  outcome,
  recordOf,
  USER,
  type World,
  world,
} from "../../support/world.ts";

const by = { actor: "migration", reason: "moved" };
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

const load = (w: World, more: object) => w.admin.importEnrollment(USER, { ...by, secret, ...more });

test("without more than a secret, an import is what every authenticator app expects", async () => {
  const w = world();
  must(await load(w, {}));
  const [authenticator] = (await recordOf(w)).authenticators;
  const { algorithm, digits, period, acceptedSteps, enrolledAt } = authenticator ?? assert.fail();
  assert.deepEqual([algorithm, digits, period, acceptedSteps], ["SHA1", 6, 30, []]);
  assert.equal(enrolledAt, w.clock());
  assert.equal((await w.twoFactor.status(USER)).backupCodes, null);
});

test("a step that the old system accepted is kept, also step 0", async () => {
  for (const lastStep of [0, 1]) {
    const w = world();
    must(await load(w, { lastStep }));
    assert.deepEqual((await recordOf(w)).authenticators[0]?.acceptedSteps, [lastStep]);
  }
});

test("R25 a last step that no phone has come to is refused, and the message says what a step is", async () => {
  const w = world();
  const now = Math.floor(w.clock() / 30_000);
  const seconds = Math.floor(w.clock() / 1_000);
  for (const lastStep of [now + 2, now + 11, seconds, w.clock()]) {
    await assert.rejects(load(w, { lastStep }), /^RangeError: lastStep: .*want a step, .*seconds .* 30 /);
  }
  must(await load(w, { lastStep: now + 1 }));
  assert.equal(
    outcome(await w.twoFactor.verify(USER, codeFrom(uriOf(secret), w.clock), { binding })),
    "app_code_reused",
  );
});

test("the host is asked before anything is derived, and hears of an import once", async () => {
  let derived = 0;
  let allowed = false;
  const w = world();
  must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }));
  const derive = async () => new Uint8Array(16).fill(++derived);
  const admin = createAdminWith({ ...w.options, authorize: () => allowed }, { derive });
  const imported = { ...by, secret, backupCodes: ["12345678", "00000000"] };
  assert.equal(outcome(await admin.importEnrollment(USER, imported)), "not_authorized");
  assert.equal(derived, 0);
  allowed = true;
  must(await admin.importEnrollment(USER, imported));
  assert.equal(derived, 2);
  assert.deepEqual(
    w.events.map(({ type }) => type),
    ["enrollment_started", "imported"],
  );
});

test("a secret has at most 64 bytes", async () => {
  must(await load(world(), { secret: "A".repeat(103) }));
  await assert.rejects(
    load(world(), { secret: "A".repeat(104) }),
    /^RangeError: secret: want at most 64 bytes/,
  );
});

test("I14 a code that cannot be moved is named by its place, and the rest is moved", async () => {
  const w = world();
  const backupCodes = [
    "123456",
    "1234567",
    "12345678",
    "1234 5678",
    null,
    "A".repeat(65),
    "Upper-Lower-Case",
  ];
  const { skipped } = must(await load(w, { backupCodes }));
  assert.deepEqual(skipped, [
    { index: 0, reason: "app_code_shape" },
    { index: 1, reason: "too_short" },
    { index: 3, reason: "duplicate" },
    { index: 4, reason: "not_text" },
    { index: 5, reason: "too_long" },
  ]);
  assert.equal(w.events.at(-1)?.skippedCodes, 5);
  must(await w.twoFactor.verify(USER, "upper lower case", { binding }));
  must(await w.twoFactor.verify(USER, "12345678", { binding }));
  assert.equal(outcome(await w.twoFactor.verify(USER, "12345678", { binding })), "backup_code_reused");
});

test("sixteen codes of 8 to 64 characters are taken over, and no more", async () => {
  const w = world();
  const many = Array.from({ length: 18 }, (_, i) => `${10_000_000 + i}${"A".repeat(i === 0 ? 56 : i)}`);
  const { skipped } = must(await load(w, { backupCodes: many }));
  assert.deepEqual(
    skipped,
    [16, 17].map((index) => ({ index, reason: "too_many" })),
  );
  for (const code of many.slice(0, 16)) must(await w.twoFactor.verify(USER, code, { binding }));
});

test("several authenticators are moved at once with their names, and a repeated one once", async () => {
  const w = world();
  const other = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
  const lastStep = Math.floor(w.clock() / 30_000);
  const enrollments = [{ secret, label: "Phone" }, { secret: other }, { secret, lastStep }];
  must(await w.admin.importEnrollment(USER, { ...by, enrollments }));
  const { authenticators } = await recordOf(w);
  assert.deepEqual(
    authenticators.map(({ label, acceptedSteps }) => [label, acceptedSteps]),
    [
      ["Phone", [lastStep]],
      [null, []],
    ],
  );
  must(await w.twoFactor.verify(USER, codeFrom(uriOf(other), w.clock), { binding }));
  const six = Array.from({ length: 6 }, (_, i) => ({ secret: new Uint8Array(20).fill(i + 1) }));
  const tooMany = world().admin.importEnrollment(USER, { ...by, enrollments: six });
  await assert.rejects(tooMany, /^RangeError: enrollments: want at most 5 authenticators/);
});

test("R4 a factor that was turned off or reset here comes back only with evenIfRemoved", async () => {
  for (const end of ["disable", "reset"] as const) {
    const w = world();
    must(await load(w, {}));
    if (end === "reset") must(await w.admin.reset(USER, by));
    else {
      const code = codeFrom(uriOf(secret), w.clock);
      must(await w.twoFactor.disable(USER, { code, binding }));
    }
    assert.equal(outcome(await load(w, {})), "factor_removed");
    assert.equal((await w.twoFactor.status(USER)).state, "none");
    must(await load(w, { evenIfRemoved: true }));
    assert.equal((await w.twoFactor.status(USER)).state, "active");
  }
});

test("import(export()) is the identity, and each export sends an event", async () => {
  const w = await enrolled();
  must(await w.twoFactor.verify(USER, w.codes[0], { binding }));
  const begun = must(
    await w.twoFactor.enrollment.begin(USER, {
      ...{ accountName: USER, add: true, label: "Tablet", binding },
      elevation: w.signIn.elevation,
    }),
  );
  const code = codeFrom(begun.keyUri, w.clock);
  must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId: begun.enrollmentId, code, binding }));
  const exported = must(await w.admin.exportEnrollment(USER, by));
  const { type, method, actor, notify } = w.events.at(-1) ?? assert.fail();
  assert.deepEqual([type, method, actor, notify], ["exported", "app", by.actor, true]);
  const withDigests = exported.enrollments.map(({ backupDigests }) => Boolean(backupDigests));
  assert.deepEqual(withDigests, [true, false]);
  const { enrollments } = JSON.parse(JSON.stringify(exported));
  must(await w.admin.importEnrollment("bob", { ...by, enrollments }));
  assert.deepEqual(must(await w.admin.exportEnrollment("bob", by)), exported);
  assert.equal(outcome(await w.twoFactor.verify("bob", w.codes[0], { binding })), "backup_code_reused");
  must(await w.twoFactor.verify("bob", w.codes[1], { binding }));
  assert.equal(outcome(await w.twoFactor.verify("bob", code, { binding })), "app_code_reused");
  must(await w.twoFactor.verify("bob", nextCode(w), { binding }));
  assert.equal(outcome(await w.admin.exportEnrollment("nobody", by)), "not_enrolled");
});

test("where backup codes are turned off, an app code may have as many digits as they had", async () => {
  const w = world({ backupCodes: false });
  must(await load(w, { digits: 8 }));
  must(await w.twoFactor.verify(USER, codeFrom(`${uriOf(secret)}&digits=8`, w.clock), { binding }));
});

test("an import has to be an object, and the error names the argument", async () => {
  await assert.rejects(
    world().admin.importEnrollment(USER, "secret" as never),
    /^TypeError: enrollment: want an object/,
  );
});

test("I1 a secret that was made of characters is imported, and its codes stay those of the app", async () => {
  const w = world();
  w.clock.set(1_612_380_872_000);
  must(await load(w, { secret: "S46SQCPPTCNPROMHWYBDCTBZXV" }));
  must(await w.twoFactor.verify(USER, "100172", { binding }));
  const apps = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  for (const length of [16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 29]) {
    const cut = world();
    must(await load(cut, { secret: `${apps.slice(0, length - 1)}7` }));
    const { secret: kept = "" } = (await recordOf(cut)).authenticators[0] ?? {};
    assert.equal(decodeBase32(kept).length, Math.floor((length * 5) / 8));
  }
  assert.throws(() => decodeBase32("S46SQCPPTCNPROMHWYBDCTBZXV"), RangeError); // a typed one may lack a character
  await assert.rejects(load(world(), { secret: "S46SQCPPTCNPROMHWYBDCTBZX0" }), /^RangeError: base32: /);
  await assert.rejects(load(world(), { secret: "GEZDGNBVGY3TQO" }), /^RangeError: secret: want 10 to /);
});

test("I14 a secret comes as bytes or as text as people write it, and is the same", async () => {
  const groups = secret.replace(/.{4}/g, "$& ");
  for (const same of [
    decodeBase32(secret),
    `${secret}======`,
    groups.toLowerCase(),
    groups.replaceAll(" ", "-"),
  ]) {
    const w = world();
    must(await load(w, { secret: same }));
    assert.equal((await recordOf(w)).authenticators[0]?.secret, secret);
  }
  for (const wrong of [undefined, null, 1, new ArrayBuffer(20), [1, 2, 3]]) {
    await assert.rejects(load(world(), { secret: wrong }), /^TypeError: secret: want Base32 text or bytes/);
  }
  await assert.rejects(load(world(), { secret: new Uint8Array(9) }), /^RangeError: secret: /);
});

test("I14 null is left out, and a date ahead of this clock is now", async () => {
  const w = world();
  const empty = ["digits", "period", "algorithm", "lastStep", "enrolledAt", "backupCodes"];
  must(await load(w, Object.fromEntries(empty.map((name) => [name, null]))));
  const [authenticator] = (await recordOf(w)).authenticators;
  assert.deepEqual([authenticator?.digits, authenticator?.acceptedSteps], [6, []]);
  const ahead = world();
  must(await load(ahead, { enrolledAt: ahead.clock() + 1_000 }));
  assert.equal((await recordOf(ahead)).authenticators[0]?.enrolledAt, ahead.clock());
});
