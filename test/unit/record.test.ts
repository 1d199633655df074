import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createKeyring, generateKey } from "../../src/keyring.ts";
import { decodeRecord, encodeRecord } from "../../src/record/format.ts";
import { emptyRecord, type UserRecord } from "../../src/record.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import { createTwoFactor } from "../../src/two-factor/create.ts";
import { activeRecord, anyRecord, largestRecord } from "../support/records.ts";

const MAX_SEALED = 16_384;
const refused = (name: string) => (error: unknown) =>
  (error instanceof TypeError || error instanceof RangeError) && /^want /.test(error.message)
    ? true
    : assert.fail(`${name}: ${error}`);

test("a record comes back as it was written, whatever it holds", () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      assert.deepEqual(decodeRecord(encodeRecord(record)), record);
    }),
    { numRuns: 300 },
  );
});

/** Every place in a wire value, as a path of array indexes. */
function places(wire: unknown): number[][] {
  if (!Array.isArray(wire)) return [[]];
  return [[], ...wire.flatMap((item, i) => places(item).map((path) => [i, ...path]))];
}

function withChange(
  wire: unknown,
  [index, ...path]: readonly number[],
  change: (at: unknown) => unknown,
): unknown {
  if (index === undefined) return change(wire);
  return (wire as unknown[]).map((item, i) => (i === index ? withChange(item, path, change) : item));
}

/** Values that a record holds in other places, or that no record holds anywhere. */
const FOREIGN: readonly unknown[] = [
  ...[null, true, false, "", "x", "SHA256", "x".repeat(209), 0, -1, 1, 0.5, 1e15, 2 ** 53, -(2 ** 53)],
  ...[[], [[]], [null], {}, { length: 1, 0: "x" }, Array(101).fill(0)],
];

test("every change of the JSON is refused or reads as another record", () => {
  fc.assert(
    fc.property(
      anyRecord,
      fc.nat(),
      fc.constantFrom(...FOREIGN),
      fc.boolean(),
      (record, at, value, longer) => {
        const wire = JSON.parse(encodeRecord(record));
        const all = places(wire);
        const path = all[at % all.length] ?? [];
        const grow = (old: unknown) => (Array.isArray(old) ? [...old, value] : [old]);
        const changed = JSON.stringify(withChange(wire, path, longer ? grow : () => value));
        let decoded: UserRecord;
        try {
          decoded = decodeRecord(changed);
        } catch (error) {
          assert.ok(refused(changed)(error));
          return;
        }
        assert.equal(encodeRecord(decoded), changed, "read as something that it does not say");
      },
    ),
    { numRuns: 1_000 },
  );
});

test("V80 no object, no __proto__ and no key of any kind gets in with a record", () => {
  const before = Object.keys(Object.prototype);
  const wire = JSON.parse(encodeRecord(largestRecord()));
  const smuggled = [
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    "{}",
  ];
  for (const path of places(wire)) {
    for (const json of smuggled) {
      const mark = "(here)";
      const text = JSON.stringify(withChange(wire, path, () => mark)).replace(`"${mark}"`, json);
      assert.throws(() => decodeRecord(text), refused(text));
    }
  }
  assert.deepEqual(Object.keys(Object.prototype), before);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.equal(Object.getPrototypeOf(decodeRecord(encodeRecord(emptyRecord()))), Object.prototype);
});

test("an empty record has no factor, and neither has a missing one", () => {
  const record = emptyRecord();
  assert.equal(record.epoch, "");
  const row = { failures: 0, lockedUntilAt: null };
  assert.deepEqual(
    [record.app, record.backup],
    [1, 2].map(() => ({ ...row, unknown: [] })),
  );
  assert.deepEqual([record.password, record.enrollment], [row, row]);
});

test("text that is no JSON is refused, and the error does not show it", () => {
  for (const text of [
    "",
    "[",
    "null",
    '"x"',
    "[]",
    "secret-marker",
    '["secret-marker"]',
    "[NaN]",
    "\u0000",
  ]) {
    assert.throws(
      () => decodeRecord(text),
      (error) => error instanceof TypeError && !error.message.includes("secret-marker") && !error.cause,
    );
  }
  assert.throws(() => decodeRecord("["), /^TypeError: want JSON$/);
});

