import assert from "node:assert/strict";
import { test } from "node:test";
import { createTwoFactorWith } from "../../../src/two-factor/create.ts";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
import { METHODS, pathsOf } from "../../support/calls.ts";
import { passkeysOf, withPasskeys } from "../../support/passkeys.ts";
import { codeFrom, uriOf } from "../../support/phone.ts";
import {
  binding,
  challengeOf,
  enrolled,
  must,
  outcome,
  recordOf,
  SECRET as secret,
  USER,
  type World,
  world,
} from "../../support/world.ts";

const by = { actor: "support:7", reason: "lost phone" };
const digests = [1, 2, 3].map((i) => `digest of old-code-${i}`);

/** Moves the clock by a second a turn until a call has settled. */
async function asTimePasses<T>({ clock }: Pick<World, "clock">, call: Promise<T>): Promise<T> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  call.then(note, note);
  for (let turn = 0; !settled && turn < 1_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1);
  }
  assert.ok(settled, "the call did not settle");
  return call;
}

test("trouble with the old system is never no second factor", async () => {
  for (const [callback, code] of [
    [() => Promise.reject(new Error("down")), "legacy_unavailable"],
    [
      () => {
        throw new Error("down");
      },
      "legacy_unavailable",
    ],
    [() => undefined, "legacy_invalid"],
    [() => ({}), "legacy_invalid"],
    [() => "GEZDGNBVGY3TQOJQ", "legacy_invalid"],
    [() => false, "legacy_invalid"],
    [() => ({ secret: "" }), "legacy_invalid"],
    [() => ({ secret, backup_codes: [] }), "legacy_invalid"],
    [() => [{ secret }, null], "legacy_invalid"],
    [() => ({ secret, lastStep: 1e12 }), "legacy_invalid"],
  ] as const) {
    const w = world({
      legacy: { enrollment: callback as unknown as NonNullable<TwoFactorOptions["legacy"]>["enrollment"] },
    });
    const calls = [
      () => w.twoFactor.status(USER),
      () => w.twoFactor.signIn.begin(USER, { binding }),
      () => w.twoFactor.verify(USER, "123456", { binding }),
      () => w.twoFactor.enrollment.begin(USER, { accountName: USER, binding }),
      () => w.admin.reset(USER, by),
    ];
    const away = "The old system could not be asked for this user's enrollment.";
    const message = code === "legacy_invalid" ? "What legacy.enrollment returned cannot be used." : away;
    for (const call of calls) await assert.rejects(call, { name: "TwoFactorError", code, message });
    assert.equal(await w.store.get(USER), null);
  }
  const silent = world({ legacy: { enrollment: () => undefined as never } });
  const cause = new TypeError("legacy.enrollment: want null for somebody without a second factor");
  await assert.rejects(silent.twoFactor.status(USER), { cause });
});

test("an old system that hangs is given up after storeTimeout", async () => {
  const w = world({ storeTimeout: 2, legacy: { enrollment: () => new Promise<never>(() => {}) } });
  const begun = asTimePasses(w, w.twoFactor.signIn.begin(USER, { binding }));
  const cause = new Error("legacy.enrollment did not answer in time.");
  await assert.rejects(begun, { code: "legacy_unavailable", cause });
});

