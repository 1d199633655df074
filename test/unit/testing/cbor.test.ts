import assert from "node:assert/strict";
import { test } from "node:test";
import { type CborValue, coseKey, derSignature, encodeCbor } from "../../../src/testing/cbor.ts";
import { fromHex as bytes, hex } from "../otp/reference.ts";

const ENCODED: readonly (readonly [CborValue, string])[] = [
  [0, "00"],
  [23, "17"],
  [24, "1818"],
  [255, "18ff"],
  [-1, "20"],
  [-24, "37"],
  [-25, "3818"],
  ["ü", "62c3bc"],
  [bytes("01020304"), "4401020304"],
  [new Map<string, CborValue>(Object.entries({ b: 2, a: new Map() })), "a26162026161a0"],
];

test("values are encoded as in RFC 8949, and a key as in RFC 9053", () => {
  for (const [value, encoded] of ENCODED) assert.equal(hex(encodeCbor(value)), encoded);
  assert.equal(hex(coseKey(bytes("aa"), bytes("bb"))), "a50102032620012141aa2241bb");
});

test("the halves of a signature become the shortest positive integers", () => {
  for (const [halves, der] of [
    ["01027fff", "30080202010202027fff"],
    ["80010001", "30080203008001020101"],
    ["00000080", "300702010002020080"],
  ] as const) {
    assert.equal(hex(derSignature(bytes(halves))), der);
  }
});
