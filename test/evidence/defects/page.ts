/** The table of planted defects as a page of the documentation. */

import { DEFECTS } from "./list.ts";

export const PAGE = "docs/planted-defects.md";

const INTRODUCTION = `# Planted defects

A test that cannot fail proves nothing. \`npm run defects\` plants each of these faults alone in a copy of the project
and fails unless the test that is named for it fails. This page is written by \`npm run defects -- --write\`.

| planted | in | caught by |
| --- | --- | --- |
`;

export function defectsPage(): string {
  const rows = DEFECTS.map(
    ({ name, file, test, caughtBy }) =>
      `| ${name} | \`${file}\` | [${test}](../test/${test}.test.ts): ${caughtBy} |\n`,
  );
  return INTRODUCTION + rows.join("");
}
