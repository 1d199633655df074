import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTestTwoFactor, virtualAuthenticator } from "../../../src/testing/index.ts";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
import {
  binding,
  countingStore,
  enrollIn,
  must,
  nextCode,
  outcome,
  PASSWORD,
  recordOf,
  tally,
  USER,
  withPassword,
  wrongBackupCode,
  wrongCode,
} from "../../support/world.ts";

type Own = "payout" | "close" | "download";
const by = { actor: "support:7", reason: "asked" };
const transaction = "EUR 90 to Ada";

const ROWS = {
  payout: { level: "password+app", maxAge: 120, once: true },
  close: "app",
  download: { level: "code", maxAge: 300 },
} satisfies TwoFactorOptions<Own>["reauthentication"];

/** Somebody who has enrolled, at a host with three operations of its own. */
async function host(options: Partial<TwoFactorOptions<Own>> = {}) {
  const made = createTestTwoFactor<Own>({ ...withPassword, reauthentication: ROWS, ...options });
  const phone = virtualAuthenticator({ clock: made.clock });
  const w = await enrollIn({ ...made, phone });
  return { ...w, twoFactor: made.twoFactor };
}
type Host = Awaited<ReturnType<typeof host>>;

/** An elevation from password and app code, made for what is named. */
async function elevate(w: Host, made: { for?: Own; transaction?: string } = {}): Promise<string> {
  const proof = { binding, password: PASSWORD, code: nextCode(w), ...made };
  return must(await w.twoFactor.reauthenticate(USER, proof)).elevation;
}

const allowed = async (w: Host, operation: Own, proof: object) =>
  outcome(await w.twoFactor.allow(USER, operation, { binding, ...proof }));

