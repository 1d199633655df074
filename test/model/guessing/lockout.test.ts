import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../../src/admin.ts";
import {
  binding,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  PASSWORD,
  recordOf,
  signIn,
  withPassword,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";
import { DAY, guessOnce } from "./attackers.ts";

const USER = "ada";

/** An attacker with the password guesses app codes until nothing is evaluated any more. */
async function closeApp(w: Enrolled): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const result = await guessOnce(w.twoFactor, wrongCode(w, i));
    if (!result.ok && result.detail === "exhausted") return;
    w.clock.advance(3_600);
  }
}

test("V30 every call that takes a code draws on one budget: none goes around the limit", async () => {
  const w = await enrolled({ ...withPassword, backupCodes: { count: 2 } });
  const proof = (i: number) => ({ binding, password: PASSWORD, code: wrongCode(w, i) });
  const attempts = [
    (i: number) => w.twoFactor.verify(USER, wrongCode(w, i), { binding }),
    (i: number) => guessOnce(w.twoFactor, wrongCode(w, i)),
    (i: number) => w.twoFactor.reauthenticate(USER, proof(i)),
    (i: number) => w.twoFactor.disable(USER, proof(i)),
    (i: number) => w.twoFactor.backupCodes.regenerate(USER, proof(i)),
    (i: number) => w.twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, ...proof(i) }),
  ];
  const outcomes: string[] = [];
  for (const [i, attempt] of attempts.entries()) outcomes.push(outcome(await attempt(i)));
  assert.deepEqual(outcomes, [...Array<string>(5).fill("wrong_code"), "locked"]);
  for (const attempt of attempts) assert.equal(outcome(await attempt(9)), "locked");
  assert.equal((await recordOf(w)).app.failures, 5);
});

test("V34 no number of wrong passwords locks a factor, and no wrong code locks the password", async () => {
  const w = await enrolled(withPassword);
  for (let i = 0; i < 150; i++) {
    await w.twoFactor.reauthenticate(USER, { binding, password: "guess", code: wrongCode(w, i) });
    w.clock.advance(3_600);
  }
  assert.equal(outcome(await w.twoFactor.reauthenticate(USER, { binding, password: PASSWORD })), "exhausted");
  const record = await recordOf(w);
  assert.deepEqual([record.app.failures, record.backup.failures, record.password.failures], [0, 0, 100]);
  await signIn(w);
  await signIn(w, { code: w.codes[0] ?? "" });
});

test("R8 guesses of a stolen session are charged; no known device and no backup code waits", async () => {
  const w = await enrolled(withPassword);
  const { device } = await signIn(w);
  const { twoFactor } = w;
  for (let i = 0; i < 25; i++) {
    const code = wrongCode(w, i);
    for (const guess of [
      twoFactor.disable(USER, { binding, code }),
      twoFactor.backupCodes.regenerate(USER, { binding, password: "guess", code }),
    ]) {
      assert.ok(["reauthentication_required", "wrong_password", "locked"].includes(outcome(await guess)));
    }
  }
  assert.equal((await recordOf(w)).app.failures, 0, "where the password is asked for, no code is looked at");
  const alone = [];
  for (let i = 0; i < 25; i++) {
    alone.push(outcome(await twoFactor.reauthenticate(USER, { binding, code: wrongCode(w, i) })));
    w.clock.advance(3_600);
  }
  assert.deepEqual(alone, [...Array<string>(20).fill("wrong_code"), ...Array<string>(5).fill("locked")]);
  assert.equal(outcome(await guessOnce(twoFactor, nextCode(w))), "locked");
  await signIn(w, { deviceToken: device?.token });
  await signIn(w, { code: w.codes[0] ?? "" });
  w.clock.advance(30 * DAY);
  await signIn(w);
});

test("N12 replacing the authenticator after signing in with a backup code ends the hard stop", async () => {
  const w = await enrolled({ throttle: { hardStop: 8 } });
  await closeApp(w);
  assert.equal(outcome(await guessOnce(w.twoFactor, nextCode(w))), "exhausted");
  const { elevation } = await signIn(w, { code: w.codes[0] ?? "" });
  const begun = must(
    await w.twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, elevation, binding }),
  );
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding }));
  await signIn(w);
  const { app } = await recordOf(w);
  assert.deepEqual([app.failures, app.unknown.length], [0, 8]); // the row starts anew, the long counter stays
});

test("N14 disabling and enrolling again buys no new guesses from unknown devices", async () => {
  const w = await enrolled({ reauthentication: { disable: "none" } });
  for (let i = 0; i < 19; i++) {
    await guessOnce(w.twoFactor, wrongCode(w, i));
    w.clock.advance(3_600);
  }
  must(await w.twoFactor.disable(USER, { binding }));
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }));
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: nextCode(w), binding }));
  const again = { ...begun, clock: w.clock };
  assert.equal(outcome(await guessOnce(w.twoFactor, wrongCode(again))), "wrong_code");
  assert.equal(outcome(await guessOnce(w.twoFactor, wrongCode(again))), "locked");
});

test("A1 a known device, the other factor or an administrator get past a lockout", async () => {
  const w = await enrolled();
  const { device } = await signIn(w);
  for (let i = 0; i < 20; i++) {
    await guessOnce(w.twoFactor, wrongCode(w, i));
    w.clock.advance(3_600);
  }
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "code" && step.retryAt === undefined, "the other factor is open");
  assert.equal(outcome(await guessOnce(w.twoFactor, nextCode(w))), "locked");
  await signIn(w, { deviceToken: device?.token });
  await signIn(w, { code: w.codes[0] ?? "" });
  must(await createAdmin(w.options).unlock(USER, { actor: "support:7", reason: "identity checked" }));
  await signIn(w);
});

test("the lock of unknown devices ends by itself, when the answer said it would", async () => {
  const w = await enrolled();
  let retryAt = 0;
  for (let i = 0; i < 20; i++) {
    const result = await guessOnce(w.twoFactor, wrongCode(w, i));
    if (!result.ok) retryAt = result.retryAt ?? 0;
    w.clock.advance(3_600);
  }
  const { twoFactor } = w;
  for (let i = 0; i < 5; i++) await twoFactor.verify(USER, wrongBackupCode(w, i), { binding });
  w.clock.set(retryAt - 1);
  assert.equal(outcome(await guessOnce(twoFactor, w.phone.code())), "locked");
  w.clock.set(retryAt);
  assert.equal(outcome(await guessOnce(twoFactor, w.phone.code())), "ok");
  assert.ok(retryAt - w.clock() < 30 * DAY * 1_000);
});

test("no page asks for a code before the first lock ends while everything is locked", async () => {
  const w = await enrolled();
  for (let i = 0; i < 6; i++) {
    await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
    w.clock.advance(1);
    await w.twoFactor.verify(USER, wrongBackupCode(w, i), { binding });
  }
  const step = await w.twoFactor.signIn.begin(USER, { binding });
  const { app, backup } = await recordOf(w);
  assert.ok(step.step === "code" && app.lockedUntilAt !== null && backup.lockedUntilAt !== null);
  assert.equal(step.retryAt, Math.min(app.lockedUntilAt, backup.lockedUntilAt));
  assert.equal((await w.twoFactor.status(USER)).retryAt, app.lockedUntilAt);
});
