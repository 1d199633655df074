import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../../src/admin.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { createTestTwoFactor } from "../../../src/testing/index.ts";
import {
  binding,
  challengeOf,
  countingStore,
  enrolled,
  enrollIn,
  must,
  nextCode,
  outcome,
  recordOf,
  USER,
  withPassword,
  world,
  wrongCode,
} from "../../support/world.ts";

const by = { actor: "support", reason: "asked for" };

test("without a second factor and without a policy the sign-in is done", async () => {
  const { twoFactor, clock, events } = world();
  const step = await twoFactor.signIn.begin(USER, { binding, firstFactor: { amr: ["pwd"] } });
  assert.deepEqual(events, []);
  assert.deepEqual(step, {
    step: "done",
    userId: USER,
    reason: "no_factor",
    assurance: { aal: 1, amr: ["pwd"], authenticatedAt: clock() },
  });
});

test("H4 A2 O2 O4 an enrolled user is asked for a code, and only a success names the user", async () => {
  const w = await enrolled();
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code");
  assert.deepEqual(step.methods, ["app", "backup"]);
  assert.equal(step.expiresAt, w.clock() + 600_000);
  assert.ok(!JSON.stringify(step).includes(USER));
  const done = must(await w.twoFactor.signIn.complete(step.challenge, w.phone.code(), { binding }));
  assert.equal(done.userId, USER);
});

test("one field takes app codes and backup codes, and the success says which it was", async () => {
  const w = await enrolled();
  for (const [code, method, left] of [
    [w.phone.code(), "app", 10],
    [w.codes[4], "backup", 9],
  ] as const) {
    const done = must(await w.twoFactor.signIn.complete(await challengeOf(w), code, { binding }));
    assert.deepEqual([done.method, done.backupCodesLeft], [method, left]);
  }
});

test("backup codes are offered as long as one is left", async () => {
  const w = await enrolled({ backupCodes: { count: 1 } });
  must(await w.twoFactor.verify(USER, w.codes[0], { binding }));
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code");
  assert.deepEqual(step.methods, ["app"]);
});

test("V36 a wrong code leaves the challenge usable, and a lock does not use it up either", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  const complete = (code: string) => w.twoFactor.signIn.complete(challenge, code, { binding });
  for (let i = 0; i < 5; i++) assert.equal(outcome(await complete(wrongCode(w, i))), "wrong_code");
  const locked = await complete(w.phone.code());
  assert.ok(!locked.ok && locked.reason === "locked" && locked.retryAt === w.clock() + 30_000);
  must(await complete(nextCode(w)));
  assert.equal((await recordOf(w)).app.failures, 0, "and a success clears the row");
});

test("V49 the user comes from the challenge: another user's code fails, and its user pays", async () => {
  const ada = await enrolled();
  const bob = await enrollIn(ada, "bob");
  const challenge = await challengeOf(ada);
  const result = await ada.twoFactor.signIn.complete(challenge, bob.phone.code("bob"), { binding });
  assert.equal(outcome(result), "wrong_code");
  assert.equal((await recordOf(ada)).app.failures, 1);
  assert.equal((await recordOf(ada, "bob")).app.failures, 0);
  const done = must(await ada.twoFactor.signIn.complete(challenge, ada.phone.code(USER), { binding }));
  assert.equal(done.userId, USER);
});

test("V53 an account that is suspended between the two steps stays out, and nothing is evaluated", async () => {
  let allowed = true;
  const operations: string[] = [];
  const authorize = (_userId: string, operation: string) => {
    operations.push(operation);
    return allowed;
  };
  const w = await enrollIn(world({ authorize })); // not delivered: what enrolling tells the host counts here
  const challenge = await challengeOf(w);
  allowed = false;
  for (const code of [w.phone.code(), wrongCode(w)]) {
    const refused = await w.twoFactor.signIn.complete(challenge, code, { binding });
    assert.equal(outcome(refused), "not_authorized");
    assert.ok(!refused.ok && refused.reason === "refused");
  }
  assert.equal(outcome(await w.twoFactor.verify(USER, w.phone.code(), { binding })), "not_authorized");
  assert.deepEqual(await w.twoFactor.signIn.begin(USER, { binding }), { step: "refused" });
  allowed = true;
  must(await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding }));
  assert.equal((await recordOf(w)).app.failures, 0);
  assert.deepEqual([...new Set(operations)], ["enroll", "sign_in"]);
});

test("an authorize that throws refuses, and anything but true is no", async () => {
  for (const authorize of [
    () => Promise.reject(new Error("down")),
    () => {
      throw new Error("down");
    },
    () => "yes" as unknown as boolean,
  ]) {
    const { twoFactor } = world({ authorize });
    assert.deepEqual(await twoFactor.signIn.begin(USER, { binding }), { step: "refused" });
  }
});

test("V57 an enrolled user is asked for a code, whatever the policy returns or throws", async () => {
  const answers = [
    () => ({ required: false as const }),
    () => ({ required: false as const }),
    () => ({ required: true as const, sinceAt: Number.MAX_SAFE_INTEGER, grace: 1e9 }),
    () => Promise.reject(new Error("down")),
    () => undefined as never,
  ];
  for (const requirement of answers) {
    const w = await enrolled({ requirement });
    assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "code");
  }
});

