// Counts lines of code (no blank lines, no comments) in src/ and test/, and says the ratio.
import { readdirSync, readFileSync } from "node:fs";

const isCode = (path) => /\.(ts|js)$/.test(path) && !path.includes("node_modules");

function linesOfCode(text) {
  const uncommented = text.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "");
  return uncommented.split("\n").filter((line) => line.trim() !== "").length;
}

/** The lines of each part of a folder: its subfolders, and the files that lie in it. */
function count(folder) {
  const parts = {};
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(isCode)) {
    const part = path.includes("/") ? path.split("/")[0] : ".";
    parts[part] = (parts[part] ?? 0) + linesOfCode(readFileSync(`${folder}/${path}`, "utf8"));
  }
  return parts;
}

const sum = (parts) => Object.values(parts).reduce((total, lines) => total + lines, 0);
const source = count("src");
const tests = count("test");
for (const [part, lines] of Object.entries(tests)) console.log(`${String(lines).padStart(6)} test/${part}`);
console.log(`${String(sum(tests)).padStart(6)} test\n${String(sum(source)).padStart(6)} src`);
console.log(`${(sum(tests) / sum(source)).toFixed(2)} lines of test code for each line of source`);
