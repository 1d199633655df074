// Does the same to Twinlock and to those it is compared with, prints the table of the README and writes it there. With
// --check it writes nothing, and fails where the README says something else.
import { readFileSync, writeFileSync } from "node:fs";
import { openBetterAuth } from "./better-auth.js";
import { openCodes } from "./codes.js";
import { openDatabase } from "./databases.js";
import { measure, table } from "./rows.js";
import { openTwinlock } from "./twinlock.js";

const MARKED = /(<!-- compare -->\n).*?(\n<!-- \/compare -->)/s;
const { dependencies } = JSON.parse(readFileSync("test/tools/bench/package.json", "utf8"));

const database = await openDatabase();
const columns = [];
try {
  for (const [name, contender] of [
    ["Twinlock", await openTwinlock(database)],
    ["better-auth", await openBetterAuth(database)],
    ["otplib", openCodes("otplib")],
    ["speakeasy", openCodes("speakeasy")],
  ]) {
    const title = dependencies[name] ? `${name} ${dependencies[name]}` : name;
    columns.push({ title, measures: await measure(contender) });
  }
} finally {
  await database.close();
}
if (columns[0].measures.required !== true) throw new Error("Twinlock let somebody in who must enroll");

const made = table(columns);
console.log(`${made}\n\nOn ${database.name}.`);
const readme = readFileSync("README.md", "utf8");
const written = readme.replace(MARKED, `$1${made}$2`);
if (!MARKED.test(readme)) throw new Error("README.md: nothing marks where the table stands");
if (process.argv.includes("--check")) {
  if (written !== readme) throw new Error("README.md says something else: npm run tool -- compare");
} else writeFileSync("README.md", written);