describe("what an operation of the application asks for", () => {
  test("an operation goes ahead with the proof in the call, and says by what assurance", async () => {
    const w = await host();
    const result = await w.twoFactor.allow(USER, "payout", {
      binding,
      password: PASSWORD,
      code: w.phone.code(),
    });
    assert.deepEqual(result, {
      ok: true,
      assurance: { aal: 2, amr: ["pwd", "otp", "mfa"], authenticatedAt: w.clock() },
    });
    const alone = must(await w.twoFactor.allow(USER, "close", { binding, code: nextCode(w) }));
    assert.deepEqual(alone.assurance, { aal: 1, amr: ["otp"], authenticatedAt: w.clock() });
  });

  test("without a proof it says what is missing, and reads and writes nothing but the record", async () => {
    const counted = countingStore();
    const w = await host({ store: counted.store });
    const { writes } = counted;
    const result = await w.twoFactor.allow(USER, "payout", { binding });
    assert.ok(!result.ok);
    assert.deepEqual(
      { ...result },
      {
        ...{ ok: false, reason: "reauthenticate", missing: { password: true, code: "app" } },
      },
    );
    const half = await w.twoFactor.allow(USER, "payout", { binding, password: PASSWORD, code: " " });
    assert.deepEqual(!half.ok && half.missing, { password: false, code: "app" });
    assert.equal(counted.writes, writes, "nothing was charged");
  });

  test("a failure of the proof itself is told as such, and charged", async () => {
    const w = await host();
    assert.equal(await allowed(w, "payout", { password: "x", code: w.phone.code() }), "wrong_password");
    assert.equal(await allowed(w, "close", { code: wrongCode(w) }), "wrong_code");
    assert.equal(await allowed(w, "close", { code: w.firstCode }), "app_code_reused");
    assert.equal(await allowed(w, "download", { code: wrongBackupCode(w) }), "wrong_code");
  });

  test("a code that was allowed once is spent, for every call", async () => {
    const w = await host();
    const code = w.phone.code();
    assert.equal(await allowed(w, "close", { code }), "ok");
    assert.equal(await allowed(w, "close", { code }), "app_code_reused");
    assert.equal(outcome(await w.twoFactor.verify(USER, code, { binding })), "app_code_reused");
  });

  test("V65 a backup code is refused where the level is app, and is not spent", async () => {
    const w = await host();
    assert.equal(await allowed(w, "close", { code: w.codes[0] }), "app_code_required");
    const { elevation } = must(await w.twoFactor.reauthenticate(USER, { binding, code: w.codes[1] }));
    assert.equal(await allowed(w, "close", { elevation }), "reauthentication_required");
    assert.equal(await allowed(w, "download", { elevation }), "ok");
    assert.equal(await allowed(w, "download", { code: w.codes[0] }), "ok");
    const forClose = await w.twoFactor.reauthenticate(USER, { binding, for: "close", code: w.codes[2] });
    assert.equal(outcome(forClose), "app_code_required");
  });

  test("a user without a factor is sent to enroll, even with the password", async () => {
    const made = createTestTwoFactor<Own>({ ...withPassword, reauthentication: ROWS });
    for (const proof of [{}, { password: PASSWORD }, { password: PASSWORD, code: "123456" }]) {
      const result = await made.twoFactor.allow("bob", "payout", { binding, ...proof });
      assert.ok(!result.ok && result.reason === "enroll");
      const elevated = await made.twoFactor.reauthenticate("bob", { binding, for: "payout", ...proof });
      assert.equal(outcome(elevated), "enrollment_required");
    }
    assert.equal(await made.store.get("bob"), null);
  });

  test("asks says what the form has to ask, and leaves out what still counts", async () => {
    const w = await host();
    const elevation = await elevate(w);
    const asks = (operation: Own, given: object = {}) => w.twoFactor.asks(USER, operation, given);
    assert.deepEqual(await asks("payout"), { password: true, code: "app" });
    assert.deepEqual(await asks("payout", { binding, elevation }), { password: false, code: null });
    assert.deepEqual(await asks("payout", { binding, elevation, transaction }), {
      password: true,
      code: "app",
    });
    w.clock.advance(120);
    assert.deepEqual(await asks("payout", { binding, elevation }), { password: true, code: "app" });
    assert.deepEqual(await asks("download", { binding, elevation }), { password: false, code: null });
  });

  test("authorize has the last word on an operation of the host, before anything is charged", async () => {
    const asked: string[] = [];
    const w = await host({
      authorize: (_userId, operation) => {
        asked.push(operation);
        return operation !== "close";
      },
    });
    assert.equal(await allowed(w, "close", { code: wrongCode(w) }), "not_authorized");
    assert.equal(asked.at(-1), "close");
    assert.equal((await recordOf(w)).app.failures, 0);
    assert.equal(await allowed(w, "download", { code: w.phone.code() }), "ok");
  });

  test("an operation that has no row, or one of the library's, throws", async () => {
    const w = await host();
    for (const name of ["payuot", "", "toString", "disable", "enroll"]) {
      await assert.rejects(
        w.twoFactor.allow(USER, name as Own, { binding }),
        /^TypeError: operation: want one of/,
      );
    }
    const reauthenticate = w.twoFactor.reauthenticate(USER, { binding, for: "payuot" as Own });
    await assert.rejects(reauthenticate, /^TypeError: for: want one of/);
    const loose = w.twoFactor.reauthenticate(USER, { binding, transaction });
    await assert.rejects(loose, /^TypeError: transaction: /);
    for (const wrong of ["", "x".repeat(4_097), 7, null]) {
      const call = w.twoFactor.allow(USER, "payout", { binding, transaction: wrong as string });
      await assert.rejects(call, /^(Type|Range)Error: transaction: /);
    }
  });
});

