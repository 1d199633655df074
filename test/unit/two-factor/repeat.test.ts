import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthPrefixed } from "../../../src/internal/bytes.ts";
import { sha256 } from "../../../src/internal/hmac.ts";
import type { UserStore } from "../../../src/store.ts";
import { createTwoFactor, createTwoFactorWith } from "../../../src/two-factor/create.ts";
import {
  binding,
  challengeOf,
  countingStore,
  enrolled,
  must,
  nextCode,
  outcome,
  recordOf,
  USER,
  world,
  wrongCode,
} from "../../support/world.ts";

const complete = { binding };
const accountName = USER;

test("R3 the code form that is sent twice signs in twice, with the token of one known device", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  const code = nextCode(w);
  const devices = (await w.twoFactor.devices.list(USER)).length;
  const other = createTwoFactor(w.options);
  const first = must(await w.twoFactor.signIn.complete(challenge, code, { binding, trustDevice: true }));
  w.clock.advance(59);
  const second = must(await other.signIn.complete(challenge, code, { binding, trustDevice: true }));
  assert.ok(first.device);
  const { elevation } = second;
  assert.deepEqual(second, { ...first, elevation });
  assert.equal((await w.twoFactor.devices.list(USER)).length, devices + 1);
  const step = await w.twoFactor.signIn.begin(USER, { binding, deviceToken: second.device?.token });
  assert.equal(step.step, "done");
  must(await w.twoFactor.backupCodes.regenerate(USER, { binding, elevation }));
});

test("R3 a backup code that is sent twice is spent once, and nobody is charged", async () => {
  const w = await enrolled({ queue: false });
  const challenge = await challengeOf(w);
  const [code] = w.codes;
  const results = await Promise.all(
    Array.from({ length: 4 }, () => w.twoFactor.signIn.complete(challenge, code, complete)),
  );
  assert.deepEqual(results.map(outcome), ["ok", "ok", "ok", "ok"]);
  assert.equal(new Set(results.map((result) => result.ok && result.device?.token)).size, 1);
  assert.equal((await w.twoFactor.status(USER)).backupCodes?.used, 1);
  const { backup } = await recordOf(w);
  assert.deepEqual([backup.failures, backup.unknown], [0, []]);
  assert.equal(w.events.filter(({ type }) => type === "backup_code_used").length, 1);
});

test("R3 of a backup code that two copies were charged for, both charges are taken back", async () => {
  const w = await enrolled({ queue: false });
  const challenge = await challengeOf(w);
  let [charges, open] = [0, () => {}];
  const bothCharged = new Promise<void>((resolve) => {
    open = resolve;
  });
  const store: UserStore = {
    ...w.store,
    async compareAndSet(...given) {
      const written = await w.store.compareAndSet(...given);
      if (written && ++charges === 2) open();
      return written;
    },
  };
  const derive = async (code: Uint8Array, salt: Uint8Array) => {
    await bothCharged;
    return sha256(lengthPrefixed("test", salt, code)).subarray(0, 16);
  };
  const { signIn } = createTwoFactorWith({ ...w.options, store }, { derive });
  const copies = [0, 1].map(() => signIn.complete(challenge, w.codes[0], complete));
  assert.deepEqual((await Promise.all(copies)).map(outcome), ["ok", "ok"]);
  const { backup } = await recordOf(w);
  assert.deepEqual([backup.failures, backup.unknown], [0, []]);
});

test("R3 another challenge, binding or code, or a minute later, is refused as always", async () => {
  const w = await enrolled();
  const [challenge, another] = [await challengeOf(w), await challengeOf(w)];
  const unbound = await challengeOf(w, { binding: null });
  const code = nextCode(w);
  must(await w.twoFactor.signIn.complete(challenge, code, complete));
  const detailOf = async (...call: Parameters<typeof w.twoFactor.signIn.complete>) =>
    outcome(await w.twoFactor.signIn.complete(...call));
  assert.equal(await detailOf(another, code, complete), "app_code_reused");
  assert.equal(await detailOf(challenge, code, { binding: "elsewhere" }), "challenge_invalid");
  assert.equal(await detailOf(challenge, code, { binding: null }), "challenge_invalid");
  assert.equal(outcome(await w.twoFactor.verify(USER, code, { binding })), "app_code_reused");
  assert.equal(outcome(await w.twoFactor.reauthenticate(USER, { code, binding })), "app_code_reused");
  must(await w.twoFactor.signIn.complete(challenge, code, complete));
  w.clock.advance(60);
  assert.equal(await detailOf(challenge, code, complete), "challenge_used");
  const next = w.phone.code();
  must(await w.twoFactor.signIn.complete(unbound, next, { binding: null }));
  assert.equal(await detailOf(unbound, next, { binding: null }), "challenge_used");
});

test("R3 repeating is no way of guessing: one other code ends it, without a charge", async () => {
  const w = await enrolled();
  const challenge = await challengeOf(w);
  const code = nextCode(w);
  must(await w.twoFactor.signIn.complete(challenge, code, complete));
  const guess = await w.twoFactor.signIn.complete(challenge, wrongCode(w), complete);
  assert.equal(outcome(guess), "challenge_used");
  assert.equal((await recordOf(w)).app.failures, 0);
  assert.equal(outcome(await w.twoFactor.signIn.complete(challenge, code, complete)), "challenge_used");
});

