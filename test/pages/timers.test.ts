// The page's own script: times that count down and end in words, copying where it is refused, local dates, devices.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceName } from "../../examples/express/src/context.ts";
import { inBrowser, type Person } from "./support/browser.ts";

/** Lets the browser's own time pass, in seconds; the server's is another. */
async function passes(ada: Person, seconds: number): Promise<void> {
  await ada.page.clock.runFor(seconds * 1000);
}

inBrowser("sparkpost", {
  "P11: the times of the QR code, of the step and of a wait count down, and then say what to do": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.page.clock.install();
    await ada.signUp();
    await ada.press("Enable 2FA");
    await ada.sees("This QR code is good for another 10 minutes.");
    await passes(ada, 61);
    await ada.sees("This QR code is good for another 8:59 minutes.");
    await passes(ada, 540);
    await ada.sees("This QR code has expired. Reload the page for another one.");
    const phone = await ada.scan();
    await ada.fill("2FA passcode", phone.code(example.now()));
    await ada.press("Enable 2FA");
    await ada.signOut();
    await ada.signIn();
    await passes(ada, 599);
    await ada.sees("This step is open for another 1 second.");
    await passes(ada, 1);
    await ada.sees("This step is over. Please start again.");
    for (let i = 0; i < 5; i++) {
      await ada.fill("2FA passcode", "000000");
      await ada.press("Sign in");
    }
    await ada.sees(/That code is not right\.\s+You can try again in 30 seconds\./);
    await passes(ada, 1);
    await ada.sees("You can try again in 29 seconds.");
    await passes(ada, 29);
    await ada.sees("You can try again now.");
    await ada.seesNot(/0 seconds/);
    await ada.open("/sign-in/code");
    await ada.sees("Too many wrong codes or passwords. Please wait");
    await ada.sees("You can try again in 30 seconds.");
    example.advance(31);
    await ada.open("/sign-in/code");
    await ada.seesNot("Too many wrong codes");
    assert.equal(await ada.page.getByRole("timer").count(), 1, "the time of the step is left");
  },

  "P11: the demo phone shows how long its code is good for, and then the next one": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Enable 2FA");
    const opened = ada.page.context().waitForEvent("page");
    const [phone] = await Promise.all([opened, ada.press("Scan with the demo phone")]);
    await phone.getByText("30 seconds").waitFor();
    example.advance(25);
    await phone.clock.install();
    await phone.reload();
    const code = await phone.locator("[data-code]").getAttribute("data-code");
    await phone.getByText("5 seconds").waitFor();
    example.advance(5);
    await phone.clock.runFor(5000);
    await phone.locator(`[data-code]:not([data-code="${code}"])`).waitFor();
    await phone.close();
  },

  "a refused clipboard: the text is selected, and the page says so": async ({ example, person }) => {
    const ada = await person("ada@example.org");
    const refused = "{ writeText: () => Promise.reject(new Error('not allowed')) }";
    await ada.page.addInitScript(`Object.defineProperty(navigator, "clipboard", { value: ${refused} })`);
    await ada.signUp();
    await ada.press("Enable 2FA");
    const phone = await ada.scan();
    await ada.page.getByText("Type this key instead").click();
    await ada.press("Copy the key");
    await ada.sees("It is selected: copy it yourself");
    const selected = await ada.page.evaluate(() => String(getSelection()));
    assert.ok(phone.keyUri.includes(selected.replaceAll(/\s/g, "")), selected);
    await ada.fill("2FA passcode", phone.code(example.now()));
    await ada.press("Enable 2FA");
  },

  "without a clipboard there is no button to copy": async ({ person }) => {
    const ada = await person("ada@example.org");
    await ada.page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await ada.signUp();
    await ada.press("Enable 2FA");
    await ada.page.getByText("Type this key instead").click();
    await ada.page.locator("#key").waitFor();
    assert.equal(await ada.page.getByRole("button", { name: "Copy the key" }).count(), 0);
  },

  "dates and times are those of the person's place and language": async ({ example, person }) => {
    const ada = await person("ada@example.org", { locale: "en-US", timezoneId: "America/New_York" });
    await ada.signUp();
    await ada.press("Enable 2FA");
    const phone = await ada.scan();
    await ada.fill("2FA passcode", phone.code(example.now()));
    await ada.press("Enable 2FA");
    const options = { dateStyle: "medium", timeStyle: "short", timeZone: "America/New_York" } as const;
    const local = new Intl.DateTimeFormat("en-US", options).format(example.now());
    const shown = await ada.page.locator("time[data-local=moment]").allInnerTexts();
    const plain = (text: string) => text.replaceAll(/\s/g, " ");
    assert.deepEqual([...new Set(shown.map(plain))], [plain(local)]);
  },
});

test("a browser is named correctly, though its header names others, too", () => {
  const chrome =
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36";
  assert.equal(deviceName(chrome), "Chrome on Android");
  const edge =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0";
  assert.equal(deviceName(edge), "Edge on Windows");
  const safari =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1";
  assert.equal(deviceName(safari), "Safari on iPhone");
  assert.equal(deviceName(""), "Browser on another system");
});
