/** Passkeys under attack: every call that takes a response, junk in its place, and one that is sent again. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { virtualPasskey } from "../../src/testing/index.ts";
import { CODE_CALLS, respond } from "../support/calls.ts";
import {
  flipped,
  junkLike,
  passkeysOf,
  passkeyWorld,
  registerPasskey,
  withPasskeys,
} from "../support/passkeys.ts";
import { binding, challengeOf, enrolled, must, outcome, recordOf, USER } from "../support/world.ts";

const accountName = USER;

for (const call of CODE_CALLS.filter(({ budget }) => budget === "app")) {
  test(`${call.path} takes a passkey of this site, and charges another's to no budget of codes`, async () => {
    const w = await enrolled({ ...call.options, ...withPasskeys });
    const key = await registerPasskey(w);
    const evil = await respond(call, w, (options) => key.get(options, { origin: "https://evil.test" }));
    assert.equal(outcome(evil), "wrong_passkey");
    const { app, backup, passkey } = await recordOf(w);
    assert.deepEqual([app.failures, backup.failures, passkey.failures], [0, 0, 1]);
    must(await respond(call, w, (options) => key.get(options)));
  });

  test(`V37 ${call.path} throws at no junk in the place of a response, and lets none in`, async () => {
    const w = await enrolled({ ...call.options, ...withPasskeys });
    const key = await registerPasskey(w);
    const { submit } = await call.ready(w);
    const response = await key.get(must(await passkeysOf(w).options(USER, { binding })).options);
    const junk = junkLike(response);
    assert.ok(junk.length >= 85);
    for (const [index, value] of junk.entries())
      assert.equal((await submit(value)).ok, false, `junk ${index}`);
  });
}

describe("a registration", () => {
  async function begun() {
    const w = passkeyWorld({ queue: false });
    const start = must(await w.twoFactor.passkeys.begin(USER, { accountName, binding }));
    const { enrollmentId } = start;
    const response = await virtualPasskey().create(start.options);
    const confirm = (given: unknown) =>
      w.twoFactor.passkeys.confirm(USER, { enrollmentId, response: given, binding });
    return { ...w, response, confirm };
  }

  test("V37 throws at no junk, and registers none", async () => {
    const { twoFactor, response, confirm } = await begun();
    const junk = junkLike(response);
    assert.ok(junk.length >= 85);
    for (const [index, value] of junk.entries())
      assert.equal((await confirm(value)).ok, false, `junk ${index}`);
    assert.deepEqual(await twoFactor.passkeys.list(USER), []);
    must(await confirm(response));
  });

  test("throws at no flipped bit; nothing is signed, so what gets in is of the person's own making", async () => {
    const fields = ["clientDataJSON", "attestationObject"] as const;
    const { length } = [...flipped((await begun()).response, fields, 47)];
    const accepted = [];
    for (let i = 0; i < length; i++) {
      const { twoFactor, response, confirm } = await begun();
      const result = await confirm([...flipped(response, fields, 47)][i]?.forged);
      const listed = (await twoFactor.passkeys.list(USER)).map(({ id }) => id);
      assert.deepEqual(listed, result.ok ? [response.id] : []);
      accepted.push(result.ok);
    }
    assert.ok(accepted.includes(true) && accepted.includes(false));
  });

  test("counts once, of fifty at once", async () => {
    const { twoFactor, response, confirm } = await begun();
    const all = await Promise.all(Array.from({ length: 50 }, () => confirm(response)));
    assert.equal(all.filter(({ ok }) => ok).length, 1);
    assert.equal((await twoFactor.passkeys.list(USER)).length, 1);
  });
});

test("a challenge of one purpose serves no other", async () => {
  const w = await enrolled({ ...withPasskeys, requirement: () => ({ required: true }) });
  const key = await registerPasskey(w);
  const code = await challengeOf(w);
  const enroll = await w.twoFactor.signIn.begin("bob", { binding });
  assert.ok(enroll.step === "enroll");
  const { challenge } = enroll;
  const calls = passkeysOf(w);
  const { options } = must(await calls.options({ challenge: code }, { binding }));
  const response = await key.get(options);
  for (const refused of [
    await calls.begin({ challenge: code }, { accountName, binding }),
    await calls.options({ challenge }, { binding }),
    await w.twoFactor.signIn.complete(challenge, response, { binding }),
    await w.twoFactor.signIn.complete(options.challenge, response, { binding }),
    await w.twoFactor.verify(USER, response, { binding }),
    await w.twoFactor.disable(USER, { code: response, binding }),
  ]) {
    assert.equal(outcome(refused), "challenge_invalid");
  }
});
