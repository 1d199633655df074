import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeBase32 } from "../../../src/otp/index.ts";
import { createAdminWith } from "../../../src/two-factor/administration.ts";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import type { LegacyEnrollment, TwoFactorOptions } from "../../../src/two-factor/options.ts";
import { codeFrom, uriOf } from "../../support/phone.ts";
import {
  binding,
  enrollIn,
  must,
  outcome,
  recordOf,
  SECRET as secret,
  tally,
  USER,
  type World,
  world,
} from "../../support/world.ts";

const by = { actor: "support:7", reason: "lost phone" };

interface Old extends World {
  /** How often the old system was asked for an enrollment, and about a code. */
  asked: { enrollment: number; backupCode: number };
}

/** A host whose old system holds one enrollment of everybody, with three codes of which it keeps digests. */
function withOld(said: unknown = { secret }, more: Partial<TwoFactorOptions> = {}): Old {
  const asked = { enrollment: 0, backupCode: 0 };
  const legacy: NonNullable<TwoFactorOptions["legacy"]> = {
    enrollment: async () => {
      asked.enrollment++;
      return said as LegacyEnrollment;
    },
    backupCode: async (_userId, code) => {
      asked.backupCode++;
      return /^old-code-[1-4]$/.test(code) ? `digest of ${code}` : null;
    },
  };
  return { ...world({ legacy, ...more }), asked };
}

const digests = [1, 2, 3].map((i) => `digest of old-code-${i}`);
const appCode = (w: World) => codeFrom(uriOf(secret), w.clock);
const types = (w: World) => w.events.map(({ type }) => type);

test("a user with a factor in the old system is asked for its code from the first call on", async () => {
  const w = withOld();
  const step = await w.twoFactor.signIn.begin(USER, { binding, enrolled: true });
  assert.ok(step.step === "code");
  must(await w.twoFactor.signIn.complete(step.challenge, appCode(w), { binding }));
  assert.equal((await w.twoFactor.status(USER)).state, "active");
  assert.equal(w.asked.enrollment, 1);
});

test("an old session sees the old factor, and cannot enroll past it", async () => {
  for (const first of ["status", "begin", "verify", "disable", "reset"] as const) {
    const w = withOld();
    const accountName = USER;
    if (first === "status") assert.equal((await w.twoFactor.status(USER)).state, "active");
    if (first === "verify") must(await w.twoFactor.verify(USER, appCode(w), { binding }));
    if (first === "disable") must(await w.twoFactor.disable(USER, { code: appCode(w), binding }));
    if (first === "reset") must(await w.admin.reset(USER, by));
    const begun = await w.twoFactor.enrollment.begin(USER, { accountName, binding });
    const gone = first === "disable" || first === "reset";
    assert.equal(outcome(begun), gone ? "ok" : "already_enrolled");
    assert.equal(w.asked.enrollment, 1, first);
  }
});

test("R4 the old system is not asked about a factor that was turned off, reset or replaced", async () => {
  const disabled = withOld();
  must(await disabled.twoFactor.disable(USER, { code: appCode(disabled), binding }));
  const reset = withOld();
  must(await reset.admin.reset(USER, by));
  for (const w of [disabled, reset]) {
    assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "done");
    assert.equal((await w.twoFactor.status(USER)).state, "none");
    assert.equal(w.asked.enrollment, 1);
  }
  const replaced = withOld();
  const proof = { code: appCode(replaced), binding };
  const begun = must(
    await replaced.twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, ...proof }),
  );
  const code = codeFrom(begun.keyUri, replaced.clock);
  must(
    await replaced.twoFactor.enrollment.confirm(USER, { enrollmentId: begun.enrollmentId, code, binding }),
  );
  replaced.clock.advance(60);
  assert.equal(outcome(await replaced.twoFactor.verify(USER, appCode(replaced), { binding })), "wrong_code");
  assert.equal(replaced.asked.enrollment, 1);
});

test("a user whom the old system does not know has no second factor, and may enroll", async () => {
  for (const nothing of [null, []]) {
    const w = withOld(nothing);
    assert.equal((await w.twoFactor.status(USER)).state, "none");
    await enrollIn(w);
    const { enrollment } = w.asked;
    assert.equal((await w.twoFactor.status(USER)).state, "active");
    assert.equal(w.asked.enrollment, enrollment);
  }
});

test("one call asks the old system once, even about a user whom it does not know", async () => {
  const w = withOld(null);
  must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }));
  assert.equal(w.asked.enrollment, 1);
});

test("50 instances at once make one import and one event", async () => {
  const w = withOld({ secret, backupCodes: ["old-code-one", "old-code-two"] });
  const instances = Array.from({ length: 50 }, () => world(w.options).twoFactor);
  const seen = await Promise.all(instances.map((one) => one.status(USER)));
  assert.deepEqual(tally(seen.map(({ state }) => state)), { active: 50 });
  assert.deepEqual(types(w), ["imported"]);
});

