import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../../src/admin.ts";
import type { Failure } from "../../../src/errors.ts";
import { createKeyring } from "../../../src/keyring.ts";
import { faultyStore, type StoreCall } from "../../../src/testing/index.ts";
import type { TwoFactorEvent } from "../../../src/two-factor/event.ts";
import type { SignedIn } from "../../../src/two-factor/types.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  enrollIn,
  must,
  nextCode,
  outcome,
  recordOf,
  signIn,
  tally,
  USER,
  withPassword,
  world,
  wrongCode,
} from "../../support/world.ts";

const required = { requirement: () => ({ required: true as const }) };

function complete(
  w: Enrolled,
  challenge: unknown,
  code: string = w.phone.code(),
  with_: string | null = binding,
) {
  return w.twoFactor.signIn.complete(challenge as string, code, { binding: with_ });
}

test("V50 a challenge opens for its own binding alone, and otherwise nothing is evaluated", async () => {
  const w = await enrolled();
  const bound = await challengeOf(w);
  const unbound = await challengeOf(w, { binding: null });
  for (const [challenge, other] of [
    [bound, "another session's value"],
    [bound, null],
    [bound, `${binding} `],
    [unbound, binding],
  ] as const) {
    for (const code of [w.phone.code(), wrongCode(w)]) {
      assert.equal(outcome(await complete(w, challenge, code, other)), "challenge_invalid");
    }
  }
  assert.equal((await recordOf(w)).app.failures, 0);
  must(await complete(w, unbound, w.phone.code(), null));
});

test("V51 N23 a challenge expires at its instant, and the host is told when that is", async () => {
  const w = await enrolled({ lifetimes: { challenge: 300 } });
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code");
  assert.equal(step.expiresAt, w.clock() + 300_000);
  w.clock.set(step.expiresAt);
  const late = await complete(w, step.challenge);
  assert.equal(outcome(late), "challenge_expired");
  assert.ok(!late.ok && late.reason === "expired");
  w.clock.set(step.expiresAt - 1);
  must(await complete(w, step.challenge));
});

test("V51 a challenge leads to one success, whichever kind of code comes second", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  must(await complete(w, challenge));
  for (const code of [nextCode(w), w.codes[0]]) {
    assert.equal(outcome(await complete(w, challenge, code)), "challenge_used");
  }
  assert.equal((await w.twoFactor.status(USER)).backupCodes?.used, 0, "a used challenge spends no code");
  must(await complete(w, await challengeOf(w)));
});

test("V51 a code is not spent when its challenge is used up while it is derived", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  let heard: readonly TwoFactorEvent[] = [];
  /** Sends a code; what follows the write that reserves its charge waits. */
  const send = (code: string | undefined, wait: () => Promise<unknown>) => {
    let writes = 0;
    const plan = async ({ method }: StoreCall) => {
      if (method === "compareAndSet" && ++writes === 2) await wait();
      return undefined;
    };
    const { twoFactor, events } = world({
      ...{ ...w.options, onEvent: undefined, store: faultyStore(w.store, { plan }) },
      throttle: { free: 1, hardStop: 10 },
    });
    heard = events;
    return twoFactor.signIn.complete(challenge, code, { binding });
  };
  let second: Promise<SignedIn | Failure> | undefined;
  const first = send(
    w.codes[0],
    () =>
      new Promise((secondHasReserved) => {
        second = send(w.codes[1], async () => {
          secondHasReserved(undefined);
          await first;
        });
      }),
  );
  assert.equal(outcome(await first), "ok");
  assert.ok(second);
  assert.equal(outcome(await second), "challenge_used");
  assert.equal((await recordOf(w)).backup.unknown.length, 1);
  assert.deepEqual(
    heard.map(({ type }) => type),
    ["locked"],
  );
  assert.equal((await w.twoFactor.status(USER)).backupCodes?.used, 1);
});

test("V51 a used challenge stays used on a machine whose clock is a few minutes behind", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  must(await complete(w, challenge));
  w.clock.advance(599);
  await signIn(w); // what has expired by this machine's clock is forgotten
  w.clock.advance(60);
  await signIn(w);
  w.clock.set(w.clock() - 120_000);
  assert.equal(outcome(await complete(w, challenge, w.codes[0])), "challenge_used");
});

