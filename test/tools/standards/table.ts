/** Requirements and the tests that prove them, matched by the ids in the tests' titles. */

import { backupCodes, enrollment, guessing, replay } from "./rows/attacks-on-codes.ts";
import { binding, devices, management } from "./rows/attacks-on-sessions.ts";
import { nist } from "./rows/nist.ts";
import { asvs, cheatSheet } from "./rows/owasp.ts";
import { forms, keyUri } from "./rows/pages.ts";
import { hotp, totp } from "./rows/rfc.ts";
import type { Chapter, Row } from "./rows/row.ts";

export const CHAPTERS: readonly Chapter[] = [
  ...[hotp, totp, nist, asvs, cheatSheet, keyUri, forms],
  ...[replay, enrollment, guessing, backupCodes, binding, devices, management],
];

export const ROWS: readonly Row[] = CHAPTERS.flatMap((chapter) => chapter.rows);

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
