import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../../src/admin.ts";
import { policyReport, type Requirement } from "../../../src/rules/policy.ts";
import type { RecordSummary } from "../../../src/store.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
import {
  binding,
  challengeOf,
  enrolled,
  enrollIn,
  must,
  nextCode,
  outcome,
  USER,
  type World,
  world,
} from "../../support/world.ts";

const HOUR = 3_600;
const accountName = USER;

/** A world whose policy a test can change. */
function ruled(options: Partial<TwoFactorOptions> = {}): World & { rule: { now: Requirement } } {
  const rule: { now: Requirement } = { now: { required: false } };
  return { ...world({ requirement: () => rule.now, ...options }), rule };
}

test("V78 grace counts from the instant the host names, and its end is told", async () => {
  const w = ruled();
  const sinceAt = w.clock();
  w.rule.now = { required: true, sinceAt, grace: 384 * HOUR };
  const begin = () => w.twoFactor.signIn.begin(USER, { binding });
  const graceEndsAt = sinceAt + 384 * HOUR * 1_000;
  w.clock.set(graceEndsAt - 1);
  assert.deepEqual(await begin(), {
    step: "done",
    userId: USER,
    reason: "grace",
    graceEndsAt,
    assurance: { aal: 1, amr: [], authenticatedAt: w.clock() },
  });
  w.clock.set(graceEndsAt);
  assert.equal((await begin()).step, "enroll");
});

test("V78 grace without an anchor counts as none", async () => {
  const w = ruled();
  w.rule.now = { required: true, grace: 384 * HOUR };
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "enroll");
});

test("R10 a grace that cannot be read, or a misspelled key, throws and decides nothing", async () => {
  const w = ruled();
  const sinceAt = w.clock();
  const answers: readonly object[] = [
    ...[Number.NaN, "2030-01-01", String(sinceAt), BigInt(sinceAt), new Date(sinceAt), null].map((at) => ({
      ...{ required: true, grace: 384 * HOUR, sinceAt: at },
    })),
    ...[Number.POSITIVE_INFINITY, String(HOUR), -1].map((grace) => ({ required: true, sinceAt, grace })),
    { required: true, since: sinceAt, grace: HOUR },
  ];
  for (const [i, answer] of answers.entries()) {
    w.rule.now = answer as Requirement;
    await assert.rejects(w.twoFactor.signIn.begin(USER, { binding }), { code: "requirement_unavailable" });
    assert.equal(w.events.filter(({ type }) => type === "policy_error").length, i + 1);
  }
});

test("V78 grace never starts again: not by enrolling, canceling, disabling or being reset", async () => {
  const w = ruled();
  const sinceAt = w.clock();
  w.rule.now = { required: true, sinceAt, grace: HOUR };
  const e = await enrollIn(w);
  must(await w.twoFactor.disable(USER, { code: e.phone.code(), binding }));
  must(await w.twoFactor.enrollment.begin(USER, { accountName, binding }));
  must(await w.twoFactor.enrollment.cancel(USER, { binding: null }));
  const again = await enrollIn(w);
  must(await createAdmin(again.options).reset(USER, { actor: "a", reason: "r" }));
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "done" && step.graceEndsAt === sinceAt + HOUR * 1_000);
  w.clock.set(sinceAt + HOUR * 1_000);
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "enroll");
});

test("forced enrollment: the challenge is the proof, and the activating call signs in", async () => {
  const w = ruled({ verifyPassword: () => false });
  w.rule.now = { required: true };
  const firstFactor = { amr: ["pwd"] };
  const step = await w.twoFactor.signIn.begin(USER, { binding, firstFactor });
  assert.ok(step.step === "enroll");
  assert.equal(step.expiresAt, w.clock() + 600_000);
  assert.ok(!("userId" in step));
  const who = { challenge: step.challenge };
  const named: string[] = [];
  const begun = must(
    await w.twoFactor.enrollment.begin(who, {
      binding,
      accountName: (userId) => {
        named.push(userId);
        return `${userId}@example.com`;
      },
    }),
  );
  assert.deepEqual(named, [USER]);
  assert.deepEqual(
    must(await w.twoFactor.enrollment.begin(who, { binding, accountName: "ada@example.com" })),
    begun,
  );
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const code = w.phone.code();
  const wrong = await w.twoFactor.enrollment.confirm(who, { binding, enrollmentId, code: "12345" });
  assert.equal(outcome(wrong), "malformed_code");
  const confirmed = must(await w.twoFactor.enrollment.confirm(who, { binding, enrollmentId, code }));
  assert.ok(confirmed.state === "active");
  const { signIn } = confirmed;
  assert.equal(signIn.userId, USER);
  assert.deepEqual(signIn.assurance, { aal: 2, amr: ["pwd", "otp", "mfa"], authenticatedAt: w.clock() });
  must(await w.twoFactor.disable(USER, { elevation: signIn.elevation, binding }));
});

test("a challenge to enroll serves once: afterwards it does nothing, even after a reset", async () => {
  const w = ruled();
  w.rule.now = { required: true };
  const who = { challenge: await challengeOf(w) };
  const begun = must(await w.twoFactor.enrollment.begin(who, { binding, accountName }));
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  must(await w.twoFactor.enrollment.confirm(who, { binding, enrollmentId, code: w.phone.code() }));
  must(await createAdmin(w.options).reset(USER, { actor: "a", reason: "r" }));
  for (const result of [
    await w.twoFactor.enrollment.begin(who, { binding, accountName }),
    await w.twoFactor.enrollment.confirm(who, { binding, enrollmentId, code: nextCode(w) }),
  ]) {
    assert.equal(outcome(result), "challenge_invalid");
  }
});