describe("what an elevation allows", () => {
  test("an elevation for A allows A, and not B", async () => {
    const w = await host();
    const elevation = await elevate(w, { for: "close" });
    assert.equal(await allowed(w, "close", { elevation }), "ok");
    assert.equal(await allowed(w, "download", { elevation }), "elevation_invalid");
    assert.equal(outcome(await w.twoFactor.disable(USER, { binding, elevation })), "elevation_invalid");
    assert.equal(await allowed(w, "close", { elevation }), "ok"); // again, without `once`
  });

  test("an elevation for an operation of the library allows no other", async () => {
    const w = await host();
    const proof = { binding, password: PASSWORD, code: nextCode(w), for: "regenerate" } as const;
    const { elevation } = must(await w.twoFactor.reauthenticate(USER, proof));
    assert.equal(await allowed(w, "close", { elevation }), "elevation_invalid");
    assert.equal(outcome(await w.twoFactor.disable(USER, { binding, elevation })), "elevation_invalid");
    must(await w.twoFactor.backupCodes.regenerate(USER, { binding, elevation }));
  });

  test("an elevation allows only the confirmed transaction, and without one it allows none", async () => {
    const w = await host();
    const elevation = await elevate(w, { for: "close", transaction });
    const others = ["EUR 900 to Ada", "EUR 90 to Eve", "EUR 90 to Ada ", undefined];
    for (const other of others) {
      assert.equal(await allowed(w, "close", { elevation, transaction: other }), "elevation_invalid");
    }
    assert.equal(await allowed(w, "close", { elevation, transaction }), "ok");
    const unbound = await elevate(w);
    const unconfirmed = await elevate(w, { for: "close" });
    assert.equal(await allowed(w, "close", { elevation: unbound, transaction }), "elevation_invalid");
    assert.equal(await allowed(w, "close", { elevation: unconfirmed, transaction }), "elevation_invalid");
  });

  test("an elevation shows nothing of the transaction, whatever it is", async () => {
    const w = await host();
    const [short, long] = [
      await elevate(w, { for: "close", transaction }),
      await elevate(w, {
        ...{ for: "close", transaction: "y".repeat(4_096) },
      }),
    ];
    assert.equal(short.length, long.length, "a hash stands for it");
  });

  test("another user, another session and no session are refused", async () => {
    const w = await host();
    const elevation = await elevate(w, { for: "close" });
    assert.equal(await allowed(w, "close", { elevation, binding: "another session" }), "elevation_invalid");
    assert.equal(await allowed(w, "close", { elevation, binding: null }), "elevation_invalid");
    const bob = await enrollIn(w, "bob");
    const other = await bob.twoFactor.reauthenticate("bob", { binding, code: bob.phone.code("bob") });
    const theirs = must(other).elevation;
    assert.equal(await allowed(w, "close", { elevation: theirs }), "elevation_invalid");
  });

  test("R6 each part of an elevation counts until its own age, to the millisecond", async () => {
    const w = await host();
    const { elevation, expiresAt } = must(
      await w.twoFactor.reauthenticate(USER, {
        ...{ binding, password: PASSWORD, code: nextCode(w), for: "payout" },
      }),
    );
    assert.equal(expiresAt, w.clock() + 120_000);
    const general = await elevate(w);
    w.clock.set(w.clock() + 120_000);
    assert.equal(await allowed(w, "payout", { elevation }), "elevation_expired");
    assert.equal(await allowed(w, "payout", { elevation: general }), "elevation_expired");
    assert.equal(await allowed(w, "download", { elevation: general }), "ok");
    const mixed = await host({ reauthentication: { close: { level: "password+app", maxAge: 300 } } });
    const code = nextCode(mixed);
    const firstFactor = { amr: ["pwd"], authenticatedAt: mixed.clock() - 299_000 };
    const step = await mixed.twoFactor.signIn.begin(USER, { binding, firstFactor });
    assert.ok(step.step === "code");
    const signIn = must(await mixed.twoFactor.signIn.complete(step.challenge, code, { binding }));
    assert.equal(await allowed(mixed, "close", { elevation: signIn.elevation }), "ok");
    mixed.clock.advance(1);
    const late = await mixed.twoFactor.allow(USER, "close", { binding, elevation: signIn.elevation });
    assert.deepEqual(!late.ok && late.missing, { password: true, code: null }, "the password is too old");
  });

  test("a reset, a replacement, a changed credential and disabling end an elevation", async () => {
    const ends: Record<string, (w: Host) => Promise<unknown>> = {
      reset: async (w) => {
        must(await w.admin.reset(USER, by));
        await enrollIn(w);
      },
      replacement: async (w) => {
        const elevation = await elevate(w);
        const begun = must(
          await w.twoFactor.enrollment.begin(USER, { accountName: "new", replace: true, elevation, binding }),
        );
        w.phone.scan(begun.keyUri);
        const { enrollmentId } = begun;
        const name = new URL(begun.keyUri).pathname.split(":").at(-1) ?? "";
        const code = w.phone.code(decodeURIComponent(name).trim());
        must(await w.twoFactor.enrollment.confirm(USER, { enrollmentId, code, binding }));
      },
      "a changed credential": (w) => w.twoFactor.credentialChanged(USER, "password"),
      "turning it off": async (w) => {
        must(await w.twoFactor.disable(USER, { binding, password: PASSWORD, code: nextCode(w) }));
        await enrollIn(w);
      },
    };
    for (const [name, end] of Object.entries(ends)) {
      const w = await host();
      const elevation = await elevate(w, { for: "close" });
      assert.equal(await allowed(w, "close", { elevation }), "ok");
      await end(w);
      assert.equal(await allowed(w, "close", { elevation }), "elevation_invalid", name);
    }
  });
});

