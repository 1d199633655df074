/** Real Chromium, people who use it, and a look at every page that they come to. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type Example, startExample } from "./example.ts";
import { authenticator, readQr } from "./scan.ts";

const PLACES = [process.env["CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"];
const executablePath = PLACES.find((path) => existsSync(path));
const IMAGES = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const PASSWORD = "correct horse battery";

export interface Person {
  readonly page: Page;
  readonly email: string;
  /** Opens a page of the product. */
  open(path: string): Promise<void>;
  signUp(): Promise<void>;
  /** Types address and password, as far as the next page. */
  signIn(): Promise<void>;
  signOut(): Promise<void>;
  /** Fills in the field with this label. */
  fill(label: string, text: string): Promise<void>;
  /** Presses the button or follows the link with this name. */
  press(name: string): Promise<void>;
  /** Reads the QR code from a screenshot of the page. */
  scan(): Promise<ReturnType<typeof authenticator> & { keyUri: string }>;
  sees(text: string | RegExp): Promise<void>;
  seesNot(text: string | RegExp): Promise<void>;
  /** Holds the page to WCAG 2.2 AA in light and dark and to 320 pixels; takes its picture where that is asked for. */
  look(name?: string): Promise<void>;
  /** The path of the page, within the product. */
  path(): string;
}

export interface World {
  readonly example: Example;
  person(email: string, options?: BrowserContextOptions): Promise<Person>;
}

/** Runs tests of one product in a browser: skipped plainly without Chromium, but never under CI. */
export function inBrowser(
  product: string,
  tests: Readonly<Record<string, (world: World) => Promise<void>>>,
): void {
  const missing = executablePath === undefined && process.env["CI"] === undefined;
  const skip = missing ? "needs Chromium: apt-get install chromium, or CHROMIUM=/path/to/it" : false;
  let browser: Browser | undefined;
  before(async () => {
    if (missing) return;
    assert.ok(executablePath, "Chromium is not installed");
    const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-sync", ...quiet] });
  });
  after(() => browser?.close());

  for (const [name, run] of Object.entries(tests)) {
    test(name, { skip }, async () => {
      assert.ok(browser);
      const example = await startExample();
      const people: { stop(): Promise<void> }[] = [];
      try {
        const open = browser;
        await run({
          example,
          async person(email, options) {
            const one = await newPerson(open, example, product, email, options);
            people.push(one);
            return one;
          },
        });
      } finally {
        for (const one of people) await one.stop();
        await example.stop();
      }
    });
  }
}

async function newPerson(
  browser: Browser,
  example: Example,
  product: string,
  email: string,
  options: BrowserContextOptions = {},
): Promise<Person & { stop(): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const trouble: string[] = [];
  context.on("weberror", (error) => trouble.push(String(error.error())));
  context.on("console", (message) => {
    const expected = /status of 4\d\d|net::ERR_CONNECTION/.test(message.text()); // refusals, and restarts
    if (message.type() === "error" && !expected) trouble.push(message.text());
  });

  const person: Person = {
    page,
    email,
    async open(path) {
      await page.goto(`${example.origin}/${product}${path}`);
    },
    async signUp() {
      await person.open("/sign-up");
      await person.fill("E-mail", email);
      if (await page.getByLabel("Phone number").count()) await person.fill("Phone number", "+49 1512345678");
      await person.fill("Password", PASSWORD);
      await person.press("Create account");
    },
    async signIn() {
      await person.open("/sign-in");
      await person.fill("E-mail", email);
      await person.fill("Password", PASSWORD);
      await person.press("Sign in");
    },
    signOut: () => person.press("Sign out"),
    fill: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
    async press(name) {
      const button = page.getByRole("button", { name, exact: true });
      await button
        .or(page.getByRole("link", { name, exact: true }))
        .first()
        .click();
    },
    async scan() {
      const keyUri = readQr(await page.locator(".qr").screenshot());
      return { ...authenticator(keyUri), keyUri };
    },
    async sees(text) {
      await page.locator("main").getByText(text).first().waitFor();
    },
    async seesNot(text) {
      assert.equal(await page.locator("main").getByText(text).count(), 0, `does not see ${text}`);
    },
    async look(name) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await accessible(page, colorScheme);
        if (name !== undefined && process.env["UPDATE_SCREENSHOTS"]) {
          mkdirSync(IMAGES, { recursive: true });
          await page.screenshot({ path: `${IMAGES}${name}-${colorScheme}.png`, fullPage: true });
        }
      }
      await page.emulateMedia({ colorScheme: null });
      await fitsAPhone(page);
    },
    path: () => new URL(page.url()).pathname.replace(`/${product}`, ""),
  };
  return {
    ...person,
    async stop() {
      await context.close();
      assert.deepEqual(trouble, [], "the browser has nothing to complain about");
    },
  };
}

async function accessible(page: Page, colorScheme: string): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (values) => {
    const run = (globalThis as unknown as { axe: typeof axe }).axe.run;
    const result = await run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] });
    return result.violations.map(
      ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`,
    );
  }, TAGS);
  assert.deepEqual(violations, [], `${page.url()} is accessible in ${colorScheme}`);
}

async function fitsAPhone(page: Page): Promise<void> {
  const size = page.viewportSize() ?? { width: 1000, height: 800 };
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.setViewportSize(size);
  assert.ok(width <= 320, `${page.url()} fits into 320 pixels, but is ${width} wide`);
}
