// What the package must pass before it is published. Arguments choose gates by a part of their name.
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { inFolder, nodes, outputOf, pack, project, run } from "./pack.js";

const BIN = resolve("test/tools/package/node_modules/.bin");
const DENO = resolve("test/tools/runtimes/node_modules/.bin/deno");
const COMPILERS = ["ts54", "ts55", "ts56", "ts57", "ts58", "ts59", "typescript", "ts7"];
const manifest = JSON.parse(readFileSync("package.json", "utf8"));

/** A gate that cannot say whether it holds. That is said, and fails nothing. */
class Unchecked extends Error {}

const GATES = {
  "every subpath of the packed package, by import and by require()": () =>
    run("node", ["test/tools/package/packed.js", "--every-node"]).trim().split("\n").at(-1),

  "a consumer of every bundler and framework": () =>
    run("node", ["test/tools/package/consumers/run.js"])
      .trim()
      .replaceAll(/\nok +|^ok +/g, "; ")
      .slice(2),

  "each guide, built in an empty folder and driven": () =>
    run("node", ["test/tools/guides/run.js"])
      .trim()
      .replaceAll(/\n?ok +/g, "; ")
      .slice(2),

  "the examples of the documentation, executed": () =>
    `${/pass (\d+)/.exec(run("node", ["test/run.js", "docs/examples"]))[1]} tests`,

  "publint, strictly": () => void run(join(BIN, "publint"), ["run", "--strict", "."]),

  "are the types wrong? (ES modules only)": () =>
    void run(join(BIN, "attw"), ["--pack", ".", "--profile", "esm-only"]),

  "types under every TypeScript from 5.4 to 7": () =>
    inFolder((folder) => {
      project(folder, pack(folder).tarball);
      cpSync("test/tools/package/consumer.ts", join(folder, "consumer.ts"));
      return COMPILERS.map((compiler) => compile(folder, compiler)).join(", ");
    }),

  "CommonJS by module commonjs and node10, resolved, compiled and run": () =>
    inFolder((folder) => {
      project(folder, pack(folder).tarball, "commonjs");
      cpSync("test/tools/package/consumer.ts", join(folder, "consumer.ts"));
      return COMPILERS.map((compiler) => {
        const version = compileCommonJs(folder, compiler);
        for (const node of nodes()) run(node, ["--no-warnings", "consumer.js"], { cwd: folder });
        return version;
      }).join(", ");
    }),

  "unused files, exports and dependencies": () =>
    void run(join(BIN, "knip"), ["--no-progress", "--config", "test/tools/package/knip.jsonc"]),

  "deno publish --dry-run": () =>
    inDenoPackage((folder) => void run(DENO, ["publish", "--dry-run", "--allow-dirty"], { cwd: folder })),

  "deno doc --lint": () => inDenoPackage(lintDocumentation),

  "the API reference says what the code says": () =>
    void run("node", ["test/tools/package/reference.js", "--check"]),

  "npm audit of what users install": audit,
};

for (const folder of ["test/tools/package", "test/tools/runtimes"]) {
  if (!existsSync(join(folder, "node_modules")))
    run("npm", ["ci", "--prefix", folder, "--no-audit", "--no-fund"]);
}
run("npm", ["run", "build"]); // what is judged is what the sources say now

const wanted = process.argv.slice(2);
const counts = { ok: 0, FAIL: 0, "NOT CHECKED": 0 };
for (const [name, gate] of Object.entries(GATES)) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
  const { outcome, said } = await pass(gate);
  counts[outcome]++;
  console.log(`${outcome.padEnd(4)}  ${name}${said ? `: ${said}` : ""}`);
}
console.log(`\n${counts.ok} gates passed, ${counts.FAIL} failed, ${counts["NOT CHECKED"]} not checked`);
process.exit(counts.ok > 0 && counts.FAIL === 0 ? 0 : 1);

async function pass(gate) {
  try {
    return { outcome: "ok", said: await gate() };
  } catch (error) {
    return { outcome: error instanceof Unchecked ? "NOT CHECKED" : "FAIL", said: error.message };
  }
}

