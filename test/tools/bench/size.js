// What a host carries: the bundle of generating and verifying codes for a browser, and the first import in a new process.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { quartiles } from "./rounds.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const DIST = fileURLToPath(new URL("../../../dist/", import.meta.url));

const BUNDLES = {
  twinlock: `export { totp, matchTotp } from "${DIST}otp/index.js";`,
  otplib: `export { generateSync, verifySync } from "otplib";`,
  otpauth: `export { TOTP } from "otpauth";`,
  "@oslojs/otp": `export { generateTOTP, verifyTOTPWithGracePeriod } from "@oslojs/otp";`,
  "@epic-web/totp": `export { generateTOTP, verifyTOTP } from "@epic-web/totp";`,
  "totp-generator": `export { TOTP } from "totp-generator";`,
  "twinlock, the whole service *": `export { createTwoFactor } from "${DIST}index.js";`,
};

/** Kilobytes after minifying and gzip; the others do not bundle for a browser. */
export async function bundleSizes() {
  const sizes = {};
  for (const [name, contents] of Object.entries(BUNDLES)) {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: HERE },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "browser",
      logLevel: "silent",
    });
    sizes[name] = gzipSync(outputFiles[0].contents, { level: 9 }).length / 1_000;
  }
  return sizes;
}

const IMPORTS = {
  "twinlock/otp": `${DIST}otp/index.js`,
  twinlock: `${DIST}index.js`,
  otplib: "otplib",
  otpauth: "otpauth",
  speakeasy: "speakeasy",
  "@oslojs/otp": "@oslojs/otp",
  "@epic-web/totp": "@epic-web/totp",
  "totp-generator": "totp-generator",
  time2fa: "time2fa",
  notp: "notp",
  "2fa": "2fa",
  "better-auth two-factor": "better-auth/plugins/two-factor",
};

/** Milliseconds of the first import, each in processes of its own. */
export function coldImports(rounds) {
  const times = Object.fromEntries(Object.keys(IMPORTS).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, specifier] of Object.entries(IMPORTS)) {
      const program = `const t = performance.now(); await import(${JSON.stringify(specifier)});
        process.stdout.write(String(performance.now() - t));`;
      const { stdout, status } = spawnSync(
        process.execPath,
        ["--no-deprecation", "--input-type=module", "-e", program],
        { cwd: HERE, encoding: "utf8" },
      );
      if (status !== 0) throw new Error(`${name} cannot be imported`);
      times[name].push(Number(stdout));
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, quartiles(all)]));
}