describe("once", () => {
  test("an elevation allows it once, and the second try says so", async () => {
    const w = await host();
    const elevation = await elevate(w, { for: "payout", transaction });
    assert.equal(await allowed(w, "payout", { elevation, transaction }), "ok");
    const again = await w.twoFactor.allow(USER, "payout", { binding, elevation, transaction });
    assert.ok(!again.ok && again.detail === "elevation_used" && again.reason === "reauthenticate");
    assert.deepEqual(again.missing, { password: true, code: "app" });
  });

  test("an elevation without a scope is spent for operations that take it once, and for no other", async () => {
    const w = await host();
    const elevation = await elevate(w);
    assert.equal(await allowed(w, "payout", { elevation }), "ok");
    assert.equal(await allowed(w, "payout", { elevation }), "elevation_used");
    assert.equal(await allowed(w, "close", { elevation }), "ok");
  });

  test("an elevation that gave the password alone is spent together with the code beside it", async () => {
    const w = await host();
    const { elevation } = must(await w.twoFactor.reauthenticate(USER, { binding, password: PASSWORD }));
    assert.equal(await allowed(w, "payout", { elevation, code: wrongCode(w) }), "wrong_code");
    assert.equal(await allowed(w, "payout", { elevation, code: nextCode(w) }), "ok");
    const again = await w.twoFactor.allow(USER, "payout", { binding, elevation, code: nextCode(w) });
    assert.ok(!again.ok && again.detail === "elevation_used");
    assert.deepEqual(again.missing, { password: true, code: null });
  });

  test("an elevation that gave the code is spent once the password beside it is right", async () => {
    const w = await host();
    const { elevation } = must(await w.twoFactor.reauthenticate(USER, { binding, code: nextCode(w) }));
    assert.equal(await allowed(w, "payout", { elevation, password: "x" }), "wrong_password");
    assert.equal(await allowed(w, "payout", { elevation, password: PASSWORD }), "ok");
    assert.equal(await allowed(w, "payout", { elevation, password: PASSWORD, code: nextCode(w) }), "ok");
    assert.equal(await allowed(w, "payout", { elevation, password: PASSWORD }), "elevation_used");
  });

  test("an operation of the library's can be allowed once, too", async () => {
    const w = await host({ reauthentication: { regenerate: { level: "code", once: true } } });
    const elevation = await elevate(w);
    const regenerate = () => w.twoFactor.backupCodes.regenerate(USER, { binding, elevation });
    must(await regenerate());
    assert.equal(outcome(await regenerate()), "elevation_used");
  });

  test("of fifty calls at once, one goes ahead", async () => {
    for (const password of [undefined, PASSWORD]) {
      const w = await host();
      const proof = { binding, code: nextCode(w), for: "payout" } as const;
      const { elevation } = must(
        await w.twoFactor.reauthenticate(USER, { ...proof, ...(password ? {} : { password: PASSWORD }) }),
      );
      const calls = Array.from({ length: 50 }, () => allowed(w, "payout", { elevation, password }));
      const { ok, ...others } = tally(await Promise.all(calls));
      assert.equal(ok, 1);
      const allowedOthers = ["elevation_used", "conflict", "queue_full", "locked"];
      assert.deepEqual(
        Object.keys(others).filter((name) => !allowedOthers.includes(name)),
        [],
      );
      assert.equal(await allowed(w, "payout", { elevation }), "elevation_used");
    }
  });

  test("of fifty calls at once with the same code beside the elevation, one goes ahead", async () => {
    const w = await host();
    const { elevation } = must(await w.twoFactor.reauthenticate(USER, { binding, password: PASSWORD }));
    const code = nextCode(w);
    const calls = Array.from({ length: 50 }, () => allowed(w, "payout", { elevation, code }));
    assert.equal(tally(await Promise.all(calls))["ok"], 1);
  });

  test("after more than the list holds, no elevation that was spent comes back", async () => {
    const w = await host({
      reauthentication: { download: { level: "code", once: true }, enroll: "none" },
      lifetimes: { elevation: 3_600 },
    });
    const elevations: string[] = [];
    for (let i = 0; i < 34; i++) {
      const { elevation } = must(await w.twoFactor.reauthenticate(USER, { binding, code: nextCode(w) }));
      elevations.push(elevation);
      assert.equal(await allowed(w, "download", { elevation }), "ok");
    }
    const answers = await Promise.all(elevations.map((elevation) => allowed(w, "download", { elevation })));
    assert.deepEqual(tally(answers), { elevation_used: 32, elevation_expired: 2 });
  });
});

