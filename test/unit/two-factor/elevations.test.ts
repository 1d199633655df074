import assert from "node:assert/strict";
import { test } from "node:test";
import { type Given, OPERATIONS } from "../../support/operations.ts";
import { codeFrom } from "../../support/phone.ts";
import {
  binding,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  PASSWORD,
  recordOf,
  signIn,
  USER,
  withPassword,
  world,
  wrongBackupCode,
} from "../../support/world.ts";

const accountName = USER;

async function elevation(w: Enrolled, given: Given): Promise<string> {
  return must(await w.twoFactor.reauthenticate(USER, { binding, ...given })).elevation;
}

test("N20 V65 an elevation by a backup code replaces, and by default does not disable", async () => {
  const w = await enrolled(withPassword);
  const { elevation } = await signIn(w, { code: w.codes[0] ?? "", firstFactor: { amr: ["pwd"] } });
  assert.equal(outcome(await w.twoFactor.disable(USER, { elevation, binding })), "reauthentication_required");
  must(await w.twoFactor.enrollment.begin(USER, { accountName, replace: true, elevation, binding }));
  const lenient = await enrolled({ ...withPassword, reauthentication: { disable: "password+code" } });
  const other = await signIn(lenient, { code: lenient.codes[0] ?? "", firstFactor: { amr: ["pwd"] } });
  must(await lenient.twoFactor.disable(USER, { elevation: other.elevation, binding }));
});

test("an elevation is bound to its user, its binding and its time", async () => {
  const w = await enrolled();
  const bob = await enrolled({ ...w.options, onEvent: undefined }, "bob");
  const { elevation, expiresAt } = must(
    await w.twoFactor.reauthenticate(USER, { code: w.phone.code(), binding }),
  );
  assert.equal(expiresAt, w.clock() + 600_000);
  const use = (user: string, with_: string | null) =>
    w.twoFactor.backupCodes.regenerate(user, { elevation, binding: with_ });
  assert.equal(outcome(await use("bob", binding)), "elevation_invalid");
  assert.equal(outcome(await use(USER, "another session")), "elevation_invalid");
  assert.equal(outcome(await use(USER, null)), "elevation_invalid");
  must(await use(USER, binding));
  must(await use(USER, binding)); // for several operations
  w.clock.set(expiresAt);
  const late = await use(USER, binding);
  assert.equal(outcome(late), "elevation_expired");
  assert.ok(!late.ok && late.reason === "reauthenticate");
  assert.ok(bob.codes.length > 0);
});

test("an elevation of a user without a factor does not work for another user without one", async () => {
  const { twoFactor } = world(withPassword);
  const { elevation } = must(await twoFactor.reauthenticate(USER, { password: PASSWORD, binding }));
  const other = await twoFactor.enrollment.begin("bob", { accountName: "bob", elevation, binding });
  assert.equal(outcome(other), "elevation_invalid");
  must(await twoFactor.enrollment.begin(USER, { accountName, elevation, binding }));
});

test("junk in the place of an elevation is invalid, and a right code beside it still counts", async () => {
  const w = await enrolled();
  const { elevation } = w.signIn;
  for (const junk of ["", "v1", elevation.slice(1), `${elevation}A`, "x".repeat(1e6), 7, null, {}, []]) {
    const result = await w.twoFactor.disable(USER, { elevation: junk as string, binding });
    assert.equal(outcome(result), "elevation_invalid");
  }
  must(await w.twoFactor.disable(USER, { elevation: "junk", code: w.phone.code(), binding }));
});

test("a code beside a sufficient elevation is not looked at and stays unspent", async () => {
  const w = await enrolled();
  const elevation_ = await elevation(w, { code: w.phone.code() });
  const code = nextCode(w);
  must(await w.twoFactor.backupCodes.regenerate(USER, { elevation: elevation_, code, binding }));
  must(await w.twoFactor.verify(USER, code, { binding }));
});

test("an elevation from before the factor was active is worthless afterwards", async () => {
  const w = world(withPassword);
  const early = must(await w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding })).elevation;
  const begun = must(await w.twoFactor.enrollment.begin(USER, { accountName, elevation: early, binding }));
  w.phone.scan(begun.keyUri);
  const { enrollmentId } = begun;
  must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code: w.phone.code(), binding }));
  const result = await w.twoFactor.disable(USER, { elevation: early, binding });
  assert.equal(outcome(result), "elevation_invalid");
});

test("re-authentication without anything to check is refused, and proves only what was shown", async () => {
  const w = await enrolled();
  for (const [options, password] of [
    [{}, false],
    [withPassword, true],
  ] as const) {
    const refused = await (await enrolled(options)).twoFactor.reauthenticate(USER, { binding });
    assert.ok(!refused.ok && refused.detail === "reauthentication_required");
    assert.deepEqual(refused.missing, { password, code: "any" });
  }
  const noPassword = await w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding });
  assert.equal(outcome(noPassword), "reauthentication_required", "there is no verifyPassword");
  const nobody = await w.twoFactor.reauthenticate("nobody", { code: "123456", binding });
  assert.equal(outcome(nobody), "not_enrolled");
  assert.equal(
    outcome(await w.twoFactor.reauthenticate(USER, { code: wrongBackupCode(w), binding })),
    "wrong_code",
  );
});

test("of two calls at once with different codes beside an elevation, one spends it", async () => {
  const reauthentication = { replace: { level: "password+code", once: true } } as const;
  const w = await enrolled({ ...withPassword, queue: false, reauthentication });
  const spent = await elevation(w, { password: PASSWORD });
  const begin = (step: number) => {
    const code = codeFrom(w.keyUri, w.clock, step);
    return w.twoFactor.enrollment.begin(USER, { accountName, add: true, binding, elevation: spent, code });
  };
  const results = await Promise.all([begin(0), begin(1)]);
  assert.deepEqual(results.map(outcome).sort(), ["elevation_used", "ok"]);
  const refused = results.find(({ ok }) => !ok);
  assert.deepEqual(
    { ...refused },
    { ok: false, reason: "reauthenticate", missing: { password: true, code: "any" } },
  );
});

test("an elevation that is spent alone is told by no event of its own", async () => {
  const reauthentication = { regenerate: { level: "code", once: true } } as const;
  const w = await enrolled({ reauthentication });
  const heard = w.events.length;
  must(await OPERATIONS.regenerate(w, { elevation: w.signIn.elevation }));
  assert.deepEqual(
    w.events.slice(heard).map(({ type }) => type),
    ["backup_codes_regenerated"],
  );
});

test("a proof for one state of the factor does not work in the next", async () => {
  let replaceNow: (() => Promise<unknown>) | undefined;
  const w: Enrolled = await enrolled({
    verifyPassword: async (_user, password) => {
      await replaceNow?.();
      return password === PASSWORD;
    },
    reauthentication: { regenerate: "password", disable: "password" },
  });
  replaceNow = () => w.twoFactor.credentialChanged(USER, "password");
  for (const operation of ["regenerate", "disable"] as const) {
    const result = await OPERATIONS[operation](w, { password: PASSWORD });
    assert.ok(!result.ok && result.detail === "elevation_invalid");
    assert.deepEqual(result.missing, { password: true, code: null });
  }
  assert.deepEqual((await recordOf(w)).regeneratedAt, []);
});