/** One step beyond each bound of the format. */
const BEYOND: Readonly<Record<string, (largest: UserRecord) => UserRecord>> = {
  authenticators: (r) => ({ ...r, authenticators: [...r.authenticators, ...r.authenticators] }),
  devices: (r) => ({ ...r, devices: [...r.devices, ...r.devices.slice(0, 1)] }),
  "spent challenges": (r) => ({
    ...r,
    spentChallenges: [...r.spentChallenges, ...r.spentChallenges.slice(0, 1)],
  }),
  "failures of unknown devices": (r) => ({
    ...r,
    app: { ...r.app, unknown: [...r.app.unknown, 1_200_000] },
  }),
  "hours out of order": (r) => ({ ...r, app: { ...r.app, unknown: [2, 1] } }),
  "accepted steps": (r) => ({
    ...r,
    authenticators: r.authenticators.map((a) => ({
      ...a,
      acceptedSteps: [...a.acceptedSteps, Number.MAX_SAFE_INTEGER],
    })),
  }),
  "codes of a batch": (r) => ({
    ...r,
    backupCodes: r.backupCodes && {
      ...r.backupCodes,
      codes: [...r.backupCodes.codes, ...r.backupCodes.codes.slice(0, 1)],
    },
  }),
  "superseded enrollments": (r) => ({
    ...r,
    pending: r.pending && { ...r.pending, superseded: [...r.pending.superseded, "x"] },
  }),
  "a label": (r) => ({ ...r, devices: r.devices.map((device) => ({ ...device, label: "x".repeat(65) })) }),
  "an instant": (r) => ({ ...r, password: { failures: 1, lockedUntilAt: Number.MAX_SAFE_INTEGER + 1 } }),
  "a fraction": (r) => ({ ...r, password: { failures: 0.5, lockedUntilAt: null } }),
  "not a number": (r) => ({ ...r, password: { failures: Number.NaN, lockedUntilAt: null } }),
};

for (const [what, change] of Object.entries(BEYOND)) {
  test(`a record beyond a bound is not written: ${what}`, () => {
    assert.doesNotThrow(() => encodeRecord(largestRecord()));
    assert.throws(() => encodeRecord(change(largestRecord())), TypeError);
  });
}

test("the sums of a list of differences stay exact", () => {
  const wire = JSON.parse(encodeRecord(emptyRecord()));
  const app = Object.keys(emptyRecord()).indexOf("app");
  const unknown = (hours: number[]) => JSON.stringify(withChange(wire, [app], () => [0, null, hours]));
  assert.deepEqual(decodeRecord(unknown([1, 2, 3])).app.unknown, [1, 3, 6]);
  assert.throws(() => decodeRecord(unknown([Number.MAX_SAFE_INTEGER, 2])), TypeError);
});

test("the largest record leaves a twentieth of 16,384 characters free when it is sealed", async (context) => {
  const seal = createKeyring(generateKey()).forUser("x".repeat(1_024));
  const sizes = [1, 2, 3, 4, 5].map(
    async (apps) => (await seal.seal("v".repeat(22), encodeRecord(largestRecord(apps)))).length,
  );
  const largest = Math.max(...(await Promise.all(sizes)));
  context.diagnostic(`${largest} characters`);
  assert.ok(largest <= MAX_SEALED * 0.95, `${largest} characters`);
  assert.ok(largest > 15_000, "the largest record has shrunk: is it still the largest?");
});

test("a usual record has about a thousand characters", async () => {
  const seal = createKeyring(generateKey()).forUser("ada");
  const { devices, backupCodes } = largestRecord();
  const codes = backupCodes && { ...backupCodes, codes: backupCodes.codes.slice(0, 10) };
  const usual = activeRecord({ devices: devices.slice(0, 2), backupCodes: codes });
  assert.ok((await seal.seal("v".repeat(22), encodeRecord(usual))).length < 1_800);
});

test("a clock that gives no valid date is refused by name", async () => {
  const { options } = createTestTwoFactor();
  for (const at of [Number.NaN, -1, Number.POSITIVE_INFINITY, 8.64e15 + 1, "1" as unknown as number]) {
    const twoFactor = createTwoFactor({ ...options, clock: () => at });
    await assert.rejects(twoFactor.credentialChanged("ada", "email"), /^TypeError: clock: /, String(at));
  }
  const last = createTwoFactor({ ...options, clock: () => 8.64e15 });
  await last.credentialChanged("ada", "email");
});

test("V29 an answer of the store in another shape is refused, never read as an empty record", async () => {
  const store = memoryStore();
  const first = createTestTwoFactor({ store });
  await first.twoFactor.credentialChanged("ada", "password");
  const row = await store.get("ada");
  assert.ok(row);
  const foreign: readonly unknown[] = [
    ...[undefined, "", "{}", 0, 1, true, [], {}, new Map(), JSON.stringify(row)],
    ...[
      { ...row, version: 7 },
      { ...row, version: undefined },
      { ...row, version: "other" },
    ],
    ...[
      { ...row, data: null },
      { ...row, data: new Uint8Array(8) },
      { ...row, data: { text: row.data } },
    ],
    ...[
      { ...row, data: "" },
      { ...row, data: "v1" },
      { ...row, data: `${row.data}.x` },
      { version: row.version },
    ],
  ];
  for (const answer of foreign) {
    const get = async () => answer as typeof row;
    const { twoFactor } = createTestTwoFactor({ ...first.options, store: { ...store, get } });
    const begin = twoFactor.signIn.begin("ada", { binding: null });
    const trouble = { name: "TwoFactorError", code: "record_invalid", message: /^The store/ };
    await assert.rejects(begin, trouble, JSON.stringify(answer));
  }
  const { twoFactor } = createTestTwoFactor(first.options);
  assert.equal((await twoFactor.status("ada")).state, "none", "and the row as it was is still good");
});
