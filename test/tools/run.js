// Runs a program of this folder: `npm run tool -- NAME [ARGUMENTS]`. Without a name it lists them.
import { spawnSync } from "node:child_process";

const TSX = ["node", "--import", "tsx"];

/** What each does, the folder whose packages it needs, whether it needs a build, and its command. */
const TOOLS = {
  coverage: {
    does: "fails unless the tests of the rules and of passkeys take every branch of every rule",
    command: [
      "c8",
      "node",
      "test/run.js",
      "unit/rules",
      "unit/passkeys",
      "unit/two-factor",
      "unit/internal/queue",
      "unit/internal/limiter",
    ],
  },
  standards: {
    does: "runs the tests and fails on a requirement or a known attack that none of them covers",
    command: [...TSX, "test/tools/standards/run.ts"],
  },
  defects: {
    does: "plants each defect of the list in turn and fails unless its test catches it",
    command: [...TSX, "test/tools/defects/plant.ts"],
  },
  mutation: {
    does: "fails unless the tests notice 93 of 100 small changes of src/; takes an hour",
    packages: "test/tools/mutation",
    command: ["node", "test/tools/mutation/run.js"],
  },
  runtimes: {
    does: "runs every suite on Node 20 to 26, Deno, Bun, workerd and Chromium",
    packages: "test/tools/runtimes",
    command: ["node", "test/tools/runtimes/run.js"],
  },
  gates: {
    does: "checks the packed package as its users get it: imports, bundlers, compilers, documentation",
    packages: "test/tools/package",
    command: ["node", "test/tools/package/gates.js"],
  },
  guides: {
    does: "makes the project of each guide from its page, builds it and signs in; wants Node 24",
    builds: true,
    command: ["node", "test/tools/guides/run.js"],
  },
  reference: {
    does: "writes docs/reference from the code",
    packages: "test/tools/package",
    builds: true,
    command: ["node", "test/tools/package/reference.js"],
  },
  bench: {
    does: "measures speed and writes docs/performance.md",
    packages: "test/tools/bench",
    builds: true,
    command: ["node", "--expose-gc", "--no-deprecation", "test/tools/bench/run.js"],
  },
  compare: {
    does: "compares with other libraries and writes the table of the README; --check only compares",
    packages: "test/tools/bench",
    builds: true,
    command: ["node", "test/tools/bench/compare/run.js"],
  },
  smoke: {
    does: "judges a few ratios of speed with wide margins, in seconds",
    builds: true,
    command: ["node", "test/tools/bench/smoke.js"],
  },
  lines: {
    does: "counts the lines of test code for each line of source",
    command: ["node", "test/tools/lines.js"],
  },
  load: {
    does: "signs 200 people in at once to the example, on each of its databases",
    builds: true,
    command: [...TSX, "test/tools/load.ts"],
  },
  migration: {
    does: "brings 200,000 people along in PostgreSQL, killed twice, and measures it",
    builds: true,
    command: [...TSX, "test/tools/migration.ts"],
  },
  scale: {
    does: "measures the SQL stores with a million users",
    command: [...TSX, "test/tools/scale.ts"],
  },
};

function run(command, ...args) {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const [name, ...rest] = process.argv.slice(2);
const tool = TOOLS[name];
if (!tool) {
  for (const [known, { does }] of Object.entries(TOOLS)) console.log(`${known.padEnd(10)} ${does}`);
  process.exit(name === undefined ? 0 : 1);
}
if (tool.packages) run("npm", "ci", "--prefix", tool.packages, "--no-audit", "--no-fund");
if (tool.builds) run("npm", "run", "build");
run(...tool.command, ...rest);