describe("guessing", () => {
  test("allow answers a wrong code as any attempt is answered, and tells nothing beside it", async () => {
    const w = await host();
    const elevation = await elevate(w, { for: "close", transaction });
    const wrong = wrongCode(w);
    const answers = [
      await w.twoFactor.allow(USER, "close", { binding, code: wrong }),
      await w.twoFactor.allow(USER, "close", { binding, code: wrong, elevation }),
      await w.twoFactor.allow(USER, "close", { binding, code: wrong, elevation: "junk", transaction }),
    ];
    assert.deepEqual(
      answers.map((answer) => ({ ...answer })),
      [4, 3, 2].map((attemptsLeft) => ({ ok: false, reason: "invalid_code", attemptsLeft })),
    );
  });

  test("the waits of allow are those of every attempt, and a right code does not get past them", async () => {
    const w = await host();
    for (let i = 0; i < 5; i++) await allowed(w, "close", { code: wrongCode(w, i) });
    assert.equal(await allowed(w, "close", { code: w.phone.code() }), "locked");
  });

  test("a right code under a wrong password is neither looked at nor spent", async () => {
    const w = await host();
    const code = w.phone.code();
    const [right, wrong] = [
      await w.twoFactor.allow(USER, "payout", { binding, password: "x", code }),
      await w.twoFactor.allow(USER, "payout", { binding, password: "x", code: wrongCode(w) }),
    ];
    assert.deepEqual([outcome(right), outcome(wrong)], ["wrong_password", "wrong_password"]);
    assert.equal(await allowed(w, "close", { code }), "ok");
  });
});

