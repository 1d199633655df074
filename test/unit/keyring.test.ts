import assert from "node:assert/strict";
import * as nodeCrypto from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { TwoFactorError } from "../../src/errors.ts";
import { nativePlatform, type Platform, portablePlatform } from "../../src/internal/platform.ts";
import { createKeyring, type Keyring, type TokenKind } from "../../src/keyring.ts";

const KINDS: readonly TokenKind[] = ["challenge", "elevation"];
const KEY_A = Buffer.alloc(32, 1).toString("base64url");
const KEY_B = Buffer.alloc(32, 2).toString("base64url");
const native = nativePlatform(nodeCrypto as unknown as Parameters<typeof nativePlatform>[0]);
const portable = portablePlatform(
  globalThis.crypto.subtle as unknown as Parameters<typeof portablePlatform>[0],
);
const sevens = (length: number) => new Uint8Array(length).fill(7);
const ring = createKeyring(KEY_A);
const failsWith = (code: TwoFactorError["code"]) => (error: unknown) =>
  error instanceof TwoFactorError && error.code === code;

test("a record opens for its user and version, whatever its text", async () => {
  const words = fc.string({ unit: "binary" });
  await fc.assert(
    fc.asyncProperty(words, words, words, async (userId, version, json) => {
      const seal = ring.forUser(userId);
      assert.equal(await seal.open(version, await seal.seal(version, json)), json);
    }),
    { numRuns: 100, examples: [["ada", "version", "\uFEFF[1]"]] }, // a byte order mark is text too
  );
});

test("with the same nonce, both platforms write the same bytes and read each other's", async () => {
  const rings = [native, portable].map((platform) => createKeyring(KEY_A, sevens, platform)) as [
    Keyring,
    Keyring,
  ];
  const [one, two] = rings;
  const data = await one.forUser("ada").seal("version", "[1]");
  assert.equal(await two.forUser("ada").seal("version", "[1]"), data);
  assert.equal(await two.forUser("ada").open("version", data), "[1]");
  for (const kind of KINDS) {
    const token = await one.sealToken(kind, "[2]");
    assert.equal(await two.sealToken(kind, "[2]"), token);
    assert.equal(await two.openToken(kind, token), "[2]");
  }
});

test("a token is sealed once: when it is first read, or before where sealing takes a promise", async () => {
  for (const [platform, before] of [
    [native, 0],
    [portable, 1],
  ] as const) {
    let written = 0;
    const lazy = createKeyring(KEY_A, undefined, platform);
    const token = await lazy.sealOnDemand("elevation", () => `[${++written}]`);
    assert.equal(written, before);
    assert.equal(token(), token());
    assert.equal(await lazy.openToken("elevation", token()), "[1]");
    assert.equal(await lazy.openToken("challenge", token()), undefined);
  }
});

/** docs/formats.md in a few lines of node:crypto. */
const lp = (...fields: readonly (string | Uint8Array)[]) =>
  Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.from(field).length);
      return [length, Buffer.from(field)];
    }),
  );
const hkdf = (info: Uint8Array, length: number) =>
  Buffer.from(nodeCrypto.hkdfSync("sha256", Buffer.from(KEY_A, "base64url"), new Uint8Array(), info, length));
const gcmOpen = (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, sealed: Uint8Array) => {
  const decipher = nodeCrypto.createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAAD(associated).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString();
};

test("records and tokens open with nothing but node:crypto and docs/formats.md", async () => {
  const ring = createKeyring(KEY_A);
  const keyId = hkdf(Buffer.from("twinlock/v1/key-id"), 8).toString("base64url");
  assert.equal(ring.keyId, keyId);

  const data = await ring.forUser("ada").seal("version", "[1]");
  const [format = "", id = "", nonce = "", sealed = ""] = data.split(".");
  assert.deepEqual([format, id], ["v1", keyId]);
  const recordKey = hkdf(lp("twinlock/v1/record", "ada"), 32);
  const parts = [Buffer.from(nonce, "base64url"), lp("v1", keyId, "ada", "version")] as const;
  assert.equal(gcmOpen(recordKey, ...parts, Buffer.from(sealed, "base64url")), "[1]");

  for (const kind of KINDS) {
    const [, , salt = "", rest = ""] = (await ring.sealToken(kind, "[2]")).split(".");
    const bytes = Buffer.from(salt, "base64url");
    const key = hkdf(lp(`twinlock/v1/${kind}`, bytes), 32);
    const nonce = bytes.subarray(0, 12);
    assert.equal(gcmOpen(key, nonce, lp("v1", keyId), Buffer.from(rest, "base64url")), "[2]");
  }
});

test("V69 a record that was copied to another user or under another version does not open", async () => {
  const data = await ring.forUser("ada").seal("version", "[1]");
  await assert.rejects(ring.forUser("bob").open("version", data), failsWith("record_invalid"));
  await assert.rejects(ring.forUser("ada").open("Version", data), failsWith("record_invalid"));
  await assert.rejects(ring.forUser("ADA").open("version", data), failsWith("record_invalid"));
});

test("V62 another split of the same text into user and version does not open a record", async () => {
  const whole = "user-1.version";
  const data = await ring.forUser(whole.slice(0, 6)).seal(whole.slice(6), "[1]");
  for (let at = 0; at <= whole.length; at++) {
    const opening = ring.forUser(whole.slice(0, at)).open(whole.slice(at), data);
    if (at === 6) assert.equal(await opening, "[1]");
    else await assert.rejects(opening, failsWith("record_invalid"), `divided at ${at}`);
  }
});