/** Compiles the consumer as Node and as a bundler would resolve it, declarations checked to the last. */
function compile(folder, compiler) {
  const { version } = JSON.parse(
    readFileSync(`test/tools/package/node_modules/${compiler}/package.json`, "utf8"),
  );
  for (const [module, moduleResolution] of [
    ["NodeNext", "NodeNext"],
    ["ESNext", "Bundler"],
  ]) {
    const compilerOptions = {
      ...{ target: "ES2022", lib: ["ES2022"], types: [], module, moduleResolution, skipLibCheck: false },
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    run("node", [resolve(`test/tools/package/node_modules/${compiler}/bin/tsc`), "-p", "."], { cwd: folder });
  }
  return version;
}

/** Compiles the consumer to CommonJS. TypeScript 7 has no node10 any more: there a bundler's resolution stands beside it. */
function compileCommonJs(folder, compiler) {
  const { version } = JSON.parse(
    readFileSync(`test/tools/package/node_modules/${compiler}/package.json`, "utf8"),
  );
  const major = Number.parseInt(version, 10);
  const compilerOptions = {
    ...{
      target: "ES2022",
      lib: ["ES2022"],
      types: [],
      module: "CommonJS",
      skipLibCheck: false,
      strict: true,
    },
    ...(major < 7 ? { moduleResolution: "node10" } : { moduleResolution: "Bundler" }),
    ...(major === 6 ? { ignoreDeprecations: "6.0" } : {}),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  run("node", [resolve(`test/tools/package/node_modules/${compiler}/bin/tsc`), "-p", "."], { cwd: folder });
  return version;
}

/** A copy of the sources as JSR would have them; its manifest is made here, so that none lies at the top level. */
function inDenoPackage(work) {
  const exports = Object.entries(manifest.exports)
    .filter(([, file]) => file.endsWith(".js"))
    .map(([subpath, file]) => [subpath, file.replace("./dist/", "./src/").replace(/\.js$/, ".ts")]);
  const { version, license, dependencies, files } = manifest;
  const include = ["README.md", "LICENSE", ...files.filter((file) => file !== "dist")];
  return inFolder((folder) => {
    for (const file of include) cpSync(file, join(folder, file), { recursive: true });
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies }));
    writeFileSync(
      join(folder, "deno.json"),
      JSON.stringify({
        ...{ name: "@twinlock/twinlock", version, license },
        ...{ exports: Object.fromEntries(exports), publish: { include } },
      }),
    );
    return work(
      folder,
      exports.map(([, file]) => file),
    );
  });
}

/** Everything that is exported is documented; a member whose name and type say it all need not be. */
function lintDocumentation(folder, files) {
  const env = { ...process.env, NO_COLOR: "1" };
  try {
    run(DENO, ["doc", "--lint", ...files], { cwd: folder, env });
  } catch (error) {
    const found = error.message.split(/^(?=error\[)/m).filter((part) => part.startsWith("error["));
    const member = /^error\[missing-jsdoc\][\s\S]*?^ *\d+ \| {3,}\S/m;
    const serious = found.filter((part) => !member.test(part));
    if (found.length === 0 || serious.length > 0) throw new Error(serious.join("") || error.message);
    return `${found.length} members need no words`;
  }
}

/** What the registry knows against the packages that users install. Where it does not answer, nothing is known. */
function audit() {
  return inFolder((folder) => {
    project(folder, pack(folder).tarball);
    const answer = JSON.parse(outputOf("npm", ["audit", "--json"], { cwd: folder }));
    if (!answer.metadata) throw new Unchecked(`the registry answers no audits here: ${answer.message}`);
    const { vulnerabilities, dependencies } = answer.metadata;
    if (vulnerabilities.total > 0) throw new Error(JSON.stringify(answer.vulnerabilities, null, 2));
    return `${dependencies.total} packages, none with a known weakness`;
  });
}
