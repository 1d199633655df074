import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKey } from "../../../src/keyring.ts";
import type { StoredRecord, UserStore } from "../../../src/store.ts";
import { createAdminWith } from "../../../src/two-factor/administration.ts";
import {
  binding,
  breakRow,
  enrolled,
  enrollIn,
  must,
  outcome,
  recordOf,
  signIn,
  stepWith,
  trusted,
  USER,
  wrongCode,
} from "../../support/world.ts";

const by = { actor: "support:7", reason: "name changed at the wedding" };

test("R22 an administrator may replace a row that does not open, and the host hears of it", async () => {
  const w = await enrolled();
  await breakRow(w, USER);
  await assert.rejects(w.admin.reset(USER, by), { code: "record_invalid" });
  await assert.rejects(w.twoFactor.signIn.begin(USER, { binding }), { code: "record_invalid" });
  must(await w.admin.reset(USER, { ...by, evenIfUnreadable: true }));
  const event = w.events.at(-1);
  assert.deepEqual([event?.type, event?.actor, event?.notify], ["record_replaced", by.actor, true]);
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding, enrolled: true })).step, "done");
  await enrollIn(w);
});

test("R22 a row under a lost key is replaced too; one that opens is reset as ever", async () => {
  const w = await enrolled();
  const admin = createAdminWith({ ...w.options, keys: generateKey() }, {});
  await assert.rejects(admin.reset(USER, by), { code: "key_unknown" });
  must(await admin.reset(USER, { ...by, evenIfUnreadable: true }));
  const other = await enrolled();
  must(await other.admin.reset(USER, { ...by, evenIfUnreadable: true }));
  assert.equal(other.events.at(-1)?.type, "reset");
  assert.equal(outcome(await other.admin.reset(USER, { ...by, evenIfUnreadable: true })), "not_enrolled");
});

test("R22 a store that cannot be read is not taken for a row that does not open", async () => {
  const w = await enrolled();
  const store = { ...w.store, get: () => Promise.reject(new Error("down")) };
  const admin = createAdminWith({ ...w.options, store }, {});
  const trouble = { code: "store_unavailable", message: "The store could not be read." };
  await assert.rejects(admin.reset(USER, { ...by, evenIfUnreadable: true }), trouble);
});

test("R22 a row that opens again before it is replaced is reset as ever", async () => {
  const w = await enrolled();
  const sound = { ...(await w.store.get(USER)), summary: {} } as StoredRecord;
  await breakRow(w, USER);
  const store: UserStore = {
    ...w.store,
    compareAndSet: async (user, expected, next) => {
      store.compareAndSet = w.store.compareAndSet;
      assert.ok(await w.store.compareAndSet(user, expected, sound));
      return store.compareAndSet(user, expected, next);
    },
  };
  const admin = createAdminWith({ ...w.options, store }, {});
  must(await admin.reset(USER, { ...by, evenIfUnreadable: true }));
  assert.equal(w.events.at(-1)?.type, "reset");
});

test("R23 a second factor moves to another user id, with its codes, steps, counters and devices", async () => {
  const w = await enrolled();
  const token = await trusted(w);
  const spent = w.phone.code();
  must(await w.admin.rename(USER, "bob", by));
  assert.equal((await stepWith(w, token, "bob")).step, "done");
  assert.equal(outcome(await w.twoFactor.verify("bob", spent, { binding })), "app_code_reused");
  must(await w.twoFactor.verify("bob", w.codes[0], { binding }));
  assert.equal((await w.twoFactor.status(USER)).state, "none");
  assert.equal(outcome(await w.twoFactor.verify(USER, w.codes[1], { binding })), "not_enrolled");
  assert.equal(outcome(await w.admin.importEnrollment(USER, { ...by, secret: w.secret })), "factor_removed");
});

test("R23 nothing moves over a factor of the new id, nor over its removal", async () => {
  const w = await enrolled();
  must(await w.admin.importEnrollment("bob", { ...by, secret: w.secret }));
  assert.equal(outcome(await w.admin.rename(USER, "bob", by)), "already_enrolled");
  must(await w.admin.reset("bob", by));
  assert.equal(outcome(await w.admin.rename(USER, "bob", by)), "factor_removed");
  assert.equal(outcome(await w.admin.rename("nobody", "carol", by)), "not_enrolled");
  assert.equal((await w.twoFactor.status(USER)).state, "active");
  await assert.rejects(w.admin.rename(USER, USER, by), /^RangeError: to: must be another id/);
});

test("R23 a removal moves too, so that no job brings the factor back under the new id", async () => {
  const w = await enrolled();
  must(await w.admin.reset(USER, by));
  must(await w.admin.rename(USER, "bob", by));
  assert.equal(outcome(await w.admin.importEnrollment("bob", { ...by, secret: w.secret })), "factor_removed");
});

test("R23 a rename that stopped half-way can be repeated, and moves what happened since", async () => {
  const w = await enrolled();
  let stopped = false;
  const store = {
    ...w.store,
    get: w.store.get.bind(w.store),
    compareAndSet: (...[user, expected, next]: Parameters<typeof w.store.compareAndSet>) => {
      if (user === USER && !stopped) {
        stopped = true;
        return Promise.reject(new Error("killed"));
      }
      return w.store.compareAndSet(user, expected, next);
    },
  };
  const admin = createAdminWith({ ...w.options, store }, {});
  await assert.rejects(admin.rename(USER, "bob", by), { code: "store_unavailable" });
  await signIn(w); // at the old id, in between
  must(await admin.rename(USER, "bob", by));
  assert.equal((await w.twoFactor.status(USER)).state, "none");
  assert.equal(outcome(await w.twoFactor.verify("bob", w.phone.code(), { binding })), "app_code_reused");
  assert.deepEqual(
    w.events.filter(({ type }) => type === "renamed").map(({ userId }) => userId),
    ["bob", USER],
  );
});

test("R23 a rename is allowed for both ids or not at all", async () => {
  const w = await enrolled();
  const authorize = (userId: string, operation: string) => operation === "rename" && userId !== "bob";
  const admin = createAdminWith({ ...w.options, authorize }, {});
  assert.equal(outcome(await admin.rename(USER, "bob", by)), "not_authorized");
  assert.equal((await recordOf(w)).authenticators.length, 1);
  must(await admin.rename(USER, "carol", by));
});

test("R23 a rename takes along what happens meanwhile, and gives up where it does not end", async () => {
  for (const [times, expected, rounds] of [
    [1, "ok", 2],
    [9, "conflict", 5],
  ] as const) {
    const w = await enrolled();
    let [left, seen]: [number, number] = [times, 0];
    const compareAndSet: UserStore["compareAndSet"] = async (user, expectedVersion, next) => {
      const written = await w.store.compareAndSet(user, expectedVersion, next);
      if (user === "bob") seen++;
      if (user === "bob" && left-- > 0) await w.twoFactor.verify(USER, wrongCode(w, seen), { binding });
      return written;
    };
    const admin = createAdminWith({ ...w.options, store: { ...w.store, compareAndSet } }, {});
    const moved = await admin.rename(USER, "bob", by);
    assert.deepEqual([outcome(moved), seen], [expected, rounds]);
    assert.equal((await recordOf(w, "bob")).app.failures, rounds - 1);
    assert.ok(moved.ok || moved.retryAt === w.clock() + 1_000);
  }
});
