import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fromBase64Url,
  lengthPrefixed,
  portableFromBase64Url,
  portableToBase64Url,
  toBase64Url,
  utf8,
} from "../../../src/internal/bytes.ts";
import { sha256 } from "../../../src/internal/hmac.ts";
import { nativePlatform, type Platform, platform, portablePlatform } from "../../../src/internal/platform.ts";
import { builtin } from "../../../src/internal/runtime.ts";

// The expected digests are the same constants on every runtime, so all paths of all runtimes give the same bytes.
const nodeCrypto = builtin<Parameters<typeof nativePlatform>[0]>("node:crypto");
const PATHS: readonly [string, Platform][] = [
  ["path in use", platform()],
  ["portable path", portablePlatform(crypto.subtle as unknown as Parameters<typeof portablePlatform>[0])],
  ...(nodeCrypto ? [["native path", nativePlatform(nodeCrypto)] satisfies [string, Platform]] : []),
];

const sample = (name: string, length: number) =>
  lengthPrefixed(...Array.from({ length: 9 }, (_, i) => sha256(utf8(`${name} ${length} ${i}`)))).subarray(
    0,
    length,
  );
const fingerprint = (parts: readonly Uint8Array[]) => portableToBase64Url(sha256(lengthPrefixed(...parts)));

for (const [name, path] of PATHS) {
  test(`the ${name} seals to the bytes that every runtime seals to, and opens them`, async () => {
    const all: Uint8Array[] = [];
    for (let length = 0; length < 100; length += 3) {
      const cipher = path.cipher(sample(`key ${length}`, 32));
      const [nonce, associated, plain] = [
        sample("nonce", 12),
        sample("aad", length),
        sample("plain", 2 * length),
      ];
      const sealed = await cipher.seal(nonce, associated, plain);
      assert.deepEqual(await cipher.open(nonce, associated, sealed), plain);
      all.push(sealed);
    }
    assert.equal(fingerprint(all), "WPZz_rPPfh016RDji_zykqnEq9btQnQHZBIciuQ4pQM");
  });

  test(`the ${name} derives the bytes that every runtime derives`, async () => {
    const cost = { N: 2 ** 14, r: 8, p: 1, dkLen: 16 };
    const digest = await path.scrypt(utf8("12345678"), sample("salt", 16), cost);
    assert.equal(toBase64Url(digest), "QinyIBwwuV898Llwl4eE8A");
  });
}

test("base64url in use and portable base64url write and read the same on every runtime", () => {
  const all: Uint8Array[] = [];
  for (let length = 0; length < 100; length++) {
    const bytes = sample("bytes", length);
    const text = toBase64Url(bytes);
    assert.equal(portableToBase64Url(bytes), text);
    assert.deepEqual(fromBase64Url(text), bytes);
    assert.deepEqual(portableFromBase64Url(text), bytes);
    all.push(utf8(text));
  }
  assert.equal(fingerprint(all), "QPanR9xeolsJlsUN4mnkQ2gA0Evih6h9ijTIbrR3CcE");
});
