import assert from "node:assert/strict";
import { test } from "node:test";
import { totp } from "../../../src/otp/totp.ts";
import { virtualAuthenticator } from "../../../src/testing/index.ts";
import type { Proof } from "../../../src/two-factor/types.ts";
import { codeFrom } from "../../support/phone.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  PASSWORD,
  recordOf,
  SECRET,
  signIn,
  USER,
  withPassword,
  withSecret,
  world,
  wrongCode,
} from "../../support/world.ts";

type Phone = ReturnType<typeof virtualAuthenticator>;

/** Adds a phone with the proof that replacing takes. */
async function addPhone(w: Enrolled, label: string, proof: Partial<Proof> = {}): Promise<Phone> {
  const { twoFactor, clock } = w;
  const asked = { accountName: USER, add: true, label, binding, password: PASSWORD, ...proof };
  const code = nextCode(w);
  const { keyUri, enrollmentId } = must(await twoFactor.enrollment.begin(USER, { code, ...asked }));
  const phone = virtualAuthenticator({ clock });
  phone.scan(keyUri);
  must(await twoFactor.enrollment.confirm(USER, { enrollmentId, code: phone.code(), binding }));
  clock.advance(30);
  return phone;
}

/** Somebody with so many phones; the first is that of the world. */
async function withPhones(count: number, options: Parameters<typeof enrolled>[0] = {}) {
  const w = await enrolled(options);
  const phones: Phone[] = [w.phone];
  while (phones.length < count) phones.push(await addPhone(w, `phone ${phones.length + 1}`));
  return { w, phones };
}

test("each of five authenticators signs in, and a sixth has no room", async () => {
  const { w, phones } = await withPhones(5);
  const listed = await w.twoFactor.authenticators.list(USER);
  assert.deepEqual(
    listed.map(({ label }) => label),
    [null, "phone 2", "phone 3", "phone 4", "phone 5"],
  );
  const { authenticators, enrolledAt } = await w.twoFactor.status(USER);
  assert.deepEqual([authenticators, enrolledAt], [5, listed[0]?.enrolledAt]);
  for (const phone of phones) {
    w.clock.advance(30);
    must(await w.twoFactor.verify(USER, phone.code(), { binding }));
  }
  assert.equal((await w.twoFactor.status(USER)).lastUsedAt, w.clock());
  const sixth = { accountName: USER, add: true, binding, code: nextCode(w) };
  assert.equal(outcome(await w.twoFactor.enrollment.begin(USER, sixth)), "too_many_authenticators");
  must(await w.twoFactor.verify(USER, sixth.code, { binding }));
});

test("the accepted steps belong to one secret: a phone's code does not spend the other's (V01)", async () => {
  const { w, phones } = await withPhones(2);
  for (const phone of phones) must(await w.twoFactor.verify(USER, phone.code(), { binding }));
  for (const phone of phones) {
    assert.equal(outcome(await w.twoFactor.verify(USER, phone.code(), { binding })), "app_code_reused");
  }
});

for (const count of [2, 3, 4, 5]) {
  test(`a wrong code is charged for each of ${count} secrets that it was tried against`, async () => {
    const { w } = await withPhones(count);
    const challenge = await challengeOf(w);
    const wrong = () => w.twoFactor.signIn.complete(challenge, wrongCode(w, w.clock() % 1_000), { binding });
    let guesses = 0;
    for (let result = await wrong(); outcome(result) !== "locked" && guesses < 50; result = await wrong()) {
      guesses++;
    }
    assert.equal(guesses, Math.max(1, Math.floor(5 / count)), "before the first wait");
    const { app } = await recordOf(w);
    assert.deepEqual([app.failures, app.unknown.length], [guesses * count, guesses * count]);
  });
}

test("of twenty guesses in thirty days five phones leave four", async () => {
  const { w } = await withPhones(5);
  let guesses = 0;
  for (let day = 0; day < 25; day++) {
    w.clock.advance(86_400);
    if (outcome(await w.twoFactor.verify(USER, wrongCode(w, day), { binding })) === "wrong_code") guesses++;
  }
  assert.equal(guesses, 4);
});

