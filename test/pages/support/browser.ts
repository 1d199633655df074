/** People who use the example in real Chromium. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { everyPageIsAccessible } from "./audit.ts";
import { openBrowser, skip } from "./chromium.ts";
import { type Example, startExample } from "./example.ts";
import { authenticator, readQr } from "./scan.ts";

const IMAGES = fileURLToPath(new URL("../../../docs/images/", import.meta.url));

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
  /** Opens the owner's page, which asks for the password and, where a second factor is on, for a code. */
  members(code?: string): Promise<void>;
  /** Waits until the settings say whether two-factor authentication is on. */
  badge(text: "On" | "Off" | "Almost on"): Promise<void>;
  /** Fills in the field with this label. */
  fill(label: string, text: string): Promise<void>;
  /** Presses the button or follows the link with this name. */
  press(name: string): Promise<void>;
  /** Reads the QR code from a screenshot of the page. */
  scan(): Promise<ReturnType<typeof authenticator> & { keyUri: string }>;
  sees(text: string | RegExp): Promise<void>;
  seesNot(text: string | RegExp): Promise<void>;
  /** Takes the page's picture for the documentation, where that is asked for. */
  picture(name: string): Promise<void>;
  /** The path of the page, within the product. */
  path(): string;
}

export interface World {
  readonly example: Example;
  person(email: string, options?: BrowserContextOptions): Promise<Person>;
}

/** Runs tests of one product in a browser, and then looks at every page that they came to. */
export function inBrowser(
  product: string,
  tests: Readonly<Record<string, (world: World) => Promise<void>>>,
): void {
  for (const [name, run] of Object.entries(tests)) {
    test(name, { skip }, async () => {
      const browser = await openBrowser();
      const example = await startExample();
      const people: Visit[] = [];
      try {
        await run({
          example,
          async person(email, options) {
            const one = await newPerson(browser, example, product, email, options);
            people.push(one);
            return one;
          },
        });
      } finally {
        for (const one of people) await one.stop();
        await example.stop();
      }
      const trouble = people.flatMap((one) => one.trouble);
      assert.deepEqual(trouble, [], "the browser has nothing to complain about");
    });
  }
  everyPageIsAccessible(product);
}

interface Visit extends Person {
  /** What the browser complained about. */
  readonly trouble: readonly string[];
  stop(): Promise<void>;
}

async function newPerson(
  browser: Browser,
  example: Example,
  product: string,
  email: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const trouble: string[] = [];
  context.on("weberror", (error) => trouble.push(String(error.error())));
  context.on("console", (message) => {
    const expected = /status of 4\d\d|net::ERR_CONNECTION/.test(message.text()); // refusals, and restarts
    if (message.type() === "error" && !expected) trouble.push(message.text());
  });
  context.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${example.origin}/`)) {
      trouble.push(`asked for ${request.url()}`); // no key may go to whoever draws QR codes elsewhere
    }
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
    async members(code) {
      await person.press("Members");
      await person.sees("to look after the members");
      await person.fill("Password", PASSWORD);
      if (code !== undefined) await page.locator("#code").fill(code);
      await person.press("Confirm");
      await page.getByRole("heading", { name: "Members" }).waitFor();
    },
    badge: (text) => page.locator(".badge").getByText(text, { exact: true }).waitFor(),
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
    async picture(name) {
      if (!process.env["UPDATE_SCREENSHOTS"]) return;
      mkdirSync(IMAGES, { recursive: true });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${IMAGES}${name}-${colorScheme}.png`, fullPage: true });
      }
      await page.emulateMedia({ colorScheme: null });
    },
    path: () => new URL(page.url()).pathname.replace(`/${product}`, ""),
  };
  return {
    ...person,
    trouble,
    stop: () => context.close(),
  };
}
