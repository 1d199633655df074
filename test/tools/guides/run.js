// Makes each guide's project from its page alone, builds it against the packed package, and walks through it. Arguments
// choose guides by a part of their name; with `--keep FOLDER` the projects stay there.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { inFolder, nodes, pack, run } from "../package/pack.js";
import { drive } from "./drive.js";
import { pinned, readGuide } from "./page.js";
import { serving, write } from "./project.js";

const NODE = 24; // what the index of the guides asks for
const versions = JSON.parse(readFileSync("test/tools/guides/versions.json", "utf8"));
const node = nodes().find((path) => Number.parseInt(run(path, ["--version"]).slice(1), 10) >= NODE);
if (!node) throw new Error(`the guides want Node ${NODE}: npm ci --prefix test/tools/runtimes`);

const wanted = process.argv.slice(2);
const kept = wanted.includes("--keep") ? wanted.splice(wanted.indexOf("--keep"), 2)[1] : undefined;
const guides = readdirSync("docs/guides")
  .filter((file) => file.endsWith(".md") && file !== "README.md")
  .map(readGuide)
  .filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
  .sort((a, b) => filesIn(b) - filesIn(a)); // the largest first: none of them is left to run alone
if (guides.length === 0) throw new Error(`no guide is named ${wanted.join(" ")}`);

let failures = 0;
await (kept ? all(resolve(kept)) : inFolder(all));
process.exit(failures === 0 ? 0 : 1);

function filesIn({ runs }) {
  return runs.reduce((count, { files }) => count + files.size, 0);
}

/** As many at once as the machine has cores. */
async function all(folder) {
  mkdirSync(folder, { recursive: true });
  const { tarball } = pack(folder);
  const queue = [...guides];
  const work = async () => {
    for (let guide = queue.shift(); guide; guide = queue.shift()) {
      const startedAt = Date.now();
      const said = await follow(guide, join(folder, guide.name), tarball).then(
        () => "",
        (error) => `\n${error.stack}`,
      );
      if (said) failures++;
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      console.log(`${said ? "FAIL" : "ok  "}  ${guide.name}, ${seconds} s${said}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

async function follow({ runs }, folder, tarball) {
  for (const { files, commands } of runs) {
    write(folder, files);
    const exact = commands.map((command) => pinned(command, tarball, versions));
    await serving(folder, exact, node, drive);
  }
}
