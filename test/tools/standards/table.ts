/**
 * Requirements and the tests that prove them, matched by the ids in the tests' titles. The requirements are the rows of
 * the tables in docs/standards.md; the last cell of each holds the files of its tests, or in italics why there are none.
 */

import { readFileSync } from "node:fs";

export const PAGE = "docs/standards.md";

/** One thing that a standard asks for, or one way in which other systems have failed. */
export interface Row {
  /** What the titles of its tests carry. */
  readonly id: string;
  readonly requirement: string;
  /** Where it is written, or where it happened. */
  readonly source: string;
  /** Why it has no test: it does not apply, or we do otherwise. Never both this and a test. */
  readonly without: string | undefined;
}

const LINE = /^\| ([A-Z]\d+b?) \| (.*?) \| (.*?) \| (.*?) ?\|$/gm;

export const ROWS: readonly Row[] = [...readFileSync(PAGE, "utf8").matchAll(LINE)].map(
  ([, id = "", requirement = "", source = "", proof = ""]) => {
    return { id, requirement, source, without: /^\*(.*)\*$/.exec(proof)?.[1] };
  },
);

/** A test that ran, or a suite; `file` is relative to the project. */
export interface TestResult {
  name: string;
  file: string;
  result: "passed" | "failed" | "skipped";
}

export interface Line {
  row: Row;
  tests: readonly TestResult[];
  verdict: "proved" | "not applicable" | "skipped" | "failed" | "no test" | "both";
}

const ID = /(?<![\w-])(seed )?([A-Z])(\d{1,2}b?)(?: to \2(\d{1,2}))?(?!\w)/g;
const LETTERS = "HTNAOUWV";

/** The ids of the rows that a title names. `seed N1` names a row of a product's flow and none of ours. */
export function idsIn(title: string): readonly string[] {
  return [...title.matchAll(ID)].flatMap(([, seed, letter = "", first = "", last]) => {
    if (seed !== undefined || !LETTERS.includes(letter)) return [];
    const count = Number(last ?? first) - Number(first) + 1;
    if (last === undefined || !(count > 0)) return [letter + first];
    return Array.from(
      { length: count },
      (_, i) => letter + String(Number(first) + i).padStart(first.length, "0"),
    );
  });
}

/** Every row with its tests, and ids in titles that no row has. */
export function matched(results: readonly TestResult[]): {
  lines: readonly Line[];
  unknown: readonly string[];
} {
  const tests = new Map<string, TestResult[]>(ROWS.map((row) => [row.id, []]));
  const unknown: string[] = [];
  for (const result of results) {
    for (const id of new Set(idsIn(result.name))) {
      const known = tests.get(id);
      if (known) known.push(result);
      else unknown.push(`${id} in "${result.name}" (${result.file})`);
    }
  }
  const lines = ROWS.map((row) => {
    const found = tests.get(row.id) ?? [];
    return { row, tests: found, verdict: verdictOf(row, found) };
  });
  return { lines, unknown };
}

function verdictOf(row: Row, tests: readonly TestResult[]): Line["verdict"] {
  if (row.without !== undefined) return tests.length > 0 ? "both" : "not applicable";
  if (tests.length === 0) return "no test";
  if (tests.some((test) => test.result === "failed")) return "failed";
  return tests.some((test) => test.result === "passed") ? "proved" : "skipped";
}

/** The page with links to the files in which each row has its tests. It does not say how they went: CI does. */
export function pageWith(page: string, lines: readonly Line[]): string {
  const testsOf = new Map(lines.map(({ row, tests }) => [row.id, tests]));
  return page.replace(
    LINE,
    (line: string, id: string, requirement: string, source: string, proof: string) => {
      const files = [...new Set(testsOf.get(id)?.map(({ file }) => file))].sort();
      if (files.length === 0)
        return proof.startsWith("*") ? line : `| ${id} | ${requirement} | ${source} | |`;
      const links = files.map((file) => `[${file.replace(/^test\/|\.test\.ts$/g, "")}](../${file})`);
      return `| ${id} | ${requirement} | ${source} | ${links.join(", ")} |`;
    },
  );
}