test("V32 while locked no challenge, old or new, leads to an evaluation", async () => {
  const w = await enrolled();
  const old = await challengeOf(w);
  for (let i = 0; i < 5; i++) await complete(w, old, wrongCode(w, i));
  for (const challenge of [old, await challengeOf(w)]) {
    assert.equal(outcome(await complete(w, challenge)), "locked");
    assert.equal(outcome(await complete(w, challenge, wrongCode(w))), "locked");
  }
  assert.equal((await recordOf(w)).app.failures, 5);
});

test("V25 V27 failures count for the account: new challenges and sign-ins clear nothing", async () => {
  const w = await enrolled();
  const outcomes: string[] = [];
  for (let i = 0; i < 50; i++)
    outcomes.push(outcome(await complete(w, await challengeOf(w), wrongCode(w, i))));
  assert.deepEqual(tally(outcomes), { wrong_code: 5, locked: 45 });
});

test("a challenge opens only as it was sealed: no bit of it can change", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  for (let i = 0; i < challenge.length; i++) {
    const flipped = challenge.slice(0, i) + (challenge[i] === "A" ? "B" : "A") + challenge.slice(i + 1);
    if (flipped !== challenge)
      assert.equal(outcome(await complete(w, flipped)), "challenge_invalid", `at ${i}`);
  }
  const parts = challenge.split(".");
  for (const forged of [
    parts.slice(0, 3).join("."),
    `${challenge}.`,
    `${challenge}A`,
    `v2.${parts.slice(1).join(".")}`,
  ]) {
    assert.equal(outcome(await complete(w, forged)), "challenge_invalid");
  }
  must(await complete(w, challenge));
});

test("text that the right key sealed but that is no challenge of this version does not open", async () => {
  const w = await enrolled();
  const keyring = createKeyring(w.options.keys);
  for (const text of ["", "{}", "[]", "null", '{"__proto__":{}}', '[1,"ada","code"]', "\u0000"]) {
    const sealed = await keyring.sealToken("challenge", text);
    assert.equal(outcome(await complete(w, sealed)), "challenge_invalid");
    const elevation = await keyring.sealToken("elevation", text);
    assert.equal(outcome(await w.twoFactor.disable(USER, { elevation, binding })), "elevation_invalid");
  }
});

test("a challenge does not open for another purpose, nor an elevation as a challenge", async () => {
  const w = world(required);
  const forced = await challengeOf(w);
  const who = { challenge: forced };
  const begun = must(await w.twoFactor.enrollment.begin(who, { binding, accountName: USER }));
  w.phone.scan(begun.keyUri);
  assert.equal(
    outcome(await w.twoFactor.signIn.complete(forced, w.phone.code(), { binding })),
    "challenge_invalid",
  );
  const { enrollmentId } = begun;
  const confirmed = must(
    await w.twoFactor.enrollment.confirm(who, { binding, enrollmentId, code: w.phone.code() }),
  );
  assert.ok(confirmed.state === "active");
  const challenge = await challengeOf(w);
  assert.equal(
    outcome(await w.twoFactor.enrollment.begin({ challenge }, { binding, accountName: USER })),
    "challenge_invalid",
  );
  const { elevation } = confirmed.signIn;
  assert.equal(
    outcome(await w.twoFactor.signIn.complete(elevation, nextCode(w), { binding })),
    "challenge_invalid",
  );
  assert.equal(
    outcome(await w.twoFactor.disable(USER, { elevation: challenge, binding })),
    "elevation_invalid",
  );
});

const ENDINGS: readonly [string, (w: Enrolled) => Promise<unknown>][] = [
  ["disable", (w) => w.twoFactor.disable(USER, { code: w.phone.code(), binding })],
  ["replacement", (w) => replace(w)],
  ["an administrator's reset", (w) => createAdmin(w.options).reset(USER, { actor: "a", reason: "r" })],
  ["a changed password", (w) => w.twoFactor.credentialChanged(USER, "password")],
  ["a changed e-mail address", (w) => w.twoFactor.credentialChanged(USER, "email")],
  ["an account recovery", (w) => w.twoFactor.credentialChanged(USER, "recovery")],
];

