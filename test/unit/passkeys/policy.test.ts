/** A policy by which only passkeys count: how people come to have one, and that nothing else gets in. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ForcedEnrollment } from "../../../src/errors.ts";
import { totp } from "../../../src/otp/index.ts";
import type { Requirement } from "../../../src/rules/policy.ts";
import { createTestTwoFactor, virtualPasskey } from "../../../src/testing/index.ts";
import type { TwoFactorOptions } from "../../../src/two-factor/options.ts";
import { BINDING, detailOf, must, type PasskeyWorld, passkeyWorld } from "../../support/passkeys.ts";

const binding = BINDING;
const STRICT: Requirement = { required: true, methods: ["passkey"] };
const accountName = "Ada";

/** A world whose policy a test can change. */
function ruled(options: Partial<TwoFactorOptions<"payout">> = {}) {
  const rule: { now: Requirement } = { now: { required: false } };
  const given = { requirement: () => rule.now, ...options } as Partial<TwoFactorOptions>;
  return { ...passkeyWorld(given), rule };
}

/** Somebody who has an app alone when the policy comes into force. */
async function appOnly(options: Partial<TwoFactorOptions<"payout">> = {}) {
  const w = ruled(options);
  const person = await w.enroll("ada", { binding });
  w.rule.now = STRICT;
  return { ...w, ...person };
}

/** Somebody who has a passkey beside the app, under the policy. */
async function both(options: Partial<TwoFactorOptions<"payout">> = {}) {
  const w = ruled(options);
  const person = await w.enroll("ada", { binding });
  const key = await w.register("ada", virtualPasskey(), { elevation: person.signIn.elevation });
  w.rule.now = STRICT;
  const shown = async () => key.get(must(await w.twoFactor.passkeys.options("ada", { binding })).options);
  return { ...w, ...person, key, shown };
}

async function codeStep({ twoFactor }: Pick<PasskeyWorld, "twoFactor">, given: object = {}) {
  const step = await twoFactor.signIn.begin("ada", { binding, firstFactor: { amr: ["pwd"] }, ...given });
  assert.ok(step.step === "code", step.step);
  return step;
}

/** What a right code has led to that does not count. */
function forced(result: Awaited<ReturnType<PasskeyWorld["twoFactor"]["verify"]>>): ForcedEnrollment {
  assert.ok(!result.ok && result.enroll, detailOf(result));
  assert.equal(result.detail, "enrollment_required");
  assert.deepEqual(result.enroll.methods, ["passkey"]);
  return result.enroll;
}

async function registerWith({ twoFactor }: PasskeyWorld, { challenge }: { challenge: string }) {
  const key = virtualPasskey();
  const who = { challenge };
  const begun = must(await twoFactor.passkeys.begin(who, { accountName, binding }));
  const { enrollmentId, options } = begun;
  const response = await key.create(options);
  return { key, result: await twoFactor.passkeys.confirm(who, { enrollmentId, response, binding }) };
}

