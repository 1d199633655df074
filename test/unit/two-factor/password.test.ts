import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../src/stores/memory.ts";
import { createTestTwoFactor, faultyStore, type StoreCall } from "../../../src/testing/index.ts";
import {
  binding,
  countingStore,
  enrolled,
  must,
  outcome,
  PASSWORD,
  recordOf,
  tally,
  USER,
  withPassword,
  world,
  wrongCode,
} from "../../support/world.ts";

const accountName = USER;

test("enrolling takes the password wherever it can be checked, unless the host writes otherwise", async () => {
  const begin = (options: object, proof: object) =>
    world({ ...withPassword, ...options }).twoFactor.enrollment.begin(USER, {
      accountName,
      binding,
      ...proof,
    });
  assert.equal(outcome(await begin({}, {})), "reauthentication_required");
  assert.equal(outcome(await begin({}, { password: "wrong" })), "wrong_password");
  must(await begin({}, { password: PASSWORD }));
  must(await begin({ reauthentication: { enroll: "none" } }, {}));
  const w = world(withPassword);
  const { elevation } = must(await w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding }));
  must(await w.twoFactor.enrollment.begin(USER, { accountName, elevation, binding }));
});

test("nobody drops the password by omission, and no rule names what cannot be checked", () => {
  const create = (options: object) => () => createTestTwoFactor(options);
  assert.throws(
    create({ reauthentication: { enroll: undefined } }),
    /^TypeError: reauthentication\.enroll: /,
  );
  for (const operation of ["enroll", "replace", "disable", "regenerate"]) {
    assert.throws(
      create({ reauthentication: { [operation]: "password" } }),
      new RegExp(`^TypeError: reauthentication\\.${operation}: `),
    );
  }
  assert.throws(create({ reauthentication: { disable: "sms" } }), /^TypeError: reauthentication\.disable: /);
  assert.throws(
    create({ ...withPassword, reauthentication: { enroll: "app" } }),
    /^RangeError: reauthentication\.enroll: /,
  );
});

test("the password comes first: a wrong one spends no code, and a right code is not looked at", async () => {
  const w = await enrolled(withPassword);
  const code = w.phone.code();
  const refused = await w.twoFactor.disable(USER, { password: "wrong", code, binding });
  assert.ok(!refused.ok && refused.detail === "wrong_password" && refused.reason === "invalid_password");
  assert.equal(refused.attemptsLeft, 4);
  must(await w.twoFactor.disable(USER, { password: PASSWORD, code, binding }));
});

test("locks of the password and of a factor do not affect each other", async () => {
  const w = await enrolled(withPassword);
  const withWord = (password: string) => w.twoFactor.reauthenticate(USER, { password, binding });
  const outcomes: string[] = [];
  for (let i = 0; i < 8; i++) outcomes.push(outcome(await withWord(`guess ${i}`)));
  assert.deepEqual(tally(outcomes), { wrong_password: 5, locked: 3 });
  const locked = await withWord(PASSWORD);
  assert.ok(!locked.ok && locked.retryAt === w.clock() + 30_000);
  must(await w.twoFactor.verify(USER, w.phone.code(), { binding }));
  w.clock.advance(30);
  must(await withWord(PASSWORD));
  for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
  must(await withWord(PASSWORD));
  assert.equal((await recordOf(w)).password.failures, 0);
});

test("passwords are guessed at no faster in parallel", async () => {
  const w = await enrolled({ ...withPassword, queue: false });
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      w.twoFactor.reauthenticate(USER, { password: `guess ${i}`, binding }),
    ),
  );
  assert.equal(tally(results.map(outcome))["wrong_password"], 5);
});

test("input that cannot be a password is wrong, is charged, and never reaches verifyPassword", async () => {
  const seen: unknown[] = [];
  const w = await enrolled({
    verifyPassword: (_user, password) => {
      seen.push(password);
      return true;
    },
  });
  seen.length = 0;
  for (const password of [[], 7, ["x"], { toString: () => PASSWORD }, "x".repeat(4_097)]) {
    const given = { password: password as string, binding };
    assert.equal(outcome(await w.twoFactor.reauthenticate(USER, given)), "wrong_password");
  }
  assert.deepEqual(seen, []);
  assert.equal((await recordOf(w)).password.failures, 5);
});

test("only true from verifyPassword means a right password", async () => {
  for (const answer of [1, "yes", {}, undefined, null]) {
    const { twoFactor } = world({ verifyPassword: () => answer as boolean });
    const given = { password: PASSWORD, binding };
    assert.equal(outcome(await twoFactor.reauthenticate(USER, given)), "wrong_password");
  }
});

