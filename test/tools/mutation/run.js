// Mutates src/ with the mutants of StrykerJS and fails if fewer than 93 of 100 are killed. The rules and the codes are
// held to more: 95 of 100, and no survivor without a reason in survivors.json.
// Arguments choose the mutated files by a part of their path, and TESTS=unit/rules,unit/otp the tests that count.
// SAMPLE=300 tries so many mutants, drawn by SEED=1; WORKERS=2 makes two processes share the work.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect, distance, mutate } from "./copy.js";
import { explore, tryAll, tryLoading } from "./processes.js";
import { report } from "./report.js";

const SLOW_MS = 1_500; // a test that takes longer is not for running thousands of times
const BUDGET_MS = 8_000; // how long the tests of one mutant may take, the fastest first
const LANES = Array.from({ length: Number(process.env.WORKERS ?? 1) }, (_, lane) => lane);

const chosen = (path) => {
  const parts = process.argv.slice(2);
  return parts.length === 0 || parts.some((part) => path.includes(part));
};

/** Gives every lane the next piece of work until there is none, or until one fails. */
async function share(work, run) {
  const left = [...work];
  const lane = async (number) => {
    try {
      for (let piece = left.shift(); piece !== undefined; piece = left.shift()) await run(number, piece);
    } finally {
      left.length = 0;
    }
  };
  for (const { status, reason } of await Promise.allSettled(LANES.map(lane)))
    if (status === "rejected") throw reason;
}

/** So many mutants as SAMPLE says, always the same for a SEED. */
function sampled(mutants) {
  const { SAMPLE, SEED = "1" } = process.env;
  if (!SAMPLE) return mutants;
  const place = ({ id }) => createHash("sha256").update(`${SEED}/${id}`).digest("hex");
  console.log(`a random sample of ${SAMPLE} of ${mutants.length} mutants (SEED=${SEED})`);
  return [...mutants].sort((a, b) => (place(a) < place(b) ? -1 : 1)).slice(0, Number(SAMPLE));
}

/** The tests worth running against a mutant: those nearest to it first, then the fastest, as many as time allows. */
function affordable(tests, source) {
  const near = ({ file }) => distance(file, source);
  let left = BUDGET_MS;
  return tests
    .filter(({ cost, fails }) => cost < SLOW_MS && !fails)
    .sort((a, b) => near(a) - near(b) || a.cost - b.cost)
    .filter(({ cost }) => {
      left -= cost;
      return left > 0;
    });
}

async function results(copy, mutants, files) {
  const explored = new Map();
  await share(files, async (lane, file) => explored.set(file, await explore(copy, lane, file)));
  const tests = files.flatMap((file) => explored.get(file).tests);
  for (const { file, name, fails } of tests)
    if (fails)
      console.log(`left out, as it fails without a mutant, or when it is run again: ${file} "${name}"`);

  const found = new Map(mutants.map(({ id }) => [id, "not covered"]));
  const note = (id, result) => found.set(id, result);

  const jobs = mutants.map(({ id, file }) => {
    const reaching = affordable(
      tests.filter(({ hits }) => hits[id]),
      file,
    );
    return {
      id,
      tests: reaching.map((test) => ({ file: test.file, index: test.index, hits: test.hits[id] })),
    };
  });
  const reached = jobs.filter((job) => job.tests.length > 0);
  await share(
    LANES.map((lane) => reached.filter((_, i) => i % LANES.length === lane)),
    (lane, part) => tryAll(copy, lane, part, note),
  );

  const loaded = mutants.filter(({ id }) => ["not covered", "survived"].includes(found.get(id)));
  await share(loaded, async (lane, { id, file }) => {
    const loading = affordable(
      tests.filter((test) => explored.get(test.file).loads.includes(id)),
      file,
    );
    if (loading.length > 0) await tryLoading(copy, lane, { id, tests: loading }, note);
  });
  return found;
}

const copy = mkdtempSync(join(tmpdir(), "mutation-"));
try {
  const mutants = sampled(await mutate(copy, chosen));
  const proving = (process.env.TESTS ?? "").split(",");
  const files = collect(copy).filter((file) => proving.some((part) => file.includes(part)));
  const found = await results(copy, mutants, files);
  process.exitCode = report(mutants.map((mutant) => ({ ...mutant, result: found.get(mutant.id) }))) ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true });
}
