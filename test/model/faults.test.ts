/**
 * The store fails, loses an answer, falls silent or the process dies, at every single store call of every operation.
 * What was revealed is stored; what is stored is one of the records that the undisturbed operation writes; and the
 * person can go on.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { TwoFactorError } from "../../src/errors.ts";
import type { UserStore } from "../../src/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { createTestTwoFactor, fakeClock, faultyStore, type StoreCall } from "../../src/testing/index.ts";
import { codeFrom, uriOf } from "../support/phone.ts";
import { challengeOf, USER } from "../support/world.ts";
import { enrolled, gist, instance, newcomer, type Person, storedRecord } from "./person.ts";
import { proof, WRITES, type Write } from "./writes.ts";

const FAULTS = {
  fail: "fails before it does anything",
  loseAnswer: "does it, and the answer is lost",
  deny: "does it, and says that another write came first",
  hang: "falls silent before it does anything",
  hangAfter: "does it and falls silent",
} as const;
type Fault = keyof typeof FAULTS;

/** A store that fails at its call number `at` alone. */
const faultyAt = (inner: UserStore, at: number, fault: Fault): UserStore =>
  faultyStore(inner, { plan: ({ index }) => (index === at ? fault : undefined) });

const detail = (result: unknown) => {
  const { ok, detail, step } = (result ?? {}) as { ok?: boolean; detail?: string; step?: string };
  return detail ?? step ?? ok ?? "done";
};

/** The person as the operation finds them, with the same clock in every run. */
async function start({ isNew, options, prepare }: Write) {
  const all = { ...options, store: memoryStore() };
  const person = isNew ? newcomer(all) : await enrolled(all);
  return { person, prepared: (await prepare?.(person)) ?? "" };
}

/** The undisturbed run: its answer, the gist of every record that it leaves on its way, and how often it calls. */
async function undisturbed(operation: Write) {
  const { person, prepared } = await start(operation);
  const { store } = person.options;
  const gists = [gist(await storedRecord(person))];
  let calls = 0;
  const watched: UserStore = {
    get(userId) {
      calls++;
      return store.get(userId);
    },
    async compareAndSet(userId, expected, next) {
      calls++;
      const done = await store.compareAndSet(userId, expected, next);
      gists.push(gist(await storedRecord(person)));
      return done;
    },
  };
  const result = await operation.run(instance(person, { store: watched }), person, prepared);
  return { answer: detail(result), gists, calls };
}

async function goOn({ options, clock }: Person, secrets: readonly string[]): Promise<void> {
  clock.advance(600);
  const { twoFactor } = createTestTwoFactor(options);
  const { state } = await twoFactor.status(USER);
  if (state !== "active") {
    const begun = await twoFactor.enrollment.begin(USER, { accountName: USER, binding: "later" });
    assert.ok(begun.ok, "nobody is kept from enrolling");
    return;
  }
  const challenge = await challengeOf({ twoFactor });
  const codes = secrets.map((secret) => codeFrom(uriOf(secret), clock));
  const results = [];
  for (const code of codes) results.push(await twoFactor.signIn.complete(challenge, code, proof));
  assert.ok(
    results.some((result) => result.ok),
    "the person signs in again",
  );
}

/** Lets everything happen that needs no time: as much as a store that falls silent allows. */
async function settle<T>(running: Promise<T>): Promise<T | "silent"> {
  let result: T | "silent" = "silent";
  let error: unknown;
  running.then(
    (value) => (result = value),
    (thrown) => (error = thrown),
  );
  for (let i = 0; i < 500; i++) await null;
  if (error !== undefined) throw error;
  return result;
}

