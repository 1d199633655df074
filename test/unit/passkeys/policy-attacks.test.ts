/** Attacks on a policy by which only passkeys count: by devices, imports, old sessions, races and misspelling. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { totp } from "../../../src/otp/index.ts";
import type { Requirement } from "../../../src/rules/policy.ts";
import { createTestTwoFactor, virtualPasskey } from "../../../src/testing/index.ts";
import {
  accountName,
  appOnly,
  both,
  codeStep,
  forced,
  registerWith,
  ruled,
  STRICT,
} from "../../support/passkey-policy.ts";
import { BINDING, detailOf, must, passkeyWorld } from "../../support/passkeys.ts";

const binding = BINDING;

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
    must(await w.twoFactor.reauthenticate("ada", { code: w.phone.code(), binding }));
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
    const { phone } = await w.enroll("bob", { binding });
    const step = await w.twoFactor.signIn.begin("bob", { binding });
    assert.ok(step.step === "code" && !("graceEndsAt" in step));
    must(await w.twoFactor.signIn.complete(step.challenge, phone.code(), { binding }));
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
