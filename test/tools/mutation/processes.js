// The worker processes: which of them explores, which tries what, and what becomes of one that stands still.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const STALLED_MS = 60_000;
const WORKER = resolve("test/tools/mutation/worker.js");

const read = (path) => readFileSync(path, "utf8");
const lines = (path) =>
  read(path)
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Runs a worker until it ends or stands still; resolves to whether it ended well. */
function work(copy, notes, args, env = {}) {
  writeFileSync(notes, "");
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=1024", "--import", "tsx", WORKER, notes, ...args],
    {
      cwd: copy,
      env: { ...process.env, TMPDIR: copy, ...env },
      stdio: ["ignore", "ignore", "ignore"],
    },
  );
  return new Promise((done) => {
    let seen = "";
    let since = Date.now();
    const watch = setInterval(() => {
      const now = read(notes);
      if (now !== seen) [seen, since] = [now, Date.now()];
      if (Date.now() - since > STALLED_MS) child.kill("SIGKILL");
    }, 1_000);
    child.on("exit", (code) => {
      clearInterval(watch);
      done(code === 0);
    });
  });
}

/** What the tests of a file reach: a list of tests, and the mutants that act as the file loads. */
export async function explore(copy, lane, file) {
  const notes = join(copy, `notes-${lane}.jsonl`);
  if (!(await work(copy, notes, ["explore", file]))) {
    console.log(`left out, as it does not load, or stands still: ${file}`);
    return { tests: [], loads: [] };
  }
  const found = lines(notes);
  return { tests: found.slice(0, -1).map((test) => ({ ...test, file })), loads: found.at(-1).loads };
}

/** Tries mutants in as few processes as will do; calls `found` with each result. */
export async function tryAll(copy, lane, jobs, found) {
  const notes = join(copy, `notes-${lane}.jsonl`);
  const list = join(copy, `jobs-${lane}.json`);
  let doubted;
  for (let left = jobs; left.length > 0; ) {
    writeFileSync(list, JSON.stringify(left));
    const ended = await work(copy, notes, ["try", list]);
    const results = lines(notes);
    if (results.length === 0 && !ended) throw new Error("the worker did not start");
    const done = new Map(results.map(({ id, result }) => [id, result]));
    for (const [id, result] of done) if (id !== null && result !== "again") found(id, result);
    if (done.has(null) && done.get(null) !== "survived") found(doubted, "survived");
    left = left.filter(({ id }) => id !== null && (!done.has(id) || done.get(id) === "again"));
    // A test that failed without its mutant, too, must pass in a process of its own, or its verdict is worth nothing.
    const { id, spoiled } = results.at(-1) ?? {};
    doubted = id;
    if (spoiled && id !== null) left = [{ id: null, tests: [spoiled] }, ...left];
  }
}

/** Tries a mutant that acts as modules load: it needs a process of its own. */
export async function tryLoading(copy, lane, job, found) {
  const notes = join(copy, `notes-${lane}.jsonl`);
  const list = join(copy, `jobs-${lane}.json`);
  writeFileSync(list, JSON.stringify([job]));
  await work(copy, notes, ["try", list], { __STRYKER_ACTIVE_MUTANT__: job.id });
  const last = lines(notes).at(-1);
  found(job.id, last?.result ?? "killed");
}
