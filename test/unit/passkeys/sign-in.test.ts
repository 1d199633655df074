/** A passkey at sign-in: what it proves, what is refused, and what a failure costs. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { virtualPasskey } from "../../../src/testing/index.ts";
import { BINDING, detailOf, flipped, LIBRARY, must, passkeyWorld } from "../../support/passkeys.ts";

const binding = BINDING;

describe("a passkey at sign-in", () => {
  test("signs in after the password, and says how", async () => {
    const { twoFactor, register, answer } = passkeyWorld();
    const key = await register("ada");
    const { challenge, methods, response } = await answer("ada", key);
    assert.deepEqual(methods, ["backup", "passkey"]);
    const done = must(await twoFactor.signIn.complete(challenge, response, { binding }));
    assert.equal(done.method, "passkey");
    assert.equal(done.userId, "ada");
    assert.deepEqual(done.assurance.amr, ["pwd", "hwk", "user", "mfa"]);
    assert.equal(done.assurance.aal, 2);
  });

  test("takes the response as JSON, as a form sends it", async () => {
    const { twoFactor, register, answer } = passkeyWorld();
    const { challenge, response } = await answer("ada", await register("ada"));
    must(await twoFactor.signIn.complete(challenge, ` ${JSON.stringify(response)}`, { binding }));
  });

  test("calls a synced passkey swk, and keeps its backup state", async () => {
    const { twoFactor, register, answer } = passkeyWorld();
    const key = await register("ada", virtualPasskey({ synced: true }));
    const { challenge, response } = await answer("ada", key);
    const done = must(await twoFactor.signIn.complete(challenge, response, { binding }));
    assert.deepEqual(done.assurance.amr, ["pwd", "swk", "user", "mfa"]);
    const [listed] = await twoFactor.passkeys.list("ada");
    assert.ok(listed?.synced && listed.backedUp && listed.lastUsedAt !== null);
  });

  test("lets a response serve once, with a counter and without", async () => {
    for (const synced of [false, true]) {
      const { twoFactor, register, answer } = passkeyWorld();
      const { challenge, response } = await answer("ada", await register("ada", virtualPasskey({ synced })));
      must(await twoFactor.signIn.complete(challenge, response, { binding }));
      const again = await twoFactor.signIn.complete(challenge, response, { binding });
      assert.equal(detailOf(again), "challenge_used");
    }
  });

  test("lets one of fifty at once succeed", async () => {
    const { twoFactor, register, answer } = passkeyWorld({ queue: false });
    const { challenge, response } = await answer(
      "ada",
      await register("ada", virtualPasskey({ synced: true })),
    );
    const all = await Promise.all(
      Array.from({ length: 50 }, () => twoFactor.signIn.complete(challenge, response, { binding })),
    );
    assert.equal(all.filter((result) => result.ok).length, 1);
  });

  test("refuses another site", async () => {
    const { twoFactor, register, answer, events } = passkeyWorld();
    const key = await register("ada");
    const { challenge, response } = await answer("ada", key, { origin: "https://example.com.evil.test" });
    const refused = await twoFactor.signIn.complete(challenge, response, { binding });
    assert.equal(detailOf(refused), "wrong_passkey");
    assert.ok(events.some(({ type, method }) => type === "verification_failed" && method === "passkey"));
  });

  test("refuses an authenticator that signed for another rpId", async () => {
    const { register, answer, options } = passkeyWorld();
    const key = await register("ada");
    const origin = "https://app.example.com";
    const { twoFactor: narrower } = passkeyWorld(options, { rpId: "app.example.com", origins: [origin] });
    const { challenge, response } = await answer("ada", key, { origin });
    const refused = await narrower.signIn.complete(challenge, response, { binding });
    assert.equal(detailOf(refused), "wrong_passkey");
  });

  test("refuses the passkey of another user", async () => {
    const { twoFactor, register, answer } = passkeyWorld();
    const key = virtualPasskey();
    await register("eve", key);
    await register("ada", key);
    const { challenge: ofAda, options } = await answer("ada", key);
    const ofEve = await twoFactor.passkeys.options("eve", { binding });
    assert.ok(ofEve.ok);
    const { allowCredentials } = ofEve.options;
    const response = await key.get({ ...options, allowCredentials });
    assert.equal(detailOf(await twoFactor.signIn.complete(ofAda, response, { binding })), "wrong_passkey");
  });

  test("refuses a challenge of another sign-in, binding or purpose", async () => {
    const { twoFactor, register, answer } = passkeyWorld();
    const key = await register("ada");
    const first = await answer("ada", key);
    const second = await answer("ada", key);
    const { signIn, verify, passkeys } = twoFactor;
    const details = async (result: ReturnType<typeof verify>) => detailOf(await result);
    assert.equal(
      await details(signIn.complete(second.challenge, first.response, { binding })),
      "wrong_passkey",
    );
    assert.equal(
      await details(signIn.complete(first.challenge, first.response, { binding: "another" })),
      "challenge_invalid",
    );
    assert.equal(await details(verify("ada", first.response, { binding })), "challenge_invalid");
    const proof = must(await passkeys.options("ada", { binding }));
    const response = await key.get(proof.options);
    assert.equal(await details(verify("ada", response, { binding: "another" })), "challenge_invalid");
    assert.equal(await details(verify("bob", response, { binding })), "challenge_invalid");
    assert.equal(await details(signIn.complete(first.challenge, response, { binding })), "wrong_passkey");
    must(await verify("ada", response, { binding }));
    assert.equal(await details(verify("ada", response, { binding })), "challenge_used");
  });

  test("refuses an expired challenge, of a sign-in and of a proof", async () => {
    const { twoFactor, register, answer, clock } = passkeyWorld();
    const key = await register("ada");
    const { challenge, response } = await answer("ada", key);
    const proof = await key.get(must(await twoFactor.passkeys.options("ada", { binding })).options);
    clock.advance(601);
    assert.equal(
      detailOf(await twoFactor.signIn.complete(challenge, response, { binding })),
      "challenge_expired",
    );
    assert.equal(detailOf(await twoFactor.verify("ada", proof, { binding })), "challenge_expired");
  });

  test("refuses a counter that went back, and tells of the copy", async () => {
    const { twoFactor, register, answer, events } = passkeyWorld();
    const key = await register("ada");
    const copy = key.clone();
    const { challenge, response } = await answer("ada", key);
    must(await twoFactor.signIn.complete(challenge, response, { binding }));
    const stolen = await answer("ada", copy);
    const refused = await twoFactor.signIn.complete(stolen.challenge, stolen.response, { binding });
    assert.equal(detailOf(refused), "passkey_cloned");
    assert.ok(events.some(({ type, notify }) => type === "passkey_cloned" && notify));
    const later = await answer("ada", key);
    must(await twoFactor.signIn.complete(later.challenge, later.response, { binding }));
  });

  test("refuses a passkey that was removed", async () => {
    const { twoFactor, register, answer, enroll } = passkeyWorld();
    const { signIn } = await enroll("ada", { binding });
    const key = await register("ada", virtualPasskey(), { elevation: signIn.elevation });
    const { challenge, response } = await answer("ada", key);
    const proof = await key.get(must(await twoFactor.passkeys.options("ada", { binding })).options);
    const [listed] = await twoFactor.passkeys.list("ada");
    must(await twoFactor.passkeys.remove("ada", { id: listed?.id, code: proof, binding }));
    const refused = await twoFactor.signIn.complete(challenge, response, { binding });
    assert.equal(detailOf(refused), "challenge_invalid");
    assert.equal(detailOf(await twoFactor.passkeys.options({ challenge }, { binding })), "challenge_invalid");
    assert.equal(detailOf(await twoFactor.passkeys.options("ada", { binding })), "passkey_not_found");
    const step = await twoFactor.signIn.begin("ada", { binding });
    assert.ok(step.step === "code" && !step.methods.includes("passkey"));
    assert.equal(
      detailOf(await twoFactor.signIn.complete(step.challenge, response, { binding })),
      "wrong_passkey",
    );
  });

  test("may name no user, as security keys do, but not another one", async () => {
    const { twoFactor, register, answer } = passkeyWorld();
    const { challenge, response } = await answer("ada", await register("ada"));
    const naming = (userHandle?: string) => ({ ...response, response: { ...response.response, userHandle } });
    const complete = (given: unknown) => twoFactor.signIn.complete(challenge, given, { binding });
    assert.equal(detailOf(await complete(naming("AAAA"))), "wrong_passkey");
    must(await complete(naming()));
  });

  test("refuses a flipped bit anywhere in the response", async () => {
    const { twoFactor, register, answer, admin } = passkeyWorld();
    const { challenge, response } = await answer("ada", await register("ada"));
    let tried = 0;
    const fields = ["clientDataJSON", "authenticatorData", "signature", "userHandle"] as const;
    for (const { forged, name } of flipped(response, fields, 3)) {
      const result = await twoFactor.signIn.complete(challenge, forged, { binding });
      assert.match(detailOf(result), /^(wrong|malformed)_passkey$/, name);
      await admin.unlock("ada", { actor: "test", reason: "the next bit" });
      tried++;
    }
    assert.ok(tried > 600);
    must(await twoFactor.signIn.complete(challenge, response, { binding }));
  });

  test("makes failures of passkeys wait, and leaves the row of the app alone", async () => {
    let asked = 0;
    const verifyAuthentication: typeof LIBRARY.verifyAuthentication = (options) => {
      asked++;
      return LIBRARY.verifyAuthentication(options);
    };
    const { twoFactor, register, answer, enroll, clock } = passkeyWorld({}, { verifyAuthentication });
    const { phone, signIn } = await enroll("ada", { binding });
    const key = await register("ada", virtualPasskey(), { elevation: signIn.elevation });
    const { challenge, response } = await answer("ada", key, { origin: "https://evil.test" });
    const good = await answer("ada", key);
    for (let i = 0; i < 5; i++) await twoFactor.signIn.complete(challenge, response, { binding });
    const waiting = await twoFactor.signIn.complete(good.challenge, good.response, { binding });
    assert.deepEqual([detailOf(waiting), asked], ["locked", 5], "the library is not asked while they wait");
    assert.deepEqual(
      (await twoFactor.status("ada")).locks.map(({ of }) => of),
      ["passkey"],
    );
    must(await twoFactor.verify("ada", phone.code(), { binding }));
    clock.advance(31);
    must(await twoFactor.signIn.complete(good.challenge, good.response, { binding }));
    assert.deepEqual((await twoFactor.status("ada")).locks, []);
  });

  test("N10 V34 lets nobody with the password alone keep the owner's known device waiting", async () => {
    const { twoFactor, register, answer } = passkeyWorld();
    const key = await register("ada");
    const first = await answer("ada", key);
    const { device } = must(await twoFactor.signIn.complete(first.challenge, first.response, { binding }));
    const strange = await answer("ada", key, { origin: "https://evil.test" });
    for (let i = 0; i < 9; i++)
      await twoFactor.signIn.complete(strange.challenge, strange.response, { binding });
    const step = await twoFactor.signIn.begin("ada", { binding, deviceToken: device?.token });
    assert.ok(step.step === "code");
    assert.deepEqual(step.locks, []);
    const { challenge } = step;
    const { options } = must(await twoFactor.passkeys.options({ challenge }, { binding }));
    must(await twoFactor.signIn.complete(challenge, await key.get(options), { binding }));
  });

  test("asks for user verification where it is required", async () => {
    const { twoFactor } = passkeyWorld({}, { userVerification: "required" });
    const begun = must(await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding }));
    const response = await virtualPasskey({ verifiesUser: false }).create(begun.options);
    const { enrollmentId } = begun;
    const refused = await twoFactor.passkeys.confirm("ada", { enrollmentId, response, binding });
    assert.equal(detailOf(refused), "wrong_passkey");
  });

  test("counts alone as two factors only if it verified its user", async () => {
    for (const verifiesUser of [true, false]) {
      const { twoFactor, register } = passkeyWorld();
      const key = await register("ada", virtualPasskey({ verifiesUser }));
      const code = await key.get(must(await twoFactor.passkeys.options("ada", { binding })).options);
      const { assurance } = must(await twoFactor.reauthenticate("ada", { code, binding }));
      assert.equal(assurance.aal, verifiesUser ? 2 : 1);
      assert.deepEqual(assurance.amr, verifiesUser ? ["hwk", "user", "mfa"] : ["hwk", "user"]);
    }
  });
});
