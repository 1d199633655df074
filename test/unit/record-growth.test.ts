import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeyring, generateKey } from "../../src/keyring.ts";
import { decodeRecord, encodeRecord } from "../../src/record/format.ts";
import { emptyRecord } from "../../src/record.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { createTestTwoFactor, fakeClock, virtualAuthenticator } from "../../src/testing/index.ts";
import firstForm from "../support/fixtures/record-first-form.json" with { type: "json" };
import { later, sharedWithLater } from "../support/later-version.ts";
import { activeRecord, largestRecord } from "../support/records.ts";
import { binding, challengeOf, enrollIn, must, nextCode, outcome, USER, world } from "../support/world.ts";

test("a record of the first form opens, signs in, and is written back in the form of today", async () => {
  const { keys, userId, at, keyUri, backupCodes, deviceToken, version, data } = firstForm;
  const store = memoryStore();
  const summary = { state: "active", enrolledAt: at, backupCodesActive: 9, keyId: "" } as const;
  await store.compareAndSet(userId, null, { version, data, summary });
  const clock = fakeClock(at);
  const { twoFactor } = createTestTwoFactor({ keys, store, clock });
  const phone = virtualAuthenticator({ clock });
  phone.scan(keyUri);
  const status = await twoFactor.status(userId);
  assert.deepEqual([status.state, status.replacing, status.devices], ["active", "pending", 3]);
  assert.equal(status.backupCodes?.active, 9);
  const trusted = await twoFactor.signIn.begin(userId, { binding, deviceToken });
  assert.ok(trusted.step === "done" && trusted.reason === "trusted_device");
  clock.advance(30);
  const signedIn = await twoFactor.verify(userId, phone.code(), { binding });
  assert.ok(signedIn.ok);
  const spent = await twoFactor.verify(userId, backupCodes[0], { binding });
  assert.equal(outcome(spent), "backup_code_reused");
  const row = await store.get(userId);
  assert.ok(row);
  const json = await createKeyring(keys).forUser(userId).open(row.version, row.data);
  assert.equal(JSON.parse(json)[0], 1, "the reader stands in front");
});

test("fields of a later version are kept, and those that an earlier one lacks are filled in", () => {
  for (const record of [emptyRecord(), activeRecord(), largestRecord()]) {
    const wire = later(JSON.parse(encodeRecord(record)));
    assert.deepEqual(JSON.parse(encodeRecord(decodeRecord(JSON.stringify(wire)))), wire);
  }
  const [, ...first] = JSON.parse(encodeRecord(emptyRecord()));
  assert.deepEqual(decodeRecord(JSON.stringify(first.slice(0, 14))), emptyRecord());
  assert.throws(() => decodeRecord(JSON.stringify(first.slice(0, 13))), /^TypeError: want /);
});

test("R22 a record that needs a newer reader is refused as record_newer, and not replaced", async () => {
  const w = await enrollIn(world());
  const row = await w.store.get(USER);
  assert.ok(row);
  const seal = createKeyring(w.options.keys).forUser(USER);
  const wire = JSON.parse(await seal.open(row.version, row.data));
  const next = {
    version: "a-newer-version-of-it-0",
    data: await seal.seal("a-newer-version-of-it-0", JSON.stringify([99, ...wire.slice(1)])),
  };
  const summary = { state: "active", enrolledAt: 0, backupCodesActive: 0, keyId: "" } as const;
  assert.ok(await w.store.compareAndSet(USER, row.version, { ...next, summary }));
  const begin = w.twoFactor.signIn.begin(USER, { binding });
  const message = /^The stored record needs a newer version/;
  const cause = new RangeError("want a reader of form 2 at most");
  await assert.rejects(begin, { code: "record_newer", message, cause });
  const reset = w.admin.reset(USER, { actor: "support:7", reason: "asked", evenIfUnreadable: true });
  await assert.rejects(reset, { name: "TwoFactorError", code: "record_newer" });
});

test("two fields that a later version has in each structure survive every operation", async () => {
  const keys = generateKey();
  const store = sharedWithLater(memoryStore(), keys);
  const w = world({
    keys,
    store,
    backupCodes: { acknowledge: true },
    verifyPassword: (_, password) => password === "right",
    reauthentication: {
      ...{ enroll: "none", replace: "code", regenerate: "code" },
      disable: { level: "code", once: true },
    },
  });
  const e = await enrollIn(w);
  const { twoFactor } = e;
  const challenge = await challengeOf(e);
  await twoFactor.signIn.complete(challenge, "000000", { binding });
  const { device } = must(
    await twoFactor.signIn.complete(challenge, e.phone.code(), { binding, trustDevice: true }),
  );
  await twoFactor.signIn.begin(USER, { binding, deviceToken: device?.token });
  must(await twoFactor.verify(USER, e.codes[0], { binding, deviceToken: device?.token }));
  await twoFactor.verify(USER, "00000000", { binding });
  await twoFactor.reauthenticate(USER, { password: "wrong", binding });
  const { elevation } = must(
    await twoFactor.reauthenticate(USER, { password: "right", code: nextCode(e), binding }),
  );
  const batch = must(await twoFactor.backupCodes.regenerate(USER, { elevation, binding }));
  must(await twoFactor.backupCodes.acknowledge(USER, { batchId: batch.batchId }));
  must(await twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, elevation, binding }));
  must(await twoFactor.enrollment.cancel(USER, { binding }));
  const begun = must(
    await twoFactor.enrollment.begin(USER, { accountName: USER, replace: true, elevation, binding }),
  );
  e.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  await twoFactor.enrollment.confirm(USER, { enrollmentId, code: "000000", binding });
  const confirmed = must(
    await twoFactor.enrollment.confirm(USER, { enrollmentId, code: e.phone.code(), binding }),
  );
  must(await twoFactor.enrollment.acknowledge(USER, { batchId: confirmed.backupCodes?.batchId, binding }));
  const [listed] = await twoFactor.devices.list(USER);
  must(await twoFactor.devices.revoke(USER, listed?.id ?? ""));
  must(await e.admin.unlock(USER, { actor: "a", reason: "r" }));
  await twoFactor.credentialChanged(USER, "password");
  const again = must(await twoFactor.reauthenticate(USER, { code: nextCode(e), binding }));
  must(await twoFactor.disable(USER, { elevation: again.elevation, binding }));
  assert.ok(store.checked() > 500, `${store.checked()} structures were looked at`);
});
