// Every runtime that Twinlock promises to run on.
import { chromiumRuntime, workerdRuntime } from "./bundled.js";
import { commandRuntime } from "./commands.js";

const BIN = "test/tools/runtimes/node_modules";

/** Node strips types itself from 22.18 on. */
function node(name, folder, flags = []) {
  return commandRuntime({
    name,
    command: `${BIN}/${folder}/bin/node`,
    test: (files, report) => [
      ...flags,
      "--test",
      "--test-reporter=junit",
      `--test-reporter-destination=${report}`,
      ...files,
    ],
    program: flags,
  });
}

export const RUNTIMES = [
  node("Node 20.19", "node20min", ["--import", "tsx"]),
  node("Node 20", "node20", ["--import", "tsx"]),
  node("Node 22", "node22"),
  node("Node 24", "node24"),
  node("Node 26", "node26"),
  commandRuntime({
    name: "Deno",
    command: `${BIN}/.bin/deno`,
    test: (files, report) => ["test", "-A", "--no-check", `--junit-path=${report}`, ...files],
    program: ["run", "-A", "--no-check"],
  }),
  commandRuntime({
    name: "Bun",
    command: `${BIN}/.bin/bun`,
    test: (files, report) => [
      "test",
      "--timeout=300000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...files,
    ],
    program: ["run"],
  }),
  workerdRuntime({ name: "workerd", date: "2026-11-01", shims: ["test"] }),
  workerdRuntime({ name: "workerd plain", date: "2024-01-01", shims: ["test", "assert/strict", "util"] }),
  chromiumRuntime({ name: "Chromium", shims: ["test", "assert/strict", "util"] }),
];