test("removing one of two phones keeps the other, ends devices and elevations, and is reported", async () => {
  const { w, phones } = await withPhones(2, withPassword);
  const { twoFactor } = w;
  const { elevation, device } = await signIn(w, { trustDevice: true, firstFactor: { amr: ["pwd"] } });
  const [first] = await twoFactor.authenticators.list(USER);
  assert.ok(first);
  const refused = await twoFactor.authenticators.remove(USER, { id: first.id, binding });
  assert.equal(outcome(refused), "reauthentication_required");
  assert.deepEqual(must(await twoFactor.authenticators.remove(USER, { id: first.id, binding, elevation })), {
    ...{ ok: true, mustEnroll: false },
  });
  assert.deepEqual(
    w.events.filter(({ type }) => type === "authenticator_removed").map(({ authenticator }) => authenticator),
    [{ id: first.id, label: null }],
  );
  const step = await twoFactor.signIn.begin(USER, { binding, deviceToken: device?.token });
  assert.equal(step.step, "code", "the trusted device is forgotten");
  assert.equal(outcome(await twoFactor.disable(USER, { binding, elevation })), "elevation_invalid");
  w.clock.advance(30);
  assert.equal(outcome(await twoFactor.verify(USER, phones[0]?.code(), { binding })), "wrong_code");
  must(await twoFactor.verify(USER, phones[1]?.code(), { binding }));
});

test("removing the last one asks for the proof of disabling, and may demand another", async () => {
  const required = { requirement: () => ({ required: true as const }) };
  const w = await enrolled({ ...required, ...withPassword, reauthentication: { replace: "code" } });
  const [only] = await w.twoFactor.authenticators.list(USER);
  const id = only?.id;
  const weak = await w.twoFactor.authenticators.remove(USER, { id, binding, code: nextCode(w) });
  assert.equal(outcome(weak), "reauthentication_required");
  const full = { id, binding, password: PASSWORD, code: nextCode(w) };
  assert.equal(must(await w.twoFactor.authenticators.remove(USER, full)).mustEnroll, true);
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "enroll");
  assert.deepEqual(await w.twoFactor.authenticators.list(USER), []);
});

test("two removals at once never remove the last factor", async () => {
  const { w } = await withPhones(2, { queue: false });
  const [first, second] = await w.twoFactor.authenticators.list(USER);
  const { elevation } = await signIn(w);
  const results = await Promise.all(
    [first, second].map((one) =>
      w.twoFactor.authenticators.remove(USER, { id: one?.id, binding, elevation }),
    ),
  );
  assert.equal(results.filter((result) => result.ok).length, 1);
  assert.equal((await w.twoFactor.authenticators.list(USER)).length, 1);
});

test("an authenticator that has just become the last one is not removed as one of several", async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const { w } = await withPhones(2, { authorize: () => meanwhile?.().then(() => true) ?? true });
  const [first, second] = await w.twoFactor.authenticators.list(USER);
  const remove = (id: string | undefined, step: number) =>
    w.twoFactor.authenticators.remove(USER, { id, binding, code: codeFrom(w.keyUri, w.clock, step) });
  meanwhile = async () => {
    meanwhile = undefined;
    must(await remove(second?.id, 0));
  };
  assert.equal(outcome(await remove(first?.id, 1)), "elevation_invalid");
  assert.equal((await w.twoFactor.authenticators.list(USER)).length, 1);
});

