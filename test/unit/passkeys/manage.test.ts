/** The option `passkeys` and the calls: what they take, all that they give, and what they refuse. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { challengeOfRegistration, challengeOfSignIn } from "../../../src/passkeys/challenge.ts";
import { passkeys } from "../../../src/passkeys/index.ts";
import type { Pending } from "../../../src/record.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { virtualPasskey } from "../../../src/testing/index.ts";
import type { Challenge } from "../../../src/two-factor/tokens.ts";
import { context } from "../../support/changes.ts";
import { BINDING, detailOf, LIBRARY, must, passkeyWorld, SITE } from "../../support/passkeys.ts";

const binding = BINDING;
const accountName = "Ada";

test("each call takes its options, and names any other", async () => {
  const calls = passkeyWorld().twoFactor.passkeys as unknown as Record<
    string,
    (who: unknown, options: unknown) => Promise<unknown>
  >;
  for (const [name, names] of [
    ["begin", "accountName label binding elevation password code deviceToken firstFactor context"],
    ["confirm", "enrollmentId response binding deviceToken trustDevice remember context"],
    ["options", "binding context"],
    ["rename", "id label context"],
  ] as const) {
    const given = Object.fromEntries([...names.split(" "), "x"].map((option) => [option, undefined]));
    const call = async (who: unknown, options: unknown) => calls[name]?.(who, options);
    await assert.rejects(call("ada", given), new TypeError("x: there is no such option"));
    await assert.rejects(call("ada", null), new TypeError("options: want an object"));
    if (name === "options")
      await assert.rejects(call(null, { binding }), new TypeError("who: want an object"));
  }
});

test("the browser is told all that it needs, and the list what a page shows", async () => {
  const { twoFactor, register, clock } = passkeyWorld();
  const key = await register("ada");
  const enrolledAt = clock();
  const [listed] = await twoFactor.passkeys.list("ada");
  const id = listed?.id;
  assert.deepEqual(listed, { id, label: null, enrolledAt, lastUsedAt: null, synced: false, backedUp: false });
  const { options: request, ...rest } = must(await twoFactor.passkeys.options("ada", { binding }));
  const descriptors = [{ id, type: "public-key", transports: ["usb"] }];
  assert.deepEqual(rest, { ok: true, expiresAt: clock() + request.timeout });
  assert.deepEqual(request, {
    ...{ rpId: "example.com", challenge: request.challenge, timeout: 600_000 },
    ...{ allowCredentials: descriptors, userVerification: "preferred" },
  });
  const shown = await key.get(request);
  const begun = await twoFactor.passkeys.begin("ada", {
    accountName: async (user) => `${user} of Acme`,
    code: shown,
    binding,
  });
  const { enrollmentId, options } = must(begun);
  assert.match(options.challenge, /^[\w-]{43}$/);
  assert.deepEqual(begun, {
    ...{ ok: true, enrollmentId, expiresAt: clock() + 600_000 },
    options: {
      rp: { id: "example.com", name: "Acme" },
      user: { id: shown.response.userHandle, name: "ada of Acme", displayName: "ada of Acme" },
      challenge: options.challenge,
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
      timeout: 600_000,
      excludeCredentials: descriptors,
      authenticatorSelection: {
        ...{ residentKey: "discouraged", requireResidentKey: false, userVerification: "preferred" },
      },
      attestation: "none",
    },
  });
});

test("challenges are the same in every version, as deployments roll", () => {
  const about = { id: "id", userId: "ada", purpose: "code", epoch: "e", expiresAt: 7 } as Challenge;
  const pending = { id: "id", expiresAt: 7 } as Pending;
  assert.deepEqual(
    [null, "b"].flatMap((hash) => [
      challengeOfSignIn({ ...about, binding: hash }),
      challengeOfRegistration("ada", { ...pending, bindingHash: hash }),
    ]),
    [
      "YGWz7SQ9WL7fBiJRepQmEviWkuQMoJle8Ij2AIopOoY",
      "kXJhYxN7r9uN0fwkFU7IIPWgWplnafXLavPaGL_54ZA",
      "z7Q3KK3rJgwoJmf6wFzRLORVmJqZMRc3erz2vOlV4eA",
      "Ib4bfH7zSW22OYzoVQlWw_z_TmUl8GZUxU6C3aycZ9A",
    ],
  );
});

test("renaming and removing say what they did, and refuse what they cannot do", async () => {
  const { twoFactor, enroll, register, events } = passkeyWorld();
  const { passkeys, authenticators } = twoFactor;
  const { signIn, phone } = await enroll("ada", { binding });
  const key = virtualPasskey();
  const shown = async () => ({
    code: await key.get(must(await passkeys.options("ada", { binding })).options),
    binding,
  });
  await register("ada", virtualPasskey(), { elevation: signIn.elevation });
  const [{ id } = { id: "" }] = await passkeys.list("ada");
  assert.deepEqual(await passkeys.rename("ada", { id, label: "key", context }), { ok: true });
  assert.deepEqual(events.find(({ type }) => type === "passkey_renamed")?.context, context);
  assert.equal(detailOf(await passkeys.remove("ada", { id, binding })), "reauthentication_required");
  await register("ada", key, { code: phone.code() });
  const removed = await passkeys.remove("ada", { id, ...(await shown()) });
  assert.deepEqual(removed, { ok: true, mustEnroll: false });
  const [app] = await authenticators.list("ada");
  must(await authenticators.remove("ada", { id: app?.id, ...(await shown()) }));
  const again = await passkeys.remove("ada", { id, ...(await shown()) });
  assert.equal(detailOf(again), "passkey_not_found");
  assert.equal(
    (await twoFactor.status("ada")).state,
    "active",
    "the other passkey, which is the last factor",
  );
});

test("a passkey that has become the last factor meanwhile stays", async () => {
  let meanwhile = async () => {};
  const w = passkeyWorld({
    ...{ queue: false, reauthentication: { enroll: "none", replace: "none" } },
    async requirement() {
      await meanwhile();
      return { required: false };
    },
  });
  const { passkeys } = w.twoFactor;
  await w.register("ada");
  await w.register("ada");
  const [one, other] = await passkeys.list("ada");
  meanwhile = async () => {
    meanwhile = async () => {};
    must(await passkeys.remove("ada", { id: other?.id, binding }));
  };
  assert.equal(detailOf(await passkeys.remove("ada", { id: one?.id, binding })), "elevation_invalid");
  assert.equal((await passkeys.list("ada")).length, 1);
});

test("a registration is refused without leave, challenge or id, and counts once", async () => {
  let allowed = true;
  const { twoFactor } = passkeyWorld({ queue: false, authorize: () => allowed });
  const { passkeys } = twoFactor;
  const { enrollmentId, options } = must(await passkeys.begin("ada", { accountName, binding }));
  const response = await virtualPasskey().create(options);
  const given = { enrollmentId, response, binding };
  assert.equal(detailOf(await passkeys.confirm({ challenge: "x" }, given)), "challenge_invalid");
  const unnamed = { ...given, enrollmentId: undefined };
  assert.equal(detailOf(await passkeys.confirm("ada", unnamed)), "enrollment_not_found");
  allowed = false;
  assert.equal(detailOf(await passkeys.begin("ada", { accountName, binding })), "not_authorized");
  assert.equal(detailOf(await passkeys.confirm("ada", given)), "not_authorized");
  allowed = true;
  const both = await Promise.all([passkeys.confirm("ada", given), passkeys.confirm("ada", given)]);
  assert.deepEqual(both.map(detailOf).sort(), ["enrollment_not_found", "ok"]);
});

test("a response costs one read of the record, and a write each time something is to be stored", async () => {
  const store = memoryStore();
  const log: string[] = [];
  const counted: typeof store = {
    async get(userId) {
      log.push("get");
      return store.get(userId);
    },
    async compareAndSet(...write) {
      log.push("set");
      return store.compareAndSet(...write);
    },
  };
  const { twoFactor, answer } = passkeyWorld({ store: counted });
  const { enrollmentId, options } = must(await twoFactor.passkeys.begin("ada", { accountName, binding }));
  const key = virtualPasskey();
  const confirm = async (page: { origin?: string }) => {
    const response = await key.create(options, page);
    return () => twoFactor.passkeys.confirm("ada", { enrollmentId, response, binding });
  };
  const complete = async (page: { origin?: string }) => {
    const { challenge, response } = await answer("ada", key, page);
    return () => twoFactor.signIn.complete(challenge, response, { binding });
  };
  const evil = { origin: "https://evil.test" };
  for (const [call, page, says, writes] of [
    [confirm, evil, "wrong_passkey", 1],
    [confirm, {}, "ok", 2],
    [complete, evil, "wrong_passkey", 1],
    [complete, {}, "ok", 1],
  ] as const) {
    const send = await call(page);
    log.length = 0;
    assert.equal(detailOf(await send()), says);
    assert.deepEqual(log, ["get", ...Array(writes).fill("set")]);
  }
});

test("options of passkeys are refused by name if they can never work", () => {
  const make = (given: unknown) => () => passkeys({ ...SITE, ...LIBRARY, ...(given as object) });
  const list = new TypeError("origins: want a list of 1 to 16");
  for (const [given, refusal] of [
    [{ rpId: "https://example.com" }, new RangeError("rpId: want a domain in lower case, without port")],
    [{ rpId: 1 }, new TypeError("rpId: want a string")],
    [{ rpName: "" }, new RangeError("rpName: must not be empty")],
    [{ origins: "https://example.com" }, list],
    [{ origins: [] }, list],
    [{ origins: Array(17).fill("https://example.com") }, list],
    [{ origins: [1] }, new TypeError("origins: want a string")],
    [{ verifyRegistration: undefined }, new TypeError("verifyRegistration: want a function")],
    [{ verifyAuthentication: 1 }, new TypeError("verifyAuthentication: want a function")],
    [
      { userVerification: "no" },
      new TypeError("userVerification: want one of required, preferred, discouraged"),
    ],
    [{ userVerfication: "required" }, new TypeError("userVerfication: there is no such option")],
  ] as const)
    assert.throws(make(given), refusal);
  assert.throws(() => passkeys(null as never), new TypeError("options: want an object"));
  const refusal = new RangeError("origins: want https://host of the domain rpId, without a path");
  for (const origin of [
    ...["https://other.test", "https://example.com/", "xhttps://example.com", "https://xexample.com"],
    ...["https://example.com:123456", "https://example.com:x", "https://.example.com.evil.test"],
    ...["xios:bundle-id:a", "ios:bundle-id:", "ios:bundle-id:a b", "android:a"],
  ])
    assert.throws(make({ origins: [origin] }), refusal, origin);
  const good = [
    "https://example.com:65535",
    "http://example.com",
    "https://a.example.com",
    "ios:bundle-id:a.b",
  ];
  make({ origins: [...good, ...Array(12).fill("android:apk-key-hash:aB-_")] })();
  assert.throws(
    () => passkeyWorld({ passkeys: { rpId: "example.com" } } as never, { rpName: 1 as never }),
    TypeError,
  );
});
