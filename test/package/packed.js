// Packs the package, installs it into an empty project and imports every subpath, from ESM and through require().
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
const project = mkdtempSync(join(tmpdir(), "twinlock-packed-"));
try {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", project], "."));
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "empty", private: true, type: "module" }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", join(project, packed.filename)], project);

  const stray = packed.files
    .map((file) => file.path)
    .filter(
      (path) => !/^(dist|src)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/.test(path),
    );
  if (stray.length > 0) throw new Error(`files that should not be in the package: ${stray.join(", ")}`);

  const subpaths = Object.keys(exports).filter((subpath) => subpath !== "./package.json");
  const specifiers = subpaths.map((subpath) => name + subpath.slice(1));
  writeFileSync(
    join(project, "all.mjs"),
    `${specifiers.map((specifier, i) => `import * as m${i} from "${specifier}";`).join("\n")}
for (const [specifier, names] of [${specifiers.map((specifier, i) => `["${specifier}", Object.keys(m${i})]`).join(", ")}]) {
  if (names.length === 0) throw new Error(specifier + " exports nothing");
  console.log(specifier.padEnd(28), names.join(" "));
}`,
  );
  process.stdout.write(run(process.execPath, ["all.mjs"], project));
  run("npx", ["--no-install", "twinlock", "key"], project);
  console.log(
    `${specifiers.length} subpaths import from ${packed.filename} (${packed.size} bytes packed, ${packed.files.length} files)`,
  );
} finally {
  rmSync(project, { recursive: true, force: true });
}