test("a replacement names its authenticator where there are several, and keeps the name", async () => {
  const { w } = await withPhones(2);
  const [, second] = await w.twoFactor.authenticators.list(USER);
  const elevation = { elevation: (await signIn(w)).elevation, accountName: USER, binding };
  const begin = (replace: boolean | string) => w.twoFactor.enrollment.begin(USER, { ...elevation, replace });
  assert.equal(outcome(await begin(true)), "authenticator_not_found");
  assert.equal(outcome(await begin("another")), "authenticator_not_found");
  const { keyUri, enrollmentId } = must(await begin(second?.id ?? ""));
  const phone = virtualAuthenticator({ clock: w.clock });
  phone.scan(keyUri);
  must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: phone.code(), binding }));
  const after = await w.twoFactor.authenticators.list(USER);
  assert.deepEqual(
    after.map(({ label }) => label),
    [null, "phone 2"],
  );
  assert.notEqual(after[1]?.id, second?.id);
});

test("R5 a new entry beside an active one has a name of its own in the app", async () => {
  const w = await enrolled();
  const named = async (more: { add?: boolean; replace?: boolean; label?: string }) => {
    const asked = { accountName: "ada@example.com", binding: null, code: nextCode(w), ...more };
    const { keyUri } = must(await w.twoFactor.enrollment.begin(USER, asked));
    return decodeURIComponent(new URL(keyUri).pathname.split(":")[1] ?? "");
  };
  const day = new Date(w.clock()).toISOString().slice(0, 10);
  assert.equal(await named({ replace: true }), `ada@example.com (${day})`);
  assert.equal(await named({ replace: true, label: "new phone" }), "ada@example.com (new phone)");
  assert.equal(await named({ add: true, label: "tablet" }), "ada@example.com (tablet)");
});

test("an added authenticator brings no new backup codes where there are some", async () => {
  const w = await enrolled();
  await addPhone(w, "tablet");
  must(await w.twoFactor.verify(USER, w.codes[0], { binding }));
  const without = await withSecret();
  const asked = { accountName: USER, add: true, binding, code: totp(SECRET, { now: without.clock() }) };
  const { enrollmentId, keyUri } = must(await without.twoFactor.enrollment.begin(USER, asked));
  const code = codeFrom(keyUri, without.clock);
  const added = must(await without.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding }));
  assert.equal(added.backupCodes?.codes.length, 10);
});

test("an authenticator is renamed without proof, and an unknown id is not found", async () => {
  const w = await enrolled();
  const [only] = await w.twoFactor.authenticators.list(USER);
  must(await w.twoFactor.authenticators.rename(USER, { id: only?.id, label: " Ada's\nphone " }));
  assert.equal((await w.twoFactor.authenticators.list(USER))[0]?.label, "Ada's phone");
  for (const id of ["nothing", undefined]) {
    const renamed = await w.twoFactor.authenticators.rename(USER, { id, label: "x" });
    assert.equal(outcome(renamed), "authenticator_not_found");
    const removed = await w.twoFactor.authenticators.remove(USER, { id, binding });
    assert.equal(outcome(removed), "authenticator_not_found");
  }
});

test("add and replace together, or neither true nor false, are a programmer's mistake", async () => {
  const w = await enrolled();
  for (const [more, message] of [
    [{ add: true, replace: true }, /^TypeError: add: cannot be asked for/],
    [{ add: 1 }, /^TypeError: add: want true or false/],
    [{ replace: 1 }, /^TypeError: replace: want true or false/],
  ] as const) {
    const asked = { accountName: USER, binding, ...more } as never;
    await assert.rejects(w.twoFactor.enrollment.begin(USER, asked), message);
  }
});

test("authenticators with different digits, periods and hashes work side by side", async () => {
  const { w, phones } = await withPhones(1);
  const shapes = [{ digits: 7 }, { period: 60 }, { algorithm: "SHA512" as const, period: 15 }];
  for (const totp of shapes) {
    const { twoFactor } = world({ ...w.options, onEvent: undefined, totp, clock: w.clock });
    phones.push(await addPhone({ ...w, twoFactor }, "another"));
  }
  w.clock.advance(120);
  for (const phone of phones) {
    const code = phone.code();
    must(await w.twoFactor.verify(USER, code, { binding }));
    assert.equal(outcome(await w.twoFactor.verify(USER, code, { binding })), "app_code_reused");
  }
});
