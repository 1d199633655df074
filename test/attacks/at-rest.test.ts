import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeyring } from "../../src/keyring.ts";
import { decodeBase32 } from "../../src/otp/base32.ts";
import { decodeRecord, encodeRecord } from "../../src/record/format.ts";
import type { StoredRecord, UserStore } from "../../src/store.ts";
import {
  binding,
  enrolled,
  enrollIn,
  must,
  nextCode,
  recordOf,
  signIn,
  USER,
  type World,
  world,
} from "../support/world.ts";

/** A store whose rows a test may read and write as whoever has stolen the database may. */
function openStore(): { store: UserStore; rows: Map<string, StoredRecord> } {
  const rows = new Map<string, StoredRecord>();
  const store: UserStore = {
    get: async (userId) => rows.get(userId) ?? null,
    compareAndSet: async (userId, expected, next) => {
      if ((rows.get(userId)?.version ?? null) !== expected) return false;
      rows.set(userId, next);
      return true;
    },
  };
  return { store, rows };
}

/** Every call that reads a record, for showing that each one fails closed. */
async function assertClosed(w: World, code: string, user = USER): Promise<void> {
  const { twoFactor } = w;
  const calls: readonly (() => Promise<unknown>)[] = [
    () => twoFactor.status(user),
    () => twoFactor.signIn.begin(user, { binding }),
    () => twoFactor.verify(user, code, { binding }),
    () => twoFactor.reauthenticate(user, { code, binding }),
    () => twoFactor.enrollment.begin(user, { accountName: "a", binding }),
    () => twoFactor.enrollment.confirm(user, { enrollmentId: "x", code, binding }),
    () => twoFactor.enrollment.acknowledge(user, { batchId: "x", binding }),
    () => twoFactor.enrollment.cancel(user, { binding: null }),
    () => twoFactor.backupCodes.regenerate(user, { code, binding }),
    () => twoFactor.backupCodes.acknowledge(user, { batchId: "x" }),
    () => twoFactor.devices.list(user),
    () => twoFactor.devices.revokeAll(user),
    () => twoFactor.disable(user, { code, binding }),
    () => twoFactor.credentialChanged(user, "password"),
    () => twoFactor.rewrap(user),
  ];
  for (const call of calls) await assert.rejects(call, { name: "TwoFactorError", code: "record_invalid" });
}

test("V44 H8 N6 A16 the table shows no secret, no code, no token and no digest of one", async () => {
  const { store, rows } = openStore();
  const w = await enrolled({ store });
  const { device } = await signIn(w, { trustDevice: true, context: { device: "Firefox on Linux" } });
  const pending = must(
    await w.twoFactor.enrollment.begin(USER, {
      accountName: USER,
      replace: true,
      elevation: w.signIn.elevation,
      binding,
    }),
  );
  const { authenticators, devices, backupCodes } = await recordOf(w);
  const row = rows.get(USER);
  assert.ok(row && authenticators[0] && device);
  const secrets = [
    ...w.codes,
    ...[w.secret, pending.secret].flatMap((secret) => [
      secret,
      Buffer.from(decodeBase32(secret)).toString("hex"),
    ]),
    device.token,
    ...devices.map(({ tokenHash }) => tokenHash),
    ...(backupCodes?.codes.map(({ digest }) => digest) ?? []),
    "Firefox",
    w.options.keys ?? "",
  ];
  const sealed = row.data
    .split(".")
    .slice(2)
    .map((part) => Buffer.from(part, "base64url").toString("latin1"));
  const visible = [JSON.stringify(row), ...sealed].join(" ");
  for (const secret of secrets) assert.ok(!visible.includes(secret));
  assert.deepEqual(Object.keys(row.summary).sort(), ["backupCodesActive", "enrolledAt", "keyId", "state"]);
  assert.match(row.version, /^[A-Za-z0-9_-]{22}$/);
  assert.match(row.data, /^v1\.[A-Za-z0-9_-]{11}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+$/);
});

test("V69 a record that is copied to another user's row does not open", async () => {
  const { store, rows } = openStore();
  const attacker = await enrolled({ store }, "mallory");
  const victim = await enrollIn(attacker);
  const [mine, theirs] = [rows.get("mallory"), rows.get(USER)];
  assert.ok(mine && theirs);
  rows.set(USER, mine);
  await assertClosed(attacker, attacker.phone.code("mallory"));
  rows.set(USER, { ...mine, version: theirs.version });
  await assertClosed(attacker, attacker.phone.code("mallory"));
  rows.set(USER, { ...theirs, data: mine.data });
  await assertClosed(attacker, attacker.phone.code("mallory"));
  rows.set(USER, theirs);
  must(await attacker.twoFactor.verify(USER, victim.phone.code(USER), { binding }));
});

