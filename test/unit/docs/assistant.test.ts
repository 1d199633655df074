// What coding assistants read, as the build made it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string) => readFileSync(path, "utf8");
const skill = read("dist/SKILL.md");
const list = read("dist/llms.txt");

test("SKILL.md is short, and all of its code stands in pages that tests run", () => {
  assert.match(skill, /^---\nname: twinlock\ndescription: .{80,400}\n---\n\n# Twinlock\n/);
  assert.ok(skill.split(/\s+/).length <= 900, "words");
  const pages = read("docs/getting-started.md") + read("docs/testing.md");
  const blocks = [...skill.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  assert.ok(blocks.length >= 5);
  for (const block of blocks) assert.ok(pages.includes(block.trim()), block);
});

test("every name that the rules of SKILL.md use is a public one", () => {
  const known = read("docs/reference/report.md");
  const rules = skill.slice(skill.indexOf("## Keep to this"), skill.indexOf("```"));
  const names = [...rules.matchAll(/`([^`]+)`/g)].flatMap(
    ([, code = ""]) => code.match(/[A-Za-z]{3,}/g) ?? [],
  );
  assert.ok(names.includes("createTestTwoFactor") && names.length > 12);
  for (const name of names) assert.match(known, new RegExp(`\\b${name}\\b`), name);
});

test("llms.txt lists every page, each once", () => {
  const pages = readdirSync("docs", { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".md") && !/^reference\/(messages-|report)/.test(path));
  assert.ok(pages.length > 50);
  for (const page of pages) assert.equal(list.split(`/docs/${page})`).length, 2, page);
  assert.match(list, /^# Twinlock\n\n> Your application has a login\. /);
});
