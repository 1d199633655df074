/** A policy by which only passkeys count: how people come to have one, and that nothing else gets in. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkMethods } from "../../../src/passkeys/policy.ts";
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
import { BINDING, detailOf, must } from "../../support/passkeys.ts";

const binding = BINDING;

describe("a policy by which only passkeys count", () => {
  test("N25 leads users with an app alone from their code to a passkey before it signs them in", async () => {
    const w = await appOnly();
    const step = await codeStep(w);
    assert.deepEqual(step.methods, ["app", "backup"]);
    const wrong = await w.twoFactor.signIn.complete(step.challenge, "000000", { binding });
    assert.equal(detailOf(wrong), "wrong_code");
    const before = w.events.length;
    const trusting = { binding, trustDevice: true };
    const enroll = forced(await w.twoFactor.signIn.complete(step.challenge, w.phone.code(), trusting));
    assert.equal(enroll.expiresAt, w.clock() + 600_000);
    assert.deepEqual(
      w.events.slice(before).map(({ type }) => type),
      ["verified"],
    );
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
    const { challenge } = await codeStep(w);
    forced(await w.twoFactor.signIn.complete(challenge, done.backupCodes.codes[0], { binding }));
    w.rule.now = { required: false };
    assert.ok(!("methods" in (await w.twoFactor.signIn.begin("bob", { binding }))));
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
    const trusted = await w.twoFactor.signIn.complete(challenge, w.phone.code(), {
      binding,
      trustDevice: true,
    });
    const deviceToken = must(trusted).device?.token;
    const skipped = await w.twoFactor.signIn.begin("ada", { binding, deviceToken });
    assert.deepEqual([skipped.step, "graceEndsAt" in skipped], ["done", false]);
    const ready = await both();
    for (const now of [w.rule.now, { required: false } as const]) {
      ready.rule.now = now;
      assert.ok(!("graceEndsAt" in (await codeStep(ready))));
    }
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

  test("is named by passkeys alone, or with apps beside them", () => {
    for (const methods of [["passkey"], ["app", "passkey"]]) checkMethods(methods);
    const refusal = new RangeError('requirement.methods: want ["passkey"], or "app" beside it');
    for (const methods of [null, "passkey", [], ["app"], ["sms"], ["passkey", "sms"], { passkey: true }])
      assert.throws(() => checkMethods(methods), refusal);
  });
});
