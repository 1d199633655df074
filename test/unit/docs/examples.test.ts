import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

// Every TypeScript block that asserts something is run: those of the pages, and those of the documentation comments.
// They import the built package by its name, so they live inside the project while they run.
const folder = join(import.meta.dirname, `.examples-${process.pid}`);
mkdirSync(folder);
after(() => rmSync(folder, { recursive: true }));

function filesBelow(path: string, ending: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending) && !file.includes("node_modules"))
    .map((file) => join(path, file))
    .sort();
}

function blocks(text: string): { line: number; code: string }[] {
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map((match) => ({
    line: text.slice(0, match.index).split("\n").length,
    code: match[1] ?? "",
  }));
}

// docs/reference repeats the comments.
const written = filesBelow("docs", ".md").filter((file) => !file.startsWith(join("docs", "reference")));
const pages = ["README.md", ...written].map((file) => ({
  file,
  text: readFileSync(file, "utf8"),
}));
const comments = filesBelow("src", ".ts").map((file) => ({
  file,
  text: readFileSync(file, "utf8").replace(/^ *\* ?/gm, ""),
}));

for (const { file, text } of [...pages, ...comments]) {
  for (const { line, code } of blocks(text)) {
    if (!code.includes("node:assert")) continue;
    const path = join(folder, `${file.replaceAll(/\W/g, "-")}-${line}.ts`);
    writeFileSync(path, code);
    const run = () => import(pathToFileURL(path).href);
    if (code.includes("node:test"))
      await run(); // it brings its own tests
    else test(`the example in ${file}, line ${line}, does what it says`, run);
  }
}
