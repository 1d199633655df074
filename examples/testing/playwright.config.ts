import { defineConfig } from "@playwright/test";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export default defineConfig({
  testMatch: "playwright.spec.ts",
  outputDir: "node_modules/.playwright",
  use: { launchOptions: { executablePath, args: ["--no-sandbox"] } },
});
