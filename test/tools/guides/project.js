// A project in its folder: its files, its commands, and the server that the last of these starts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";

const MINUTES = 10; // for installing, building and starting
const QUIET = { CI: "true", NEXT_TELEMETRY_DISABLED: "1", WRANGLER_SEND_METRICS: "false" };

export function write(folder, files) {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Runs the commands as one shell would, does some work while the last of them serves, and ends it. */
export async function serving(folder, commands, node, work) {
  const port = await freePort();
  const PATH = dirname(node) + delimiter + process.env.PATH;
  const env = { ...process.env, ...QUIET, PORT: String(port), PATH };
  const script = ["set -e", ...commands.slice(0, -1), `exec ${commands.at(-1)}`].join("\n");
  const stdio = ["ignore", "pipe", "pipe"];
  const shell = spawn("bash", ["-c", script], { cwd: folder, env, detached: true, stdio });
  const ended = once(shell, "exit");
  let printed = "";
  const print = (chunk) => {
    printed += chunk;
  };
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", print);
  try {
    const origin = `http://localhost:${port}`;
    await answering(origin, shell);
    await work(origin);
  } catch (error) {
    error.stack = `${printed}\n${error.stack}`;
    throw error;
  } finally {
    if (shell.exitCode === null) process.kill(-shell.pid);
    await ended;
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until the server answers; fails when it has ended, or takes too long. */
async function answering(url, shell) {
  const until = Date.now() + MINUTES * 60_000;
  while (Date.now() < until && shell.exitCode === null) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(
    shell.exitCode === null ? `no answer within ${MINUTES} minutes` : `it ended with ${shell.exitCode}`,
  );
}
