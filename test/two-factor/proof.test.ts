import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProofLevel, ProofOperation } from "../../src/rules/policy.ts";
import { createTestTwoFactor } from "../../src/testing/index.ts";
import type { Proof } from "../../src/two-factor/types.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  must,
  nextCode,
  outcome,
  PASSWORD,
  recordOf,
  signIn,
  tally,
  USER,
  withPassword,
  world,
  wrongBackupCode,
  wrongCode,
} from "./world.ts";

const accountName = USER;
type Given = Omit<Proof, "binding">;

/** The operations that ask for proof while a factor is active. */
const OPERATIONS = {
  replace: (w, proof) =>
    w.twoFactor.enrollment.begin(USER, { accountName, replace: true, binding, ...proof }),
  regenerate: (w, proof) => w.twoFactor.backupCodes.regenerate(USER, { binding, ...proof }),
  disable: (w, proof) => w.twoFactor.disable(USER, { binding, ...proof }),
} satisfies Record<string, (w: Enrolled, proof: Given) => Promise<{ ok: boolean }>>;
type Asking = keyof typeof OPERATIONS;
const asking = Object.keys(OPERATIONS) as Asking[];

/** Every way to prove oneself, and what it holds. */
const PROOFS: Record<
  string,
  { password: boolean; code: "app" | "backup" | null; give(w: Enrolled): Promise<Given> }
> = {
  nothing: { password: false, code: null, give: async () => ({}) },
  "the password": { password: true, code: null, give: async () => ({ password: PASSWORD }) },
  "an app code": { password: false, code: "app", give: async (w) => ({ code: w.phone.code() }) },
  "a backup code": { password: false, code: "backup", give: async (w) => ({ code: w.codes[0] }) },
  "password and app code": {
    password: true,
    code: "app",
    give: async (w) => ({ password: PASSWORD, code: w.phone.code() }),
  },
  "password and backup code": {
    password: true,
    code: "backup",
    give: async (w) => ({ password: PASSWORD, code: w.codes[0] }),
  },
  "an elevation with the password": {
    password: true,
    code: null,
    give: async (w) => ({ elevation: await elevation(w, { password: PASSWORD }) }),
  },
  "an elevation with an app code": {
    password: false,
    code: "app",
    give: async (w) => ({ elevation: await elevation(w, { code: w.phone.code() }) }),
  },
  "an elevation with a backup code": {
    password: false,
    code: "backup",
    give: async (w) => ({ elevation: await elevation(w, { code: w.codes[0] }) }),
  },
  "an elevation with the password, and an app code": {
    password: true,
    code: "app",
    give: async (w) => ({ elevation: await elevation(w, { password: PASSWORD }), code: w.phone.code() }),
  },
  "an elevation with an app code, and the password": {
    password: true,
    code: "app",
    give: async (w) => ({ elevation: await elevation(w, { code: w.phone.code() }), password: PASSWORD }),
  },
  "a sign-in with password and app code": {
    password: true,
    code: "app",
    give: async (w) => ({ elevation: (await signIn(w, { firstFactor: { amr: ["pwd"] } })).elevation }),
  },
  "a sign-in with password and backup code": {
    password: true,
    code: "backup",
    give: async (w) => ({
      elevation: (await signIn(w, { firstFactor: { amr: ["pwd"] }, code: w.codes[0] ?? "" })).elevation,
    }),
  },
  "a sign-in whose first factor the host did not name": {
    password: false,
    code: "app",
    give: async (w) => ({ elevation: (await signIn(w)).elevation }),
  },
};

async function elevation(w: Enrolled, given: Given): Promise<string> {
  return must(await w.twoFactor.reauthenticate(USER, { binding, ...given })).elevation;
}

function suffices(level: ProofLevel, held: { password: boolean; code: "app" | "backup" | null }): boolean {
  if (level.startsWith("password") && !held.password) return false;
  if (level.endsWith("app")) return held.code === "app";
  return !level.endsWith("code") || held.code !== null;
}

const LEVELS: readonly ProofLevel[] = ["none", "password", "code", "app", "password+code", "password+app"];
const DEFAULTS: Record<Asking, ProofLevel> = {
  replace: "password+code",
  regenerate: "password+code",
  disable: "password+app",
};

for (const operation of asking) {
  for (const level of [undefined, ...LEVELS]) {
    const asked = level ?? DEFAULTS[operation];
    test(`${operation} under ${level ?? "the default rule"} takes ${asked}, however it is put together`, async () => {
      for (const [name, proof] of Object.entries(PROOFS)) {
        const reauthentication = { [operation]: level } as Partial<Record<ProofOperation, ProofLevel>>;
        const w = await enrolled({ ...withPassword, ...(level ? { reauthentication } : {}) });
        const result = await OPERATIONS[operation](w, await proof.give(w));
        assert.equal(result.ok, suffices(asked, proof), `${name}: ${outcome(result as never)}`);
        const { app, backup, password } = await recordOf(w);
        assert.deepEqual([app.failures, backup.failures, password.failures], [0, 0, 0], "nothing was wrong");
      }
    });
  }
}

