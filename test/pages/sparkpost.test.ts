// SparkPost (rows P1 to P15): codes later and after the password, no reset by anybody, the account's "Require 2FA".
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { inBrowser, type Person, type World } from "./support/browser.ts";

const DAY = 86_400;

async function enable(ada: Person, example: World["example"]) {
  await ada.press("Enable 2FA");
  const phone = await ada.scan();
  await ada.fill("2FA passcode", phone.code(example.now()));
  await ada.press("Enable 2FA");
  await ada.sees("Two-factor authentication is on.");
  example.advance(30);
  return phone;
}

async function shownCodes(ada: Person): Promise<string[]> {
  return ada.page.locator(".codes code").allTextContents();
}

async function generate(ada: Person, name = "Generate backup codes"): Promise<string[]> {
  await ada.press(name);
  await ada.fill("Password", "correct horse battery");
  await ada.press("Generate");
  await ada.sees("Save them now");
  return shownCodes(ada);
}

inBrowser("sparkpost", {
  "P1 to P3: nothing counts before the first code, and a reload shows the same key": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Enable 2FA");
    const phone = await ada.scan();
    await ada.page.getByText("Type this key instead").click();
    await ada.picture("sparkpost-scan");
    const typed = (await ada.page.locator("#key").textContent()) ?? "";
    assert.ok(phone.keyUri.includes(typed.replaceAll(" ", "")), "the key to type is the key in the QR code");
    assert.match(typed, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    await ada.fill("2FA passcode", "000000");
    await ada.press("Enable 2FA");
    await ada.sees("That code is not right");
    assert.equal((await ada.scan()).keyUri, phone.keyUri, "a wrong code keeps the key");
    await ada.page.goto(ada.page.url());
    assert.equal((await ada.scan()).keyUri, phone.keyUri, "a reload keeps the key");

    await ada.signOut();
    await ada.signIn();
    assert.equal(ada.path(), "/settings", "a half-finished enrollment asks for nothing");
    await enable(ada, example);
  },

  "P4: no administrator can reset or unlock anybody": async ({ example, person }) => {
    const ada = await person("owner@example.org");
    await ada.signUp();
    const phone = await enable(ada, example);
    await ada.members(phone.code(example.now()));
    assert.equal(await ada.page.locator(".support").count(), 0);
    const route = `${example.origin}/sparkpost/admin/members/anybody`;
    const _csrf = await ada.page.locator("[name=_csrf]").first().inputValue();
    const answer = await ada.page.request.post(route, { form: { _csrf, action: "reset", reason: "please" } });
    assert.equal(answer.status(), 404, "there is no such route");
    await ada.signOut();
    await ada.signIn();
    await ada.page.getByText("Lost your phone?").click();
    await ada.sees("SparkPost cannot reset or remove two-factor authentication");
  },

  "P5 to P9: backup codes after the password, counted, downloaded, copied, good for years": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org", { permissions: ["clipboard-read", "clipboard-write"] });
    await ada.signUp();
    await enable(ada, example);
    await ada.sees("None yet");
    await ada.press("Generate backup codes");
    await ada.fill("Password", "not the password");
    await ada.press("Generate");
    await ada.sees("That password is not right");
    await ada.open("/settings");
    const old = await generate(ada);
    await ada.picture("sparkpost-codes");
    assert.equal(old.length, 10);
    for (const code of old) assert.match(code, /^\d{8}$/);

    const [download] = await Promise.all([ada.page.waitForEvent("download"), ada.press("Download")]);
    const text = await readFile(await download.path(), "utf8");
    for (const code of old) {
      const line = new RegExp(`^ ?\\d+\\.  ${code.slice(0, 4)} ${code.slice(4)} +used on: _+$`, "m");
      assert.match(text, line, "one code a line, with room for the date");
    }
    assert.match(download.suggestedFilename(), /^[\w.-]+\.txt$/);
    await ada.press("Copy");
    await ada.page.getByText("Copied").waitFor();
    assert.equal(await ada.page.evaluate(() => navigator.clipboard.readText()), old.join("\n"));
    await ada.page.emulateMedia({ media: "print" });
    const sheet = ada.page.getByText(/backup codes, made on .*\. Write the date beside a\s+code/);
    assert.ok(await sheet.isVisible());
    assert.ok(await ada.page.getByRole("button", { name: "Copy" }).isHidden());
    await ada.page.emulateMedia({ media: null });

    await ada.press("Done");
    await ada.sees("10 of 10 left");
    await ada.press("Regenerate backup codes");
    await ada.sees("This overwrites your 10 unused backup codes");
    await ada.open("/settings");
    const codes = await generate(ada, "Regenerate backup codes");

    example.advance(3650 * DAY);
    await ada.press("Sign out");
    await ada.signIn();
    await ada.fill("2FA passcode", old[0] ?? "");
    await ada.press("Sign in");
    await ada.sees("That code is not right");
    await ada.fill("2FA passcode", codes[0] ?? "");
    await ada.press("Sign in");
    await ada.sees("Did you lose your phone?");
    await ada.press("I still have it");
    await ada.sees("9 of 10 left");
    assert.ok(example.mails.some((mail) => /ada@example.org: Backup code used/.test(mail)));
  },

  "P10 to P12: user name and password, then one field for both kinds, with a timer": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const phone = await enable(ada, example);
    const [code = ""] = await generate(ada);
    await ada.press("Sign out");
    await ada.signIn();
    await ada.sees("This field also accepts backup codes");
    await ada.sees(/This step is open for another \d+/);
    const input = ada.page.getByLabel("2FA passcode");
    assert.equal(await input.getAttribute("autocomplete"), "one-time-code");
    assert.equal(await input.getAttribute("inputmode"), "numeric");
    await ada.picture("sparkpost-code");
    await ada.fill("2FA passcode", `${code.slice(0, 4)}-${code.slice(4)}`);
    await ada.press("Sign in");
    await ada.sees("Did you lose your phone?");
    await ada.press("Sign out");
    await ada.signIn();
    await ada.fill("2FA passcode", phone.code(example.now() - 30_000));
    await ada.press("Sign in");
    await ada.sees("That code has been used already");
    const late = phone.code(example.now());
    example.advance(30);
    await ada.fill("2FA passcode", late);
    await ada.press("Sign in");
    assert.equal(ada.path(), "/settings", "a code typed late is good for one more step");
  },

  "P13 to P15: once it is required, Disable is Reset, and enrollment is part of the next sign-in": async ({
    example,
    person,
  }) => {
    const owner = await person("owner@example.org");
    const bob = await person("bob@example.org");
    await owner.signUp();
    await bob.signUp();
    await owner.members();
    await owner.sees("Would have to set it up when they next sign in");
    example.advance(1);
    await owner.press("Require 2FA for all users");
    assert.equal(owner.path(), "/sign-in", "the owner has none either, and is signed out");
    await bob.open("/settings");
    assert.equal(bob.path(), "/sign-in", "so is everybody else without one");
    const mail = "SparkPost now requires two-factor authentication";
    assert.deepEqual([...example.mails].sort(), [`bob@example.org: ${mail}`, `owner@example.org: ${mail}`]);
    await bob.sees("SparkPost now requires two-factor authentication. Sign in to set it up.");

    await bob.signIn();
    assert.equal(bob.path(), "/two-factor/scan");
    await bob.sees("Your administrator requires everybody to use two-factor authentication");
    await bob.open("/settings");
    assert.equal(bob.path(), "/sign-in", "there is no way around it");
    await bob.signIn();
    const phone = await bob.scan();
    await bob.fill("2FA passcode", phone.code(example.now()));
    await bob.press("Enable 2FA");
    await bob.sees("Two-factor authentication is on.");
    await bob.signOut();
    await bob.signIn();
    assert.equal(bob.path(), "/sign-in/code");
    await bob.open("/two-factor/scan");
    assert.equal(bob.path(), "/sign-in", "whoever has a factor enrolls no other one before it is passed");
    await bob.signIn();
    example.advance(30);
    await bob.fill("2FA passcode", phone.code(example.now()));
    await bob.press("Sign in");

    await bob.press("Reset 2FA");
    await bob.fill("Password", "correct horse battery");
    await bob.press("Reset 2FA");
    assert.equal(bob.path(), "/sign-in");
    await bob.sees("Your second factor was reset. Sign in to set it up again.");
    await bob.signIn();
    assert.equal(bob.path(), "/two-factor/scan");
    assert.notEqual((await bob.scan()).keyUri, phone.keyUri);

    await owner.signIn();
    const own = await owner.scan();
    await owner.fill("2FA passcode", own.code(example.now()));
    await owner.press("Enable 2FA");
    example.advance(30);
    await owner.members(own.code(example.now()));
    await owner.press("Stop requiring it");
    await owner.press("Settings");
    await owner.badge("On");
    await owner.press("Sign out");
    await owner.signIn();
    assert.equal(owner.path(), "/sign-in/code", "turning the switch off turns nobody's factor off");
  },
});
