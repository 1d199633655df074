import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  HASH_NAMES,
  hkdfExtract,
  type PreparedHmac,
  portableHmac,
  prepareHkdf,
  prepareHmac,
  randomBytes,
  sha256,
  transientHmac,
} from "../../../src/internal/hmac.ts";
import { scrypt } from "../../../src/internal/scrypt.ts";
import { fromHex, hex, referenceHmac } from "../otp/reference.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const range = (from: number, to: number) => Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i);

function digest(hmac: PreparedHmac, counter: number): string {
  const { buffer, byteOffset, byteLength } = hmac.digest(counter);
  return hex(new Uint8Array(buffer, byteOffset, byteLength));
}

describe("HMAC of a counter", () => {
  for (const name of HASH_NAMES) {
    it(`agrees with Web Crypto for keys below, at and above the block size of ${name}`, async () => {
      for (const length of [1, 10, 19, 20, 21, 32, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 200, 640]) {
        const key = randomBytes(length);
        for (const counter of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
          const wanted = hex(await referenceHmac(name, key, counter));
          assert.equal(digest(prepareHmac(name, key), counter), wanted);
          assert.equal(digest(transientHmac(name, key), counter), wanted);
          assert.equal(digest(portableHmac(name).setKey(key), counter), wanted);
        }
      }
    });
  }

  it("leaves prepared keys alone, whichever keys come in between", async () => {
    const key = randomBytes(20);
    for (const name of HASH_NAMES) {
      const prepared = prepareHmac(name, key);
      const wanted = hex(await referenceHmac(name, key, 7));
      for (const other of HASH_NAMES) {
        digest(transientHmac(other, randomBytes(200)), 3);
        digest(prepareHmac(other, randomBytes(5)), 4);
        assert.equal(digest(prepared, 7), wanted);
      }
    }
  });

  it("leaves the key and its memory to the caller", () => {
    const key = range(1, 20);
    const prepared = prepareHmac("SHA1", key);
    assert.deepEqual(key, range(1, 20));
    const before = digest(prepared, 1);
    key.fill(0);
    assert.equal(digest(prepared, 1), before);
  });
});

describe("SHA-256", () => {
  it("gives the digests of FIPS 180-4", () => {
    assert.equal(hex(sha256(ascii(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert.equal(
      hex(sha256(ascii("abc"))),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});

describe("HKDF", () => {
  const ikm = new Uint8Array(22).fill(0x0b);
  const CASES = [
    {
      appendix: "A.1",
      prk: hkdfExtract(ikm, range(0x00, 0x0c)),
      info: range(0xf0, 0xf9),
      wantedPrk: "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
      wantedOkm: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    },
    {
      appendix: "A.2",
      prk: hkdfExtract(range(0x00, 0x4f), range(0x60, 0xaf)),
      info: range(0xb0, 0xff),
      wantedPrk: "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
      wantedOkm:
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09" +
        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    },
    {
      appendix: "A.3",
      prk: hkdfExtract(ikm),
      info: new Uint8Array(0),
      wantedPrk: "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
      wantedOkm: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    },
  ];
  for (const { appendix, prk, info, wantedPrk, wantedOkm } of CASES) {
    it(`gives the keys of RFC 5869 appendix ${appendix}`, () => {
      assert.equal(hex(prk), wantedPrk);
      const expand = prepareHkdf(prk);
      for (const length of [wantedOkm.length / 2, 32, 12, 1, 0]) {
        assert.equal(hex(expand(info, length)), wantedOkm.slice(0, 2 * length));
      }
    });
  }
});

describe("HKDF's extraction", () => {
  it("gives bytes that the next digest leaves alone", () => {
    const first = hkdfExtract(range(1, 32));
    const before = hex(first);
    hkdfExtract(range(2, 33));
    assert.equal(hex(first), before);
  });
});

describe("scrypt", () => {
  it("gives the keys of RFC 7914 section 12", async () => {
    const wanted =
      "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2" +
      "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887";
    const cost = { N: 2 ** 14, r: 8, p: 1, dkLen: 64 };
    assert.deepEqual(await scrypt(ascii("pleaseletmein"), ascii("SodiumChloride"), cost), fromHex(wanted));
  });
});

describe("randomBytes", () => {
  it("gives as many bytes as asked for, and others each time", () => {
    assert.equal(randomBytes(0).length, 0);
    assert.equal(randomBytes(24).length, 24);
    assert.notDeepEqual(randomBytes(24), randomBytes(24));
  });
});
