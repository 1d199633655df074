// A copy of the project in which the source files hold all their mutants, asleep, and the tests wait to be collected.
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { createInstrumenter } from "@stryker-mutator/instrumenter";
import { createInjector } from "typed-inject";

const COLLECTOR = resolve("test/tools/mutation/node-test.js");
const SKIPPED = new Set(["node_modules", "dist", ".git", "tools"]);

/** Whose tests are run: what is exhaustive, or starts servers, browsers and crowds of processes, has its own place. */
const PARTS = [
  "cli",
  "internal",
  "otp",
  "passkeys",
  "rules",
  "two-factor",
  "flow",
  "products",
  "stores",
  "testing",
];
const TESTED = ["attacks", "unit", ...PARTS.map((part) => `unit/${part}`)];
const LEFT_OUT = [
  ...["architecture", "redis-cluster"],
  ...["fuzz", "processes", "randomness", "restart", "same-work", "sigkill"],
];

const read = (path) => readFileSync(path, "utf8");

/** Writes the copy; resolves to the mutants of the files that `chosen` wants. */
export async function mutate(copy, chosen) {
  for (const part of ["src", "test", "examples", "package.json", "tsconfig.json"]) {
    cpSync(part, join(copy, part), { recursive: true, filter: (path) => !SKIPPED.has(basename(path)) });
  }
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  const silent = new Proxy({}, { get: () => () => false });
  const injector = createInjector()
    .provideValue("logger", silent)
    .provideValue("getLogger", () => silent);
  const sources = readdirSync("src", { recursive: true })
    .map((name) => join("src", name))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && chosen(path));
  const { files, mutants } = await injector.injectFunction(createInstrumenter).instrument(
    sources.map((path) => ({ name: join(copy, path), content: read(path), mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [], noHeader: false },
  );
  for (const { name, content } of files) writeFileSync(name, content);
  return mutants.map(({ id, fileName, replacement, location, mutatorName }) => {
    const file = relative(copy, fileName);
    return {
      id,
      file,
      mutatorName,
      replacement,
      code: read(file).split("\n")[location.start.line].trim(),
      line: location.start.line + 1,
    };
  });
}

/** The test files of the copy, which from now on hand their tests to the collector. */
export function collect(copy) {
  const files = TESTED.flatMap((folder) =>
    readdirSync(join("test", folder))
      .filter((name) => name.endsWith(".test.ts") && !LEFT_OUT.includes(name.replace(".test.ts", "")))
      .map((name) => join("test", folder, name)),
  );
  for (const file of files)
    writeFileSync(join(copy, file), read(file).replaceAll('"node:test"', JSON.stringify(COLLECTOR)));
  return files;
}

/** Whether a test file mirrors a source file, and how closely: 0 is its own, 1 its folder's, 2 any other. */
export function distance(test, source) {
  if (test === source.replace("src", "test/unit").replace(".ts", ".test.ts")) return 0;
  return dirname(test).split("/")[2] === dirname(source).split("/")[1] ? 1 : 2;
}
