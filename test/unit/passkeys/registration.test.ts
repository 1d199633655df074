/** How a passkey becomes active, and how it ends. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { virtualPasskey } from "../../../src/testing/index.ts";
import { BINDING, detailOf, must, passkeyWorld } from "../../support/passkeys.ts";

const binding = BINDING;

describe("registering a passkey", () => {
  test("is a second factor of its own, with backup codes", async () => {
    const { twoFactor, events } = passkeyWorld();
    const key = virtualPasskey();
    const begun = must(
      await twoFactor.passkeys.begin("ada@example.com", { accountName: "Ada", label: " My key ", binding }),
    );
    assert.equal((await twoFactor.status("ada@example.com")).state, "pending");
    assert.doesNotMatch(JSON.stringify(begun.options.user.id), /ada/);
    const { enrollmentId } = begun;
    const response = await key.create(begun.options);
    const done = must(
      await twoFactor.passkeys.confirm("ada@example.com", { enrollmentId, response, binding }),
    );
    assert.ok(done.state === "active" && done.backupCodes?.codes.length === 10);
    assert.equal(done.signIn.method, "passkey");
    const status = await twoFactor.status("ada@example.com");
    assert.equal(status.state, "active");
    assert.equal((await twoFactor.passkeys.list("ada@example.com"))[0]?.label, "My key");
    assert.ok(events.some(({ type, method }) => type === "enrolled" && method === "passkey"));
    const step = await twoFactor.signIn.begin("ada@example.com", { binding });
    assert.ok(step.step === "code");
    must(await twoFactor.signIn.complete(step.challenge, done.backupCodes.codes[0], { binding }));
  });

  test("satisfies a forced enrollment, whose challenge counts once", async () => {
    const { twoFactor } = passkeyWorld({ requirement: () => ({ required: true }) });
    const step = await twoFactor.signIn.begin("ada", { binding });
    assert.ok(step.step === "enroll");
    const who = { challenge: step.challenge };
    const begun = must(await twoFactor.passkeys.begin(who, { accountName: "Ada", binding }));
    const response = await virtualPasskey().create(begun.options);
    const { enrollmentId } = begun;
    const confirm = () => twoFactor.passkeys.confirm(who, { enrollmentId, response, binding });
    must(await confirm());
    for (const again of [confirm, () => twoFactor.passkeys.begin(who, { accountName: "Ada", binding })])
      assert.equal(detailOf(await again()), "challenge_invalid");
  });

  test("waits for the acknowledgement where that is on", async () => {
    const { twoFactor } = passkeyWorld({ backupCodes: { acknowledge: true } });
    const { enrollmentId, options } = must(
      await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding }),
    );
    const response = await virtualPasskey().create(options);
    const waiting = must(await twoFactor.passkeys.confirm("ada", { enrollmentId, response, binding }));
    assert.equal(waiting.state, "awaiting_acknowledgement");
    assert.equal((await twoFactor.status("ada")).state, "awaiting_acknowledgement");
    const batchId = waiting.backupCodes?.batchId;
    const { signIn } = must(await twoFactor.enrollment.acknowledge("ada", { batchId, binding }));
    assert.equal(signIn.method, "passkey");
    assert.equal((await twoFactor.status("ada")).state, "active");
  });

  test("beside an app takes proof, brings no new codes, and leaves the app", async () => {
    const { twoFactor, enroll, register } = passkeyWorld();
    const { phone } = await enroll("ada", { binding });
    const naked = await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding });
    assert.equal(detailOf(naked), "reauthentication_required");
    await register("ada", virtualPasskey(), { code: phone.code() });
    const step = await twoFactor.signIn.begin("ada", { binding });
    assert.ok(step.step === "code");
    assert.deepEqual(step.methods, ["app", "backup", "passkey"]);
    assert.equal((await twoFactor.status("ada")).backupCodes?.active, 10);
  });

  test("replaces a phone, and a phone replaces it, each with proof", async () => {
    const { twoFactor, enroll, register, clock } = passkeyWorld();
    const { phone } = await enroll("ada", { binding });
    const key = await register("ada", virtualPasskey(), { code: phone.code() });
    const shown = async () => key.get(must(await twoFactor.passkeys.options("ada", { binding })).options);
    const [app] = await twoFactor.authenticators.list("ada");
    must(await twoFactor.authenticators.remove("ada", { id: app?.id, code: await shown(), binding }));
    assert.equal((await twoFactor.status("ada")).state, "active");
    const plain = await twoFactor.enrollment.begin("ada", { accountName: "Ada", binding });
    assert.equal(detailOf(plain), "already_enrolled");
    const added = await twoFactor.enrollment.begin("ada", { accountName: "Ada", add: true, binding });
    assert.equal(detailOf(added), "reauthentication_required");
    const begun = must(
      await twoFactor.enrollment.begin("ada", {
        accountName: "Ada",
        add: true,
        code: await shown(),
        binding,
      }),
    );
    phone.scan(begun.keyUri);
    const { enrollmentId } = begun;
    must(await twoFactor.enrollment.confirm("ada", { enrollmentId, code: phone.code(), binding }));
    clock.advance(30);
    const [passkey] = await twoFactor.passkeys.list("ada");
    must(await twoFactor.passkeys.remove("ada", { id: passkey?.id, code: phone.code(), binding }));
    const step = await twoFactor.signIn.begin("ada", { binding });
    assert.ok(step.step === "code");
    assert.deepEqual(step.methods, ["app", "backup"]);
  });

  test("ends with the last factor, by the proof that turning it off takes", async () => {
    const { twoFactor, register, events } = passkeyWorld();
    const key = await register("ada");
    const [only] = await twoFactor.passkeys.list("ada");
    const naked = await twoFactor.passkeys.remove("ada", { id: only?.id, binding });
    assert.equal(detailOf(naked), "reauthentication_required");
    const code = await key.get(must(await twoFactor.passkeys.options("ada", { binding })).options);
    must(await twoFactor.passkeys.remove("ada", { id: only?.id, code, binding }));
    assert.equal((await twoFactor.status("ada")).state, "none");
    assert.ok(events.some(({ type }) => type === "disabled"));
    assert.equal((await twoFactor.signIn.begin("ada", { binding })).step, "done");
  });

  test("keeps a session without proof from disabling or regenerating", async () => {
    const { twoFactor, register } = passkeyWorld();
    await register("ada");
    assert.equal(detailOf(await twoFactor.disable("ada", { binding })), "reauthentication_required");
    assert.equal(
      detailOf(await twoFactor.backupCodes.regenerate("ada", { binding })),
      "reauthentication_required",
    );
  });

  test("refuses the response of a sign-in, and a sign-in that of a registration", async () => {
    const { twoFactor, register, answer } = passkeyWorld();
    const key = await register("ada");
    const { challenge, response } = await answer("ada", key);
    const elevation = must(await twoFactor.signIn.complete(challenge, response, { binding })).elevation;
    const begun = must(await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding, elevation }));
    const { enrollmentId } = begun;
    const crossed = await twoFactor.passkeys.confirm("ada", { enrollmentId, response, binding });
    assert.equal(detailOf(crossed), "malformed_passkey");
    const created = await virtualPasskey().create(begun.options);
    const step = await twoFactor.signIn.begin("ada", { binding });
    assert.ok(step.step === "code");
    assert.equal(
      detailOf(await twoFactor.signIn.complete(step.challenge, created, { binding })),
      "malformed_passkey",
    );
  });

  test("refuses a second use, another session, another site, and what has expired", async () => {
    const { twoFactor, clock } = passkeyWorld();
    const begin = async () => must(await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding }));
    const begun = await begin();
    const { enrollmentId } = begun;
    const confirm = async (response: unknown, id = enrollmentId, session = binding) =>
      detailOf(await twoFactor.passkeys.confirm("ada", { enrollmentId: id, response, binding: session }));
    const key = virtualPasskey();
    assert.equal(
      await confirm(await key.create(begun.options, { origin: "https://evil.test" })),
      "wrong_passkey",
    );
    const response = await virtualPasskey().create(begun.options);
    assert.equal(await confirm(response, enrollmentId, "another"), "enrollment_not_found");
    clock.advance(601);
    assert.equal(await confirm(response), "enrollment_expired");
    const fresh = await begin();
    assert.equal(await confirm(response, fresh.enrollmentId), "wrong_passkey");
    const right = await virtualPasskey().create(fresh.options);
    assert.equal(await confirm(right, fresh.enrollmentId), "ok");
    assert.equal(await confirm(right, fresh.enrollmentId), "enrollment_not_found");
  });

  test("refuses a code for a passkey that is being registered", async () => {
    const { twoFactor } = passkeyWorld();
    const { enrollmentId } = must(await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding }));
    for (const code of ["000000", "", "{}"]) {
      const refused = await twoFactor.enrollment.confirm("ada", { enrollmentId, code, binding });
      assert.equal(detailOf(refused), "enrollment_not_found");
    }
  });

  test("holds ten, and the browser is told which exist", async () => {
    const { twoFactor, register } = passkeyWorld();
    const key = await register("ada");
    const proof = async () => ({
      code: await key.get(must(await twoFactor.passkeys.options("ada", { binding })).options),
    });
    for (let i = 1; i < 10; i++) await register("ada", virtualPasskey(), await proof());
    assert.equal((await twoFactor.passkeys.list("ada")).length, 10);
    const eleventh = await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding });
    assert.equal(detailOf(eleventh), "too_many_passkeys");
    const [listed] = await twoFactor.passkeys.list("ada");
    must(await twoFactor.passkeys.rename("ada", { id: listed?.id, label: "Old key" }));
    assert.equal((await twoFactor.passkeys.list("ada"))[0]?.label, "Old key");
    must(await twoFactor.passkeys.remove("ada", { id: listed?.id, binding, ...(await proof()) }));
    assert.equal((await twoFactor.passkeys.list("ada")).length, 9);
    assert.equal(
      detailOf(await twoFactor.passkeys.rename("ada", { id: listed?.id, label: "x" })),
      "passkey_not_found",
    );
  });

  test("keeps the transports that are known, and drops other names", async () => {
    const { twoFactor } = passkeyWorld();
    const begun = must(await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding }));
    const response = await virtualPasskey().create(begun.options);
    const transports = ["internal", "usb", "telepathy", 7, "usb"];
    const { enrollmentId } = begun;
    const said = { ...response, response: { ...response.response, transports } };
    must(await twoFactor.passkeys.confirm("ada", { enrollmentId, response: said, binding }));
    const { options } = must(await twoFactor.passkeys.options("ada", { binding }));
    assert.deepEqual(options.allowCredentials[0]?.transports, ["usb", "internal"]);
  });

  test("excludes existing passkeys, and one authenticator works for several sites", async () => {
    const { twoFactor, register } = passkeyWorld();
    const key = await register("ada");
    const code = await key.get(must(await twoFactor.passkeys.options("ada", { binding })).options);
    const { options } = must(await twoFactor.passkeys.begin("ada", { accountName: "Ada", binding, code }));
    await assert.rejects(key.create(options), /InvalidStateError/);
    await key.create({ ...options, rp: { id: "other.test", name: "Other" }, excludeCredentials: [] });
    key.lose();
    await assert.rejects(key.create(options), /lost/);
  });
});
