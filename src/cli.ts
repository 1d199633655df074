#!/usr/bin/env node
/** `npx twinlock key` prints a new key for `keys`; `npx twinlock check MODULE` checks options and store. */

import { check } from "./cli/check.ts";
import { generateKey } from "./keyring.ts";

interface Runtime {
  process: { argv: readonly string[]; exitCode: number; exit(): void };
  console: { log(text: string): void; error(text: string): void };
}
const { process, console } = globalThis as unknown as Runtime;

const USAGE = `Usage: twinlock key             prints a new key for TWO_FACTOR_KEYS
       twinlock check MODULE    checks the options that a module exports, and their store`;

const [command, ...rest] = process.argv.slice(2);
const [path] = rest;
if (command === "key" && rest.length === 0) {
  console.log(generateKey());
} else if (command === "check" && path !== undefined && rest.length === 1) {
  check(path, (line) => console.log(line))
    .catch((error: unknown) => {
      console.error(`wrong    ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    })
    .finally(() => process.exit()); // connections that the module opened would keep the process alive
} else {
  console.error(USAGE);
  process.exitCode = 2;
}
