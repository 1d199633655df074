/** What is read of a browser's response, of the signature in it, and of what the library says of both. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64Url, utf8 } from "../../../src/internal/bytes.ts";
import { isCanonical } from "../../../src/passkeys/der.ts";
import { verifyAuthentication, verifyRegistration } from "../../../src/passkeys/library.ts";
import { isResponse, readAuthentication, readRegistration } from "../../../src/passkeys/response.ts";
import { knownTransports, transportBits, transportNames } from "../../../src/passkeys/transports.ts";
import type { Passkey } from "../../../src/record.ts";
import { SITE } from "../../support/passkeys.ts";
import { fromHex } from "../otp/reference.ts";

const clientData = (json: string) => toBase64Url(utf8(json));
const clientDataJSON = clientData('{"challenge":"c","crossOrigin":false}');
const OUTER = { id: "AAAA", rawId: "AAAA", type: "public-key" };
const SHOWN = { clientDataJSON, authenticatorData: "AAAB", signature: "AAAC" };
const CREATED = { clientDataJSON, attestationObject: "AAAD" };
const long = (length: number) => "A".repeat(length);

/** The refusals of a field: nothing, another type, no base64url, another spelling of it, and text that is too long. */
const refusals = (name: string, max: number) =>
  [undefined, null, 1, [long(4)], "", "AA=", "AAB", long(max + 2)].map((value) => ({ [name]: value }));

test("a response is read down to the fields that are known", () => {
  const { id, rawId, type } = OUTER;
  const read = (response: object) => ({
    challenge: "c",
    response: { id, rawId, type, response, clientExtensionResults: {} },
  });
  const own = { userHandle: "AAAE" };
  for (const [more, kept] of [
    [{ more: 1, ...own }, own],
    ...[undefined, null, ""].map((userHandle) => [{ userHandle }, {}] as const),
    ...[{ signature: long(4_096) }, { authenticatorData: long(4_096) }].map((most) => [most, most] as const),
    [{ userHandle: long(512) }, { userHandle: long(512) }],
  ] as const) {
    const given = { ...OUTER, more: 1, response: { ...SHOWN, ...more } };
    assert.deepEqual(readAuthentication(given), read({ ...SHOWN, ...kept }));
    assert.deepEqual(readAuthentication(JSON.stringify(given).padEnd(65_536)), read({ ...SHOWN, ...kept }));
  }
  const said = { attestationObject: long(32_768), transports: ["x", "usb"] };
  const created = readRegistration({ ...OUTER, response: { ...CREATED, ...said } });
  assert.deepEqual(created, read({ ...CREATED, ...said, transports: ["usb"] }));
  const most = { id: long(512), rawId: long(512) };
  const padded = clientData('{"challenge":"c"}'.padEnd(12_288));
  const full = { ...OUTER, ...most, response: { ...CREATED, clientDataJSON: padded } };
  assert.equal(readRegistration(full)?.response.id, long(512));
});

test("a response with anything else in a field is not read, and nothing throws", () => {
  const inner = [
    ...refusals("clientDataJSON", 16_384),
    ...['{"challenge":1}', '{"challenge":"c","crossOrigin":true}', "{}", "null", "x"].map((json) => ({
      clientDataJSON: clientData(json),
    })),
    { clientDataJSON: clientData('{"challenge":"c"}'.padEnd(12_291)) },
  ];
  const outer = [...refusals("id", 512), { rawId: "AAAB" }, { type: "password" }, { response: null }];
  const same = refusals("id", 512).map(({ id }) => ({ id, rawId: id }));
  for (const [read, response, fields] of [
    [readAuthentication, SHOWN, ["authenticatorData", "signature"].flatMap((name) => refusals(name, 4_096))],
    [readRegistration, CREATED, refusals("attestationObject", 32_768)],
  ] as const) {
    const good = { ...OUTER, response };
    for (const wrong of [
      ...[null, undefined, 1, "{", JSON.stringify(good).padEnd(65_537)],
      ...[...outer, ...same].map((change) => ({ ...good, ...change })),
      ...[...inner, ...fields].map((change) => ({ ...good, response: { ...response, ...change } })),
    ])
      assert.equal(read(wrong), undefined, JSON.stringify(wrong)?.slice(0, 200));
  }
  for (const userHandle of ["AA=", 1, long(514)])
    assert.equal(readAuthentication({ ...OUTER, response: { ...SHOWN, userHandle } }), undefined);
});

test("objects, and text that begins like JSON, are responses; codes are not", () => {
  const is = [{}, [], "{", `${" ".repeat(8)}{`, "\t{}"];
  const isNot = [null, undefined, 1, () => ({}), "", "123456", "x{", `${" ".repeat(9)}{`];
  assert.deepEqual([...is, ...isNot].filter(isResponse), is);
});

test("transports are kept by their place, and unknown ones dropped", () => {
  const names = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal", "cable"];
  assert.deepEqual(
    names.map((name) => transportBits([name])),
    [1, 2, 4, 8, 16, 32, 64],
  );
  assert.deepEqual(transportNames(127), names);
  assert.deepEqual([knownTransports(["x", ...names]), knownTransports("usb")], [names, []]);
});

const integer = (hex: string, tag = "02") => tag + (hex.length / 2).toString(16).padStart(2, "0") + hex;
const GOOD = integer("7f01");
const bytes = (length: number) => integer("01".repeat(length));

for (const [what, hex, canonical] of [
  ["two integers", integer(GOOD + GOOD, "30"), true],
  ["zeros that keep it positive", integer(integer("0080") + integer("0081"), "30"), true],
  ["127 bytes", integer(bytes(60) + bytes(61), "30"), true],
  ["128 bytes", integer(bytes(60) + bytes(62), "30"), false],
  ["another sequence", integer(GOOD + GOOD, "31"), false],
  ["a length too short", `3007${GOOD}${GOOD}`, false],
  ["a length too long", `3009${GOOD}${GOOD}`, false],
  ["one integer", integer(GOOD, "30"), false],
  ["a byte behind them", integer(`${GOOD}${GOOD}00`, "30"), false],
  ["an integer past the end", integer(`${GOOD}02037f01`, "30"), false],
  ["nothing", "", false],
  ...["8001", "807f", "007f", "0000", "05"].flatMap((hex): [string, string, boolean][] => [
    [`${hex} first`, integer(integer(hex) + GOOD, "30"), false],
    [`${hex} second`, integer(GOOD + integer(hex), "30"), false],
  ]),
  ["another tag first", integer(integer("7f01", "03") + GOOD, "30"), false],
  ["another tag second", integer(GOOD + integer("7f01", "03"), "30"), false],
] as const) {
  test(`an ECDSA signature of ${what} is ${canonical ? "" : "not "}canonical`, () => {
    const signature = fromHex(hex);
    const key = (...begin: number[]) => isCanonical(signature, Uint8Array.from(begin));
    assert.equal(key(0xa5, 1, 2), canonical);
    assert.deepEqual([key(0xa4, 1, 1), key(0xa4, 1, 3), key(0xa4, 3, 2)], [true, true, true], "other keys");
  });
}

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
    signature: toBase64Url(fromHex("300802027f0102027f01")),
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
  const padded = toBase64Url(fromHex("300902027f010203007f01"));
  const { asked, authenticated } = await answered(() => good, {
    ...shown,
    response: { ...shown.response, signature: padded },
  });
  assert.deepEqual([asked.length, authenticated], [1, null], "the library is not asked");
});
