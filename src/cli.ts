#!/usr/bin/env node
/** `npx twinlock key` prints a new key for `keys`; `npx twinlock check MODULE` checks options and store. */

import { type Output, run } from "./cli/run.ts";

interface Runtime {
  process: { argv: readonly string[]; exit(code: number): void };
  console: Output;
}
const { process, console } = globalThis as unknown as Runtime;

// Connections that a checked module has opened would keep the process alive.
void run(process.argv.slice(2), console).then((code) => process.exit(code));
