#!/usr/bin/env node
/** `npx twinlock key` prints a new key for `keys`. */

import { generateKey } from "./keyring.ts";

interface Runtime {
  process: { argv: readonly string[]; exitCode: number };
  console: { log(text: string): void; error(text: string): void };
}
const { process, console } = globalThis as unknown as Runtime;

if (process.argv[2] === "key" && process.argv.length === 3) {
  console.log(generateKey());
} else {
  console.error("Usage: twinlock key    prints a new key for TWO_FACTOR_KEYS");
  process.exitCode = 2;
}
