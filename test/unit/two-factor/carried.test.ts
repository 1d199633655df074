import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../src/stores/memory.ts";
import { checkEnrollments } from "../../../src/two-factor/carried.ts";
import type { LegacyEnrollment } from "../../../src/two-factor/options.ts";
import { resolveSettings } from "../../../src/two-factor/settings.ts";
import { SECRET as secret } from "../../support/world.ts";

const sound = { issuer: "Acme", store: memoryStore(), keys: "", verifyPassword: () => false };
const carried = (...given: readonly object[]) =>
  checkEnrollments(resolveSettings(sound), given as readonly LegacyEnrollment[], 3_000_000);

const digests = { id: "a", alphabet: "digits", length: 8, salt: "", createdAt: 0, codes: [] };

test("enrollments that cannot be read are refused by the name of what is wrong with them", () => {
  for (const [given, message] of [
    [[], /^TypeError: enrollments: want a list of at least one$/],
    [Array(257).fill({ secret }), /^TypeError: enrollments: want a list/],
    [[{ secret, enrolledAt: -1 }], /^RangeError: enrolledAt: /],
    [[{ secret, backupCodes: Array(257).fill("12345678") }], /^TypeError: backupCodes: want a list$/],
    [Array(2).fill({ secret, backupDigests: digests }), /^TypeError: backupDigests: want them once$/],
  ] as const) {
    assert.throws(() => carried(...given), message);
  }
  const noList = { length: 1 } as never;
  assert.throws(() => checkEnrollments(resolveSettings(sound), noList, 0), /want a list of at least one$/);
  assert.equal(carried(...Array(256).fill({ secret })).authenticators.length, 1);
  assert.equal(carried({ secret, backupCodes: Array(256).fill("12345678") }).skipped.length, 255);
});

test("of a repeated authenticator the later step counts, in any order", () => {
  for (const [one, other, kept] of [
    [5, 9, [9]],
    [9, 5, [9]],
    [0, null, [0]],
    [null, 0, [0]],
    [1, null, [1]],
    [null, 1, [1]],
    [null, null, []],
  ] as const) {
    const [authenticator] = carried({ secret, lastStep: one }, { secret, lastStep: other }).authenticators;
    assert.deepEqual(authenticator?.acceptedSteps, kept);
  }
});

test("a code that is skipped is named by its place and the reason", () => {
  const [last, long] = ["x".repeat(1_024), "x".repeat(1_025)];
  const names = carried({ secret, legacyCodes: [5, "", last, long, "a", "a"] });
  const notText = [0, 1].map((index) => ({ index, reason: "not_text" }));
  assert.deepEqual(names, {
    ...names,
    codes: { kind: "names", minLength: 6, names: [last, "a"] },
    skipped: [...notText, { index: 3, reason: "too_long" }, { index: 5, reason: "duplicate" }],
  });
  const plain = [5, " ", "-".repeat(64), " ".repeat(65), "-".repeat(65), "a12345", "12345a", "123456"];
  const reasons = ["not_text", "not_text", "not_text", "not_text"];
  assert.deepEqual(
    carried({ secret, backupCodes: plain }).skipped.map(({ reason }) => reason),
    [...reasons, "too_long", "too_short", "too_short", "app_code_shape"],
  );
  for (const none of [{ legacyCodes: [""] }, { backupCodes: [""] }]) {
    assert.equal(carried({ secret, ...none }).codes, null);
  }
});

test("codes have the narrowest alphabet that keeps them apart, and text where none does", () => {
  for (const [backupCodes, alphabet, length] of [
    [["12345678", "00000000"], "digits", 8],
    [["12345678", "0000000A"], "base32", 8],
    [["A2345678"], "base32", 8],
    [["O0000000", "00000000"], "text", 8],
    [["UUUUUUUU"], "text", 8],
    [["12345678", "123456789"], "text", 8],
    [["1".repeat(32)], "digits", 32],
    [["1".repeat(33)], "text", 33],
  ] as const) {
    const { codes } = carried({ secret, backupCodes });
    assert.deepEqual(codes, { kind: "plain", shape: { alphabet, length }, codes: backupCodes });
  }
});
