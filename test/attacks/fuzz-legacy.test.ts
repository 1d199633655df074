import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { TwoFactorError } from "../../src/errors.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import type { LegacyOptions } from "../../src/two-factor/options.ts";
import { anythingLike, fuzz } from "./fuzzing.ts";

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const CODE = "a-code-of-before";
const DIGEST = "$2y$10$a-digest-of-before";
const SHOWN = [SECRET, CODE, DIGEST];

const list = (text: string) => fc.oneof(fc.array(anythingLike(text), { maxLength: 20 }), anythingLike(text));
const enrollment = fc.record(
  {
    secret: fc.oneof({ weight: 3, arbitrary: fc.constant<unknown>(SECRET) }, anythingLike(SECRET)),
    digits: anythingLike("6"),
    period: anythingLike("30"),
    algorithm: anythingLike("SHA1"),
    lastStep: anythingLike("1"),
    enrolledAt: anythingLike("1"),
    label: anythingLike("Phone"),
    backupCodes: list(CODE),
    legacyCodes: list(DIGEST),
    backupDigests: anythingLike(DIGEST),
  },
  { requiredKeys: [] },
);
const said = fc.oneof({ weight: 4, arbitrary: enrollment }, fc.array(enrollment), anythingLike(SECRET));

/** Everything about an error, its cause included. */
const printed = (value: unknown) => inspect(value, { depth: 9, showHidden: true });

test("fuzz: whatever an old system says is taken over or legacy_invalid, and never shown", (t) =>
  fuzz(t, said, async (answer) => {
    const legacy = { enrollment: () => answer } as LegacyOptions;
    const { twoFactor, events } = createTestTwoFactor({ legacy });
    const report = await twoFactor.status("ada").catch((error: unknown) => {
      assert.ok(error instanceof TwoFactorError && error.code === "legacy_invalid", String(error));
      return error;
    });
    const out = printed([report, events]);
    for (const shown of SHOWN) assert.ok(!out.includes(shown), out);
  }));
