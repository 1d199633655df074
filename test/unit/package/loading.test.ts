import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";

// What a door of the built package brings along at the first import, before anything is called.
const DOORS = Object.entries<string>(JSON.parse(readFileSync("package.json", "utf8")).exports)
  .filter(([subpath]) => subpath !== "./package.json")
  .map(([subpath]) => `twinlock${subpath.slice(1)}`);

/** The files that are loaded with a door, and not later. */
async function loadedWith(door: string): Promise<readonly string[]> {
  const { metafile } = await build({
    stdin: {
      contents: `import * as door from "${door}"; console.log(door);`,
      resolveDir: import.meta.dirname,
    },
    ...{ bundle: true, splitting: true, write: false, metafile: true, outdir: "loaded" },
    ...{ format: "esm", platform: "node", treeShaking: false, logLevel: "silent" },
  });
  const reached = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { path, kind } of metafile.inputs[file]?.imports ?? [])
      if (kind !== "dynamic-import") visit(path);
  };
  visit("<stdin>");
  return [...reached];
}

/** A door of the built package with all that it rests on, as one script that gives its exports. */
async function scriptOf(door: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from "${door}";`, resolveDir: import.meta.dirname },
    ...{ bundle: true, write: false, format: "iife", globalName: "door", external: ["node:*"] },
    ...{ platform: "browser", target: "es2022", logLevel: "silent" },
  });
  return `${outputFiles[0]?.text}; door`;
}

describe("loading", () => {
  for (const door of DOORS) {
    test(`${door} loads no scrypt in JavaScript`, async () => {
      const files = await loadedWith(door);
      assert.ok(files.some((file) => file.includes("dist/")));
      assert.deepEqual(
        files.filter((file) => /scrypt\.js$|pbkdf2/.test(file) && file.includes("@noble")),
        [],
      );
    });
  }

  test("loading asks for no built-in module, draws no random number and sets no timer (I6)", () => {
    const program = `
      const refuse = (what) => () => { throw new Error(what); };
      process.getBuiltinModule = refuse("a built-in module");
      globalThis.setTimeout = refuse("a timer");
      crypto.getRandomValues = refuse("a random number");
      delete globalThis.TextEncoder;
      delete globalThis.TextDecoder;
      for (const door of ${JSON.stringify(DOORS)}) await import(door);
      console.log("loaded");`;
    const out = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
    });
    assert.equal(out, "loaded\n");
  });

  test("a runtime that has getBuiltinModule only to throw seals and verifies portably (I6)", () => {
    const program = `
      process.getBuiltinModule = () => { throw new Error("not here"); };
      const { createTwoFactor, generateKey } = await import("twinlock");
      const { totp } = await import("twinlock/otp");
      const { memoryStore } = await import("twinlock/stores/memory");
      const twoFactor = createTwoFactor({ issuer: "Acme", store: memoryStore(), keys: generateKey(), verifyPassword: () => true });
      const begun = await twoFactor.enrollment.begin("ada", { accountName: "ada@example.com", password: "p", binding: "b" });
      const code = totp(begun.secret, { now: Date.now() });
      const { ok } = await twoFactor.enrollment.confirm("ada", { enrollmentId: begun.enrollmentId, code, binding: "b" });
      console.log(ok);`;
    const out = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
    });
    assert.equal(out, "true\n");
  });

  test("a realm with nothing but ECMAScript loads every door, and uses what comes later (I6)", async () => {
    const realm = createContext({});
    const load = async (door: string) => runInContext(await scriptOf(door), realm);
    for (const door of DOORS) assert.ok(Object.keys(await load(door)).length > 0);
    const [service, { memoryStore }, { fakeClock, virtualAuthenticator }, { qrDataUrl }] = [
      await load("twinlock"),
      await load("twinlock/stores/memory"),
      await load("twinlock/testing"),
      await load("twinlock/qr"),
    ];
    const stub = () => assert.fail("[unenv] is not implemented yet"); // what bundlers put in the place of a module
    const nodeCrypto = { createCipheriv: stub, createDecipheriv: stub, scrypt: stub };
    const process = { getBuiltinModule: (name: string) => (name === "node:crypto" ? nodeCrypto : undefined) };
    Object.assign(realm, { TextEncoder, TextDecoder, crypto, setTimeout, clearTimeout, process });

    const clock = fakeClock();
    const twoFactor = service.createTwoFactor({
      issuer: "Acme",
      store: memoryStore(),
      keys: service.generateKey(),
      clock,
      reauthentication: { enroll: "none" },
    });
    const begun = await twoFactor.enrollment.begin("ada", { accountName: "ada", binding: null });
    assert.match(qrDataUrl(begun.keyUri, { format: "png" }), /^data:image\/png;base64,/);
    const phone = virtualAuthenticator({ clock });
    phone.scan(begun.keyUri);
    const first = { enrollmentId: begun.enrollmentId, code: phone.code(), binding: null };
    const { backupCodes } = await twoFactor.enrollment.confirm("ada", first);
    const step = await twoFactor.signIn.begin("ada", { binding: null });
    const done = await twoFactor.signIn.complete(step.challenge, backupCodes.codes[0], { binding: null });
    assert.equal(done.ok, true);
  });
});
