// Packs the package, installs it into an empty project, and imports every subpath: from ES modules and by require().
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder, nodes, pack, project, run } from "./pack.js";

const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
const specifiers = Object.keys(exports)
  .filter((subpath) => subpath !== "./package.json")
  .map((subpath) => name + subpath.slice(1));
// Whatever else is among these has no business in the package.
const BELONGS =
  /^(dist\/.+\.(js|js\.map|d\.ts|d\.ts\.map)|dist\/(llms\.txt|SKILL\.md)|src\/.+\.ts|package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/;

await inFolder(async (folder) => {
  const { tarball, size, files } = pack(folder);
  const stray = files.filter((file) => !BELONGS.test(file) || /\.test\./.test(file));
  if (stray.length > 0) throw new Error(`files that should not be in the package: ${stray.join(", ")}`);
  const unbuilt = files.filter((file) => file.endsWith(".ts.map") && !hasSource(file));
  if (unbuilt.length > 0) throw new Error(`declaration maps without their source: ${unbuilt.join(", ")}`);

  project(folder, tarball);
  const list = JSON.stringify(specifiers);
  writeFileSync(
    join(folder, "all.mjs"),
    `for (const specifier of ${list}) {
      const names = Object.keys(await import(specifier));
      if (names.length === 0) throw new Error(specifier + " exports nothing");
      console.log(specifier.padEnd(28), names.join(" "));
    }`,
  );
  writeFileSync(
    join(folder, "all.cjs"),
    `for (const specifier of ${list}) {
      if (Object.keys(require(specifier)).length === 0) throw new Error(specifier + " exports nothing");
    }`,
  );
  process.stdout.write(run(process.execPath, ["all.mjs"], { cwd: folder }));
  const versions = nodes().map((node) => {
    for (const program of ["all.mjs", "all.cjs"]) run(node, ["--no-warnings", program], { cwd: folder });
    return run(node, ["--version"]).trim();
  });
  run("npx", ["--no-install", "twinlock", "key"], { cwd: folder });
  console.log(
    `${specifiers.length} subpaths of ${files.length} files, ${size} bytes packed, on Node ${[...new Set(versions)].join(", ")}`,
  );

  function hasSource(file) {
    return files.includes(file.replace(/^dist\//, "src/").replace(/\.d\.ts\.map$/, ".ts"));
  }
});
