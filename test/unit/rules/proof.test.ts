import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyRecord } from "../../../src/record.ts";
import {
  defaultRow,
  fresh,
  lacksFactor,
  NOTHING_PROVEN,
  needOf,
  PROOF_LEVELS,
  PROOF_OPERATIONS,
  type ProofRow,
  type Proven,
  refusalOfSpentElevation,
  serves,
  spendElevation,
  stillNeeded,
  together,
} from "../../../src/rules/proof.ts";

const NOW = 1_893_456_000_000;
const MINUTE = 60_000;
const row = (given: Partial<ProofRow> = {}): ProofRow => ({
  ...{ level: "password+app", maxAge: 600, once: false, firstFactor: false },
  ...given,
});
const password = { amr: ["pwd"], authenticatedAt: NOW };
const passkey = { amr: ["hwk", "user"], authenticatedAt: NOW };
const app = { method: "app", at: NOW, amr: null } as const;
const backup = { method: "backup", at: NOW, amr: null } as const;
const proven = (given: Partial<Proven>): Proven => ({ ...NOTHING_PROVEN, ...given });

test("V67 by default changing a factor takes password and code, and turning off an app code", () => {
  for (const operation of PROOF_OPERATIONS) {
    const code = operation === "disable" ? "app" : "any";
    const byDefault = defaultRow(operation, { canCheckPassword: true, maxAge: 60 });
    assert.deepEqual({ ...byDefault, level: "" }, { level: "", maxAge: 60, once: false, firstFactor: false });
    assert.deepEqual(needOf(byDefault, true), { password: true, code });
    assert.deepEqual(needOf(byDefault, false), { password: true, code: null });
  }
});

test("V23 where no password can be checked, the default still asks for a code", () => {
  for (const operation of PROOF_OPERATIONS) {
    const need = needOf(defaultRow(operation, { canCheckPassword: false, maxAge: 60 }), true);
    assert.deepEqual(need, { password: false, code: operation === "disable" ? "app" : "any" });
  }
});

test("each level asks for what its name says, and for no code where no factor is active", () => {
  const needs = PROOF_LEVELS.map((level) => needOf(row({ level }), true));
  assert.deepEqual(needs, [
    { password: false, code: null },
    { password: true, code: null },
    { password: false, code: "any" },
    { password: false, code: "app" },
    { password: true, code: "any" },
    { password: true, code: "app" },
  ]);
  for (const level of PROOF_LEVELS) {
    const need = needOf(row({ level }), false);
    assert.deepEqual(need, { password: level.startsWith("password"), code: null });
  }
});

test("the need says where a first factor may replace the password", () => {
  assert.deepEqual(needOf(row({ firstFactor: true }), true), {
    ...{ password: true, code: "app", firstFactor: true },
  });
  assert.deepEqual(needOf(row({ firstFactor: true, level: "app" }), true), { password: false, code: "app" });
});

test("an operation that takes a code is closed to users without a factor; enrolling is not", () => {
  const closed = (operation: string, active: boolean) =>
    PROOF_LEVELS.filter((level) => lacksFactor(operation, row({ level }), active));
  assert.deepEqual(closed("payout", false), ["code", "app", "password+code", "password+app"]);
  assert.deepEqual(closed("payout", true), []);
  for (const own of ["enroll", "replace", "disable", "regenerate"]) assert.deepEqual(closed(own, false), []);
});

test("proofs add up, a backup code is no app code, and more than needed does no harm", () => {
  const need = { password: true, code: "app" } as const;
  const left = (given: Partial<Proven>) => stillNeeded(need, proven(given));
  assert.deepEqual(left({}), need);
  assert.deepEqual(left({ firstFactor: password }), { password: false, code: "app" });
  assert.deepEqual(left({ code: app }), { password: true, code: null });
  assert.deepEqual(left({ firstFactor: password, code: backup }), { password: false, code: "app" });
  assert.equal(left({ firstFactor: password, code: app }), null);
  assert.equal(left({ firstFactor: password, code: { ...app, method: "passkey" } }), null);
  const any = { password: false, code: "any" } as const;
  assert.equal(stillNeeded(any, proven({ code: backup })), null);
  assert.equal(stillNeeded(any, proven({ code: app })), null);
  assert.deepEqual(stillNeeded(any, proven({ firstFactor: password })), any);
  for (const code of [app, backup, null]) {
    assert.equal(stillNeeded({ password: false, code: null }, { firstFactor: password, code }), null);
  }
});