test("old backup codes stay in the old system, and the record says which are unused", async () => {
  const w = withOld({ secret, legacyCodes: digests });
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.deepEqual(step.step === "code" && step.methods, ["app", "backup"]);
  const { backupCodes } = await w.twoFactor.status(USER);
  assert.deepEqual([backupCodes?.total, backupCodes?.active, backupCodes?.legacy], [3, 3, true]);
  must(await w.twoFactor.verify(USER, " old-code-1 ", { binding }));
  for (const [code, detail] of [
    ["old-code-1", "backup_code_reused"],
    ["old-code-4", "wrong_code"], // known there, and used there
    ["no code at all", "wrong_code"],
  ] as const) {
    assert.equal(outcome(await w.twoFactor.verify(USER, code, { binding })), detail);
  }
  must(await w.twoFactor.verify(USER, "old-code-2", { binding }));
  assert.equal((await w.twoFactor.status(USER)).backupCodes?.active, 1);
});

test("an old backup code is good once, also when it is typed twice at once", async () => {
  const w = withOld({ secret, legacyCodes: digests }, { queue: false, throttle: { free: 10 } });
  const all = await Promise.all(
    Array.from({ length: 8 }, () => w.twoFactor.verify(USER, "old-code-1", { binding })),
  );
  assert.equal(all.filter(({ ok }) => ok).length, 1);
});

test("old backup codes are not offered or checked without a callback for them", async () => {
  const w = withOld({ secret, legacyCodes: digests });
  await w.twoFactor.status(USER);
  const { enrollment } = w.options.legacy ?? {};
  const deaf = createTwoFactorWith({ ...w.options, legacy: { enrollment } }, {});
  const step = await deaf.signIn.begin(USER, { binding });
  assert.deepEqual(step.step === "code" && step.methods, ["app"]);
  assert.equal(outcome(await deaf.verify(USER, "old-code-1", { binding })), "malformed_code");
  assert.equal((await deaf.status(USER)).backupCodes?.active, 3);
});

test("several phones of the old system come along, and each signs in", async () => {
  const other = encodeBase32(new Uint8Array(20).fill(7));
  const w = withOld([
    { secret, label: "Phone" },
    { secret: other, label: "Tablet", legacyCodes: digests },
  ]);
  must(await w.twoFactor.verify(USER, codeFrom(uriOf(other), w.clock), { binding }));
  must(await w.twoFactor.verify(USER, appCode(w), { binding }));
  must(await w.twoFactor.verify(USER, "old-code-3", { binding }));
  const listed = await w.twoFactor.authenticators.list(USER);
  assert.deepEqual(
    listed.map(({ label }) => label),
    ["Phone", "Tablet"],
  );
});

test("new backup codes end the old ones", async () => {
  const w = withOld({ secret, legacyCodes: digests });
  const { elevation } = must(await w.twoFactor.verify(USER, appCode(w), { binding }));
  must(await w.twoFactor.backupCodes.regenerate(USER, { elevation, binding }));
  assert.equal((await w.twoFactor.status(USER)).backupCodes?.legacy, undefined);
  assert.equal(outcome(await w.twoFactor.verify(USER, "old-code-1", { binding })), "malformed_code");
  assert.equal(w.asked.backupCode, 0);
});

test("the event tells that the old system was asked, and shows nothing of what it said", async () => {
  const w = withOld({ secret, backupCodes: ["one-old-code", "short"] });
  await w.twoFactor.signIn.begin(USER, { binding, context: { ip: "192.0.2.1" } });
  const { at: _, ...event } = w.events[0] ?? assert.fail();
  assert.deepEqual(event, {
    ...{ type: "imported", userId: USER, notify: true, method: "app", skippedCodes: 1 },
    ...{ reason: "legacy", context: { ip: "192.0.2.1" } },
  });
});

test("what an administrator imports goes before what the old system says", async () => {
  const w = withOld();
  const other = encodeBase32(new Uint8Array(20).fill(7));
  must(await w.admin.importEnrollment(USER, { ...by, secret: other }));
  assert.equal((await recordOf(w)).authenticators[0]?.secret, other);
  assert.equal(w.asked.enrollment, 0);
});

test("what is written while the old system is asked goes before what it says", async () => {
  const other = encodeBase32(new Uint8Array(20).fill(7));
  for (const end of ["active", "none"] as const) {
    const here = world();
    const enrollment = async () => {
      must(await here.admin.importEnrollment(USER, { ...by, secret: other }));
      if (end === "none") must(await here.admin.reset(USER, by));
      return { secret };
    };
    const w = world({ ...here.options, onEvent: undefined, legacy: { enrollment } });
    assert.equal((await w.twoFactor.status(USER)).state, end);
    assert.notEqual((await recordOf(w)).authenticators[0]?.secret, secret);
  }
});

test("a record with old backup codes asks for reader 2, and their digests stay the same for ever", async () => {
  const w = withOld({ secret, legacyCodes: digests });
  await w.twoFactor.status(USER);
  const { reader, backupCodes } = await recordOf(w);
  assert.equal(reader, 2);
  assert.deepEqual([backupCodes?.salt, backupCodes?.codes[0]?.digest], ["", "j-Wzxj4L1g40OYNSTYFsgg"]);
  const plain = withOld({ secret, backupCodes: ["12345678"] });
  await plain.twoFactor.status(USER);
  assert.equal((await recordOf(plain)).reader, 1);
});

test("misspelled callbacks, and values that are no function, are refused", () => {
  const { options } = world();
  const make = (legacy: object) => () => createAdminWith({ ...options, legacy }, {});
  assert.throws(make({ enrolment: () => null }), /^TypeError: legacy.enrolment: there is no such option/);
  assert.throws(make({ backupCode: true }), /^TypeError: legacy.backupCode: want a function/);
});
