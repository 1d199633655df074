/** The house rules of src/: who may know whom, what is published, and what no file may do. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

const read = (path: string) => readFileSync(path, "utf8");
const json = (path: string) => JSON.parse(read(path));
const modules = (folder: string) =>
  readdirSync(folder, { encoding: "utf8", recursive: true })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`);

/** What each part of src/ may import, itself excepted: the floors of the house, from the ground up. */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  internal: [],
  errors: [],
  store: [],
  otp: ["internal"],
  "backup-codes": ["internal"],
  qr: ["internal"],
  record: ["internal"],
  rules: ["internal", "errors", "store", "otp", "backup-codes", "record"],
  keyring: ["internal", "errors"],
  "device-cookie": ["internal", "rules"],
  page: ["internal", "errors", "backup-codes", "rules"],
  messages: ["errors"],
  cli: ["internal", "store", "record", "keyring", "testing/contract", "two-factor"],
  "two-factor": ["internal", "errors", "store", "otp", "backup-codes", "record", "rules", "keyring"],
  index: [
    "internal",
    "errors",
    "store",
    "backup-codes",
    "rules",
    "keyring",
    "device-cookie",
    "page",
    "two-factor",
  ],
  admin: ["two-factor"],
  flow: [
    ...["internal", "errors", "rules", "device-cookie"],
    ...["two-factor/interface", "two-factor/passkey-types"],
    ...["two-factor/status", "two-factor/types"],
  ],
  passkeys: ["internal", "errors", "otp", "record", "rules", "two-factor"],
  stores: ["internal", "store"],
  testing: [
    ...["internal", "errors", "store", "otp", "keyring", "stores/memory"],
    ...[
      "two-factor/administration",
      "two-factor/create",
      "two-factor/event",
      "two-factor/interface",
      "two-factor/options",
      "two-factor/passkey-types",
      "two-factor/types",
    ],
  ],
};

/** The one file that knows each dependency. */
const DEPENDENCIES: Readonly<Record<string, string>> = {
  "@noble/hashes": "src/internal/hmac.ts",
  "base32-decode": "src/otp/base32.ts",
  "base32-encode": "src/otp/base32.ts",
  qrcode: "src/qr.ts",
};

/** The files that load something when it is first needed, and what that is. */
const LOADED_LATE: Readonly<Record<string, string>> = {
  "src/internal/scrypt.ts": '"@noble/hashes/scrypt.js"',
  "src/cli/load.ts": "href", // the module of the host's that the command was given
};

/** Files in src/stores/ that are no store but shared by several. */
const SHARED_BY_STORES = ["sql", "sqlite-dialect"];

const MAX_LINES = 250;

interface SourceFile {
  path: string;
  /** The part of the house: a folder, or a file of the ground level, without its ending. */
  part: string;
  text: string;
  imports: readonly string[];
}

function sources(): readonly SourceFile[] {
  return modules("src").map((path) => {
    const text = read(path);
    const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)"|^import "([^"]+)"/gm)].map(
      (match) => match[1] ?? match[2] ?? "",
    );
    return { path, part: partOf(path), text, imports };
  });
}

