/** Reads QR codes and computes codes as a phone does: with decoders and generators that are not ours. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { Resvg } from "@resvg/resvg-js";
import jsqr from "jsqr";
import { TOTP, URI } from "otpauth";
import { PNG } from "pngjs";

/** Decodes the QR code in a picture. */
export function readQr(png: Uint8Array): string {
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  const found = jsqr.default(new Uint8ClampedArray(data), width, height);
  assert.ok(found, "the picture shows a readable QR code");
  return found.data;
}

/** Draws the SVG of a page, and decodes the QR code in the drawing. */
export function readQrFromPage(html: string): string {
  const [svg] = /<svg.*?<\/svg>/s.exec(html) ?? [];
  assert.ok(svg, "the page shows a QR code");
  return readQr(new Resvg(svg, { fitTo: { mode: "width", value: 400 } }).render().asPng());
}

const hasOathtool = spawnSync("oathtool", ["--version"]).status === 0;

/** An authenticator app that has scanned a key URI: its codes come from oathtool where that is installed. */
export function authenticator(keyUri: string): { code(at: number): string; label: string; issuer: string } {
  const totp = URI.parse(keyUri);
  assert.ok(totp instanceof TOTP, "the QR code is for time-based codes");
  const { label, issuer, secret } = totp;
  const oathtool = (at: number) => {
    const now = `--now=@${Math.floor(at / 1000)}`;
    return execFileSync("oathtool", ["--totp=SHA1", "--base32", now, secret.base32], {
      encoding: "utf8",
    }).trim();
  };
  return {
    code: (timestamp) => (hasOathtool ? oathtool(timestamp) : totp.generate({ timestamp })),
    label,
    issuer,
  };
}