test("R3 what has ended stays ended: a changed password, a revoked device, a forbidden account", async () => {
  let allowed = true;
  const w = await enrolled({ authorize: () => allowed });
  const challenge = await challengeOf(w);
  const code = nextCode(w);
  must(await w.twoFactor.signIn.complete(challenge, code, complete));
  must(await w.twoFactor.devices.revokeAll(USER));
  assert.equal(must(await w.twoFactor.signIn.complete(challenge, code, complete)).device, null);
  allowed = false;
  assert.equal(outcome(await w.twoFactor.signIn.complete(challenge, code, complete)), "not_authorized");
  allowed = true;
  await w.twoFactor.credentialChanged(USER, "password");
  assert.equal(outcome(await w.twoFactor.signIn.complete(challenge, code, complete)), "challenge_invalid");
});

test("R3 S1 a repeated success is revealed by one write, like an ordinary one", async () => {
  const counted = countingStore();
  const w = await enrolled({ store: counted.store });
  const challenge = await challengeOf(w);
  const code = nextCode(w);
  const writes = async () => {
    const before = counted.writes;
    must(await w.twoFactor.signIn.complete(challenge, code, complete));
    return counted.writes - before;
  };
  assert.equal(await writes(), 1);
  assert.equal(await writes(), 1);
  const { store } = w.options;
  const poisoned = {
    get: store.get,
    compareAndSet: async (...row: Parameters<typeof store.compareAndSet>) => {
      await store.compareAndSet(...row);
      throw new Error("rolled back, perhaps");
    },
  };
  const broken = createTwoFactor({ ...w.options, store: poisoned });
  await assert.rejects(broken.signIn.complete(challenge, code, complete), { code: "store_unavailable" });
});

test("R3 a repeated success gives a known device its own token again if it became trusted", async () => {
  const w = await enrolled();
  const deviceToken = w.signIn.device?.token;
  for (const trustDevice of [false, true]) {
    const challenge = await challengeOf(w, { deviceToken });
    const code = nextCode(w);
    const given = { binding, trustDevice };
    const first = must(await w.twoFactor.signIn.complete(challenge, code, given));
    const second = must(await w.twoFactor.signIn.complete(challenge, code, given));
    assert.equal(first.device?.token, trustDevice ? deviceToken : undefined);
    assert.deepEqual(second.device, first.device);
  }
});

for (const acknowledge of [false, true]) {
  for (const forced of [false, true]) {
    const how = `${acknowledge ? "with" : "without"} acknowledgement, ${forced ? "forced" : "by choice"}`;
    test(`R3 confirming twice shows the same codes twice: ${how}`, async () => {
      const w = world({
        backupCodes: { acknowledge, alphabet: forced ? "base32" : "digits" },
        ...(forced && { requirement: () => ({ required: true }) }),
      });
      const who = forced ? { challenge: await challengeOf(w) } : USER;
      const { enrollment } = w.twoFactor;
      const { enrollmentId, keyUri } = must(
        await enrollment.begin(who as string, { accountName, binding }), // either kind, by one name
      );
      w.phone.scan(keyUri);
      const context = { ip: "192.0.2.1" };
      const asked = { enrollmentId, code: w.phone.code(), binding, context };
      const first = must(await enrollment.confirm(who, asked));
      const heard = w.events.length;
      const second = must(await enrollment.confirm(who, asked));
      assert.deepEqual([w.events.length, w.events.at(-1)?.context], [heard, context]);
      assert.deepEqual(second.backupCodes, first.backupCodes);
      assert.equal(second.state, first.state);
      const elsewhere = await enrollment.confirm(who, { ...asked, binding: "elsewhere" });
      assert.equal(elsewhere.ok, false);
      if (forced) assert.equal((await enrollment.confirm(USER, asked)).ok, false, "without the challenge");
      let [one, two] = [first, second].map((result) => (result.state === "active" ? result.signIn : null));
      if (first.state === "awaiting_acknowledgement") {
        const { batchId } = first.backupCodes;
        one = must(await enrollment.acknowledge(who, { batchId, binding })).signIn;
        two = must(await enrollment.acknowledge(who, { batchId, binding })).signIn;
        assert.equal((await enrollment.acknowledge(USER, { batchId, binding: null })).ok, false);
        if (forced) assert.equal((await enrollment.acknowledge(USER, { batchId, binding })).ok, false);
        w.clock.advance(60);
        assert.equal((await enrollment.acknowledge(who, { batchId, binding })).ok, false);
      }
      assert.ok(one?.device && two);
      assert.deepEqual(two.device, one.device);
      assert.equal((await w.twoFactor.devices.list(USER)).length, 1);
      assert.equal((await w.twoFactor.status(USER)).state, "active");
      must(await w.twoFactor.verify(USER, second.backupCodes?.codes[0], { binding }));
      w.clock.advance(60);
      assert.equal((await enrollment.confirm(who, asked)).ok, false, "after a minute");
    });
  }
}

test("R3 codes that were replaced meanwhile are not shown again", async () => {
  const w = world();
  const { enrollment } = w.twoFactor;
  const { enrollmentId, keyUri } = must(await enrollment.begin(USER, { accountName, binding }));
  w.phone.scan(keyUri);
  const asked = { enrollmentId, code: w.phone.code(), binding };
  const first = must(await enrollment.confirm(USER, asked));
  assert.ok(first.state === "active");
  const proof = { binding, elevation: first.signIn.elevation };
  must(await enrollment.begin(USER, { accountName, add: true, ...proof }));
  assert.deepEqual(must(await enrollment.confirm(USER, asked)).backupCodes, first.backupCodes);
  must(await w.twoFactor.backupCodes.regenerate(USER, proof));
  assert.equal(outcome(await enrollment.confirm(USER, asked)), "enrollment_not_found");
});
