import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createAdmin } from "../../src/admin.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import { CODE_CALLS, evaluationsLeft, spellings } from "../support/calls.ts";
import { codeFrom, uriOf } from "../support/phone.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  SECRET,
  signIn,
  USER,
  withSecret,
} from "../support/world.ts";

const verify = (w: Enrolled, code: string) => w.twoFactor.verify(USER, code, { binding });
const codeAt = (w: Enrolled, offset: number) => codeFrom(w.keyUri, w.clock, offset);

/** What is left to say where the code has taken the factor away. */
const GONE: Readonly<Record<string, { verified: string; again: string }>> = {
  disable: { verified: "not_enrolled", again: "not_enrolled" },
  "passkeys.remove": { verified: "app_code_reused", again: "passkey_not_found" },
  "authenticators.remove": { verified: "not_enrolled", again: "authenticator_not_found" },
};

for (const call of CODE_CALLS.filter(({ budget }) => budget === "app")) {
  test(`V01 V06 T6 N8 A8 ${call.path} refuses a spent code in every spelling`, async () => {
    const w = await enrolled(call.options);
    const code = w.phone.code();
    must(await verify(w, code));
    const { submit } = await call.ready(w);
    for (const later of [0, 29, 30]) {
      w.clock.advance(later);
      for (const spelling of spellings(code)) {
        const refused = await submit(spelling);
        assert.equal(outcome(refused), "app_code_reused", JSON.stringify(spelling));
        assert.ok(!refused.ok && refused.reason === "already_used");
      }
    }
    assert.equal(await evaluationsLeft(w, { submit }), 5, "nothing of it was charged");
  });

  test(`V05 ${call.path} spends the code that it accepts`, async () => {
    const w = await enrolled(call.options);
    const { submit, right } = await call.ready(w);
    const code = right();
    must(await submit(code));
    const { verified, again } = GONE[call.path] ?? { verified: "app_code_reused", again: "app_code_reused" };
    assert.equal(outcome(await verify(w, code)), verified);
    assert.equal(outcome(await submit(code)), again);
  });
}

test("V05 the code that confirmed the enrollment is spent, at the first sign-in and elsewhere", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  assert.equal(
    outcome(await w.twoFactor.signIn.complete(challenge, w.firstCode, { binding })),
    "app_code_reused",
  );
  assert.equal(outcome(await verify(w, w.firstCode)), "app_code_reused");
});

test("V05 a code that confirmed is spent for confirming again while acknowledgement is pending", async () => {
  const [call] = CODE_CALLS.filter(({ path }) => path === "enrollment.confirm");
  assert.ok(call);
  const w = await enrolled(call.options);
  const { submit, right } = await call.ready(w);
  const code = right();
  const shown = must(await submit(code));
  for (const spelling of spellings(code))
    assert.deepEqual(await submit(spelling), shown, "R3 within a minute");
  w.clock.advance(30);
  must(await submit(right()));
  for (const spelling of spellings(code)) assert.equal(outcome(await submit(spelling)), "app_code_reused");
});

test("every spelling that is refused once spent is accepted while it is not", async () => {
  const w = await enrolled();
  for (let i = 0; i < spellings("123456").length; i++) {
    const code = spellings(nextCode(w))[i] ?? "";
    assert.equal(outcome(await verify(w, code)), "ok", JSON.stringify(code));
  }
});

test("V02 after a step of a phone that is ahead, the present and the previous one are refused", async () => {
  const w = await enrolled();
  w.clock.advance(300);
  assert.equal(must(await verify(w, codeAt(w, 1))).stepOffset, 1);
  assert.equal(outcome(await verify(w, codeAt(w, 0))), "app_code_reused");
  assert.equal(outcome(await verify(w, codeAt(w, -1))), "app_code_reused");
  w.clock.advance(60);
  assert.equal(must(await verify(w, codeAt(w, 0))).stepOffset, 0);
});

