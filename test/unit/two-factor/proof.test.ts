import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProofLevel, ProofOperation } from "../../../src/rules/proof.ts";
import { type Asking, asking, type Given, OPERATIONS } from "../../support/operations.ts";
import {
  binding,
  challengeOf,
  type Enrolled,
  enrolled,
  must,
  outcome,
  PASSWORD,
  recordOf,
  signIn,
  tally,
  USER,
  withPassword,
  wrongCode,
} from "../../support/world.ts";

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
        assert.equal(result.ok, suffices(asked, proof), `${name}: ${outcome(result)}`);
        const { app, backup, password } = await recordOf(w);
        assert.deepEqual([app.failures, backup.failures, password.failures], [0, 0, 0], "nothing was wrong");
      }
    });
  }
}

test("V23 V46 V67 N16 A7 O1 O5 neither session nor password alone changes the factor", async () => {
  for (const operation of asking) {
    const w = await enrolled(withPassword);
    for (const given of [
      {},
      { password: PASSWORD },
      { elevation: await elevation(w, { password: PASSWORD }) },
    ]) {
      const refused = await OPERATIONS[operation](w, given);
      assert.equal(outcome(refused), "reauthentication_required", operation);
    }
    assert.equal((await w.twoFactor.status(USER)).state, "active");
  }
});

test("without verifyPassword the default rule is a code, and for disabling an app code", async () => {
  for (const operation of asking) {
    const w = await enrolled();
    assert.equal(outcome(await OPERATIONS[operation](w, {})), "reauthentication_required");
    const backup = await OPERATIONS[operation](w, { code: w.codes[0] });
    assert.equal(outcome(backup), operation === "disable" ? "app_code_required" : "ok");
    must(await OPERATIONS[operation](w, { code: w.phone.code() }));
  }
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

test("V33 guesses in a stolen session are counted like any others, in every operation", async () => {
  const w = await enrolled();
  const outcomes: string[] = [];
  for (let i = 0; i < 12; i++) {
    const code = wrongCode(w, i);
    const operation = asking[i % asking.length] ?? "disable";
    outcomes.push(outcome(await OPERATIONS[operation](w, { code })));
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

test("asks says what a form must show, and a refusal what is missing of it", async () => {
  for (const operation of asking) {
    const w = await enrolled(withPassword);
    const code = operation === "disable" ? ("app" as const) : ("any" as const);
    assert.deepEqual(await w.twoFactor.asks(USER, operation), { password: true, code });
    const proof = { elevation: await elevation(w, { password: PASSWORD }), binding };
    assert.deepEqual(await w.twoFactor.asks(USER, operation, proof), { password: false, code });
    const refused = await OPERATIONS[operation](w, proof);
    assert.ok(!refused.ok);
    assert.deepEqual(refused.missing, { password: false, code });
    const nothing = await OPERATIONS[operation](w, {});
    assert.ok(!nothing.ok);
    assert.deepEqual(nothing.missing, { password: true, code });
    const full = await elevation(w, { password: PASSWORD, code: w.phone.code() });
    const rest = await w.twoFactor.asks(USER, operation, { elevation: full, binding });
    assert.deepEqual(rest, { password: false, code: null });
    must(await OPERATIONS[operation](w, { elevation: full }));
  }
});

test("asks ignores another session's elevation, and names no code where there is no factor", async () => {
  const w = await enrolled(withPassword);
  const proof = { elevation: await elevation(w, { password: PASSWORD }), binding: "another session" };
  assert.deepEqual(await w.twoFactor.asks(USER, "replace", proof), { password: true, code: "any" });
  assert.deepEqual(await w.twoFactor.asks("nobody", "enroll"), { password: true, code: null });
  await assert.rejects(w.twoFactor.asks(USER, "sign_in" as never), /^TypeError: operation: /);
});