describe("a policy by which only passkeys count", () => {
  test("N25 leads users with an app alone from their code to a passkey before it signs them in", async () => {
    const w = await appOnly();
    const step = await codeStep(w);
    assert.deepEqual(step.methods, ["app", "backup"]);
    const wrong = await w.twoFactor.signIn.complete(step.challenge, "000000", { binding });
    assert.equal(detailOf(wrong), "wrong_code");
    const enroll = forced(await w.twoFactor.signIn.complete(step.challenge, w.phone.code(), { binding }));
    assert.equal(enroll.expiresAt, w.clock() + 600_000);
    assert.equal((await w.twoFactor.devices.list("ada")).length, 1, "the one that enrolled, and no other");
    const { key, result } = await registerWith(w, enroll);
    const done = must(result);
    assert.ok(done.state === "active" && done.backupCodes === null);
    assert.deepEqual(done.signIn.assurance.amr, ["pwd", "hwk", "user", "mfa"]);
    const { challenge, methods, response } = await w.answer("ada", key);
    assert.deepEqual(methods, ["backup", "passkey"]);
    must(await w.twoFactor.signIn.complete(challenge, response, { binding }));
  });

  test("lets users without a factor enroll a passkey, and no app", async () => {
    const w = ruled();
    w.rule.now = STRICT;
    const step = await w.twoFactor.signIn.begin("ada", { binding });
    assert.ok(step.step === "enroll");
    assert.deepEqual(step.methods, ["passkey"]);
    const app = await w.twoFactor.enrollment.begin({ challenge: step.challenge }, { accountName, binding });
    assert.equal(detailOf(app), "challenge_invalid");
    const done = must((await registerWith(w, step)).result);
    assert.ok(done.state === "active" && done.backupCodes?.codes.length === 10);
    w.rule.now = { required: true };
    const either = await w.twoFactor.signIn.begin("bob", { binding });
    assert.ok(either.step === "enroll");
    assert.deepEqual(either.methods, ["app", "passkey"]);
  });

  test("V78 waits for the end of the grace, and says when that is", async () => {
    const w = await appOnly();
    const sinceAt = w.clock();
    w.rule.now = { ...STRICT, sinceAt, grace: 86_400 };
    const { challenge, graceEndsAt } = await codeStep(w);
    assert.equal(graceEndsAt, sinceAt + 86_400_000);
    must(await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding }));
    w.clock.set(sinceAt + 86_400_000 - 1);
    must(await w.twoFactor.verify("ada", w.phone.code(), { binding }));
    w.clock.advance(30);
    forced(await w.twoFactor.verify("ada", w.phone.code(), { binding }));
  });

  test("takes no app code from users with a passkey, and charges none", async () => {
    const w = await both();
    const { challenge, methods } = await codeStep(w);
    assert.deepEqual(methods, ["backup", "passkey"]);
    for (const code of [w.phone.code(), "000000"]) {
      const refused = await w.twoFactor.signIn.complete(challenge, code, { binding });
      assert.equal(detailOf(refused), "passkey_required");
      assert.equal(detailOf(await w.twoFactor.verify("ada", code, { binding })), "passkey_required");
    }
    assert.deepEqual((await w.twoFactor.status("ada")).locks, []);
  });

  test("lets a backup code enroll a new passkey, and signs nobody in by it", async () => {
    const w = await both();
    const { challenge } = await codeStep(w);
    const enroll = forced(await w.twoFactor.signIn.complete(challenge, w.backupCodes[0], { binding }));
    const { result } = await registerWith(w, enroll);
    assert.ok(must(result).state === "active");
    assert.equal((await w.twoFactor.passkeys.list("ada")).length, 2);
    assert.ok(w.events.some(({ type, notify }) => type === "passkey_added" && notify));
  });

  test("refuses to take the last passkey away, or everything", async () => {
    const w = await both();
    const [only] = await w.twoFactor.passkeys.list("ada");
    const removal = await w.twoFactor.passkeys.remove("ada", {
      id: only?.id,
      code: await w.shown(),
      binding,
    });
    assert.equal(detailOf(removal), "required_by_policy");
    const disabled = await w.twoFactor.disable("ada", { code: await w.shown(), binding });
    assert.equal(detailOf(disabled), "required_by_policy");
    const [app] = await w.twoFactor.authenticators.list("ada");
    must(await w.twoFactor.authenticators.remove("ada", { id: app?.id, code: await w.shown(), binding }));
    w.rule.now = { required: true };
    must(await w.twoFactor.passkeys.remove("ada", { id: only?.id, code: await w.shown(), binding }));
  });

  test("takes nothing but a passkey as proof, fresh or as an elevation", async () => {
    const w = await both({ reauthentication: { enroll: "none", payout: "code" } });
    const { twoFactor, phone, backupCodes } = w;
    w.rule.now = { required: false };
    const { elevation } = must(await twoFactor.reauthenticate("ada", { code: phone.code(), binding }));
    w.rule.now = STRICT;
    const service = twoFactor as unknown as {
      allow: (id: string, of: string, proof: object) => ReturnType<typeof twoFactor.disable>;
    };
    assert.deepEqual(await twoFactor.asks("ada", "regenerate", { binding, elevation }), {
      password: false,
      code: "passkey",
    });
    for (const code of [phone.code(), backupCodes[0], "000000"]) {
      for (const refused of [
        await twoFactor.reauthenticate("ada", { code, binding }),
        await twoFactor.backupCodes.regenerate("ada", { code, binding }),
        await twoFactor.enrollment.begin("ada", { accountName, add: true, code, binding }),
        await twoFactor.passkeys.begin("ada", { accountName, code, binding }),
        await service.allow("ada", "payout", { code, binding }),
      ]) {
        assert.equal(detailOf(refused), "passkey_required");
      }
    }
    const old = await service.allow("ada", "payout", { elevation, binding });
    assert.equal(detailOf(old), "reauthentication_required");
    must(await service.allow("ada", "payout", { code: await w.shown(), binding }));
    const fresh = must(await twoFactor.reauthenticate("ada", { code: await w.shown(), binding }));
    must(await service.allow("ada", "payout", { elevation: fresh.elevation, binding }));
  });
});

