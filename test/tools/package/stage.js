// Lays out the package as it is published: `node test/tools/package/stage.js FOLDER`. On npm nothing lies beside the
// README, so its links and pictures are made absolute, at the tag of this version.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the package into a folder. `repository` ("owner/name") takes the place of the placeholder in package.json. */
export function stage(folder, repository) {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  const placeholder = manifest.homepage.replace(/#.*$/, "");
  const home = repository ? `https://github.com/${repository}` : placeholder;
  mkdirSync(folder, { recursive: true });
  for (const file of ["LICENSE", ...manifest.files]) cpSync(file, join(folder, file), { recursive: true });
  const published = JSON.stringify(manifest, null, 2).replaceAll(placeholder, home);
  writeFileSync(join(folder, "package.json"), `${published}\n`);
  for (const file of ["dist/llms.txt", "dist/SKILL.md"]) {
    writeFileSync(join(folder, file), readFileSync(file, "utf8").replaceAll(placeholder, home));
  }
  const at = (kind) => `${home}/${kind}/v${manifest.version}/`;
  const readme = readFileSync("README.md", "utf8")
    .replaceAll(/\]\((?!\w+:|#)/g, `](${at("blob")}`)
    .replaceAll(/ (src|srcset)="(?!\w+:)/g, ` $1="${at("raw")}`);
  writeFileSync(join(folder, "README.md"), readme);
}

const [, program = "", folder] = process.argv;
if (program.endsWith("stage.js") && folder) stage(folder, process.env.GITHUB_REPOSITORY);