test("an old system that cannot say which code it is costs no attempt, and lets nobody in", async () => {
  let answer: () => unknown = () => Promise.reject(new Error("down"));
  const legacy = {
    enrollment: () => ({ secret, legacyCodes: digests }),
    backupCode: () => answer() as Promise<string | null>,
  };
  const w = world({ legacy });
  for (const [said, code] of [
    [() => Promise.reject(new Error("down")), "legacy_unavailable"],
    [() => undefined, "legacy_invalid"],
    [() => true, "legacy_invalid"],
    [() => "", "legacy_invalid"],
    [() => "x".repeat(1_025), "legacy_invalid"],
  ] as const) {
    answer = said;
    const away = "The old system could not be asked about a backup code.";
    const message = code === "legacy_invalid" ? "What legacy.backupCode returned cannot be used." : away;
    for (let i = 0; i < 6; i++) {
      await assert.rejects(w.twoFactor.verify(USER, "old-code-1", { binding }), { code, message });
    }
  }
  assert.deepEqual((await recordOf(w)).backup, { failures: 0, lockedUntilAt: null, unknown: [] });
  answer = async () => "x".repeat(1_024);
  assert.equal(outcome(await w.twoFactor.verify(USER, "old-code-1", { binding })), "wrong_code");
  answer = async () => digests[0];
  must(await w.twoFactor.verify(USER, "old-code-1", { binding }));
});

test("40 guesses at once ask the old system at most five times", async () => {
  for (const [queue, instances] of [
    [true, 1],
    [false, 1],
    [true, 40],
  ] as const) {
    let asked = 0;
    const enrollment = () => ({ secret, legacyCodes: digests });
    const backupCode = () => {
      asked++;
      return null;
    };
    const w = world({ queue, legacy: { enrollment, backupCode } });
    await w.twoFactor.status(USER);
    const all = [w, ...Array.from({ length: instances - 1 }, () => world(w.options))];
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (all[i % instances] ?? w).twoFactor.verify(USER, `guess number ${i}`, { binding }),
      ),
    );
    assert.ok(asked > 0 && asked <= 5, String(asked));
  }
});

test("an old system that hangs over a code is given up too, and the attempt is not charged", async () => {
  const enrollment = () => ({ secret, legacyCodes: digests });
  const w = world({
    storeTimeout: 2,
    legacy: { enrollment, backupCode: () => new Promise<never>(() => {}) },
  });
  await w.twoFactor.status(USER);
  const typed = asTimePasses(w, w.twoFactor.verify(USER, "old-code-1", { binding }));
  const cause = new Error("legacy.backupCode did not answer in time.");
  await assert.rejects(typed, { code: "legacy_unavailable", cause });
  assert.equal((await recordOf(w)).backup.failures, 0);
});

test("a call that loses every race for the first write gives up, and asks the old system once", async () => {
  let [asked, tries] = [0, 0];
  const enrollment = () => {
    asked++;
    return { secret };
  };
  const store = { get: async () => null, compareAndSet: async () => ++tries > 1_000 };
  const w = world({ store, legacy: { enrollment } });
  const message = "Too many other writes came before the old enrollment could be stored.";
  await assert.rejects(asTimePasses(w, w.twoFactor.status(USER)), { code: "legacy_unavailable", message });
  assert.deepEqual([asked, tries], [1, 10]);
});

