import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { TwoFactorError } from "../../src/errors.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import type { ImportedEnrollment } from "../../src/two-factor/importing.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { binding, outcome } from "../support/world.ts";
import { anythingLike, fuzz, nearly } from "./fuzzing.ts";

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const CODE = "a-code-of-before";
const DIGEST = "$2y$10$a-digest-of-before";
/** Every eight characters of them. */
const SHOWN = [SECRET, CODE, DIGEST].flatMap((text) =>
  Array.from({ length: text.length - 7 }, (_, i) => text.slice(i, i + 8)),
);

const list = (text: string) => fc.oneof(fc.array(anythingLike(text), { maxLength: 20 }), anythingLike(text));
const fields = fc.record(
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
const plain = fc.record({ secret: fc.constant(SECRET), backupCodes: list(CODE) });
const named = fc.record({ secret: fc.constant(SECRET), legacyCodes: list(DIGEST) });
const keyed = fc.dictionary(nearly(SECRET, CODE, DIGEST), fc.constant(1), { maxKeys: 2 });
const enrollment = fc.oneof(
  { weight: 4, arbitrary: fields },
  plain,
  named,
  fc.tuple(plain, keyed).map(([one, more]) => ({ ...more, ...one })),
);
const said = fc.oneof({ weight: 6, arbitrary: enrollment }, fc.array(enrollment), anythingLike(SECRET));

/** What it says that a code is. */
const which = fc.oneof(anythingLike(DIGEST), fc.tuple(nearly(DIGEST)));

/** Everything about a value, an error's cause included. */
function assertHidden(...values: unknown[]): void {
  const out = inspect(values, { depth: 9, showHidden: true, maxStringLength: 1e6, maxArrayLength: 1e4 });
  for (const shown of SHOWN) assert.ok(!out.includes(shown), out);
}

test("fuzz: whatever an old system says is taken over or legacy_invalid, and never shown", (t) =>
  fuzz(t, fc.tuple(said, which), async ([answer, name]) => {
    const legacy = { enrollment: () => answer, backupCode: () => name } as TwoFactorOptions["legacy"];
    const { twoFactor, events } = createTestTwoFactor({ legacy });
    const onlyInvalid = (error: unknown) => {
      assert.ok(error instanceof TwoFactorError && error.code === "legacy_invalid", String(error));
      return error;
    };
    const report = await twoFactor.status("ada").catch(onlyInvalid);
    const typed = await twoFactor.verify("ada", CODE, { binding }).then(outcome, onlyInvalid);
    assertHidden(report, typed, events);
  }));

test("fuzz: whatever a job imports is taken over or refused by field, and never shown", (t) =>
  fuzz(t, said, async (answer) => {
    const { admin, events } = createTestTwoFactor();
    const by = { actor: "a job", reason: "moved" };
    const what = Array.isArray(answer) ? { enrollments: answer } : Object(answer);
    const report = await admin
      .importEnrollment("ada", { ...what, ...by } as ImportedEnrollment)
      .catch((error) => {
        assert.match(String(error), /^(TypeError|RangeError): [\w.?]+: /);
        return error;
      });
    assertHidden(report, events);
  }));