describe("levels by user", () => {
  const hasPassword = (userId: string) => userId !== "nopass";
  const bySignIn = { level: "password", firstFactor: true } as const;

  test("R20 users without a password enroll by a fresh first factor, the others by password", async () => {
    const made = createTestTwoFactor<Own>({
      ...withPassword,
      reauthentication: {
        enroll: async (userId) => (hasPassword(userId) ? "password" : bySignIn),
        disable: (userId) => (hasPassword(userId) ? "password+app" : { ...bySignIn, level: "password+app" }),
        regenerate: (userId) => (hasPassword(userId) ? "password+code" : "code"),
      },
    });
    const { twoFactor, clock } = made;
    const begin = (userId: string, proof: object) =>
      twoFactor.enrollment.begin(userId, { accountName: userId, binding, ...proof });
    const google = { amr: ["fed"], authenticatedAt: clock() - 599_000 };
    assert.equal(outcome(await begin("ada", { firstFactor: google })), "reauthentication_required");
    const missing = await begin("nopass", {});
    assert.deepEqual(!missing.ok && missing.missing, { password: true, code: null, firstFactor: true });
    const stale = { ...google, authenticatedAt: clock() - 600_000 };
    assert.equal(outcome(await begin("nopass", { firstFactor: stale })), "reauthentication_required");
    const begun = must(await begin("nopass", { firstFactor: google }));
    const phone = virtualAuthenticator({ clock });
    phone.scan(begun.keyUri);
    const { enrollmentId } = begun;
    must(await twoFactor.enrollment.confirm("nopass", { enrollmentId, code: phone.code(), binding }));
    clock.advance(30);
    must(await twoFactor.backupCodes.regenerate("nopass", { binding, code: phone.code() }));
    clock.advance(30);
    const off = (firstFactor?: typeof google) =>
      twoFactor.disable("nopass", { binding, code: phone.code(), ...(firstFactor && { firstFactor }) });
    assert.equal(outcome(await off()), "reauthentication_required");
    assert.equal(outcome(await off(google)), "reauthentication_required"); // of eleven minutes ago
    must(await off({ ...google, authenticatedAt: clock() }));
    await enrollIn({ ...made, phone });
  });

  test("R20 a first factor counts from an elevation, too, where the host lets it", async () => {
    const w = await host({
      reauthentication: {
        payout: { level: "password+app", firstFactor: true },
        close: "password+app",
      },
    });
    const firstFactor = { amr: ["hwk", "user"], authenticatedAt: w.clock() + 60_000 }; // of a clock that is ahead
    const minted = must(await w.twoFactor.reauthenticate(USER, { binding, firstFactor, code: nextCode(w) }));
    assert.deepEqual(minted.assurance.amr, ["hwk", "user", "otp", "mfa"]);
    const { elevation } = minted;
    assert.equal(await allowed(w, "payout", { elevation }), "ok");
    assert.equal(await allowed(w, "close", { elevation }), "reauthentication_required");
    for (const [age, expected] of [
      [599_999, "ok"],
      [600_000, "reauthentication_required"],
    ] as const) {
      const said = { amr: ["hwk"], authenticatedAt: w.clock() - age };
      assert.equal(outcome(await w.twoFactor.reauthenticate(USER, { binding, firstFactor: said })), expected);
    }
  });

  test("a function that fails, or that names no rule, allows nothing, and the host hears of it", async () => {
    for (const answer of ["app ", undefined, { level: "app", maxage: 1 }, { level: "app", maxAge: 3_601 }]) {
      const w = await host({ reauthentication: { close: () => answer as "app" } });
      const call = w.twoFactor.allow(USER, "close", { binding, code: w.phone.code() });
      await assert.rejects(call, { name: "TwoFactorError", code: "requirement_unavailable" });
      assert.equal(w.events.at(-1)?.type, "policy_error");
    }
    const w = await host({ reauthentication: { close: () => Promise.reject(new Error("no database")) } });
    const call = w.twoFactor.asks(USER, "close");
    const message = "What this operation asks of this user could not be found out.";
    await assert.rejects(call, { code: "requirement_unavailable", message });
  });
});
