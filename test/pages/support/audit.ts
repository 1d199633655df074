/** Holds every page that the example has sent to WCAG 2.2 AA: none can be forgotten, since none is named here. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { openBrowser, skip } from "./chromium.ts";
import { type Document, takePages } from "./documents.ts";

const PUBLIC = fileURLToPath(new URL("../../../examples/express/public", import.meta.url));
const ORIGIN = "http://localhost"; // a page's own script may copy here, as on HTTPS
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** The last test of a file: shows all pages of the tests before it once more, and looks at each in every way. */
export function everyPageIsAccessible(product: string): void {
  const ways = "in light, dark and print, at 320 pixels, and with the keyboard alone";
  test(`every page of ${product} that these tests came to is accessible ${ways}`, { skip }, async () => {
    const browser = await openBrowser();
    const context = await browser.newContext();
    const page = await context.newPage();
    const faults: string[] = [];
    const documents = takePages();
    assert.notEqual(documents.length, 0, "there is something to look at");
    for (const document of documents) {
      const found = await faultsOf(page, document);
      const [title = ""] = /<title>.*?<\/title>/s.exec(document.html) ?? [];
      if (found.length > 0) faults.push(`${document.status} ${document.path} ${title}\n${found.join("\n")}`);
    }
    await context.close();
    if (faults.length > 0) assert.fail(faults.join("\n\n"));
  });
}

async function faultsOf(page: Page, document: Document): Promise<string[]> {
  await page.unrouteAll();
  await page.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    if (/\.(css|js|svg)$/.test(pathname)) return route.fulfill({ path: PUBLIC + pathname });
    const policy = document.headers["content-security-policy"] ?? "";
    const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
    return route.fulfill({ status: document.status, headers, body: document.html });
  });
  await page.goto(ORIGIN + document.path);
  await page.evaluate(() => {
    for (const details of globalThis.document.querySelectorAll("details")) details.open = true;
  });
  await page.evaluate(axe.source);
  const faults: string[] = [];

  // Colors do not depend on the width, and sizes do not depend on the colors: two looks see both.
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  faults.push(...(await violations(page, "light")));
  faults.push(...(await unreachable(page)));
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ colorScheme: "dark" });
  faults.push(...(await violations(page, "dark")));
  const width = await page.evaluate(() => globalThis.document.documentElement.scrollWidth);
  if (width > 320) faults.push(`needs ${width} pixels`);
  if (document.html.includes("only-print")) {
    await page.emulateMedia({ media: "print", colorScheme: null });
    faults.push(...(await violations(page, "print")));
  }
  if (document.headers["cache-control"] !== "no-store") faults.push("may be kept and shown again");
  if (!document.headers["content-security-policy"]) faults.push("has no content security policy");
  await page.emulateMedia({ media: null, colorScheme: null });
  return faults;
}

async function violations(page: Page, look: string): Promise<string[]> {
  return page.evaluate(
    async ([values, media]) => {
      const { run } = (globalThis as unknown as { axe: typeof axe }).axe;
      const result = await run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] });
      return result.violations.map(
        ({ id, help, nodes }) => `${media}: ${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`,
      );
    },
    [TAGS, look] as const,
  );
}

/** Goes through the page with the Tab key: it comes to everything that can be used, and shows where it is. */
async function unreachable(page: Page): Promise<string[]> {
  const usable = page
    .locator("a[href], button, input:not([type=hidden]), select, summary")
    .and(page.locator(":visible"));
  const wanted = new Set(await usable.evaluateAll((found) => found.map((element) => element.outerHTML)));
  const faults: string[] = [];
  for (let left = wanted.size + 4; wanted.size > 0 && left > 0; left--) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      return { html: element.outerHTML, shown: getComputedStyle(element).outlineStyle !== "none" };
    });
    if (at && !at.shown) faults.push(`does not show the focus: ${at.html}`);
    if (at) wanted.delete(at.html);
  }
  return [...faults, ...[...wanted].map((html) => `cannot be reached with the Tab key: ${html}`)];
}
