// What a run has come to: the mutants that live without a reason, a table of the folders, and whether that will do.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";

const WANTED = 0.93;
const WANTED_OF_STRICT = 0.95;
const STRICT = ["src/otp", "src/rules"];

/** Whether every survivor of a file has to have a reason. */
const isStrict = (file) => STRICT.includes(dirname(file));

const explained = JSON.parse(readFileSync("test/tools/mutation/survivors.json", "utf8"));
const explains = ({ file, code, replacement }) =>
  explained.some(
    (known) => known.file === file && known.code === code && known.mutants.includes(replacement),
  );

const isAlive = ({ result }) => result === "survived" || result === "not covered";
const scoreOf = (mutants) => 1 - mutants.filter(isAlive).length / mutants.length;

function row(name, mutants) {
  const killed = mutants.filter((mutant) => !isAlive(mutant)).length;
  const score = `${(100 * scoreOf(mutants)).toFixed(1)} %`;
  return `| ${[name, mutants.length, killed, score].join(" | ")} |`;
}

/** Prints the report; says whether enough mutants are killed. */
export function report(mutants) {
  const unexplained = mutants.filter((mutant) => isAlive(mutant) && !explains(mutant));
  for (const { result, file, line, code, mutatorName, replacement } of unexplained)
    console.log(`${result}: ${file}:${line} ${mutatorName}\n  ${code}\n  => ${replacement}`);

  const folders = [...new Set(mutants.map(({ file }) => dirname(file)))].sort();
  const inFolder = (folder) => mutants.filter(({ file }) => dirname(file) === folder);
  console.log("| folder | mutants | killed | score |\n| --- | ---: | ---: | ---: |");
  for (const folder of folders) console.log(row(folder, inFolder(folder)));
  console.log(row("all", mutants));

  const enough = (folder) => !STRICT.includes(folder) || scoreOf(inFolder(folder)) >= WANTED_OF_STRICT;
  return (
    scoreOf(mutants) >= WANTED && folders.every(enough) && !unexplained.some(({ file }) => isStrict(file))
  );
}
