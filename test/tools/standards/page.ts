/** The table as a page of the documentation. It says which tests there are, not how they went: CI says that. */

import type { Chapter } from "./rows/row.ts";
import { CHAPTERS, type Line } from "./table.ts";

const INTRODUCTION = `# Standards and known attacks

What standards ask for, and how other systems have been broken: one row each, and the tests that hold us to it. A test
names its rows in its title. \`npm run tool -- standards\` runs them and fails on a row that has neither a test nor a reason;
this page is written by \`npm run tool -- standards --write\`. Options that follow NIST and OWASP to the letter, and what still
deviates, are in [presets](presets.md).
`;

export function standardsPage(lines: readonly Line[]): string {
  const lineOf = new Map(lines.map((line) => [line.row.id, line]));
  return [INTRODUCTION, ...CHAPTERS.map((chapter) => section(chapter, lineOf))].join("\n");
}

function section({ title, rows }: Chapter, lineOf: ReadonlyMap<string, Line>): string {
  const lines = rows.map(({ id, requirement, source, note, without }) => {
    const what = note === undefined ? requirement : `${requirement} *${note}*`;
    const proof = without === undefined ? files(lineOf.get(id)) : `*${without}*`;
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

/** Links to the files; their titles name the row. */
function files(line: Line | undefined): string {
  return [...new Set(line?.tests.map(({ file }) => file))]
    .sort()
    .map((file) => `[${file.replace(/^test\/|\.test\.ts$/g, "")}](../${file})`)
    .join(", ");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
