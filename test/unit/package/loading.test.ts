import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
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

  test("no door asks for a built-in module, draws a random number or sets a timer (I6)", () => {
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
});