async function replace(w: Enrolled) {
  const { twoFactor, phone } = w;
  const begun = must(
    await twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, code: phone.code(), binding }),
  );
  phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  must(await twoFactor.enrollment.confirm(USER, { enrollmentId, code: phone.code(), binding }));
}

for (const [name, end] of ENDINGS) {
  test(`challenges and elevations die with ${name}`, async () => {
    const w = await enrolled();
    const challenge = await challengeOf(w);
    const { elevation } = w.signIn;
    await end(w);
    w.clock.advance(30);
    for (const code of [w.phone.code(), w.codes[0]]) {
      assert.equal(outcome(await complete(w, challenge, code)), "challenge_invalid");
    }
    const proof = { elevation, binding };
    const used = outcome(await w.twoFactor.disable(USER, proof));
    assert.ok(["elevation_invalid", "not_enrolled"].includes(used), used);
  });
}

test("a changed password ends a challenge to enroll, even where there was no row yet", async () => {
  const w = world({ ...required, ...withPassword });
  const challenge = await challengeOf(w);
  await w.twoFactor.credentialChanged(USER, "password");
  const begun = await w.twoFactor.enrollment.begin({ challenge }, { binding, accountName: USER });
  assert.equal(outcome(begun), "challenge_invalid");
});

test("challenges open on every machine that has the key, and on none that has another", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  const other = world({ store: w.store, clock: w.clock });
  assert.equal(
    outcome(await other.twoFactor.signIn.complete(challenge, w.phone.code(), { binding })),
    "challenge_invalid",
  );
  const same = world({ ...w.options, onEvent: undefined });
  must(await same.twoFactor.signIn.complete(challenge, w.phone.code(), { binding }));
  assert.equal(outcome(await complete(w, challenge, nextCode(w))), "challenge_used");
});

test("a user id of any length and spelling comes back from its challenge", async () => {
  for (const user of ["\u0001".repeat(1_024), "\u20AC".repeat(341), 'a b"\\\u2028', "__proto__"]) {
    const w = await enrollIn(world(), user, "somebody");
    const challenge = await challengeOf(
      w,
      { firstFactor: { amr: Array(8).fill("\u20AC".repeat(32)) } },
      user,
    );
    const done = must(await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding }));
    assert.equal(done.userId, user);
  }
});

test("R26 a spent challenge stays spent for its whole lifetime, however many sign-ins follow", async () => {
  const w = await enrolled({ lifetimes: { challenge: 3_600 } });
  const spent = await challengeOf(w);
  const waiting = await challengeOf(w);
  must(await complete(w, spent, nextCode(w)));
  for (let i = 0; i < 60; i++) {
    await signIn(w);
    for (const old of [spent, waiting]) {
      const result = outcome(await complete(w, old));
      assert.ok(["challenge_used", "challenge_expired", "app_code_reused"].includes(result), result);
    }
  }
  assert.equal(outcome(await complete(w, spent, nextCode(w))), "challenge_expired");
  assert.equal((await recordOf(w)).spentChallenges.length, 32);
  const fresh = await challengeOf(w);
  must(await complete(w, fresh, nextCode(w)));
});

test("R26 up to that many sign-ins, a waiting challenge works", async () => {
  const w = await enrolled({ lifetimes: { challenge: 3_600 } });
  const waiting = await challengeOf(w);
  for (let i = 0; i < 31; i++) await signIn(w);
  must(await complete(w, waiting, nextCode(w)));
});

test("a spent challenge is remembered until it has expired on every machine, and no longer", async () => {
  const w = await enrolled();
  await signIn(w, { code: w.phone.code() });
  const [spent] = (await recordOf(w)).spentChallenges;
  assert.ok(spent);
  w.clock.set(spent.expiresAt + 300_000);
  await signIn(w, { code: w.phone.code() });
  const ids = (await recordOf(w)).spentChallenges.map(({ id }) => id);
  assert.equal(ids.length, 1);
  assert.ok(!ids.includes(spent.id));
});
