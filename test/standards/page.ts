/** The table as a page of the documentation. It says which tests there are, not how they went: CI says that. */

import type { Chapter } from "./rows/row.ts";
import { CHAPTERS, type Line } from "./table.ts";

const INTRODUCTION = `# Standards and known attacks

What standards ask for, and how other systems have been broken: one row each, and the tests that hold us to it. A test
names its rows in its title. \`npm run standards\` runs them and fails on a row that has neither a test nor a reason;
this page is written by \`npm run standards -- --write\`. Options that follow NIST and OWASP to the letter, and what still
deviates, are in [presets](presets.md).
`;

export function standardsPage(lines: readonly Line[]): string {
  const lineOf = new Map(lines.map((line) => [line.row.id, line]));
  return [INTRODUCTION, ...CHAPTERS.map((chapter) => section(chapter, lineOf))].join("\n");
}

function section({ title, rows }: Chapter, lineOf: ReadonlyMap<string, Line>): string {
  const lines = rows.map(({ id, requirement, source, note, without }) => {
    const what = note === undefined ? requirement : `${requirement} *${note}*`;
    const proof = without === undefined ? titles(lineOf.get(id)) : `*${without}*`;
    return `| ${id} | ${cell(what)} | ${cell(source)} | ${cell(proof)} |`;
  });
  return [
    `## ${title}`,
    "",
    "| id | requirement | from | proved by |",
    "| --- | --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

function titles(line: Line | undefined): string {
  const byFile = new Map<string, Set<string>>();
  for (const { file, name } of line?.tests ?? []) {
    byFile.set(file, (byFile.get(file) ?? new Set()).add(name));
  }
  return [...byFile]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([file, names]) =>
        `[${file.replace(/^test\/|\.test\.ts$/g, "")}](../${file}): ${[...names].sort().join("; ")}`,
    )
    .join("<br>");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
