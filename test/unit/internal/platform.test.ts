import assert from "node:assert/strict";
import * as nodeCrypto from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../src/internal/bytes.ts";
import { nativePlatform, type Platform, platform, portablePlatform } from "../../../src/internal/platform.ts";

const native = nativePlatform(nodeCrypto as unknown as Parameters<typeof nativePlatform>[0]);
const portable = portablePlatform(
  globalThis.crypto.subtle as unknown as Parameters<typeof portablePlatform>[0],
);
const BOTH: readonly [string, Platform, Platform][] = [
  ["native", native, portable],
  ["portable", portable, native],
];
const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** AES-256-GCM test cases 13 to 16 of the GCM submission to NIST (McGrew and Viega, 2005), appendix B. */
const KEY = "feffe9928665731c6d6a8f9467308308".repeat(2);
const PLAIN =
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
const SEALED =
  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
const GCM = [
  {
    key: "00".repeat(32),
    nonce: "00".repeat(12),
    plain: "",
    associated: "",
    sealed: "530f8afbc74536b9a963b4f1c4cb738b",
  },
  {
    ...{ key: "00".repeat(32), nonce: "00".repeat(12), plain: "00".repeat(16), associated: "" },
    sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
  },
  {
    ...{ key: KEY, nonce: "cafebabefacedbaddecaf888", plain: PLAIN, associated: "" },
    sealed: `${SEALED}b094dac5d93471bdec1a502270e3cc6c`,
  },
  {
    ...{ key: KEY, nonce: "cafebabefacedbaddecaf888", plain: PLAIN.slice(0, 120) },
    associated: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    sealed: `${SEALED.slice(0, 120)}76fc6ece0f4e1768cddf8853bb2d551b`,
  },
];

for (const [name, ours, other] of BOTH) {
  test(`AES-256-GCM on the ${name} path gives the published vectors`, async () => {
    for (const vector of GCM) {
      const cipher = ours.cipher(hex(vector.key));
      const [nonce, associated, plain] = [hex(vector.nonce), hex(vector.associated), hex(vector.plain)];
      assert.deepEqual(await cipher.seal(nonce, associated, plain), hex(vector.sealed));
      assert.deepEqual(await cipher.open(nonce, associated, hex(vector.sealed)), plain);
    }
  });

  test(`what the ${name} path seals, the other path seals to the same bytes and opens`, async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes(32),
        bytes(12),
        fc.uint8Array(),
        fc.uint8Array(),
        async (key, nonce, aad, plain) => {
          const sealed = await ours.cipher(key).seal(nonce, aad, plain);
          assert.equal(Object.getPrototypeOf(sealed), Uint8Array.prototype, "no Buffer");
          assert.deepEqual(await other.cipher(key).seal(nonce, aad, plain), sealed);
          assert.deepEqual(await other.cipher(key).open(nonce, aad, sealed), plain);
        },
      ),
      { numRuns: 50 },
    );
  });

  test(`the ${name} path opens nothing that is not authentic, and does not throw`, async () => {
    const cipher = ours.cipher(hex(KEY));
    const [nonce, aad] = [new Uint8Array(12), utf8("associated")];
    const sealed = await cipher.seal(nonce, aad, utf8("plain"));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = sealed.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(await cipher.open(nonce, aad, flipped), undefined, `bit ${bit}`);
    }
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(await cipher.open(nonce, aad, sealed.subarray(0, length)), undefined, `${length} bytes`);
    }
    assert.equal(await cipher.open(nonce, utf8("associateD"), sealed), undefined);
    assert.equal(await cipher.open(Uint8Array.of(...nonce.subarray(1), 1), aad, sealed), undefined);
    assert.equal(await ours.cipher(new Uint8Array(32)).open(nonce, aad, sealed), undefined);
  });

  test(`a cipher of the ${name} path keeps its key when the caller wipes the bytes`, async () => {
    const key = hex(KEY);
    const cipher = ours.cipher(key);
    key.fill(0);
    const again = await ours.cipher(hex(KEY)).seal(new Uint8Array(12), new Uint8Array(), utf8("x"));
    assert.deepEqual(await cipher.seal(new Uint8Array(12), new Uint8Array(), utf8("x")), again);
  });

  test(`scrypt on the ${name} path gives the vectors of RFC 7914 section 12`, async () => {
    const derive = (password: string, salt: string, N: number, r: number, p: number) =>
      ours.scrypt(utf8(password), utf8(salt), { N, r, p, dkLen: 64 });
    assert.deepEqual(
      await derive("", "", 16, 1, 1),
      hex(
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
      ),
    );
    assert.deepEqual(
      await derive("password", "NaCl", 1024, 8, 16),
      hex(
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
      ),
    );
  });
}

test("both paths derive the same digest at the cost of backup codes", async () => {
  const cost = { N: 2 ** 14, r: 8, p: 1, dkLen: 16 };
  const [password, salt] = [utf8("12345678"), new Uint8Array(16).fill(7)];
  assert.deepEqual(await native.scrypt(password, salt, cost), await portable.scrypt(password, salt, cost));
});

test("this runtime has node:crypto, so the native path is the one in use", () => {
  assert.equal(platform().derivations, native.derivations);
  assert.notEqual(native.derivations, portable.derivations);
});

test("the portable path gives the event loop a turn before each derivation", async () => {
  const order: string[] = [];
  setTimeout(() => order.push("a turn"), 0);
  await portable.scrypt(utf8("password"), utf8("salt"), { N: 2, r: 1, p: 1, dkLen: 16 });
  order.push("derived");
  assert.deepEqual(order, ["a turn", "derived"]);
});
