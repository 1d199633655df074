import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredRecord, UserStore } from "../../../src/store.ts";
import { codeFrom } from "../../support/phone.ts";
import { binding, must, outcome, USER, type World, world } from "../../support/world.ts";

const accountName = "ada@example.com";

const acknowledged = { backupCodes: { acknowledge: true } };

function begin(w: World, options: object = {}) {
  return w.twoFactor.enrollment.begin(USER, { accountName, binding, ...options });
}

function confirm(w: World, enrollmentId: string | undefined, code: string | undefined, with_ = binding) {
  return w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding: with_ });
}

test("V13 nothing can be acknowledged before a code was right, whatever id is sent", async () => {
  const w = world(acknowledged);
  const { enrollmentId, secret } = must(await begin(w));
  const acknowledge = (batchId: string | undefined) =>
    w.twoFactor.enrollment.acknowledge(USER, { batchId, binding });
  for (const batchId of [undefined, "", enrollmentId, secret, "null", "undefined"]) {
    assert.equal(outcome(await acknowledge(batchId)), "batch_not_found");
  }
  assert.equal((await w.twoFactor.status(USER)).state, "pending");
});

test("V13 no sequence of four calls without a right code makes anything active", async () => {
  let row: StoredRecord | null = null;
  const store: UserStore = {
    get: async () => row,
    compareAndSet: async (_userId, _expected, next) => {
      row = next;
      return true;
    },
  };
  const w = world({ ...acknowledged, store });
  const guess = "AAAAAAAAAAAAAAAAAAAAAA";
  const calls: readonly (() => Promise<unknown>)[] = [
    () => begin(w),
    () => begin(w, { binding: "another session" }),
    () => confirm(w, guess, "000000"),
    () => w.twoFactor.enrollment.acknowledge(USER, { batchId: guess, binding }),
    () => w.twoFactor.backupCodes.regenerate(USER, { binding }),
    () => w.twoFactor.backupCodes.acknowledge(USER, { batchId: guess }),
    () => w.twoFactor.enrollment.cancel(USER, { binding: null }),
    () => w.twoFactor.credentialChanged(USER, "password"),
  ];
  const visit = async (depth: number): Promise<void> => {
    const before = row;
    for (const call of calls) {
      row = before;
      await call();
      assert.notEqual(row?.summary.state, "active");
      if (depth > 1) await visit(depth - 1);
    }
  };
  await visit(4);
});

test("V19 the code is checked at once, and saving the codes may take ten minutes more", async () => {
  const w = world(acknowledged);
  const begun = must(await begin(w));
  w.clock.advance(599);
  const confirmed = must(await confirm(w, begun.enrollmentId, codeFrom(begun.keyUri, w.clock)));
  assert.ok(confirmed.state === "awaiting_acknowledgement");
  assert.equal((await w.twoFactor.status(USER)).state, "awaiting_acknowledgement");
  assert.equal((await w.twoFactor.signIn.begin(USER, { binding })).step, "done", "not active yet");
  const { batchId } = confirmed.backupCodes;
  w.clock.advance(600);
  const elsewhere = await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding: "another session" });
  assert.equal(outcome(elsewhere), "batch_not_found");
  const done = must(await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding }));
  assert.equal(done.state, "active");
  assert.equal(done.signIn.userId, USER);
  must(await w.twoFactor.verify(USER, confirmed.backupCodes.codes[0], { binding }));
});

test("V19 acknowledging may come up to one more lifetime later, and no longer", async () => {
  const w = world(acknowledged);
  const { enrollmentId, keyUri, expiresAt } = must(await begin(w));
  let batchId = "";
  for (let i = 0; i < 5; i++) {
    w.clock.advance(60);
    const confirmed = must(await confirm(w, enrollmentId, codeFrom(keyUri, w.clock)));
    batchId = confirmed.backupCodes?.batchId ?? "";
  }
  w.clock.set(expiresAt + 600_000);
  const late = await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding });
  assert.equal(outcome(late), "batch_not_found");
  w.clock.set(expiresAt + 599_999);
  must(await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding }));
});

test("R2 Back from the codes page: begin keeps what is verified, and new codes come for it", async () => {
  const w = world(acknowledged);
  const begun = must(await begin(w));
  const first = must(await confirm(w, begun.enrollmentId, codeFrom(begun.keyUri, w.clock)));
  w.clock.advance(30);
  const again = must(await begin(w));
  assert.deepEqual([again.enrollmentId, again.secret], [begun.enrollmentId, begun.secret]);
  assert.deepEqual([begun.state, again.state], ["pending", "awaiting_acknowledgement"]);
  assert.equal((await w.twoFactor.status(USER)).state, "awaiting_acknowledgement");
  const fresh = must(await w.twoFactor.backupCodes.regenerate(USER, { binding }));
  assert.notEqual(fresh.batchId, first.backupCodes?.batchId);
  const last = must(await confirm(w, again.enrollmentId, codeFrom(again.keyUri, w.clock)));
  const batchId = last.backupCodes?.batchId;
  must(await w.twoFactor.enrollment.acknowledge(USER, { batchId, binding }));
  must(await w.twoFactor.verify(USER, last.backupCodes?.codes[0], { binding }));
  assert.equal(w.events.filter(({ type }) => type === "enrollment_superseded").length, 0);
});