test("a password check that fails throws, charges nothing, and proves nothing", async () => {
  const w = await enrolled({
    verifyPassword: (_user, password) => {
      if (password === "down") throw new Error("the directory is down");
      return password === PASSWORD;
    },
  });
  for (let i = 0; i < 12; i++) {
    await assert.rejects(w.twoFactor.reauthenticate(USER, { password: "down", binding }), {
      name: "TwoFactorError",
      code: "password_check_failed",
    });
  }
  assert.equal((await recordOf(w)).password.failures, 0);
  must(await w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding }));
});

test("a password check that fails after four wrong ones leaves no lock behind", async () => {
  let broken = false;
  const verifyPassword = (_: string, password: string) => {
    if (broken) throw new Error("the directory is away");
    return password === PASSWORD;
  };
  const w = await enrolled({ verifyPassword });
  const tryIt = (password: string) => w.twoFactor.reauthenticate(USER, { password, binding });
  for (let i = 0; i < 4; i++) assert.equal(outcome(await tryIt("wrong")), "wrong_password");
  broken = true;
  await assert.rejects(tryIt(PASSWORD), {
    code: "password_check_failed",
    message: "The password could not be checked; nothing was charged.",
  });
  const { failures, lockedUntilAt } = (await recordOf(w)).password;
  assert.deepEqual({ failures, lockedUntilAt }, { failures: 4, lockedUntilAt: null });
  broken = false;
  must(await tryIt(PASSWORD));
});

test("a password check that fails ends no lock of another guess", async () => {
  const guess = (password: string) => w.twoFactor.reauthenticate(USER, { password, binding });
  const w = await enrolled({
    verifyPassword: async (_user, password) => {
      if (password === "wrong") return false;
      await guess("wrong");
      throw new Error("the directory is away");
    },
    reauthentication: { enroll: "none" },
    throttle: { free: 1 },
  });
  await assert.rejects(guess("slow"), { code: "password_check_failed" });
  const { failures, lockedUntilAt } = (await recordOf(w)).password;
  assert.deepEqual([failures, lockedUntilAt], [1, w.clock() + 30_000]);
});

test("a right password costs two reads and two writes", async () => {
  const counted = countingStore();
  const w = await enrolled({ ...withPassword, store: counted.store });
  const { reads, writes } = counted;
  must(await w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding }));
  assert.deepEqual([counted.reads - reads, counted.writes - writes], [2, 2]);
});

test("a password check that fails where its charge cannot be taken back says so", async () => {
  let losing = false;
  const plan = ({ method }: StoreCall) => (losing && method === "compareAndSet" ? "conflict" : undefined);
  const verifyPassword = () => {
    losing = true;
    throw new Error("the directory is away");
  };
  const w = await enrolled({
    store: faultyStore(memoryStore(), { plan }),
    verifyPassword,
    reauthentication: { enroll: "none" },
  });
  await assert.rejects(w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding }), {
    code: "password_check_failed",
    message: /its attempt stays charged/,
  });
  assert.equal((await recordOf(w)).password.failures, 1);
});

test("a wrong password sends an event with its context, and another when it locks", async () => {
  const w = await enrolled(withPassword);
  const context = { ip: "192.0.2.7" };
  const before = w.events.length;
  for (let i = 0; i < 5; i++) await w.twoFactor.reauthenticate(USER, { password: "wrong", binding, context });
  const heard = w.events.slice(before);
  assert.deepEqual(
    heard.map(({ type, detail }) => [type, detail]),
    [...Array(5).fill(["verification_failed", "wrong_password"]), ["locked", "wrong_password"]],
  );
  for (const event of heard) assert.deepEqual(event.context, context);
});

test("a password of 4,096 characters reaches verifyPassword, a longer one does not", async () => {
  const lengths: number[] = [];
  const verifyPassword = (_: string, password: string) => {
    lengths.push(password.length);
    return password.length > PASSWORD.length || password === PASSWORD;
  };
  const w = await enrolled({ verifyPassword });
  lengths.length = 0;
  const tryIt = (length: number) =>
    w.twoFactor.reauthenticate(USER, { password: "x".repeat(length), binding });
  must(await tryIt(4_096));
  assert.equal(outcome(await tryIt(4_097)), "wrong_password");
  assert.deepEqual(lengths, [4_096]);
});