test("forced enrollment with acknowledgement: codes, then the factor, then the session", async () => {
  const w = ruled({ backupCodes: { acknowledge: true } });
  w.rule.now = { required: true };
  const who = { challenge: await challengeOf(w) };
  const begun = must(await w.twoFactor.enrollment.begin(who, { binding, accountName }));
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  const first = must(
    await w.twoFactor.enrollment.confirm(who, { binding, enrollmentId, code: w.phone.code() }),
  );
  assert.ok(first.state === "awaiting_acknowledgement" && !("signIn" in first));
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "enroll", "not active yet");
  const reload = { binding, enrollmentId, code: nextCode(w) };
  const second = must(await w.twoFactor.enrollment.confirm(who, reload));
  assert.notDeepEqual(second.backupCodes, first.backupCodes, "a reload gets fresh codes for the next code");
  const batchId = second.backupCodes?.batchId;
  const stranger = { binding: "another session", batchId };
  assert.equal(outcome(await w.twoFactor.enrollment.acknowledge(who, stranger)), "challenge_invalid");
  const done = must(await w.twoFactor.enrollment.acknowledge(who, { binding, batchId, trustDevice: true }));
  assert.equal(done.signIn.userId, USER);
  assert.ok(done.signIn.device?.trustedUntilAt);
});

test("an enroll challenge can be given up, and begun with again", async () => {
  const w = ruled();
  w.rule.now = { required: true };
  const who = { challenge: await challengeOf(w) };
  must(await w.twoFactor.enrollment.begin(who, { binding, accountName }));
  must(await w.twoFactor.enrollment.cancel(who, { binding }));
  assert.equal((await w.twoFactor.status(USER)).state, "none");
  must(await w.twoFactor.enrollment.begin(who, { binding, accountName }));
});

test("V68 where a second factor is required, the next sign-in after disabling enrolls again", async () => {
  const w = ruled();
  const e = await enrollIn(w);
  w.rule.now = { required: true };
  const disabled = must(await w.twoFactor.disable(USER, { code: e.phone.code(), binding }));
  assert.equal(disabled.mustEnroll, true);
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "enroll");
  assert.equal(w.events.at(-1)?.type, "disabled");
});

test("V68 where nobody requires a factor, it stays off", async () => {
  const e = await enrolled();
  const disabled = must(await e.twoFactor.disable(USER, { code: e.phone.code(), binding }));
  assert.equal(disabled.mustEnroll, false);
  assert.equal((await e.twoFactor.signIn.begin(USER, { binding })).step, "done");
});

test("V68 a policy that fails while disabling counts as one that requires, and is reported", async () => {
  const w = ruled({ requirement: () => Promise.reject(new Error("down")) });
  const e = await enrollIn(w);
  const disabled = must(await w.twoFactor.disable(USER, { code: e.phone.code(), binding }));
  assert.equal(disabled.mustEnroll, true);
  assert.deepEqual(
    w.events.slice(-2).map(({ type }) => type),
    ["disabled", "policy_error"],
  );
});

test("turning the requirement off removes nothing, and an exempt user signs in without a factor", async () => {
  const w = ruled();
  w.rule.now = { required: true };
  const e = await enrollIn(w);
  w.rule.now = { required: false };
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "code");
  must(await w.twoFactor.verify(USER, e.phone.code(), { binding }));
  w.rule.now = { required: false };
  const step = await w.twoFactor.signIn.begin("bob", { binding });
  assert.ok(step.step === "done" && step.reason === "no_factor");
});

test("the policy is asked at every sign-in of a user without a factor, and of nobody else", async () => {
  const asked: string[] = [];
  const w = world({
    requirement: (userId) => {
      asked.push(userId);
      return { required: false };
    },
  });
  await enrollIn(w);
  await w.twoFactor.signIn.begin(USER, { binding });
  assert.deepEqual(asked, []);
  await w.twoFactor.signIn.begin("bob", { binding });
  await w.twoFactor.signIn.begin("bob", { binding });
  assert.deepEqual(asked, ["bob", "bob"]);
});

test("a report before the switch counts whom it would block, from the store's columns", async () => {
  const inner = memoryStore();
  const summaries = new Map<string, RecordSummary>();
  const w = world({
    store: {
      get: inner.get,
      compareAndSet: async (userId, expected, next) => {
        const written = await inner.compareAndSet(userId, expected, next);
        if (written) summaries.set(userId, next.summary);
        return written;
      },
    },
    backupCodes: { acknowledge: true },
  });
  await enrollIn(w, "active");
  must(await w.twoFactor.enrollment.begin("pending", { accountName, binding }));
  const waiting = must(await w.twoFactor.enrollment.begin("waiting", { accountName, binding }));
  w.phone.scan(waiting.keyUri);
  const { enrollmentId } = waiting;
  must(await w.twoFactor.enrollment.confirm("waiting", { enrollmentId, code: w.phone.code(), binding }));
  await w.twoFactor.credentialChanged("none", "password");
  assert.deepEqual(policyReport([...summaries.values()]), { total: 4, active: 1, pending: 2, none: 1 });
  assert.equal(summaries.get("active")?.backupCodesActive, 10);
  assert.deepEqual(policyReport([]), { total: 0, active: 0, pending: 0, none: 0 });
});
