/** Bundles a worker into one file of JavaScript, so that a child process starts in a tenth of a second. */

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const OUT = fileURLToPath(new URL("../../node_modules/.cache/twinlock/", import.meta.url));

/** `entry` is relative to test/. Packages stay outside, and resolve from where the bundle lies. */
export async function bundle(entry: string): Promise<string> {
  mkdirSync(OUT, { recursive: true });
  const outfile = `${OUT}${entry.replace(/\W/g, "-")}-${process.pid}.mjs`;
  const path = fileURLToPath(new URL(`../${entry}`, import.meta.url));
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  return outfile;
}
