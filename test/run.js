// Runs the test files with node:test: all but the pages, or those whose path contains one of the arguments.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";

const wanted = process.argv.slice(2);
const isWanted = (file) =>
  wanted.length === 0 ? !file.startsWith("test/pages/") : wanted.some((part) => file.includes(part));

const FOREIGN = /\/(node_modules|consumers)\//; // other runners run these

const files = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((file) => `test/${file.replaceAll("\\", "/")}`)
  .filter((file) => file.endsWith(".test.ts") && !FOREIGN.test(file) && isWanted(file))
  .sort();
if (files.length === 0) throw new Error(`no test file matches ${wanted.join(" ")}`);
const preloads = ["--import", "tsx", "--import", "./test/support/assert-message.js"];
const runner = ["--test", `--test-concurrency=${availableParallelism()}`];
const { status } = spawnSync(process.execPath, [...preloads, ...runner, ...files], { stdio: "inherit" });
process.exit(status ?? 1);
