// Reads a guide as a program. A file is a line with nothing but its name in backquotes and the block below it; the
// commands are the blocks of `sh`, in their order, and the last of them starts the server. A section with commands is
// another run of the same project.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

const FOLDER = "docs/guides";
const FILE = /^`([^`\n]+)`\n\n```\w+\n(.*?)^```$/gms;
const COMMANDS = /^```sh\n(.*?)^```$/gms;
/** A page takes the file that all guides share by a link to it, whose text says where it goes. */
const SHARED = /\[`([^`\n]*two-factor(?:\.server)?\.ts)`\]\(README\.md#[\w-]+\)/;
/** A page that goes on from another takes its first run, up to what builds and starts it. */
const BASE = /^Begin with \[[^\]]*\]\(([\w-]+\.md)\)/m;

/** What a page makes of an empty folder, run after run: files by their path, and commands. */
export function readGuide(file) {
  const [first, ...others] = readFileSync(join(FOLDER, file), "utf8").split(/^## /m).map(runOf);
  const exported = first.commands.filter((command) => command.startsWith("export "));
  const later = others
    .filter(({ commands }) => commands.length > 0)
    .map(({ files, commands }) => ({ files, commands: [...exported, ...commands] }));
  return { name: basename(file, ".md"), runs: [first, ...later] };
}

function runOf(text) {
  const [, base] = BASE.exec(text) ?? [];
  const begun = base ? readGuide(base).runs[0] : { files: new Map(), commands: [] };
  const [, shared] = SHARED.exec(text) ?? [];
  const files = new Map([
    ...begun.files,
    ...(shared
      ? [[shared, filesOf(readFileSync(join(FOLDER, "README.md"), "utf8")).get("two-factor.ts")]]
      : []),
    ...filesOf(text),
  ]);
  const own = [...text.matchAll(COMMANDS)].flatMap(([, block]) => block.trim().split("\n"));
  return { files, commands: [...begun.commands.filter((command) => command.startsWith("npm ")), ...own] };
}

function filesOf(text) {
  return new Map([...text.matchAll(FILE)].map(([, path, code]) => [path, code]));
}

/** A command with the tarball in the place of `twinlock`, and each other package in the version of the table. */
export function pinned(command, tarball, versions) {
  const [, install, names] = /^(npm install(?: --save-dev)?) (.+)$/.exec(command) ?? [];
  if (!install) return command;
  const exact = names.split(" ").map((name) => {
    if (name === "twinlock") return tarball;
    if (!versions[name]) throw new Error(`test/tools/guides/versions.json lacks ${name}`);
    return `${name.replace(/(?<=.)@.*/, "")}@${versions[name]}`;
  });
  return `${install} --prefer-offline --no-audit --no-fund ${exact.join(" ")}`;
}
