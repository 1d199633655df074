import assert from "node:assert/strict";
import { test } from "node:test";
import {
  admission,
  checkRequirement,
  type ProofLevel,
  type ProofOperation,
  policyReport,
  proofNeed,
  stillNeeded,
} from "../../../src/rules/policy.ts";

const NOW = 1_893_456_000_000;
const OPERATIONS: readonly ProofOperation[] = ["enroll", "replace", "disable", "regenerate"];
const LEVELS: readonly ProofLevel[] = ["none", "password", "code", "app", "password+code", "password+app"];

test("without a requirement, nobody is held up", () => {
  assert.deepEqual(admission({ required: false }, NOW), { step: "done", reason: "no_factor" });
  assert.deepEqual(admission({ required: false }, NOW), { step: "done", reason: "no_factor" });
});

test("V78 grace runs from its beginning to its end, to the millisecond, and in seconds", () => {
  const requirement = { required: true, sinceAt: NOW, grace: 3_600 } as const;
  const graceEndsAt = NOW + 3_600_000;
  assert.deepEqual(admission(requirement, graceEndsAt - 1), { step: "done", reason: "grace", graceEndsAt });
  assert.deepEqual(admission(requirement, graceEndsAt), { step: "enroll" });
});

test("V78 sixteen days of grace are sixteen days", () => {
  const requirement = { required: true, sinceAt: NOW, grace: 384 * 3_600 } as const;
  assert.equal(admission(requirement, NOW + 383 * 3_600_000).step, "done");
  assert.equal(admission(requirement, NOW + 384 * 3_600_000).step, "enroll");
});

test("a requirement without a beginning has no grace", () => {
  assert.deepEqual(admission({ required: true }, NOW), { step: "enroll" });
  assert.deepEqual(admission({ required: true, grace: 1e9 }, NOW), { step: "enroll" });
});

test("R10 a requirement is what its type says, or it is refused by the name of the field", () => {
  const right = [
    ...[{ required: false }, { required: true }],
    ...[
      { required: true, sinceAt: NOW + 0.5, grace: 0 },
      { required: false, sinceAt: undefined },
    ],
  ];
  for (const answer of right) assert.equal(checkRequirement(answer), answer);
  const wrong: Record<string, unknown> = {
    "": [undefined, null, true, "yes", [], () => true],
    ".required": [{}, { required: "no" }, { required: 1 }, { sinceAt: NOW }],
    ".sinceAt": [String(NOW), BigInt(NOW), new Date(NOW), null, Number.NaN, -1].map((sinceAt) => ({
      ...{ required: true, sinceAt },
    })),
    ".grace": ["60", 60n, null, Number.NaN, Number.POSITIVE_INFINITY, -1].map((grace) => ({
      ...{ required: true, sinceAt: NOW, grace },
    })),
    ".since": [{ required: true, since: NOW }],
    ".gracePeriod": [{ required: true, sinceAt: NOW, gracePeriod: 60 }],
  };
  for (const [field, answers] of Object.entries(wrong)) {
    for (const answer of answers as unknown[]) {
      assert.throws(() => checkRequirement(answer), new RegExp(`^\\w+Error: requirement${field}: `));
    }
  }
});

test("V67 by default an active factor is touched with the password and a code, and turned off with an app code", () => {
  const situation = { active: true, canCheckPassword: true };
  for (const operation of OPERATIONS) {
    const code = operation === "disable" ? "app" : "any";
    assert.deepEqual(proofNeed(operation, undefined, situation), { password: true, code });
  }
});

test("V23 where no password can be checked, the default still asks for a code", () => {
  const situation = { active: true, canCheckPassword: false };
  for (const operation of OPERATIONS) {
    const need = proofNeed(operation, undefined, situation);
    assert.equal(need.password, false);
    assert.notEqual(need.code, null);
  }
});

test("without a factor there is no code to ask for, and the password stays asked", () => {
  for (const operation of OPERATIONS) {
    for (const level of [undefined, ...LEVELS]) {
      const need = proofNeed(operation, level, { active: false, canCheckPassword: true });
      assert.equal(need.code, null);
      assert.equal(need.password, level === undefined || level.startsWith("password"));
    }
  }
});

test("each level asks for what its name says", () => {
  const needs = LEVELS.map((level) => proofNeed("disable", level, { active: true, canCheckPassword: true }));
  assert.deepEqual(needs, [
    { password: false, code: null },
    { password: true, code: null },
    { password: false, code: "any" },
    { password: false, code: "app" },
    { password: true, code: "any" },
    { password: true, code: "app" },
  ]);
});

test("proofs add up, a backup code is no app code, and more than needed does no harm", () => {
  const need = { password: true, code: "app" } as const;
  assert.deepEqual(stillNeeded(need, { password: false, code: null }), need);
  assert.deepEqual(stillNeeded(need, { password: true, code: null }), { password: false, code: "app" });
  assert.deepEqual(stillNeeded(need, { password: false, code: "app" }), { password: true, code: null });
  assert.deepEqual(stillNeeded(need, { password: true, code: "backup" }), { password: false, code: "app" });
  assert.equal(stillNeeded(need, { password: true, code: "app" }), null);
  assert.equal(stillNeeded({ password: false, code: "any" }, { password: false, code: "backup" }), null);
  const any = { password: false, code: "any" } as const;
  assert.deepEqual(stillNeeded(any, { password: true, code: null }), any);
  for (const code of ["app", "backup", null] as const) {
    assert.equal(stillNeeded({ password: false, code: null }, { password: true, code }), null);
  }
});

test("a report counts whoever began to enroll as not protected", () => {
  const summary = (state: "none" | "pending" | "awaiting_acknowledgement" | "active") => ({
    ...{ state, enrolledAt: null, backupCodesActive: 0, keyId: "0123456789A" },
  });
  const states = ["active", "active", "pending", "awaiting_acknowledgement", "none"] as const;
  assert.deepEqual(policyReport(states.map(summary)), { total: 5, active: 2, pending: 2, none: 1 });
  assert.deepEqual(policyReport([]), { total: 0, active: 0, pending: 0, none: 0 });
});
