/** Loads the options of `createTwoFactor` from a module of yours. */

import type { TwoFactorOptions } from "../two-factor/options.ts";
import { messageOf, within } from "./terminal.ts";

/** The parts of Node.js, Deno and Bun that are used here. */
interface Runtime {
  process: {
    getBuiltinModule(name: "node:fs"): { existsSync(path: string): boolean };
    getBuiltinModule(name: "node:url"): { pathToFileURL(path: string): { href: string } };
  };
}

interface Exports {
  options?: unknown;
  /** All exports of a CommonJS module. */
  default?: { options?: unknown } | undefined;
}

const SECONDS = 30; // a module may connect to its database while it loads
const HOW =
  "export `options = { issuer, store, keys, ... }`, or a function of this name that gives them, and hand the same to createTwoFactor";

/** Loads the module and returns its options. It throws an error whose message is meant for the terminal. */
export async function loadOptions(path: string): Promise<TwoFactorOptions<string>> {
  const { process } = globalThis as unknown as Runtime;
  if (!process.getBuiltinModule("node:fs").existsSync(path))
    throw new Error(`${path}: there is no such file.`);
  const { href } = process.getBuiltinModule("node:url").pathToFileURL(path);
  const module: Exports = await within(SECONDS, () => import(href)).catch((cause: unknown) => {
    throw new Error(`${path} does not load: ${messageOf(cause)}.${hintFor(path)}`);
  });
  return optionsIn(path, module);
}

/** Says how to load TypeScript: Node.js strips types from 22.18 on, but does not find a `.ts` that is imported as `.js`. */
function hintFor(path: string): string {
  if (!/\.[cm]?tsx?$/.test(path)) return "";
  return ` If it is for its TypeScript: NODE_OPTIONS="--import tsx" npx twinlock check ${path}`;
}

async function optionsIn(path: string, module: Exports): Promise<TwoFactorOptions<string>> {
  const { default: whole } = module;
  const found = module.options ?? whole?.options ?? whole;
  const given: unknown = typeof found === "function" ? await called(path, () => found()) : found;
  if (typeof given !== "object" || given === null) throw new Error(`${path} exports no options: ${HOW}.`);
  if ("signIn" in given)
    throw new Error(`${path} exports the service, and what is checked are its options: ${HOW}.`);
  return given as TwoFactorOptions<string>;
}

function called(path: string, options: () => unknown): Promise<unknown> {
  return within(SECONDS, options).catch((cause: unknown) => {
    throw new Error(`${path}: the function that gives the options fails: ${messageOf(cause)}.`);
  });
}
