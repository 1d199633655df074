import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { guessRisk } from "twinlock";
import { memoryStore } from "twinlock/stores/memory";

const readme = readFileSync("README.md", "utf8");
const tools = "../../tools/bench/compare"; // JavaScript, and this much of it needs no package of its own

test("the README is short, and its sign-in is that of getting started, which is run", () => {
  assert.ok(readme.split(/[\s|]+/).length <= 900, "words");
  const [block = ""] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  assert.ok(block.trim().split("\n").length <= 15, "lines");
  const page = readFileSync("docs/getting-started.md", "utf8");
  for (const part of block.split("\n\n")) assert.ok(page.includes(part.trim()), part);
});

test("the odds that the README names are those of the defaults", () => {
  const [, said = ""] = /odds of 1 in ([\d,]+) a year/.exec(readme) ?? [];
  const { perYear } = guessRisk({}).leakedPassword;
  assert.equal(Number(said.replace(",", "")), Math.floor(1 / perYear));
});

test("the comparison has every row, and says of Twinlock what it does now", async () => {
  const { measure, MEASURED, DOCUMENTED } = await import(`${tools}/rows.js`);
  const { openTwinlock } = await import(`${tools}/twinlock.js`);
  const [, table = ""] = /<!-- compare -->\n(.*?)\n<!-- \/compare -->/s.exec(readme) ?? [];
  const rows = table.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const [head, , ...facts] = rows;
  const { dependencies } = JSON.parse(readFileSync("test/tools/bench/package.json", "utf8"));
  const others = ["better-auth", "otplib", "speakeasy"].map((name) => `${name} ${dependencies[name]}`);
  assert.deepEqual(head, ["", "Twinlock", ...others]);
  assert.deepEqual(
    facts.map(([fact]) => fact),
    [...Object.keys(MEASURED), ...Object.keys(DOCUMENTED)],
  );

  const inner = memoryStore();
  const written: string[] = [];
  const store: typeof inner = {
    ...inner,
    compareAndSet: (userId, expected, next) => {
      written.push(next.data);
      return inner.compareAndSet(userId, expected, next);
    },
  };
  const database = { store: async () => store, dump: async () => written.join("\n") };
  const measures = await measure(await openTwinlock(database));
  assert.equal(measures.required, true);
  for (const [fact = "", ...cells] of facts) {
    if (fact in MEASURED) assert.equal(cells[0], MEASURED[fact](measures), fact);
    else assert.deepEqual(cells, DOCUMENTED[fact], fact);
  }
});