function partOf(path: string): string {
  return (
    path
      .replace(/^src\//, "")
      .replace(/\.ts$/, "")
      .split("/")[0] ?? ""
  );
}

function isLocal(specifier: string): boolean {
  return specifier.startsWith(".");
}

function targetOf(file: SourceFile, specifier: string): string {
  return normalize(join(dirname(file.path), specifier));
}

const files = sources();

test("imports point down only", () => {
  assert.ok(files.length > 40, "the search for files found too few");
  for (const file of files) {
    const allowed = MAY_KNOW[file.part];
    assert.ok(allowed, `${file.path}: no floor has been given to this part of the house`);
    for (const target of file.imports.filter(isLocal).map((specifier) => targetOf(file, specifier))) {
      const known = [file.part, ...allowed].some(
        (part) => target === `src/${part}.ts` || target.startsWith(`src/${part}/`),
      );
      assert.ok(known, `${file.path} must not know ${target}`);
    }
  }
});

test("no file is its own ancestor through imports", () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(path), `a circle of imports: ${[...trail, path].join(" -> ")}`);
    const file = byPath.get(path);
    if (!file || done.has(path)) return;
    for (const specifier of file.imports.filter(isLocal)) visit(targetOf(file, specifier), [...trail, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
});

test("there are four dependencies, and one file knows each", () => {
  assert.deepEqual(Object.keys(json("package.json").dependencies).sort(), Object.keys(DEPENDENCIES).sort());
  for (const file of files) {
    for (const specifier of file.imports.filter((name) => !isLocal(name))) {
      const name = Object.keys(DEPENDENCIES).find((known) => `${specifier}/`.startsWith(`${known}/`));
      assert.ok(name, `${file.path}: ${specifier} is not a dependency`);
      assert.equal(file.path, DEPENDENCIES[name], `${name} has one home`);
    }
    const late = [...file.text.matchAll(/\bimport\((.*?)\)|\brequire\(/g)].map((match) => match[1]);
    assert.deepEqual(late, [LOADED_LATE[file.path] ?? []].flat(), `${file.path}: imports stand at the top`);
  }
});

test("a server that draws no QR code never loads qrcode", () => {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const file = files.find((other) => other.path === path);
    for (const specifier of file?.imports.filter(isLocal) ?? [])
      follow(targetOf(file as SourceFile, specifier));
  };
  for (const door of ["src/index.ts", "src/admin.ts", "src/otp/index.ts", "src/testing/index.ts"])
    follow(door);
  assert.ok(reached.size > 20);
  for (const path of reached) assert.doesNotMatch(read(path), /qrcode/, path);
});

test("package.json exports files that exist, and everything that an application needs", () => {
  const { exports, bin } = json("package.json") as {
    exports: Record<string, string>;
    bin: Record<string, string>;
  };
  const built = [...Object.values(exports), ...Object.values(bin)].filter((path) => path.endsWith(".js"));
  for (const path of built) {
    const source = path.replace(/^(\.\/)?dist\//, "src/").replace(/\.js$/, ".ts");
    assert.ok(existsSync(source), `${path} is built from ${source}, which is not there`);
  }
  const stores = modules("src/stores").map((path) => path.slice("src/stores/".length, -".ts".length));
  const doors = [".", "./otp", "./qr", "./flow", "./admin", "./passkeys", "./testing", "./package.json"];
  const expected = [
    ...doors,
    ...modules("src/messages").map(
      (path) => `./messages/${path.slice("src/messages/".length, -".ts".length)}`,
    ),
    ...stores.filter((name) => !SHARED_BY_STORES.includes(name)).map((name) => `./stores/${name}`),
  ];
  assert.deepEqual(Object.keys(exports).sort(), expected.sort());
  const tested = read("test/unit/messages.test.ts");
  for (const path of modules("src/messages")) assert.ok(tested.includes(`"../../${path}"`), path);
});

test("a compiler that knows no exports finds the types of each (I10)", () => {
  const { exports, main, types, typesVersions } = json("package.json");
  const declarations = (path: string) => path.replace(/\.js$/, ".d.ts");
  assert.equal(main, exports["."]);
  assert.equal(types, declarations(exports["."]));
  for (const [subpath, path] of Object.entries<string>(exports)) {
    if (subpath === "." || subpath === "./package.json") continue;
    const [folder, name] = subpath.slice(2).split("/") as [string, string?];
    const found = typesVersions["*"][name ? `${folder}/*` : folder]?.[0]?.replace("*", name);
    assert.equal(`./${found}`, declarations(path), `typesVersions: ${subpath}`);
  }
});

test("src compiles with the library of ECMAScript alone", () => {
  const { compilerOptions, include } = json("tsconfig.json");
  assert.deepEqual(include, ["src"]);
  assert.deepEqual(compilerOptions.lib, ["ES2022"]);
  assert.deepEqual(compilerOptions.types, []);
  for (const flag of [
    "strict",
    "noUncheckedIndexedAccess",
    "exactOptionalPropertyTypes",
    "verbatimModuleSyntax",
    "erasableSyntaxOnly",
    "isolatedDeclarations",
  ]) {
    assert.equal(compilerOptions[flag], true, flag);
  }
  for (const file of files) {
    assert.doesNotMatch(file.text, /^\/\/\/ *<reference (lib|types)|\bdeclare global\b/m, file.path);
    assert.doesNotMatch(file.text, /@ts-(ignore|expect-error|nocheck)|biome-ignore/, file.path);
    const globals = file.text.match(/\bglobalThis\b.*/g) ?? [];
    for (const use of globals) {
      assert.match(use, /^globalThis as unknown as /, `${file.path}: platform globals are typed where used`);
    }
  }
});

test("every file is small, typed, and exports names", () => {
  for (const { path, text } of files) {
    const lines = text.split("\n").length - 1;
    assert.doesNotMatch(text, /"ok" in /, `${path}: isFailure tells a failure from a value`);
    assert.ok(lines <= MAX_LINES, `${path} has ${lines} lines: want at most ${MAX_LINES}`);
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, /(?::|\bas|\|) any\b|\bany\[\]|<any\b/, `${path}: any`);
    assert.doesNotMatch(text, /^export \*|^export default/m, `${path}: exports are named`);
    assert.match(text, /^((#!|\/\/\/).*\n)?\/\*\*/, `${path}: says first what it is for`);
  }
});

test("the title of a test has at most 90 characters", () => {
  const titles = modules("test")
    .filter((path) => path.endsWith(".test.ts") && !path.includes("node_modules"))
    .flatMap((path) => [
      ...read(path).matchAll(/\b(?:test|describe)(?:\.skip)?\(\s*(["`])((?:(?!\1)[^\\]|\\.)*)\1/g),
    ])
    .map((match) => (match[2] ?? "").replace(/\$\{[^}]*\}/g, "value"));
  assert.ok(titles.length > 800, "the search for titles found too few");
  assert.deepEqual(
    titles.filter((title) => title.length > 90),
    [],
  );
});

test("the lock file names no registry", () => {
  for (const [path, entry] of Object.entries<{ resolved?: string }>(json("package-lock.json").packages)) {
    assert.doesNotMatch(entry.resolved ?? "", /:\/\//, path);
  }
});
