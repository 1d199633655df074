/** One Chromium for the tests of a file; where there is none they are skipped plainly, but never under CI. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after } from "node:test";
import { type Browser, chromium } from "playwright-core";

const PLACES = [process.env["CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"];
const executablePath = PLACES.find((path) => existsSync(path));
const missing = executablePath === undefined && process.env["CI"] === undefined;

export const skip = missing ? "needs Chromium: apt-get install chromium, or CHROMIUM=/path/to/it" : false;

const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
let launched: Promise<Browser> | undefined;

export function openBrowser(): Promise<Browser> {
  assert.ok(executablePath, "Chromium is not installed");
  launched ??= chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-sync", ...QUIET] });
  return launched;
}

after(async () => {
  await (await launched)?.close();
});
