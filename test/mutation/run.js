// Mutates the rules and the codes with the mutants of StrykerJS and fails if a mutant survives without a reason in
// survivors.json, or fewer than 95 of 100 are killed. Arguments choose the mutated files by a part of their path.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { createInstrumenter } from "@stryker-mutator/instrumenter";
import { createInjector } from "typed-inject";

const FOLDERS = { "src/rules": "test/rules", "src/otp": "test/otp" };
const WANTED = 0.95;
const STALLED_MS = 60_000;
const COLLECTOR = resolve("test/mutation/node-test.js");

const read = (path) => readFileSync(path, "utf8");
const filesIn = (folder, ending) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending) && name !== "index.ts")
    .map((name) => join(folder, name));
const chosen = (path) => {
  const parts = process.argv.slice(2);
  return parts.length === 0 || parts.some((part) => path.includes(part));
};

/** A copy of the project in which the chosen files hold all their mutants, asleep. */
async function mutate(copy) {
  const skipped = new Set(["node_modules", "bench", "runtimes", "package", "examples", "seeds"]);
  for (const part of ["src", "test", "package.json", "tsconfig.json"]) {
    cpSync(part, join(copy, part), { recursive: true, filter: (path) => !skipped.has(basename(path)) });
  }
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  const silent = new Proxy({}, { get: () => () => false });
  const injector = createInjector()
    .provideValue("logger", silent)
    .provideValue("getLogger", () => silent);
  const sources = Object.keys(FOLDERS)
    .flatMap((folder) => filesIn(folder, ".ts"))
    .filter(chosen);
  const { files, mutants } = await injector.injectFunction(createInstrumenter).instrument(
    sources.map((path) => ({ name: join(copy, path), content: read(path), mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [], noHeader: false },
  );
  for (const { name, content } of files) writeFileSync(name, content);
  return mutants.map(({ id, fileName, replacement, location, mutatorName }) => {
    const file = relative(copy, fileName);
    return {
      id,
      file,
      mutatorName,
      replacement,
      code: read(file).split("\n")[location.start.line].trim(),
      line: location.start.line + 1,
    };
  });
}

/** The test files of the copy, which hand their tests to the collector. */
function collect(copy) {
  return Object.values(FOLDERS).flatMap((folder) => {
    const files = filesIn(join(copy, folder), ".test.ts");
    for (const file of files)
      writeFileSync(file, read(file).replaceAll('"node:test"', JSON.stringify(COLLECTOR)));
    return files;
  });
}

/** Runs a worker until it ends or stands still; resolves to whether it ended well. */
function work(copy, notes, ids, tests) {
  const args = ["--import", "tsx", resolve("test/mutation/worker.js"), notes, JSON.stringify(ids), ...tests];
  const child = spawn(process.execPath, args, { cwd: copy, stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((done) => {
    let seen = "";
    let since = Date.now();
    const watch = setInterval(() => {
      const now = read(notes);
      if (now !== seen || seen === "") [seen, since] = [now, now === "" ? since : Date.now()];
      if (seen !== "" && Date.now() - since > STALLED_MS) child.kill("SIGKILL");
    }, 1_000);
    child.on("exit", (code) => {
      clearInterval(watch);
      done(code === 0);
    });
  });
}

async function results(copy, mutants, tests) {
  const notes = join(copy, "notes.jsonl");
  const found = new Map();
  for (;;) {
    const left = mutants.map(({ id }) => id).filter((id) => !found.has(id));
    if (left.length === 0) return found;
    writeFileSync(notes, "");
    const ended = await work(copy, notes, left, tests);
    for (const line of read(notes).split("\n").filter(Boolean)) {
      const { id, result, broken, message } = JSON.parse(line);
      if (broken) throw new Error(`without any mutant, "${broken}" fails: ${message}`);
      found.set(id, result);
    }
    if (!ended && read(notes) === "") throw new Error("the worker did not start");
  }
}

const copy = mkdtempSync(join(tmpdir(), "mutation-"));
try {
  const mutants = await mutate(copy);
  const found = await results(copy, mutants, collect(copy));
  const reasons = JSON.parse(read("test/mutation/survivors.json"));
  const explains = ({ file, code, replacement }) =>
    reasons.some(
      (known) => known.file === file && known.code === code && known.mutants.includes(replacement),
    );
  let failed = false;
  for (const folder of Object.keys(FOLDERS)) {
    const ran = mutants.filter(({ id, file }) => file.startsWith(folder) && found.get(id) !== "static");
    if (ran.length === 0) continue;
    const alive = ran.filter(({ id }) => ["survived", "not covered"].includes(found.get(id)));
    const score = 1 - alive.length / ran.length;
    console.log(
      `${folder}: ${ran.length - alive.length} of ${ran.length} killed, ${(100 * score).toFixed(1)} %`,
    );
    const unexplained = alive.filter((mutant) => !explains(mutant));
    for (const { id, file, line, code, mutatorName, replacement } of unexplained) {
      console.log(`${found.get(id)}: ${file}:${line} ${mutatorName}\n  ${code}\n  => ${replacement}`);
    }
    failed ||= score < WANTED || unexplained.length > 0;
  }
  process.exitCode = failed ? 1 : 0;
} finally {
  rmSync(copy, { recursive: true });
}