describe("attacks on a policy by which only passkeys count", () => {
  test("no trusted device skips it, whoever has a passkey or none", async () => {
    const alone = await appOnly();
    alone.rule.now = { required: false };
    const code = alone.phone.code();
    const trusted = must(await alone.twoFactor.verify("ada", code, { binding, trustDevice: true }));
    const deviceToken = trusted.device?.token;
    assert.equal((await alone.twoFactor.signIn.begin("ada", { binding, deviceToken })).step, "done");
    alone.rule.now = STRICT;
    assert.equal((await alone.twoFactor.signIn.begin("ada", { binding, deviceToken })).step, "code");
    const w = await both();
    const shown = must(await w.twoFactor.verify("ada", await w.shown(), { binding, trustDevice: true }));
    const given = { binding, deviceToken: shown.device?.token };
    assert.equal((await w.twoFactor.signIn.begin("ada", given)).step, "code");
  });

  test("a first factor that suffices elsewhere does here if it was a key", async () => {
    for (const user of ["ada", "nobody"]) {
      const w = await appOnly({ sufficientFirstFactor: () => true });
      const begin = (...amr: string[]) => w.twoFactor.signIn.begin(user, { binding, firstFactor: { amr } });
      for (const amr of [["pwd"], ["mfa", "otp"], ["user"]])
        assert.notEqual((await begin(...amr)).step, "done");
      for (const key of ["hwk", "swk"]) assert.equal((await begin(key, "user")).step, "done");
    }
  });

  test("whom an import or an old system brings has an app alone, and is led to a passkey", async () => {
    const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const legacy = { enrollment: (id: string) => (id === "old" ? { secret } : null) };
    const w = ruled({ legacy });
    w.rule.now = STRICT;
    const by = { actor: "job", reason: "moved" };
    must(await w.admin.importEnrollment("new", { ...by, secret }));
    for (const user of ["old", "new"]) {
      const step = await w.twoFactor.signIn.begin(user, { binding });
      assert.ok(step.step === "code");
      const code = totp(secret, { now: w.clock() });
      const enroll = forced(await w.twoFactor.signIn.complete(step.challenge, code, { binding }));
      must((await registerWith(w, enroll)).result);
    }
  });

  test("R3 a form that is sent twice leads to a passkey twice, and not in", async () => {
    const w = await appOnly();
    const { challenge } = await codeStep(w);
    const code = w.phone.code();
    const send = () => w.twoFactor.signIn.complete(challenge, code, { binding });
    const [, second] = [forced(await send()), forced(await send())];
    must((await registerWith(w, second)).result);
    assert.equal(detailOf(await send()), "challenge_invalid");
  });

  test("after an administrator's reset nothing but a passkey is enrolled", async () => {
    const w = await both();
    must(await w.admin.reset("ada", { actor: "support", reason: "lost everything" }));
    const step = await w.twoFactor.signIn.begin("ada", { binding });
    assert.ok(step.step === "enroll");
    assert.deepEqual(step.methods, ["passkey"]);
    const { challenge } = step;
    const app = await w.twoFactor.enrollment.begin({ challenge }, { accountName, binding });
    assert.equal(detailOf(app), "challenge_invalid");
  });

  test("a challenge to add a passkey is for one passkey, one session and ten minutes", async () => {
    const w = await appOnly();
    const lead = async () => forced(await w.twoFactor.verify("ada", w.phone.code(), { binding }));
    const { challenge } = await lead();
    const { signIn, enrollment, passkeys } = w.twoFactor;
    const who = { challenge };
    for (const refused of [
      await passkeys.begin(who, { accountName, binding: "another" }),
      await passkeys.options(who, { binding }),
      await signIn.complete(challenge, w.backupCodes[0], { binding }),
      await enrollment.begin(who, { accountName, binding }),
      await enrollment.confirm(who, { enrollmentId: "x", code: w.phone.code(), binding }),
    ]) {
      assert.equal(detailOf(refused), "challenge_invalid");
    }
    must(await passkeys.begin(who, { accountName, binding }));
    w.clock.advance(600);
    assert.equal(detailOf(await passkeys.begin(who, { accountName, binding })), "challenge_expired");
    const fresh = await lead();
    must((await registerWith(w, fresh)).result);
    const spent = { challenge: fresh.challenge };
    assert.equal(detailOf(await passkeys.begin(spent, { accountName, binding })), "challenge_invalid");
  });

  test("a code that was asked for before the policy came into force does not get in after it", async () => {
    const w = await appOnly();
    w.rule.now = { required: false };
    const { challenge } = await codeStep(w);
    w.rule.now = STRICT;
    forced(await w.twoFactor.signIn.complete(challenge, w.phone.code(), { binding }));
  });

  test("a session of before the policy does nothing that the host guards with a code", async () => {
    const w = await appOnly({ reauthentication: { enroll: "none", payout: "code" } });
    const { elevation } = w.signIn;
    const allow = w.twoFactor.allow as unknown as (
      id: string,
      of: string,
      proof: object,
    ) => ReturnType<typeof w.twoFactor.disable>;
    assert.equal(detailOf(await allow("ada", "payout", { elevation, binding })), "enrollment_required");
    assert.equal(detailOf(await w.twoFactor.disable("ada", { elevation, binding })), "required_by_policy");
    await w.register("ada", virtualPasskey(), { elevation });
  });

  test("a policy that cannot be asked, or is misspelled, lets nobody in, and no one loses a factor", async () => {
    for (const answer of [
      { ...STRICT, methods: ["passkeys"] },
      { ...STRICT, methods: ["app"] },
      { ...STRICT, methods: [] },
      { ...STRICT, methods: "passkey" },
      null,
    ]) {
      const w = await both();
      const code = await w.shown();
      w.rule.now = answer as Requirement;
      const trouble = { code: "requirement_unavailable" };
      await assert.rejects(w.twoFactor.signIn.begin("ada", { binding }), trouble);
      await assert.rejects(w.twoFactor.verify("ada", w.phone.code(), { binding }), trouble);
      await assert.rejects(w.twoFactor.disable("ada", { code, binding }), trouble);
      assert.ok(w.events.some(({ type }) => type === "policy_error"));
    }
    const { twoFactor } = createTestTwoFactor({ requirement: () => STRICT });
    await assert.rejects(twoFactor.signIn.begin("ada", { binding }), { code: "requirement_unavailable" });
  });

  test("of two removals at once under the policy one passkey stays", async () => {
    const w = await both();
    const second = virtualPasskey();
    const proof = must(await w.twoFactor.reauthenticate("ada", { code: await w.shown(), binding }));
    await w.register("ada", second, { elevation: proof.elevation });
    const fresh = must(await w.twoFactor.reauthenticate("ada", { code: await w.shown(), binding }));
    const { elevation } = fresh;
    const ids = (await w.twoFactor.passkeys.list("ada")).map(({ id }) => id);
    const removals = ids.map((id) => w.twoFactor.passkeys.remove("ada", { id, elevation, binding }));
    const outcomes = (await Promise.all(removals)).map(detailOf);
    assert.deepEqual(outcomes.sort(), ["elevation_invalid", "ok"]);
  });

  test("it holds for the users whom it is for, and for nobody else", async () => {
    const w = passkeyWorld({
      requirement: (id) => (id === "ada" ? STRICT : { required: true, methods: ["app", "passkey"] }),
    });
    await w.enroll("bob", { binding });
    const step = await w.twoFactor.signIn.begin("bob", { binding });
    assert.ok(step.step === "code");
    assert.equal((await w.twoFactor.signIn.begin("ada", { binding })).step, "enroll");
  });

  test("backup codes that have to be saved come before the session, also with a passkey", async () => {
    const w = ruled({ backupCodes: { acknowledge: true } });
    w.rule.now = STRICT;
    const step = await w.twoFactor.signIn.begin("ada", { binding });
    assert.ok(step.step === "enroll");
    const { result } = await registerWith(w, step);
    const waiting = must(result);
    assert.ok(waiting.state === "awaiting_acknowledgement" && !("signIn" in waiting));
    const { batchId } = waiting.backupCodes;
    const who = { challenge: step.challenge };
    const stranger = await w.twoFactor.enrollment.acknowledge(who, { batchId, binding: "another" });
    assert.equal(detailOf(stranger), "challenge_invalid");
    const { signIn } = must(await w.twoFactor.enrollment.acknowledge(who, { batchId, binding }));
    assert.equal(signIn.method, "passkey");
  });
});
