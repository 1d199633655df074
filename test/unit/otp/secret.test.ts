import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeBase32, generateSecret, hotp, prepareSecret } from "../../../src/otp/index.ts";
import { grouped, MIN_SECRET_BYTES, secretBytes } from "../../../src/otp/secret.ts";
import { seed } from "./reference.ts";

/** A module that not every runtime has; the name is a variable, so that no bundler looks for it. */
const optional = (name: string) => import(name).catch(() => undefined);

const TEXT = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("generateSecret", () => {
  it("makes exactly the bytes asked for, 20 by default (V22, H1)", () => {
    assert.equal(decodeBase32(generateSecret()).length, 20);
    assert.match(generateSecret(), /^[A-Z2-7]{32}$/);
    for (let bytes = 16; bytes <= 64; bytes++)
      assert.equal(decodeBase32(generateSecret({ bytes })).length, bytes);
  });

  it("refuses fewer than 16 bytes and more than 64 (V22, H1)", () => {
    for (const bytes of [0, 10, 15, 65, -16]) {
      assert.throws(() => generateSecret({ bytes }), { name: "RangeError", message: "bytes: want 16 to 64" });
    }
    for (const bytes of ["20", 20.5, Number.NaN, null]) {
      assert.throws(() => generateSecret({ bytes: bytes as number }), {
        name: "TypeError",
        message: /^bytes: /,
      });
    }
  });

  it("refuses a number where its options go", () => {
    for (const options of [20, null, "20"]) {
      assert.throws(() => generateSecret(options as unknown as object), {
        message: "options: want an object",
      });
    }
  });

  it("uses every bit: over 200 secrets each of the 160 is set about half the time", () => {
    const counts = new Array<number>(160).fill(0);
    for (let i = 0; i < 200; i++) {
      for (const [at, byte] of decodeBase32(generateSecret()).entries()) {
        for (let bit = 0; bit < 8; bit++)
          counts[at * 8 + bit] = (counts[at * 8 + bit] ?? 0) + ((byte >> bit) & 1);
      }
    }
    for (const count of counts) assert.ok(count > 50 && count < 150); // seven standard deviations
  });
});

describe("prepareSecret", () => {
  it("shows its algorithm and never its key", async () => {
    const prepared = prepareSecret(TEXT, "SHA256");
    assert.equal(prepared.algorithm, "SHA256");
    assert.equal(String(prepared), "[PreparedSecret]");
    assert.equal(`${prepared}`, "[PreparedSecret]");
    assert.equal(JSON.stringify({ prepared }), '{"prepared":"[PreparedSecret]"}');
    assert.deepEqual(Reflect.ownKeys(prepared), []);
    assert.deepEqual({ ...prepared }, {});
    const util = await optional("node:util");
    if (util === undefined) return;
    assert.equal(util.inspect(prepared), "[PreparedSecret]");
    assert.equal(
      util.inspect({ prepared }, { showHidden: true, depth: 9 }),
      "{ prepared: [PreparedSecret] }",
    );
  });

  it("keeps its key, whatever is computed or changed in between", () => {
    const bytes = seed(20);
    const prepared = prepareSecret(bytes);
    const other = prepareSecret(new Uint8Array(20).fill(7));
    bytes.fill(0);
    assert.equal(hotp(prepared, 0), "755224");
    hotp(new Uint8Array(64).fill(1), 5);
    hotp(other, 5);
    assert.equal(hotp(prepared, 1), "287082");
    assert.equal(hotp(other, 0), hotp(new Uint8Array(20).fill(7), 0));
  });

  it("defaults to SHA1, and refuses an algorithm by another name", () => {
    assert.equal(prepareSecret(TEXT).algorithm, "SHA1");
    for (const algorithm of ["sha1", "SHA-1", "MD5", null]) {
      assert.throws(() => prepareSecret(TEXT, algorithm as "SHA1"), {
        name: "TypeError",
        message: /^algorithm: /,
      });
    }
  });

  it("is not what looks like it", () => {
    const prepared = prepareSecret(TEXT);
    for (const fake of [{ algorithm: "SHA1" }, Object.create(prepared), structuredClone({ ...prepared })]) {
      assert.throws(() => hotp(fake, 0), { name: "TypeError", message: "secret: want Base32 text or bytes" });
    }
  });
});

describe("a secret", () => {
  it("has 10 to 640 bytes, so that what older libraries enrolled still works (H1)", () => {
    assert.equal(MIN_SECRET_BYTES, 10);
    assert.equal(secretBytes("JBSWY3DPEHPK3PXP").length, 10);
    assert.equal(secretBytes("A".repeat(1024)).length, 640);
    for (const length of [0, 1, 9, 641]) {
      const wanted = { name: "RangeError", message: "secret: want 10 to 640 bytes" };
      assert.throws(() => secretBytes(new Uint8Array(length)), wanted);
      assert.throws(() => prepareSecret(new Uint8Array(length)), wanted);
      assert.throws(() => hotp(new Uint8Array(length), 0), wanted);
    }
    assert.throws(() => hotp("MZXW6YTBOI", 0), {
      name: "RangeError",
      message: "secret: want 10 to 640 bytes",
    });
  });

  it("is the same as bytes of another realm or as a Buffer of a pool", async (t) => {
    const bytes = seed(20);
    const pool = new Uint8Array(100);
    pool.set(bytes, 33);
    assert.equal(hotp(pool.subarray(33, 53), 0), "755224");
    const vm = await optional("node:vm");
    if (vm?.runInNewContext === undefined) return t.skip("this runtime has one realm");
    const foreign = vm.runInNewContext("Uint8Array.from(bytes)", { bytes });
    assert.equal(foreign instanceof Uint8Array, false);
    assert.equal(hotp(foreign, 0), "755224");
  });

  it("is read aloud in groups of four", () => {
    assert.equal(grouped(TEXT), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    assert.equal(grouped("ABCDE"), "ABCD E");
    assert.equal(grouped("ABCD"), "ABCD");
    assert.deepEqual(decodeBase32(grouped(TEXT)), seed(20));
  });
});