test("V69 a record under a changed or newer version does not open", async () => {
  const { store, rows } = openStore();
  const w = await enrolled({ store });
  const old = rows.get(USER);
  await signIn(w);
  const current = rows.get(USER);
  assert.ok(old && current);
  for (const forged of [
    { ...current, version: old.version },
    { ...current, data: old.data },
    { ...current, version: "" },
    { ...current, version: `${current.version}A` },
  ]) {
    rows.set(USER, forged);
    await assertClosed(w, nextCode(w));
  }
});

test("V69 V29 one flipped bit anywhere fails closed, on every call", async () => {
  const { store, rows } = openStore();
  const w = await enrolled({ store });
  const row = rows.get(USER);
  assert.ok(row);
  const step = Math.max(1, Math.floor(row.data.length / 60));
  for (let i = 0; i < row.data.length; i += step) {
    const flipped = String.fromCharCode(row.data.charCodeAt(i) ^ 1);
    const data = row.data.slice(0, i) + flipped + row.data.slice(i + 1);
    rows.set(USER, { ...row, data });
    await assert.rejects(w.twoFactor.verify(USER, w.phone.code(), { binding }), (error: unknown) => {
      const { name, code } = error as { name: string; code: string };
      return name === "TwoFactorError" && (code === "record_invalid" || code === "key_unknown");
    });
  }
  const last = row.data.slice(-1);
  rows.set(USER, { ...row, data: row.data.slice(0, -1) + (last === "A" ? "B" : "A") });
  await assertClosed(w, w.phone.code());
  rows.set(USER, { ...row, data: row.data.slice(0, -10) });
  await assertClosed(w, w.phone.code());
});

test("V29 a store's answer of another type or shape is refused", async () => {
  const w = await enrolled();
  const row = await w.store.get(USER);
  assert.ok(row);
  const answers: unknown[] = [
    undefined,
    0,
    "",
    [],
    {},
    { version: row.version },
    { version: 7, data: row.data },
    { version: row.version, data: 7 },
    { version: row.version, data: "" },
    { version: row.version, data: "v1" },
    { version: row.version, data: JSON.stringify({ authenticators: [] }) },
    { version: row.version, data: row.data.replace("v1", "v2") },
    { version: [row.version], data: [row.data] },
  ];
  for (const answer of answers) {
    const store: UserStore = { get: async () => answer as never, compareAndSet: async () => true };
    await assertClosed(world({ ...w.options, onEvent: undefined, store }), w.phone.code());
  }
});

test("V80 a record of the wrong shape is refused even when it is sealed with the right key", async () => {
  const { store, rows } = openStore();
  const w = await enrolled({ store });
  const row = rows.get(USER);
  assert.ok(row);
  const seal = createKeyring(w.options.keys).forUser(USER);
  const wire = JSON.parse(encodeRecord(await recordOf(w))) as unknown[];
  const mutants: unknown[] = [
    {},
    [],
    null,
    "x",
    wire.slice(2), // without the first number it is a record of the first form
    { ...wire },
    Object.fromEntries(wire.entries()),
    ...wire.flatMap((_, i) =>
      [{ __proto__: [] }, JSON.parse('{"__proto__":{"polluted":true}}'), -1, "x".repeat(300), [[[]]]].map(
        (junk) => wire.map((field, j) => (i === j ? junk : field)),
      ),
    ),
  ];
  for (const mutant of mutants) {
    rows.set(USER, { ...row, data: await seal.seal(row.version, JSON.stringify(mutant)) });
    const message = "The stored record does not have the shape of a record.";
    await assert.rejects(w.twoFactor.status(USER), { code: "record_invalid", message });
  }
  for (const text of ["", "{", '{"__proto__":{"polluted":true}}', "[".repeat(5_000), "NaN"]) {
    rows.set(USER, { ...row, data: await seal.seal(row.version, text) });
    await assertClosed(w, w.phone.code());
  }
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.throws(() => decodeRecord(JSON.stringify({ authenticators: [] })), TypeError);
});
