// Runtimes with files and a test runner of their own: the test files run as they are.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MINUTES = 5;
const PROGRAM = "test/tools/runtimes/program.js";

/**
 * A runtime that is a command: `test` gives the arguments that run test files and write a JUnit report, which all of
 * them can, and `program` those before the path of a program.
 */
export function commandRuntime({ name, command, test, program }) {
  return {
    name,
    test: (files) =>
      inFolder(async (folder) => {
        const report = join(folder, "report.xml");
        const { status, output } = await execute(
          command,
          test(
            files.map((file) => `./test/${file}`),
            report,
          ),
        );
        const { failures, ...counts } = count(read(report));
        return { ...counts, ok: status === 0, log: [output, ...failures].join("\n") };
      }),
    run: (module, input) =>
      inFolder(async (folder) => {
        const file = join(folder, "input.json");
        writeFileSync(file, JSON.stringify(input));
        return lastJson(await execute(command, [...program, PROGRAM, module, file]));
      }),
  };
}

/** Runs a command to its end; the output is that of both streams. */
export function execute(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: MINUTES * 60_000 });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("error", (error) => resolve({ status: -1, output: String(error) }));
    child.on("close", (status) => resolve({ status, output }));
  });
}

/** The line of JSON that a program prints. */
export function lastJson({ status, output }) {
  const line = output.split("\n").findLast((text) => text.startsWith("{"));
  if (status !== 0 || line === undefined) throw new Error(output);
  return JSON.parse(line);
}

export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "twinlock-runtime-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read(report) {
  try {
    return readFileSync(report, "utf8");
  } catch {
    return ""; // the status and the log say why there is none
  }
}

/** Counts the tests of a JUnit report. Deno reports a group as a test beside its tests: such are not counted. */
function count(xml) {
  const cases = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)];
  const groups = new Set(cases.map(([, name]) => name.split(" &gt; ").slice(0, -1).join(" &gt; ")));
  const tests = cases.filter(([, name]) => !groups.has(name));
  const failures = tests.filter(([, , body]) => body?.includes("<failure")).map(([all]) => all);
  const skips = tests.flatMap(([, name, body]) => {
    const tag = /<skipped.*?>/.exec(body ?? "")?.[0];
    return tag ? [/message="(.+?)"/.exec(tag)?.[1] ?? name] : []; // not every runner says why
  });
  return { passed: tests.length - failures.length - skips.length, failures, skips };
}