/** Every sealed text that differs from this one in one character, or by one more or less. */
function* neighbors(sealed: string): Generator<string> {
  for (let at = 0; at < sealed.length; at++) {
    for (const other of ["A", "B", "_", ".", "=", "+", "é", ""]) {
      if (other !== sealed[at]) yield sealed.slice(0, at) + other + sealed.slice(at + 1);
    }
  }
  yield* [`${sealed}A`, `${sealed}.`, `${sealed}=`, ` ${sealed}`, sealed.toLowerCase(), sealed.repeat(2)];
}

test("a record with one character changed fails closed with a clear error, wherever it is", async () => {
  const seal = ring.forUser("ada");
  for (const changed of neighbors(await seal.seal("version", '["secret-marker"]'))) {
    await assert.rejects(
      seal.open("version", changed),
      (error) =>
        error instanceof TwoFactorError &&
        (error.code === "record_invalid" || error.code === "key_unknown") &&
        !error.message.includes("secret-marker"),
      changed,
    );
  }
});

for (const kind of KINDS) {
  test(`a flipped bit, or one character changed, and the ${kind} does not open`, async () => {
    const token = await ring.sealToken(kind, "[1]");
    for (const changed of neighbors(token)) {
      assert.equal(await ring.openToken(kind, changed), undefined, changed);
    }
    assert.equal(await ring.openToken(kind, token), "[1]");
  });
}

test("a token of one kind never opens as another, nor as a record, nor a record as a token", async () => {
  const challenge = await ring.sealToken("challenge", "[1]");
  const elevation = await ring.sealToken("elevation", "[1]");
  const record = await ring.forUser("ada").seal("version", "[1]");
  assert.equal(await ring.openToken("elevation", challenge), undefined);
  assert.equal(await ring.openToken("challenge", elevation), undefined);
  for (const kind of KINDS) assert.equal(await ring.openToken(kind, record), undefined);
  for (const token of [challenge, elevation]) {
    await assert.rejects(ring.forUser("ada").open("version", token), failsWith("record_invalid"));
  }
});

test("no input of any kind opens as a token or throws", async () => {
  const inputs = [
    undefined,
    null,
    7,
    {},
    [],
    ["v1"],
    Symbol("v1"),
    new String("v1"),
    "",
    ".",
    "...",
    "v1",
    "\0",
  ];
  for (const input of [
    ...inputs,
    "x".repeat(1e6),
    ".".repeat(1e6),
    `v1.${ring.keyId}.${"A".repeat(1e6)}.A`,
  ]) {
    for (const kind of KINDS) assert.equal(await ring.openToken(kind, input), undefined);
  }
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (input) => {
      assert.equal(await ring.openToken("challenge", input), undefined);
    }),
  );
});

test("a token of 16,384 characters opens, and a longer one does not", async () => {
  for (const [length, opens] of [
    [12_236, true],
    [12_237, false],
  ] as const) {
    const json = "x".repeat(length);
    const token = await ring.sealToken("challenge", json);
    assert.equal(token.length, opens ? 16_384 : 16_386);
    assert.equal(await ring.openToken("challenge", token), opens ? json : undefined);
  }
});

test("the token for the longest user id opens again", async () => {
  const json = JSON.stringify(["\u0001".repeat(1_024), "x".repeat(400)]);
  const token = await ring.sealToken("challenge", json);
  assert.equal(await ring.openToken("challenge", token), json);
});

/** A platform that encrypts nothing and notes under which key and nonce it was asked to. */
function notary(): { platform: Platform; pairs: Set<string>; asked: () => number } {
  const pairs = new Set<string>();
  let asked = 0;
  const cipher = (key: Uint8Array) => {
    const name = Buffer.from(key).toString("latin1");
    return {
      seal: async (nonce: Uint8Array) => {
        asked++;
        pairs.add(name + Buffer.from(nonce).toString("latin1"));
        return new Uint8Array();
      },
      open: async () => undefined,
    };
  };
  const platform: Platform = { ...portable, cipher };
  return { platform, pairs, asked: () => asked };
}

test("over 100,000 seals of one record, no nonce is used twice", async () => {
  const { platform, pairs, asked } = notary();
  const seal = createKeyring(KEY_A, undefined, platform).forUser("ada");
  for (let i = 0; i < 100_000; i++) await seal.seal("version", "");
  assert.equal(asked(), 100_000);
  assert.equal(pairs.size, 100_000);
});

test("every token has a key of its own, and users and keys share none", async () => {
  const { platform, pairs, asked } = notary();
  for (const key of [KEY_A, KEY_B]) {
    const noted = createKeyring(key, undefined, platform);
    for (let i = 0; i < 1_000; i++) {
      for (const kind of KINDS) await noted.sealToken(kind, "");
    }
    const scripted = createKeyring(key, sevens, platform);
    for (const userId of ["ada", "bob"]) await scripted.forUser(userId).seal("version", "");
    for (const kind of KINDS) await scripted.sealToken(kind, "");
  }
  assert.equal(asked(), 2 * (2_000 + 2 + 2));
  assert.equal(new Set([...pairs].map((pair) => pair.slice(0, 32))).size, asked());
});

test("a keyring shows no key, however it is printed", async () => {
  const user = ring.forUser("ada");
  await user.seal("version", "[]"); // from now on it holds a cipher
  const keys = [Buffer.from(KEY_A, "base64url"), hkdf(lp("twinlock/v1/record", "ada"), 32)];
  const secrets = keys.flatMap((key) => [key.toString("base64url"), key.toString("hex"), [...key].join("")]);
  for (const value of [ring, user]) {
    for (const text of [JSON.stringify(value), inspect(value, { depth: 9, showHidden: true })]) {
      const bare = text.replace(/0x|[\s,]/g, "");
      for (const secret of secrets) assert.ok(!bare.includes(secret), text);
    }
  }
});
