import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { messages } from "../../../src/page.ts";

const page = (name: string) => readFileSync(join("docs/flows", `${name}.md`), "utf8");
/** The rows of the tables on a page, as cells. */
const rows = (name: string) =>
  page(name)
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test("the page of wording says what to offer for every reason", () => {
  const offers = rows("wording").filter((cells) => cells.length === 2);
  const reasons = offers.map(([reason = ""]) => reason.replaceAll("`", ""));
  assert.deepEqual(reasons, ["reason", ...Object.keys(messages)]);
});

test("the page of events has every type, in the code's order, and notifies where the code does", () => {
  const decision = readFileSync("src/rules/decision.ts", "utf8");
  const types = [...decision.matchAll(/^ {2}\| "(\w+)"/gm)].map(([, type]) => type);
  const events = readFileSync("src/two-factor/events.ts", "utf8");
  const notify = new Set([...events.matchAll(/^ {2}"(\w+)",$/gm)].map(([, type]) => type));
  const told = rows("events")
    .map(([type = "", , mark]) => [type.replaceAll("`", ""), mark === "yes"] as const)
    .filter(([type]) => types.includes(type));
  assert.deepEqual(told.map(([type]) => type).sort(), [...types].sort());
  for (const [type, mark] of told) assert.equal(mark, notify.has(type), type);
});

for (const [first, folder] of [
  ["docs/flows.md", "docs/flows"],
  ["docs/guides/README.md", "docs/guides"],
] as const)
  test(`every page of ${folder} is linked from the first, and every link leads somewhere`, () =>
    linksHold(first, folder));

function linksHold(first: string, folder: string): void {
  const pages = new Set([first, ...readdirSync(folder).map((file) => join(folder, file))]);
  const linked = new Set<string>();
  for (const file of pages) {
    for (const [, target = ""] of readFileSync(file, "utf8").matchAll(/\]\((?!https:)([^)]+)\)/g)) {
      const [path = "", anchor] = target.split("#");
      const found = path === "" ? file : join(dirname(file), path);
      assert.ok(existsSync(found), `${file}: ${target}`);
      linked.add(found);
      if (anchor === undefined) continue;
      const headings = [...readFileSync(found, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
      assert.ok(headings.includes(anchor), `${file}: ${target}`);
    }
  }
  for (const file of pages) if (file !== first) assert.ok(linked.has(file), file);
}