test("V23 V46 V67 N16 A7 O1 O5 by default neither a session nor the password alone changes the second factor", async () => {
  for (const operation of asking) {
    const w = await enrolled(withPassword);
    for (const given of [
      {},
      { password: PASSWORD },
      { elevation: await elevation(w, { password: PASSWORD }) },
    ]) {
      const refused = await OPERATIONS[operation](w, given);
      assert.equal(outcome(refused as never), "reauthentication_required", operation);
    }
    assert.equal((await w.twoFactor.status(USER)).state, "active");
  }
});

test("without verifyPassword the default rule is a code, and for disabling an app code", async () => {
  for (const operation of asking) {
    const w = await enrolled();
    assert.equal(outcome((await OPERATIONS[operation](w, {})) as never), "reauthentication_required");
    const backup = await OPERATIONS[operation](w, { code: w.codes[0] });
    assert.equal(outcome(backup as never), operation === "disable" ? "malformed_code" : "ok");
    must(await OPERATIONS[operation](w, { code: w.phone.code() }));
  }
});

test("N20 V65 an elevation from a backup code replaces the authenticator and does not disable it, unless configured", async () => {
  const w = await enrolled(withPassword);
  const { elevation } = await signIn(w, { code: w.codes[0] ?? "", firstFactor: { amr: ["pwd"] } });
  assert.equal(outcome(await w.twoFactor.disable(USER, { elevation, binding })), "reauthentication_required");
  must(await w.twoFactor.enrollment.begin(USER, { accountName, replace: true, elevation, binding }));
  const lenient = await enrolled({ ...withPassword, reauthentication: { disable: "password+code" } });
  const other = await signIn(lenient, { code: lenient.codes[0] ?? "", firstFactor: { amr: ["pwd"] } });
  must(await lenient.twoFactor.disable(USER, { elevation: other.elevation, binding }));
});

test("enrolling takes the password wherever it can be checked, unless the host writes otherwise", async () => {
  const begin = (options: object, proof: object) =>
    world({ ...withPassword, ...options }).twoFactor.enrollment.begin(USER, {
      accountName,
      binding,
      ...proof,
    });
  assert.equal(outcome(await begin({}, {})), "reauthentication_required");
  assert.equal(outcome(await begin({}, { password: "wrong" })), "wrong_password");
  must(await begin({}, { password: PASSWORD }));
  must(await begin({ reauthentication: { enroll: "none" } }, {}));
  const w = world(withPassword);
  const { elevation } = must(await w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding }));
  must(await w.twoFactor.enrollment.begin(USER, { accountName, elevation, binding }));
});

test("nobody drops the password by omission, and no rule names what cannot be checked", () => {
  const create = (options: object) => () => createTestTwoFactor(options);
  assert.throws(
    create({ reauthentication: { enroll: undefined } }),
    /^TypeError: reauthentication\.enroll: /,
  );
  for (const operation of ["enroll", "replace", "disable", "regenerate"]) {
    assert.throws(
      create({ reauthentication: { [operation]: "password" } }),
      new RegExp(`^TypeError: reauthentication\\.${operation}: `),
    );
  }
  assert.throws(create({ reauthentication: { disable: "sms" } }), /^TypeError: reauthentication\.disable: /);
  assert.throws(
    create({ ...withPassword, reauthentication: { enroll: "app" } }),
    /^RangeError: reauthentication\.enroll: /,
  );
});

test("the password comes first: a wrong one spends no code, and a right code is not looked at", async () => {
  const w = await enrolled(withPassword);
  const code = w.phone.code();
  const refused = await w.twoFactor.disable(USER, { password: "wrong", code, binding });
  assert.ok(!refused.ok && refused.detail === "wrong_password" && refused.reason === "invalid_password");
  assert.equal(refused.attemptsLeft, 4);
  must(await w.twoFactor.disable(USER, { password: PASSWORD, code, binding }));
});

test("a proof that lacks a part is refused before any part of it is charged or spent", async () => {
  let asked = 0;
  const w = await enrolled({
    verifyPassword: (_user, password) => {
      asked++;
      return password === PASSWORD;
    },
  });
  asked = 0;
  const code = w.phone.code();
  for (const given of [{ code }, { code: wrongCode(w) }, { password: "wrong" }, { password: PASSWORD }]) {
    assert.equal(
      outcome(await w.twoFactor.disable(USER, { binding, ...given })),
      "reauthentication_required",
    );
  }
  assert.equal(asked, 0);
  must(await w.twoFactor.verify(USER, code, { binding }));
});

test("V33 guesses in a stolen session are counted like any others, whatever operation they are for", async () => {
  const w = await enrolled();
  const outcomes: string[] = [];
  for (let i = 0; i < 12; i++) {
    const code = wrongCode(w, i);
    const operation = asking[i % asking.length] ?? "disable";
    outcomes.push(outcome((await OPERATIONS[operation](w, { code })) as never));
    outcomes.push(outcome(await w.twoFactor.reauthenticate(USER, { code, binding })));
  }
  assert.deepEqual(tally(outcomes), { wrong_code: 5, locked: 19 });
  const challenge = await challengeOf(w);
  assert.equal(
    outcome(await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding })),
    "locked",
    "in the same budget",
  );
});

