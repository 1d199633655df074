/** What the library that verifies signatures is asked, and what its answers come to. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64Url } from "../../../src/internal/bytes.ts";
import { verifyAuthentication, verifyRegistration } from "../../../src/passkeys/library.ts";
import type { Passkey } from "../../../src/record.ts";
import { SITE } from "../../support/passkeys.ts";

const KEY = Uint8Array.of(0xa5, 1, 2);
const passkey: Passkey = {
  ...{ id: "AAAA", publicKey: toBase64Url(KEY), counter: 7, label: null, transports: 0 },
  ...{ synced: 0, backedUp: 0, enrolledAt: 0, lastUsedAt: null },
};
const outer = { id: "AAAA", rawId: "AAAA", type: "public-key", clientExtensionResults: {} } as const;
const created = {
  ...outer,
  response: { clientDataJSON: "AAAA", attestationObject: "AAAA", transports: ["nfc"] },
};
const shown = {
  ...outer,
  response: {
    clientDataJSON: "AAAA",
    authenticatorData: "AAAA",
    signature: toBase64Url(Buffer.from("300802027f0102027f01", "hex")),
  },
};
const expected = {
  ...{ expectedChallenge: "c", expectedOrigin: SITE.origins, expectedRPID: SITE.rpId },
  requireUserVerification: false,
};

/** Asks with a library that answers this, or fails, and gives what it was asked with the result. */
async function answered(
  answer: () => unknown,
  response: typeof shown = shown,
  level: "preferred" | "required" = "preferred",
) {
  const asked: unknown[] = [];
  const library = (options: unknown) => {
    asked.push(options);
    return answer() as never;
  };
  const settings = {
    ...SITE,
    userVerification: level,
    verifyRegistration: library,
    verifyAuthentication: library,
  };
  const registered = await verifyRegistration(settings, { response: created, challenge: "c" }, "c");
  const authenticated = await verifyAuthentication(settings, { response, challenge: "c" }, "c", passkey);
  return { asked, registered, authenticated };
}

const credential = { id: "AAAA", publicKey: KEY, counter: 3 };
const registrationInfo = {
  credential,
  userVerified: true,
  credentialDeviceType: "singleDevice",
  credentialBackedUp: false,
};
const authenticationInfo = { newCounter: 8, userVerified: false, credentialBackedUp: false };
const good = { verified: true, registrationInfo, authenticationInfo };

test("the library is asked for this site, challenge and key, and for the algorithms of today", async () => {
  const { asked, registered, authenticated } = await answered(() => good);
  assert.deepEqual(asked, [
    { ...expected, response: created, supportedAlgorithmIDs: [-8, -7, -257] },
    { ...expected, response: shown, credential: { id: "AAAA", publicKey: KEY, counter: 0 } },
  ]);
  const { id, publicKey } = passkey;
  assert.deepEqual(registered, { id, publicKey, counter: 3, synced: 0, backedUp: 0, transports: 2 });
  assert.deepEqual(authenticated, { counter: 8, userVerified: false, backedUp: false });
  const strict = await answered(() => good, shown, "required");
  assert.deepEqual(strict.asked[0], { ...(asked[0] as object), requireUserVerification: true });
});

test("a passkey is synced unless of a single device, and only true counts as yes", async () => {
  for (const [said, synced, is] of [
    ["multiDevice", 1, true],
    ["singleDevice", 0, 1],
  ] as const) {
    const { registered, authenticated } = await answered(() => ({
      ...{
        verified: true,
        registrationInfo: { ...registrationInfo, credentialDeviceType: said, credentialBackedUp: is },
      },
      authenticationInfo: { ...authenticationInfo, userVerified: is, credentialBackedUp: is },
    }));
    assert.deepEqual([registered?.synced, registered?.backedUp], [synced, 1]);
    assert.deepEqual(authenticated, { counter: 8, userVerified: is === true, backedUp: is === true });
  }
});

test("an answer that is not a plain yes to this passkey registers nothing", async () => {
  const of = (change: object) => ({
    ...good,
    registrationInfo: { ...registrationInfo, credential: { ...credential, ...change } },
  });
  for (const [answer, length] of [
    [of({ publicKey: new Uint8Array(384) }), 512],
    [of({ publicKey: new Uint8Array(385) }), undefined],
    [of({ id: "AAAB" }), undefined],
    [{ verified: true }, undefined],
    [{ ...good, verified: 1 }, undefined],
    [{ ...good, verified: false }, undefined],
    [null, undefined],
  ] as const)
    assert.equal((await answered(() => answer)).registered?.publicKey.length, length);
});

test("a library that refuses or fails, or a signature in another spelling, proves nothing", async () => {
  const fails = () => {
    throw new Error("wrong origin");
  };
  for (const answer of [() => ({ ...good, verified: 1 }), () => Promise.reject(new Error("no")), fails]) {
    const { registered, authenticated } = await answered(answer);
    assert.deepEqual([registered, authenticated], [null, null]);
  }
  const padded = toBase64Url(Buffer.from("300902027f010203007f01", "hex"));
  const { asked, authenticated } = await answered(() => good, {
    ...shown,
    response: { ...shown.response, signature: padded },
  });
  assert.deepEqual([asked.length, authenticated], [1, null], "the library is not asked");
});
