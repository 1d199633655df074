// Playwright: the phone scans what the browser shows
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import jsqr from "jsqr";
import { PNG } from "pngjs";
import { createTestTwoFactor, fakeClock, virtualAuthenticator } from "twinlock/testing";
import { settingsPage } from "./page.js";

/** The decoder: any that gives the text of a QR code will do. */
function readQr(screenshot: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(screenshot);
  return jsqr(Uint8ClampedArray.from(data), width, height)?.data;
}

test("the second factor is turned on with the code of a phone that scanned the page", async ({ page }) => {
  const clock = fakeClock(Date.now()); // the browser's clock is real, and cookies expire by it
  const { twoFactor, events } = createTestTwoFactor({ issuer: "Acme", clock });
  const server = settingsPage(twoFactor, "ada").listen(0, "127.0.0.1");
  await once(server, "listening");
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

  const phone = virtualAuthenticator({ clock });
  await phone.scanImage(await page.locator("#qr").screenshot(), readQr);
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("That code is not right")).toBeVisible();
  await page.getByLabel("Code").fill(phone.code("Acme:ada"));
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("Two-factor authentication is on.")).toBeVisible();
  expect(events.map((event) => event.type)).toContain("enrolled");
  server.close();
});
