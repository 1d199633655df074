/** Writes ../guessing.md and its picture: `npm ci && npm run write` in this folder. */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawPolicies } from "./plot.ts";
import { withTables } from "./tables.ts";

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const page = beside("../guessing.md");
writeFileSync(page, withTables(readFileSync(page, "utf8")));
writeFileSync(beside("../images/guess-risk.svg"), drawPolicies());