for (const [name, operation] of Object.entries(WRITES)) {
  test(`V20 S1 ${name}: whatever the store does, what is revealed is stored and the person goes on`, async () => {
    const clean = await undisturbed(operation);
    assert.ok(clean.calls > 0);
    for (const fault of Object.keys(FAULTS) as Fault[]) {
      for (let at = 0; at < clean.calls; at++) {
        const where = `${FAULTS[fault]}, call ${at}`;
        const { person, prepared } = await start(operation);
        const store = faultyAt(person.options.store, at, fault);
        const clock = fakeClock(person.clock()); // time stands still for a process that has died
        const running = operation.run(instance(person, { store, clock }), person, prepared);
        let answer: unknown;
        try {
          answer = await settle(running);
        } catch (error) {
          assert.ok(error instanceof TwoFactorError, `${where}: ${error}`);
          assert.equal(error.code, "store_unavailable", where);
        }
        const left = gist(await storedRecord(person));
        assert.ok(
          clean.gists.some((seen) => isDeepStrictEqual(seen, left)),
          `${where}: left ${JSON.stringify(left)}`,
        );
        if (answer !== undefined && answer !== "silent") {
          assert.equal(detail(answer), clean.answer, where);
          assert.deepEqual(left, clean.gists.at(-1), `${where}: revealed what is not stored`);
        }
        const active = (await storedRecord(person))?.authenticators[0];
        await goOn(person, active ? [active.secret] : []);
      }
    }
  });
}

test("a store that is silent for five seconds is given up, and what landed is still revealed", async () => {
  const answers: unknown[] = [];
  for (let at = 0; at < 2; at++) {
    for (const fault of ["hang", "hangAfter"] as const) {
      const person = await enrolled();
      const service = instance(person, { store: faultyAt(person.options.store, at, fault) });
      const running = service.verify(USER, person.code(), proof).then(detail, (error) => error.code);
      assert.equal(await settle(running), "silent");
      person.clock.advance(5);
      answers.push(await settle(running));
    }
  }
  assert.deepEqual(answers, ["store_unavailable", "store_unavailable", "store_unavailable", true]);
});

test("a write that lands after it was given up reveals nothing, and its code is spent", async () => {
  const person = await enrolled();
  let land = (): void => undefined;
  const held = new Promise<undefined>((resolve) => {
    land = () => resolve(undefined);
  });
  const late = faultyStore(person.options.store, {
    plan: ({ method }) => (method === "compareAndSet" ? held : undefined),
  });
  const code = person.code();
  const running = instance(person, { store: late })
    .verify(USER, code, proof)
    .catch((error) => error.code);
  await settle(running);
  person.clock.advance(5);
  assert.equal(await settle(running), "store_unavailable");
  land();
  await settle(Promise.resolve());
  assert.equal(detail(await person.twoFactor.verify(USER, code, proof)), "app_code_reused");
});

test("when other writes always win, nothing is revealed, and what may not fail quietly throws", async () => {
  const person = await enrolled();
  const plan = ({ method }: StoreCall) => (method === "compareAndSet" ? "conflict" : undefined);
  const twoFactor = instance(person, { store: faultyStore(person.options.store, { plan }) });
  const [device] = await twoFactor.devices.list(USER);
  for (const result of [
    await twoFactor.verify(USER, person.code(), proof),
    await twoFactor.verify(USER, person.codes[0], proof),
    await twoFactor.disable(USER, { elevation: person.elevation, ...proof }),
    await twoFactor.devices.revoke(USER, device?.id ?? ""),
    await twoFactor.devices.revokeAll(USER),
  ]) {
    assert.equal(detail(result), "conflict");
  }
  await assert.rejects(twoFactor.credentialChanged(USER, "password"), { code: "store_unavailable" });
  assert.equal(detail(await person.twoFactor.verify(USER, person.code(), proof)), true);
});

test("a store that answers neither yes nor no is a programmer's mistake, named", async () => {
  for (const answer of [undefined, 1, "true", { rowCount: 1 }]) {
    const { get } = memoryStore();
    const { twoFactor } = newcomer({
      store: { get, compareAndSet: async () => answer as unknown as boolean },
    });
    const begun = twoFactor.enrollment.begin(USER, { accountName: USER, ...proof });
    await assert.rejects(begun, /^TypeError: store\.compareAndSet: /);
  }
});
