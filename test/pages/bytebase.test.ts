// Bytebase (rows B1 to B9): on only after "I have saved my recovery codes"; the owner can require it of everybody.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { inBrowser, type Person, type World } from "./support/browser.ts";

const DAY = 86_400;

async function toTheCodes(ada: Person, example: World["example"]) {
  await ada.press("Turn on");
  const phone = await ada.scan();
  await ada.fill("Code", phone.code(example.now()));
  await ada.press("Verify");
  await ada.sees("Save them now");
  example.advance(30);
  return { phone, codes: await ada.page.locator(".codes code").allTextContents() };
}

async function enable(ada: Person, example: World["example"]) {
  const enrolled = await toTheCodes(ada, example);
  await ada.press("I have saved my recovery codes");
  await ada.sees("Two-factor authentication is on.");
  return enrolled;
}

inBrowser("bytebase", {
  "B1 to B4: scan or enter the text, download, acknowledge, and only then it is on": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Turn on");
    await ada.page.getByText("enter the text").click();
    const acknowledge = `${example.origin}/bytebase/two-factor/acknowledge`;
    const _csrf = await ada.page.locator("[name=_csrf]").first().inputValue();
    const forged = await ada.page.request.post(acknowledge, { form: { _csrf }, maxRedirects: 0 });
    assert.equal(forged.status(), 303, "the form is taken, and sent back to where it began");
    await ada.open("/settings");
    await ada.badge("Off");
    await ada.press("Turn on");
    await ada.open("/settings");
    const { codes, phone } = await toTheCodes(ada, example);
    assert.equal(codes.length, 10);
    for (const code of codes) assert.match(code, /^[0-9A-Z]{10}$/);
    const [download] = await Promise.all([ada.page.waitForEvent("download"), ada.press("Download")]);
    const text = (await readFile(await download.path(), "utf8")).replaceAll(/[ -]/g, "");
    for (const code of codes) assert.ok(text.includes(code), "every code is in the file");

    await ada.open("/settings");
    await ada.badge("Almost on");
    const elsewhere = await person("ada@example.org");
    await elsewhere.signIn();
    assert.equal(elsewhere.path(), "/settings", "not acknowledged, not on");

    await ada.press("Turn on");
    await ada.sees("there is nothing to scan any more");
    await ada.fill("Code", phone.code(example.now()));
    await ada.press("Show new recovery codes");
    await ada.sees("Save them now");
    const saved = await ada.page.locator(".codes code").allTextContents();
    await ada.press("I have saved my recovery codes");
    await ada.sees("10 of 10 left");
    await ada.signOut();
    await ada.signIn();
    assert.equal(await ada.page.getByLabel("Code").getAttribute("inputmode"), "text");
    await ada.fill("Code", codes[0] ?? "");
    await ada.press("Sign in");
    await ada.sees("That code is not right");
    await ada.fill("Code", (saved[0] ?? "").toLowerCase());
    await ada.press("Sign in");
    await ada.sees("Did you lose your phone?");
  },

  "B5: five minutes to say that the codes are saved, and then it is not on": async ({ example, person }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Turn on");
    const phone = await ada.scan();
    example.advance(240);
    await ada.fill("Code", phone.code(example.now()));
    await ada.press("Verify");
    await ada.sees("Two-factor authentication is not on yet");
    await ada.sees(/You have another 6(:00)? minutes to save them\./);
    example.advance(361);
    await ada.press("I have saved my recovery codes");
    await ada.sees("This took too long or was started elsewhere. Please start again.");
    await ada.badge("Off");
    await enable(ada, example);
    await ada.badge("On");
  },

  "B5: five minutes for the QR code, and five for the step between password and code": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Turn on");
    const phone = await ada.scan();
    example.advance(301);
    await ada.fill("Code", phone.code(example.now()));
    await ada.press("Verify");
    await ada.sees("That QR code is no longer valid");
    const again = await ada.scan();
    assert.notEqual(again.keyUri, phone.keyUri);
    await ada.fill("Code", again.code(example.now()));
    await ada.press("Verify");
    await ada.press("I have saved my recovery codes");
    await ada.signOut();
    await ada.signIn();
    example.advance(301);
    await ada.fill("Code", again.code(example.now()));
    await ada.press("Sign in");
    await ada.sees("That step is no longer open");
    assert.equal(ada.path(), "/sign-in");
  },

  "B6: new recovery codes replace the old ones when they are acknowledged, not before": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const { codes: old } = await enable(ada, example);
    await ada.press("Regenerate recovery codes");
    const fresh = await ada.page.locator(".codes code").allTextContents();
    const elsewhere = await person("ada@example.org");
    await elsewhere.signIn();
    await elsewhere.fill("Code", old[0] ?? "");
    await elsewhere.press("Sign in");
    await elsewhere.sees("Did you lose your phone?");
    await ada.press("I have saved my recovery codes");
    await ada.sees("Your new recovery codes work");
    await ada.signOut();
    await ada.signIn();
    await ada.fill("Code", old[1] ?? "");
    await ada.press("Sign in");
    await ada.sees("That code is not right");
    await ada.fill("Code", fresh[1] ?? "");
    await ada.press("Sign in");
    await ada.sees("Did you lose your phone?");
  },

  "B7: the owner requires it with grace, sees who would be blocked, and after the grace it is forced":
    async ({ example, person }) => {
      const owner = await person("owner@example.org");
      const bob = await person("bob@example.org");
      await owner.signUp();
      const { phone: own } = await enable(owner, example);
      await bob.signUp();
      await owner.members(own.code(example.now()));
      await owner.sees("1 of 2 members use it.");
      await owner.sees("bob@example.org");
      await owner.page.getByLabel("Grace period").selectOption("7 days");
      example.advance(1);
      await owner.picture("bytebase-members");
      await owner.press("Require 2FA for all users");
      await owner.sees("The grace period ends in 7 days");

      await bob.open("/settings");
      assert.equal(bob.path(), "/sign-in");
      await bob.signIn();
      await bob.sees(/Set it up within\s+7 days/);
      example.advance(7 * DAY);
      await bob.open("/settings");
      assert.equal(bob.path(), "/sign-in", "the grace is over, and so is the session");
      await bob.signIn();
      assert.equal(bob.path(), "/two-factor/scan");
      const phone = await bob.scan();
      await bob.fill("Code", phone.code(example.now()));
      await bob.press("Verify");
      await bob.press("I have saved my recovery codes");
      await bob.sees("Two-factor authentication is on.");
      await bob.press("Reset 2FA");
      assert.equal(bob.path(), "/sign-in");
      await bob.signIn();
      assert.equal(bob.path(), "/two-factor/scan", "it can be reset, but not be left off");
    },

  "B8 and B9: an enrolled user is asked whatever the switch says; five failures wait": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const { phone, codes } = await enable(ada, example);
    await ada.members(phone.code(example.now()));
    example.advance(30);
    await ada.press("Require 2FA for all users");
    await ada.press("Stop requiring it");
    await ada.signOut();
    await ada.signIn();
    assert.equal(ada.path(), "/sign-in/code");
    for (let i = 0; i < 5; i++) {
      await ada.fill("Code", "000000");
      await ada.press("Sign in");
    }
    await ada.sees(/You can try again in\s+\d+ seconds/);
    await ada.fill("Code", phone.code(example.now()));
    await ada.press("Sign in");
    await ada.sees("Too many wrong codes");
    await ada.picture("bytebase-locked");
    const elsewhere = await person("ada@example.org");
    await elsewhere.signIn();
    await elsewhere.fill("Code", codes[0] ?? "");
    await elsewhere.press("Sign in");
    await elsewhere.sees("Did you lose your phone?");
    example.advance(31);
    await ada.fill("Code", phone.code(example.now()));
    await ada.press("Sign in");
    assert.equal(ada.path(), "/settings");
  },
});
