import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface Package {
  version: string;
  license: string;
}

const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const dependencies: Record<string, string> = json("package.json").dependencies;
const FREE = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0"];

test("there are four dependencies, each of exactly one version", () => {
  const names = ["@noble/hashes", "base32-decode", "base32-encode", "qrcode"];
  assert.deepEqual(Object.keys(dependencies).sort(), names);
  for (const version of Object.values(dependencies)) assert.match(version, /^\d+\.\d+\.\d+$/);
});

test("SECURITY.md lists the version and license of each dependency as they are installed", () => {
  const table = [...readFileSync("SECURITY.md", "utf8").matchAll(/^\| `([^`]+)` \| (\S+) \| (\S+) \|/gm)];
  assert.deepEqual(
    Object.fromEntries(table.map(([, name, version, license]) => [name, { version, license }])),
    Object.fromEntries(
      Object.keys(dependencies).map((name) => {
        const { version, license }: Package = json(`node_modules/${name}/package.json`);
        assert.equal(version, dependencies[name]);
        return [name, { version, license }];
      }),
    ),
  );
});

test("all packages that come with the dependencies have a permissive license", () => {
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const installed = json(`node_modules/${name}/package.json`);
    assert.ok(FREE.includes(installed.license), `${name}: ${installed.license}`);
    for (const next of Object.keys(installed.dependencies ?? {})) visit(next);
  };
  for (const name of Object.keys(dependencies)) visit(name);
  const said = /(\d+) packages in all/.exec(readFileSync("SECURITY.md", "utf8"))?.[1];
  assert.equal(String(seen.size), said, "SECURITY.md says how many packages there are");
});
