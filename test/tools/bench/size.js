// What a page carries: the bundle of generating and verifying codes for a browser.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

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