test("V58 a policy that fails lets in no user without a factor, and is reported", async () => {
  const failing = [
    () => Promise.reject(new Error("down")),
    () => {
      throw new Error("down");
    },
    () => undefined as never,
    () => ({}) as never,
    () => ({ required: "yes" }) as never,
  ];
  for (const requirement of failing) {
    const { twoFactor, events } = world({ requirement });
    const context = { ip: "192.0.2.1" };
    await assert.rejects(twoFactor.signIn.begin(USER, { binding, context }), {
      name: "TwoFactorError",
      code: "requirement_unavailable",
      message: "Whether this user must have a second factor could not be found out.",
    });
    assert.deepEqual(
      events.map(({ type, userId, context }) => ({ type, userId, context })),
      [{ type: "policy_error", userId: USER, context }],
    );
  }
});

test("a user whom the host knows to be enrolled is not let in where the record is missing", async () => {
  const w = world();
  const begin = () => w.twoFactor.signIn.begin(USER, { binding, enrolled: true });
  const message = /^This user is known to be enrolled, and the store has no record of it/;
  await assert.rejects(begin(), { name: "TwoFactorError", code: "record_missing", message });
  await w.twoFactor.credentialChanged(USER, "recovery"); // these write a row, and no factor was ever removed
  must(await createAdmin(w.options).unlock(USER, by));
  await assert.rejects(begin(), { code: "record_missing" });
});

test("a sealed record that says that the factor was removed is believed", async () => {
  const disabled = await enrolled();
  must(await disabled.twoFactor.disable(USER, { code: disabled.phone.code(), binding }));
  const reset = await enrolled();
  must(await createAdmin(reset.options).reset(USER, by));
  for (const { twoFactor } of [disabled, reset]) {
    assert.equal((await twoFactor.signIn.begin(USER, { binding, enrolled: true })).step, "done");
  }
});

test("V74 A5 without a challenge nothing is looked up, and beginning costs the same for all", async () => {
  const counted = countingStore();
  const w = await enrolled({ store: counted.store });
  const cost = async (run: () => Promise<unknown>) => {
    const { reads, writes } = counted;
    await run();
    return [counted.reads - reads, counted.writes - writes];
  };
  const complete = (challenge: string | undefined) => () =>
    w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding });
  assert.deepEqual(await cost(complete(undefined)), [0, 0]);
  assert.deepEqual(await cost(complete("v1.x.y.z")), [0, 0]);
  assert.deepEqual(await cost(() => w.twoFactor.signIn.begin(USER, { binding })), [1, 0]);
  assert.deepEqual(await cost(() => w.twoFactor.signIn.begin("nobody", { binding })), [1, 0]);
  const challenge = await challengeOf(w);
  assert.deepEqual(await cost(complete(challenge)), [1, 1]);
});

test("V37b user ids are exact: case, spaces and Unicode forms keep users apart", async () => {
  const w = await enrolled({}, "Ada");
  for (const other of ["ada", "ADA", "Ada ", " Ada", "Ad\u0430", "A\u0301da"]) {
    assert.equal((await w.twoFactor.signIn.begin(other, { binding })).step, "done", other);
  }
});

test("a programmer's mistake throws and names the argument", async () => {
  const { twoFactor } = createTestTwoFactor({ store: memoryStore(), ...withPassword });
  const begin = (user: unknown, options: object) => twoFactor.signIn.begin(user as string, options as never);
  await assert.rejects(begin(7, { binding }), /^TypeError: userId: /);
  await assert.rejects(begin("", { binding }), /^RangeError: userId: /);
  await assert.rejects(begin("\uD800", { binding }), /^RangeError: userId: /);
  await assert.rejects(begin("a\0b", { binding }), /^RangeError: userId: /);
  await assert.rejects(begin("\u20AC".repeat(400), { binding }), /^RangeError: userId: /);
  await assert.rejects(begin(USER, {}), /^TypeError: binding: want null or a random value/);
  await assert.rejects(begin(USER, { binding: 5 }), /^TypeError: binding: /);
  await assert.rejects(begin(USER, { binding, firstFactor: null }), /^TypeError: firstFactor: /);
  await assert.rejects(
    begin(USER, { binding, firstFactor: { amr: "pwd" } }),
    /^TypeError: firstFactor\.amr: /,
  );
  await assert.rejects(begin(USER, { binding, firstFactor: { amr: [1] } }), /^TypeError: firstFactor\.amr: /);
  await assert.rejects(
    begin(USER, { binding, firstFactor: { amr: ["pwd"], authenticatedAt: "now" } }),
    /^TypeError: firstFactor\.authenticatedAt: /,
  );
  for (const enrolled of [1, "true", null]) {
    await assert.rejects(begin(USER, { binding, enrolled }), /^TypeError: enrolled: want true or false/);
  }
  const nothing = undefined as never;
  for (const call of [
    begin(USER, nothing),
    twoFactor.signIn.complete("challenge", "123456", nothing),
    twoFactor.verify(USER, "123456", nothing),
    twoFactor.enrollment.begin(USER, nothing),
    twoFactor.enrollment.confirm(USER, nothing),
    twoFactor.enrollment.acknowledge(USER, nothing),
    twoFactor.backupCodes.acknowledge(USER, nothing),
  ]) {
    await assert.rejects(call, /^TypeError: options: want an object/);
  }
  for (const call of [
    twoFactor.reauthenticate(USER, nothing),
    twoFactor.allow(USER, nothing, nothing),
    twoFactor.backupCodes.regenerate(USER, nothing),
    twoFactor.disable(USER, nothing),
  ]) {
    await assert.rejects(call, /^TypeError: proof: want an object/);
  }
  await assert.rejects(twoFactor.verify(USER, "123456", {} as never), /^TypeError: binding: /);
  await assert.rejects(twoFactor.enrollment.cancel(undefined as never, { binding }), /^TypeError: who: /);
});
