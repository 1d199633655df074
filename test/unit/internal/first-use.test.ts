/** What a module finds out when it is first used: each test loads a module of its own, on a runtime made up for it. */

import assert from "node:assert/strict";
import * as nodeBuffer from "node:buffer";
import * as nodeCrypto from "node:crypto";
import { afterEach, test } from "node:test";
import type * as Bytes from "../../../src/internal/bytes.ts";
import type * as Hmac from "../../../src/internal/hmac.ts";
import { nativeHmac } from "../../../src/internal/native-hmac.ts";
import type * as Platforms from "../../../src/internal/platform.ts";
import { portablePlatform } from "../../../src/internal/platform.ts";
import { atFirstUse, builtin } from "../../../src/internal/runtime.ts";

type Modules = Readonly<Record<string, object>>;
const ALL: Modules = { "node:crypto": nodeCrypto, "node:buffer": nodeBuffer };
const { getBuiltinModule } = process;
let loads = 0;

const fresh = async <M>(name: string): Promise<M> =>
  import(`../../../src/internal/${name}.ts?load=${++loads}`);
const runtime = (find: (name: string) => object | undefined) =>
  Object.assign(process, { getBuiltinModule: find });
afterEach(() => Object.assign(process, { getBuiltinModule }));

const broken = () => {
  throw new Error("not here");
};

test("a built-in module is found where there is one, and a runtime that throws has none", () => {
  runtime((name) => ALL[name]);
  assert.equal(builtin("node:crypto"), nodeCrypto);
  runtime(broken);
  assert.equal(builtin("node:crypto"), undefined);
});

test("a value is made at its first use, and once", () => {
  let made = 0;
  const value = atFirstUse(() => ++made);
  assert.deepEqual([made, value(), value()], [0, 1, 1]);
});

test("bytes and text are converted alike with node:buffer and without it", async () => {
  for (const find of [(name: string) => ALL[name], broken]) {
    runtime(find);
    const { fromBase64Url, fromUtf8, lengthPrefixed, portableFromBase64Url, toBase64Url, utf8 } =
      await fresh<typeof Bytes>("bytes");
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    assert.deepEqual(fromBase64Url(toBase64Url(all)), all);
    assert.deepEqual(portableFromBase64Url(toBase64Url(all)), all);
    assert.equal(fromUtf8(utf8("\uFEFFé")), "\uFEFFé");
    assert.throws(() => fromUtf8(Uint8Array.of(255)), TypeError);
    assert.deepEqual(lengthPrefixed("é", Uint8Array.of(1)), lengthPrefixed(utf8("é"), Uint8Array.of(1)));
  }
});

test("node:crypto is used where it is complete and works, and Web Crypto elsewhere", async () => {
  const { createCipheriv, createDecipheriv, scrypt } = nodeCrypto;
  const cost = { N: 16, r: 8, p: 1, dkLen: 2 };
  const whole = { createCipheriv, createDecipheriv, scrypt };
  for (const [crypto, derivations] of [
    [whole, 2],
    [undefined, 1],
    ...Object.keys(whole).map((name) => [{ ...whole, [name]: undefined }, 1] as const),
    [{ ...whole, createCipheriv: broken }, 1],
  ] as const) {
    runtime((name) => (name === "node:crypto" ? crypto : undefined));
    const platform = (await fresh<typeof Platforms>("platform")).platform();
    assert.equal(platform.derivations, derivations);
    const digest = await platform.scrypt(new Uint8Array(1), new Uint8Array(1), cost);
    assert.deepEqual([...digest], [46, 25]);
  }
});

test("the one-shot hash is used where node:crypto and node:buffer have all that it takes", async () => {
  assert.ok(nativeHmac());
  for (const modules of [
    { ...ALL, "node:crypto": undefined },
    { ...ALL, "node:crypto": {} },
    { ...ALL, "node:buffer": undefined },
    { ...ALL, "node:buffer": { Buffer: { alloc: () => new Uint8Array(192) } } },
  ] as const) {
    runtime((name) => (modules as Partial<Modules>)[name]);
    assert.equal(nativeHmac(), undefined);
  }
  const { transientHmac } = await fresh<typeof Hmac>("hmac");
  const digest = (counter: number) => transientHmac("SHA1", new Uint8Array(1)).digest(counter).getInt32(0);
  assert.deepEqual([digest(0), digest(1)], [-625567015, -290452725]);
});

test("Web Crypto gets a key that nobody can take out again", () => {
  const asked: unknown[] = [];
  const importKey = (...given: unknown[]) => asked.push(given);
  portablePlatform({ importKey } as never).cipher(new Uint8Array(32));
  assert.deepEqual(asked, [["raw", new Uint8Array(32), "AES-GCM", false, ["encrypt", "decrypt"]]]);
});
