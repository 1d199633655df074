import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

// What a browser or a Worker would load: minified by esbuild from the built package, counted in bytes after gzip.
const KB = 1000;

interface Bundle {
  bytes: number;
  text: string;
  inputs: readonly string[];
}

async function bundle(program: string, external: readonly string[] = []): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*", ...external],
    logLevel: "silent",
  });
  const text = outputFiles[0]?.text ?? "";
  return { bytes: gzipSync(text, { level: 9 }).length, text, inputs: Object.keys(metafile.inputs) };
}

/** The same program with each library: makes a code and verifies it, one step to either side. */
const GENERATE_AND_VERIFY = {
  twinlock: `import { matchTotp, totp } from "twinlock/otp";
    const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", now = Date.now();
    console.log(matchTotp(secret, totp(secret, { now }), { now }));`,
  otpauth: `import { TOTP } from "otpauth";
    const totp = new TOTP({ secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" });
    console.log(totp.validate({ token: totp.generate() }));`,
  otplib: `import { generateSync, verifySync } from "otplib";
    const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    console.log(verifySync({ secret, token: generateSync({ secret }), epochTolerance: 30 }));`,
};

describe("size", () => {
  test("making and verifying a code takes at most 8.0 kB, and less than otpauth and otplib", async (t) => {
    const [ours, otpauth, otplib] = await Promise.all(
      Object.values(GENERATE_AND_VERIFY).map((program) => bundle(program)),
    );
    t.diagnostic(`twinlock ${ours?.bytes}, otpauth ${otpauth?.bytes}, otplib ${otplib?.bytes} bytes`);
    assert.ok(ours && otpauth && otplib);
    assert.ok(ours.bytes <= 8 * KB, `${ours.bytes} bytes`);
    assert.ok(ours.bytes < otpauth.bytes && ours.bytes < otplib.bytes);
  });

  test("the service takes at most 32 kB of its own, and 40 kB with its dependencies", async (t) => {
    const program = `import { createTwoFactor } from "twinlock"; console.log(createTwoFactor);`;
    const own = await bundle(program, ["@noble/hashes", "base32-encode", "base32-decode"]);
    const all = await bundle(program);
    t.diagnostic(`${own.bytes} bytes of its own, ${all.bytes} with dependencies`);
    assert.ok(own.bytes <= 32 * KB, `${own.bytes} bytes`);
    assert.ok(all.bytes <= 40 * KB, `${all.bytes} bytes`);
  });

  test("`twinlock` brings no QR code, store, administration, harness or other language", async () => {
    const { text, inputs } = await bundle(`import * as twinlock from "twinlock"; console.log(twinlock);`);
    assert.doesNotMatch(text, /qrcode/i);
    const apart = /qr|dist\/(stores|testing|admin|messages|shared\/(administration|sql))/;
    assert.deepEqual(
      inputs.filter((file) => apart.test(file)),
      [],
    );
  });

  test("no shared file holds what only some entry points need", () => {
    const foreign = {
      ground: /otp|rules|two-factor|stores|testing|keyring|qr/,
      codes: /rules|two-factor|stores|testing|keyring|qr/,
      sql: /otp|rules|two-factor|testing|keyring|qr|stores\/(?!sql)/,
      "device-cookie": /otp|rules|two-factor|stores|testing|keyring|qr/,
      service: /administration|stores|testing|qr/,
      contract: /otp|rules|two-factor|stores|keyring|qr/,
      administration: /stores|testing|qr/,
    };
    const files = readdirSync("dist/shared").filter((file) => file.endsWith(".js"));
    assert.deepEqual(
      files.sort(),
      Object.keys(foreign)
        .map((name) => `${name}.js`)
        .sort(),
    );
    for (const [name, pattern] of Object.entries(foreign)) {
      const { sources } = JSON.parse(readFileSync(`dist/shared/${name}.js.map`, "utf8"));
      assert.deepEqual(
        sources.filter((path: string) => pattern.test(path.replace(/^.*\/src\//, ""))),
        [],
      );
    }
  });

  for (const name of ["memory", "postgres", "mysql", "sqlite", "d1", "redis"]) {
    test(`the ${name} store brings no other store, and no part of the service`, async (t) => {
      const store = await bundle(`import * as store from "twinlock/stores/${name}"; console.log(store);`);
      t.diagnostic(`${store.bytes} bytes`);
      const files = store.inputs
        .filter((file) => file.includes("dist/"))
        .map((file) => file.replace(/.*dist\//, ""));
      const shared = /^shared\/(ground|sql)\.js$/;
      assert.deepEqual(
        files.filter((file) => !shared.test(file)),
        [`stores/${name}.js`],
      );
    });
  }
});
