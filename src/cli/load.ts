/** Loads the options of `createTwoFactor` from a module of yours. */

import { builtin } from "../internal/runtime.ts";
import type { TwoFactorOptions } from "../two-factor/options.ts";
import { messageOf, within } from "./terminal.ts";

/** The parts of node:path, node:fs and node:url that are used here. */
interface Paths {
  resolve(path: string): string;
}
interface Files {
  existsSync(path: string): boolean;
}
interface Urls {
  pathToFileURL(path: string): { href: string };
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
  const file = builtin<Paths>("node:path")?.resolve(path) ?? path;
  if (!builtin<Files>("node:fs")?.existsSync(file)) throw new Error(`${path}: there is no such file.`);
  const href = builtin<Urls>("node:url")?.pathToFileURL(file).href ?? file;
  const module: Exports = await within(SECONDS, () => import(href)).catch((cause: unknown) => {
    throw new Error(`${path} does not load: ${messageOf(cause)}.${hintFor(path)}`, { cause });
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
    throw new Error(`${path}: the function that gives the options fails: ${messageOf(cause)}.`, { cause });
  });
}