test("R2 another session's begin still supersedes what is verified", async () => {
  const w = world(acknowledged);
  const begun = must(await begin(w));
  must(await confirm(w, begun.enrollmentId, codeFrom(begun.keyUri, w.clock)));
  const other = must(await begin(w, { binding: "another session" }));
  assert.notEqual(other.secret, begun.secret);
  assert.equal(other.state, "pending");
});

test("only the newest batch of a reload can be acknowledged, and only its codes work", async () => {
  const w = world(acknowledged);
  const { enrollmentId, keyUri } = must(await begin(w));
  const batches = [];
  for (let i = 0; i < 2; i++) {
    w.clock.advance(30);
    batches.push(must(await confirm(w, enrollmentId, codeFrom(keyUri, w.clock))).backupCodes);
  }
  const [old, fresh] = batches;
  const acknowledge = (batchId: string | undefined) =>
    w.twoFactor.enrollment.acknowledge(USER, { batchId, binding });
  assert.equal(outcome(await acknowledge(old?.batchId)), "batch_not_found");
  must(await acknowledge(fresh?.batchId));
  w.clock.advance(60);
  assert.equal(outcome(await acknowledge(fresh?.batchId)), "batch_not_found", "once");
  assert.equal(outcome(await w.twoFactor.verify(USER, old?.codes[0], { binding })), "wrong_code");
  must(await w.twoFactor.verify(USER, fresh?.codes[0], { binding }));
});

test("N23 an enrollment expires at its instant, and beginning again works", async () => {
  const w = world({ lifetimes: { enrollment: 300 } });
  const first = must(await begin(w));
  assert.equal(first.expiresAt, w.clock() + 300_000);
  w.clock.set(first.expiresAt);
  const code = codeFrom(first.keyUri, w.clock);
  assert.equal(outcome(await confirm(w, first.enrollmentId, code)), "enrollment_expired");
  assert.equal((await w.twoFactor.status(USER)).state, "none");
  const second = must(await begin(w));
  assert.notEqual(second.secret, first.secret);
});

test("V10 V05 each code that asked for backup codes stays spent when the clock is put back", async () => {
  const w = world(acknowledged);
  const { enrollmentId, keyUri } = must(await begin(w));
  const start = w.clock();
  const first = codeFrom(keyUri, w.clock);
  must(await confirm(w, enrollmentId, first));
  w.clock.advance(900);
  const again = must(await confirm(w, enrollmentId, codeFrom(keyUri, w.clock)));
  must(await w.twoFactor.enrollment.acknowledge(USER, { batchId: again.backupCodes?.batchId, binding }));
  w.clock.set(start + 5_000);
  assert.equal(outcome(await w.twoFactor.verify(USER, first, { binding })), "app_code_reused");
  assert.equal(outcome(await w.twoFactor.verify(USER, codeFrom(keyUri, w.clock, 1), { binding })), "ok");
});

test("V10 a clock that was an hour ahead keeps nobody from asking for the backup codes again", async () => {
  const w = world({ ...acknowledged, lifetimes: { enrollment: 3_600 } });
  const { enrollmentId, keyUri } = must(await begin(w));
  w.clock.advance(3_500);
  must(await confirm(w, enrollmentId, codeFrom(keyUri, w.clock)));
  w.clock.set(w.clock() - 3_400_000);
  must(await confirm(w, enrollmentId, codeFrom(keyUri, w.clock)));
});

test("R6 acknowledging proves nothing new: assurance and elevation count from the code", async () => {
  const w = world(acknowledged);
  const { enrollmentId, keyUri } = must(await begin(w));
  const codeAt = w.clock();
  const { backupCodes } = must(await confirm(w, enrollmentId, codeFrom(keyUri, w.clock)));
  w.clock.advance(500);
  const { signIn } = must(
    await w.twoFactor.enrollment.acknowledge(USER, { batchId: backupCodes?.batchId, binding }),
  );
  assert.equal(signIn.assurance.authenticatedAt, codeAt);
  assert.equal((await w.twoFactor.status(USER)).lastUsedAt, codeAt);
  w.clock.advance(99);
  const proof = { elevation: signIn.elevation, binding };
  must(await w.twoFactor.backupCodes.regenerate(USER, proof));
  w.clock.advance(1);
  assert.equal(outcome(await w.twoFactor.disable(USER, proof)), "elevation_expired");
});