test("whichever call comes first while the old system is away, it is refused and stores nothing", async () => {
  const elsewhere = await enrolled();
  const challenge = await challengeOf(elsewhere);
  const { keys, clock } = elsewhere.options;
  const enrollment = () => Promise.reject(new Error("down"));
  const {
    twoFactor: t,
    admin,
    store,
  } = world({
    ...{ keys, clock, legacy: { enrollment } },
    ...{ reauthentication: { payout: "code" } as never, ...withPasskeys },
  });
  const keysOf = passkeysOf({ twoFactor: t });
  const proof = { code: "123456", binding };
  const CALLS: Record<string, () => Promise<unknown>> = {
    status: () => t.status(USER),
    "signIn.begin": () => t.signIn.begin(USER, { binding }),
    "signIn.complete": () => t.signIn.complete(challenge, "123456", { binding }),
    verify: () => t.verify(USER, "123456", { binding }),
    reauthenticate: () => t.reauthenticate(USER, proof),
    allow: () => t.allow(USER, "payout" as never, proof),
    asks: () => t.asks(USER, "disable"),
    "enrollment.begin": () => t.enrollment.begin(USER, { accountName: USER, ...proof }),
    "enrollment.confirm": () => t.enrollment.confirm(USER, { enrollmentId: "an-id", ...proof }),
    "enrollment.acknowledge": () => t.enrollment.acknowledge(USER, { batchId: "an-id", binding }),
    "enrollment.cancel": () => t.enrollment.cancel(USER, { binding }),
    "authenticators.list": () => t.authenticators.list(USER),
    "authenticators.rename": () => t.authenticators.rename(USER, { id: "an-id", label: "Phone" }),
    "authenticators.remove": () => t.authenticators.remove(USER, { id: "an-id", ...proof }),
    "backupCodes.regenerate": () => t.backupCodes.regenerate(USER, proof),
    "backupCodes.acknowledge": () => t.backupCodes.acknowledge(USER, { batchId: "an-id" }),
    "devices.list": () => t.devices.list(USER),
    "devices.revoke": () => t.devices.revoke(USER, "an-id"),
    "devices.revokeAll": () => t.devices.revokeAll(USER),
    "passkeys.begin": () => keysOf.begin(USER, { accountName: USER, ...proof }),
    "passkeys.confirm": () => keysOf.confirm(USER, { enrollmentId: "an-id", response: {}, binding }),
    "passkeys.options": () => keysOf.options(USER, { binding }),
    "passkeys.list": () => keysOf.list(USER),
    "passkeys.rename": () => keysOf.rename(USER, { id: "an-id", label: "Key" }),
    "passkeys.remove": () => keysOf.remove(USER, { id: "an-id", ...proof }),
    disable: () => t.disable(USER, proof),
    credentialChanged: () => t.credentialChanged(USER, "password"),
    rewrap: () => t.rewrap(USER),
  };
  assert.deepEqual(Object.keys(CALLS).sort(), Object.keys(METHODS).sort());
  const OF_ADMIN: Record<string, () => Promise<unknown>> = {
    reset: () => admin.reset(USER, by),
    unlock: () => admin.unlock(USER, by),
    exportEnrollment: () => admin.exportEnrollment(USER, by),
    rename: () => admin.rename(USER, "bob", by),
  };
  assert.deepEqual([...Object.keys(OF_ADMIN), "importEnrollment"].sort(), pathsOf(admin).sort());
  for (const [name, call] of Object.entries({ ...CALLS, ...OF_ADMIN })) {
    await assert.rejects(call, { code: "legacy_unavailable" }, name);
  }
  assert.equal(await store.get(USER), null);
});

test("an enrollment from before the deployment cannot be confirmed past the old factor", async () => {
  for (const backupCodes of [{}, { acknowledge: true }]) {
    const before = world({ backupCodes });
    const { enrollmentId, keyUri } = must(
      await before.twoFactor.enrollment.begin(USER, { accountName: USER, binding }),
    );
    const code = codeFrom(keyUri, before.clock);
    const confirm = (w: Pick<typeof before, "twoFactor">) =>
      w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding });
    const shown = backupCodes.acknowledge ? must(await confirm(before)) : null;
    const after = createTwoFactorWith({ ...before.options, legacy: { enrollment: () => ({ secret }) } }, {});
    const batchId = shown?.backupCodes?.batchId ?? "";
    const result = shown
      ? await after.enrollment.acknowledge(USER, { batchId, binding })
      : await confirm({ twoFactor: after });
    assert.equal(result.ok, false);
    must(await after.verify(USER, codeFrom(uriOf(secret), before.clock), { binding }));
  }
});

test("a challenge to enroll from before the deployment does not serve past the old factor", async () => {
  const before = world({ requirement: () => ({ required: true }) });
  const step = await before.twoFactor.signIn.begin(USER, { binding });
  assert.ok(step.step === "enroll");
  const after = createTwoFactorWith({ ...before.options, legacy: { enrollment: () => ({ secret }) } }, {});
  const begun = await after.enrollment.begin({ challenge: step.challenge }, { accountName: USER, binding });
  assert.equal(begun.ok, false);
});