test("R20 a first factor other than a password replaces it where the row says so", () => {
  const need = { password: true, code: null } as const;
  assert.deepEqual(stillNeeded(need, proven({ firstFactor: passkey })), need);
  const lenient = { ...need, firstFactor: true };
  assert.equal(stillNeeded(lenient, proven({ firstFactor: passkey })), null);
  assert.deepEqual(stillNeeded(lenient, NOTHING_PROVEN), lenient);
  const both = { password: true, code: "app", firstFactor: true } as const;
  assert.deepEqual(stillNeeded(both, proven({ firstFactor: passkey })), { password: false, code: "app" });
  assert.deepEqual(stillNeeded(both, proven({ code: app })), {
    ...{ password: true, code: null, firstFactor: true },
  });
});

test("R6 each part counts for as long as its own age allows, to the millisecond", () => {
  const all = { firstFactor: password, code: { ...app, at: NOW + MINUTE } };
  const rule = row({ maxAge: 120 });
  assert.deepEqual(fresh(all, rule, NOW + 2 * MINUTE - 1), all);
  assert.deepEqual(fresh(all, rule, NOW + 2 * MINUTE), { ...all, firstFactor: null });
  assert.deepEqual(fresh(all, rule, NOW + 3 * MINUTE - 1), { ...all, firstFactor: null });
  assert.deepEqual(fresh(all, rule, NOW + 3 * MINUTE), NOTHING_PROVEN);
});

test("V10 what was proved further ahead than clocks differ counts for nothing", () => {
  const ahead = { firstFactor: password, code: app };
  assert.deepEqual(fresh(ahead, row(), NOW - 5 * MINUTE), ahead);
  assert.deepEqual(fresh(ahead, row(), NOW - 5 * MINUTE - 1), NOTHING_PROVEN);
});

test("of two proofs, the parts of the second count before those of the first", () => {
  const first = { firstFactor: password, code: app };
  assert.deepEqual(together(first, NOTHING_PROVEN), first);
  assert.deepEqual(together(NOTHING_PROVEN, first), first);
  assert.deepEqual(together(first, { firstFactor: passkey, code: backup }), {
    ...{ firstFactor: passkey, code: backup },
  });
});

test("an elevation allows what it was made for, and without a scope no transaction", () => {
  const asked = { operation: "payout", transaction: "hash" };
  const plain = { operation: "payout", transaction: null };
  assert.ok(serves(asked, asked));
  assert.ok(serves(plain, plain));
  assert.ok(serves(null, plain));
  assert.ok(!serves(null, asked));
  assert.ok(!serves(plain, asked));
  assert.ok(!serves(asked, plain));
  assert.ok(!serves({ ...asked, transaction: "another" }, asked));
  assert.ok(!serves({ ...asked, operation: "close" }, asked));
});

test("a spent elevation stays spent, and a full list refuses what it may have dropped", () => {
  const token = (i: number) => ({ id: `token${i}`, expiresAt: NOW + i });
  let record = emptyRecord();
  assert.equal(refusalOfSpentElevation(record, token(1)), null);
  for (let i = 1; i <= 32; i++) record = spendElevation(record, token(i), NOW);
  for (let i = 1; i <= 32; i++) assert.equal(refusalOfSpentElevation(record, token(i)), "elevation_used");
  assert.equal(refusalOfSpentElevation(record, token(0)), "elevation_expired");
  assert.equal(refusalOfSpentElevation(record, { id: "other", expiresAt: NOW + 1 }), "elevation_expired");
  assert.equal(refusalOfSpentElevation(record, { id: "other", expiresAt: NOW + 2 }), null);
  record = spendElevation(record, token(33), NOW);
  assert.equal(record.spentElevations.length, 32);
  assert.equal(refusalOfSpentElevation(record, token(1)), "elevation_expired"); // dropped, and still refused
  const later = spendElevation(record, token(9 * MINUTE), NOW + 6 * MINUTE);
  assert.deepEqual(later.spentElevations, [token(9 * MINUTE)]); // those that no clock takes for open are gone
});
