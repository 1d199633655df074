/** The commands: what each of them prints, and how it ends. */

import { generateKey } from "../keyring.ts";
import { check } from "./check.ts";

/** Where the commands write: what they find, and what is wrong. */
export interface Output {
  log(line: string): void;
  error(line: string): void;
}

const USAGE = `Usage: twinlock key             prints a new key for TWO_FACTOR_KEYS
       twinlock check MODULE    checks the options that a module exports, and their store`;

/** Runs a command, and resolves to the exit code. */
export async function run(
  [command, path, ...rest]: readonly string[],
  { log, error }: Output,
): Promise<number> {
  if (command === "key" && path === undefined) {
    log(generateKey());
    return 0;
  }
  if (command === "check" && path && rest.length === 0) {
    try {
      await check(path, log);
      return 0;
    } catch (wrong) {
      error(`wrong    ${(wrong as Error).message}`);
      return 1;
    }
  }
  error(USAGE);
  return 2;
}
