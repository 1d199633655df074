import assert from "node:assert/strict";
import { test } from "node:test";
import { admission, checkRequirement, policyReport } from "../../../src/rules/policy.ts";

const NOW = 1_893_456_000_000;

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

test("a requirement names methods only where there are passkeys, whose door checks them", () => {
  const answer = { required: true, methods: ["passkey"] };
  assert.throws(
    () => checkRequirement(answer),
    new TypeError("requirement.methods: needs the option passkeys"),
  );
  const seen: unknown[] = [];
  const check = (methods: unknown) => void seen.push(methods);
  assert.equal(checkRequirement(answer, check), answer);
  for (const all of [{ required: true }, { required: true, methods: undefined }]) {
    assert.equal(checkRequirement(all), all);
    assert.equal(checkRequirement(all, check), all);
  }
  assert.deepEqual(seen, [["passkey"]]);
});

test("a report counts users who began to enroll as not protected", () => {
  const summary = (state: "none" | "pending" | "awaiting_acknowledgement" | "active") => ({
    ...{ state, enrolledAt: null, backupCodesActive: 0, keyId: "0123456789A" },
  });
  const states = ["active", "active", "pending", "awaiting_acknowledgement", "none"] as const;
  assert.deepEqual(policyReport(states.map(summary)), { total: 5, active: 2, pending: 2, none: 1 });
  assert.deepEqual(policyReport([]), { total: 0, active: 0, pending: 0, none: 0 });
});