test("the password has a budget of its own: its lock closes no factor, and a factor's lock does not close it", async () => {
  const w = await enrolled(withPassword);
  const withWord = (password: string) => w.twoFactor.reauthenticate(USER, { password, binding });
  const outcomes: string[] = [];
  for (let i = 0; i < 8; i++) outcomes.push(outcome(await withWord(`guess ${i}`)));
  assert.deepEqual(tally(outcomes), { wrong_password: 5, locked: 3 });
  const locked = await withWord(PASSWORD);
  assert.ok(!locked.ok && locked.retryAt === w.clock() + 30_000);
  must(await w.twoFactor.verify(USER, w.phone.code(), { binding }));
  w.clock.advance(30);
  must(await withWord(PASSWORD));
  for (let i = 0; i < 5; i++) await w.twoFactor.verify(USER, wrongCode(w, i), { binding });
  must(await withWord(PASSWORD));
  assert.equal((await recordOf(w)).password.failures, 0);
});

test("passwords are guessed at no faster in parallel", async () => {
  const w = await enrolled({ ...withPassword, queue: false });
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      w.twoFactor.reauthenticate(USER, { password: `guess ${i}`, binding }),
    ),
  );
  assert.equal(tally(results.map(outcome))["wrong_password"], 5);
});

test("what cannot be a password is a wrong one, is charged, and never reaches the host", async () => {
  const seen: unknown[] = [];
  const w = await enrolled({
    verifyPassword: (_user, password) => {
      seen.push(password);
      return true;
    },
  });
  seen.length = 0;
  for (const password of [null, 7, ["x"], { toString: () => PASSWORD }, "x".repeat(4_097)]) {
    const given = { password: password as string, binding };
    assert.equal(outcome(await w.twoFactor.reauthenticate(USER, given)), "wrong_password");
  }
  assert.deepEqual(seen, []);
  assert.equal((await recordOf(w)).password.failures, 5);
});

test("only true is a right password", async () => {
  for (const answer of [1, "yes", {}, undefined, null]) {
    const { twoFactor } = world({ verifyPassword: () => answer as boolean });
    const given = { password: PASSWORD, binding };
    assert.equal(outcome(await twoFactor.reauthenticate(USER, given)), "wrong_password");
  }
});

test("a password check that fails throws, charges nothing, and proves nothing", async () => {
  const w = await enrolled({
    verifyPassword: (_user, password) => {
      if (password === "down") throw new Error("the directory is down");
      return password === PASSWORD;
    },
  });
  for (let i = 0; i < 12; i++) {
    await assert.rejects(w.twoFactor.reauthenticate(USER, { password: "down", binding }), {
      name: "TwoFactorError",
      code: "password_check_failed",
    });
  }
  assert.equal((await recordOf(w)).password.failures, 0);
  must(await w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding }));
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

test("an elevation of one user without a factor is nothing for another without one", async () => {
  const { twoFactor } = world(withPassword);
  const { elevation } = must(await twoFactor.reauthenticate(USER, { password: PASSWORD, binding }));
  const other = await twoFactor.enrollment.begin("bob", { accountName: "bob", elevation, binding });
  assert.equal(outcome(other), "elevation_invalid");
  must(await twoFactor.enrollment.begin(USER, { accountName, elevation, binding }));
});

test("junk for an elevation is an invalid one, and a right code beside it still serves", async () => {
  const w = await enrolled();
  const { elevation } = w.signIn;
  for (const junk of ["", "v1", elevation.slice(1), `${elevation}A`, "x".repeat(1e6), 7, null, {}, []]) {
    const result = await w.twoFactor.disable(USER, { elevation: junk as string, binding });
    assert.equal(outcome(result), "elevation_invalid");
  }
  must(await w.twoFactor.disable(USER, { elevation: "junk", code: w.phone.code(), binding }));
});

test("what is not needed is not looked at: a code beside a sufficient elevation stays unspent", async () => {
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
  assert.equal(outcome(await w.twoFactor.reauthenticate(USER, { binding })), "reauthentication_required");
  const noPassword = await w.twoFactor.reauthenticate(USER, { password: PASSWORD, binding });
  assert.equal(outcome(noPassword), "reauthentication_required", "there is no verifyPassword");
  const nobody = await w.twoFactor.reauthenticate("nobody", { code: "123456", binding });
  assert.equal(outcome(nobody), "not_enrolled");
  assert.equal(
    outcome(await w.twoFactor.reauthenticate(USER, { code: wrongBackupCode(w), binding })),
    "wrong_code",
  );
});

test("a proof given for one state of the factor does not serve for the next", async () => {
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
    assert.equal(outcome(result as never), "elevation_invalid");
  }
});
