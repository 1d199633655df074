// Runs the test files with node:test: all of them, or those whose path contains one of the arguments.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const APART = new Set(["node_modules", "bench", "runtimes"]); // suites with their own entrance

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return APART.has(entry.name) ? [] : testFiles(path);
      return entry.name.endsWith(".test.ts") ? [path] : [];
    });
}

const wanted = process.argv.slice(2);
const files = testFiles("test").filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
if (files.length === 0) throw new Error(`no test file matches ${wanted.join(" ")}`);
const preloads = ["--import", "tsx", "--import", "./test/support/assert-message.js"];
const { status } = spawnSync(process.execPath, [...preloads, "--test", ...files], { stdio: "inherit" });
process.exit(status ?? 1);
