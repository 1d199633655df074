import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const guides = readdirSync("docs/guides").map((file) => readFileSync(join("docs/guides", file), "utf8"));

test("the table of versions has what the guides install, exactly, and nothing else", () => {
  const table = JSON.parse(readFileSync("test/tools/guides/versions.json", "utf8")) as Record<string, string>;
  const installs = guides.flatMap((text) => [...text.matchAll(/^npm install(?: --save-dev)? (.+)$/gm)]);
  const named = new Set(installs.flatMap(([, names = ""]) => names.split(" ")));
  named.delete("twinlock");
  assert.deepEqual(Object.keys(table).sort(), [...named].sort());
  for (const [name, version] of Object.entries(table)) assert.match(version, /^\d+\.\d+\.\d+/, name);
});