test("V02 accepted steps strictly increase, whatever the order of clocks and codes", async () => {
  const moves = fc.array(fc.record({ seconds: fc.nat(70), offset: fc.integer({ min: -1, max: 1 }) }), {
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      const w = await withSecret();
      let last = -1;
      for (const { seconds, offset } of sequence) {
        w.clock.advance(seconds);
        const step = Math.floor(w.clock() / 30_000) + offset;
        const code = codeFrom(uriOf(SECRET), w.clock, offset);
        const result = await w.twoFactor.verify(USER, code, { binding });
        assert.equal(outcome(result), step > last ? "ok" : "app_code_reused");
        if (result.ok) last = step;
      }
    }),
    { numRuns: 40 },
  );
});

test("V03 in every window a code is refused the second time, whenever the two uses come", async () => {
  for (const past of [0, 1, 2]) {
    for (const future of [0, 1, 2]) {
      const w = await withSecret({ totp: { window: { past, future } } });
      const verify = (code: string) => w.twoFactor.verify(USER, code, { binding });
      for (let first = -future; first <= past; first++) {
        for (let second = first; second <= past; second++) {
          w.clock.advance(300);
          const start = w.clock();
          const code = codeFrom(uriOf(SECRET), w.clock);
          w.clock.set(start + first * 30_000);
          must(await verify(code));
          w.clock.set(start + second * 30_000);
          assert.equal(outcome(await verify(code)), "app_code_reused");
          w.clock.set(start + past * 30_000);
        }
      }
    }
  }
});

test("V07 two users with one secret and one code are each accepted once", async () => {
  const made = createTestTwoFactor();
  const admin = createAdmin(made.options);
  const by = { actor: "migration", reason: "moved" };
  for (const user of ["ada", "bob"]) must(await admin.importEnrollment(user, { ...by, secret: SECRET }));
  const code = codeFrom(uriOf(SECRET), made.clock);
  for (const user of ["ada", "bob"]) {
    must(await made.twoFactor.verify(user, code, { binding }));
    assert.equal(outcome(await made.twoFactor.verify(user, code, { binding })), "app_code_reused");
  }
});

test("V08 exactly the steps of the configured window are accepted", async () => {
  for (const past of [0, 1, 2]) {
    for (const future of [0, 1, 2]) {
      const made = createTestTwoFactor({ totp: { window: { past, future } } });
      const admin = createAdmin(made.options);
      const accepted: number[] = [];
      for (let offset = -6; offset <= 6; offset++) {
        const user = `user ${offset}`;
        must(await admin.importEnrollment(user, { actor: "a", reason: "r", secret: SECRET }));
        const code = codeFrom(uriOf(SECRET), made.clock, offset);
        if ((await made.twoFactor.verify(user, code, { binding })).ok) accepted.push(offset);
      }
      const expected = Array.from({ length: past + future + 1 }, (_, i) => i - past);
      assert.deepEqual(accepted, expected);
    }
  }
});

test("V08 a window of more than two steps to a side is refused at construction", () => {
  for (const window of [{ past: 3 }, { future: 3 }, { past: 99 }, { past: -1 }, { future: 0.5 }]) {
    assert.throws(
      () => createTestTwoFactor({ totp: { window } }),
      /^(Range|Type)Error: totp\.window\.(past|future): /,
    );
  }
});

test("V10 a clock that ran an hour ahead locks nobody out later, and its codes stay spent", async () => {
  const w = await enrolled();
  w.clock.advance(3_600);
  const ahead = w.phone.code();
  must(await verify(w, ahead));
  w.clock.set(w.clock() - 3_600_000);
  const first = await signIn(w);
  assert.equal(first.stepOffset, 0);
  assert.equal(outcome(await verify(w, w.phone.code())), "app_code_reused");
  await signIn(w);
  w.clock.advance(3_540); // the hour has come again
  assert.equal(w.phone.code(), ahead);
  assert.equal(outcome(await verify(w, ahead)), "app_code_reused");
});
