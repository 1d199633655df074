/** The options of `createTwoFactor`, as a module of the host's exports them. */

import { builtin } from "../internal/runtime.ts";
import type { TwoFactorOptions } from "../two-factor/options.ts";
import { messageOf, within } from "./terminal.ts";

/** What is needed of node:path, node:fs and node:url; a command runs where these are. */
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
  /** Of a CommonJS module, all that it exports. */
  default?: { options?: unknown } | undefined;
}

const SECONDS = 30; // a module may connect to its database while it loads
const HOW =
  "export `options = { issuer, store, keys, ... }`, or a function of this name that gives them, and hand the same to createTwoFactor";

/** Loads the module and gives its options. The message of what it throws is a sentence for the terminal. */
export async function loadOptions(path: string): Promise<TwoFactorOptions<string>> {
  const file = builtin<Paths>("node:path")?.resolve(path) ?? path;
  if (!builtin<Files>("node:fs")?.existsSync(file)) throw new Error(`${path}: there is no such file.`);
  const href = builtin<Urls>("node:url")?.pathToFileURL(file).href ?? file;
  const module: Exports = await within(SECONDS, () => import(href)).catch((cause: unknown) => {
    throw new Error(`${path} does not load: ${messageOf(cause)}.${hintFor(path)}`, { cause });
  });
  return optionsIn(path, module);
}

/** Node.js strips types from version 22.18 on, and follows no import of a `.js` that is a `.ts`. */
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
