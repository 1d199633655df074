import assert from "node:assert/strict";
import { test } from "node:test";
import { createTwoFactor } from "../../../src/two-factor/create.ts";
import {
  binding,
  challengeOf,
  enrolled,
  must,
  nextCode,
  outcome,
  PASSWORD,
  signIn,
  USER,
  withPassword,
  world,
  wrongCode,
} from "../../support/world.ts";

test("A15 a success says its level, the names of RFC 8176 with the host's own first, and when", async () => {
  const w = await enrolled();
  const firstFactor = { amr: ["pwd", "user"], authenticatedAt: w.clock() };
  const app = await signIn(w, { firstFactor });
  assert.deepEqual(app.assurance, {
    aal: 2,
    amr: ["pwd", "user", "otp", "mfa"],
    authenticatedAt: w.clock(),
  });
  const backup = await signIn(w, { firstFactor, code: w.codes[0] ?? "" });
  assert.deepEqual(backup.assurance, { aal: 2, amr: ["pwd", "user", "mfa"], authenticatedAt: w.clock() });
  const unnamed = await signIn(w);
  assert.deepEqual(unnamed.assurance.amr, ["otp", "mfa"]);
  const named = await signIn(w, { firstFactor: { amr: ["otp", "mfa", "pwd"] } });
  assert.deepEqual(named.assurance.amr, ["otp", "mfa", "pwd"], "no name twice");
});

test("A15 without a second factor the level is 1, and the instant is the host's, if it has one", async () => {
  const { twoFactor, clock } = world();
  const begin = async (firstFactor: { amr: string[]; authenticatedAt?: number } | undefined) => {
    const step = await twoFactor.signIn.begin(USER, { binding, firstFactor });
    assert.ok(step.step === "done");
    return step.assurance;
  };
  assert.deepEqual(await begin(undefined), { aal: 1, amr: [], authenticatedAt: clock() });
  assert.deepEqual(await begin({ amr: ["hwk"], authenticatedAt: 5 }), {
    aal: 1,
    amr: ["hwk"],
    authenticatedAt: 5,
  });
});

test("A15 R7 re-authentication says what was shown this time, and no more", async () => {
  const w = await enrolled(withPassword);
  const levels = [];
  for (const proof of [
    { password: PASSWORD },
    { code: w.phone.code() },
    { password: PASSWORD, code: w.codes[0] },
  ]) {
    const { assurance } = must(await w.twoFactor.reauthenticate(USER, { ...proof, binding }));
    assert.equal(assurance.authenticatedAt, w.clock());
    levels.push([assurance.aal, assurance.amr]);
  }
  assert.deepEqual(levels, [
    [1, ["pwd"]],
    [1, ["otp"]],
    [2, ["pwd", "mfa"]],
  ]);
});

test("enrollment, acknowledgement and replacement each give a complete sign-in", async () => {
  const w = await enrolled();
  const { signIn: first } = w;
  assert.deepEqual(Object.keys(first).sort(), [
    "assurance",
    "backupCodesLeft",
    "device",
    "elevation",
    "method",
    "ok",
    "stepOffset",
    "userId",
  ]);
  assert.deepEqual([first.method, first.backupCodesLeft, first.assurance.aal], ["app", 10, 2]);
  assert.ok(first.device);
  must(await w.twoFactor.backupCodes.regenerate(USER, { elevation: first.elevation, binding }));
});

test("T5 W7 stepOffset tells the host that a phone's clock is off before its codes fail", async () => {
  const offsets = [];
  for (const skew of [-30, 0, 30]) {
    const w = await enrolled();
    w.clock.advance(60);
    w.clock.set(w.clock() + skew * 1_000);
    const code = w.phone.code();
    w.clock.set(w.clock() - skew * 1_000);
    offsets.push(must(await w.twoFactor.verify(USER, code, { binding })).stepOffset);
  }
  assert.deepEqual(offsets, [-1, 0, 1]);
});

test("A14 the instant is the server's, read once: nothing that a client sends moves it", async () => {
  const w = await enrolled();
  const late = w.phone.code();
  w.clock.advance(120);
  const moved = w.twoFactor.verify(USER, late, { binding, now: w.clock() - 120_000 } as never);
  await assert.rejects(moved, /^TypeError: now: there is no such option/);
  assert.equal(outcome(await w.twoFactor.verify(USER, late, { binding })), "wrong_code");
  const challenge = await challengeOf(w, { firstFactor: { amr: ["pwd"], authenticatedAt: w.clock() + 1e9 } });
  assert.equal(
    outcome(await w.twoFactor.signIn.complete(challenge, wrongCode(w), { binding })),
    "wrong_code",
  );
  must(await w.twoFactor.verify(USER, nextCode(w), { binding }));
});

test("A14 the clock is read once a call, so that no call sees two instants", async () => {
  const { options, clock } = await enrolled();
  let reads = 0;
  const ticking = () => {
    reads++;
    return clock() + reads * 1_000;
  };
  const twoFactor = createTwoFactor({ ...options, clock: ticking });
  const calls = [
    () => twoFactor.status(USER),
    () => twoFactor.signIn.begin(USER, { binding }),
    () => twoFactor.verify(USER, "123456", { binding }),
    () => twoFactor.disable(USER, { code: "123456", binding }),
    () => twoFactor.credentialChanged(USER, "password"),
  ];
  for (const call of calls) {
    reads = 0;
    await call();
    assert.equal(reads, 1);
  }
});
