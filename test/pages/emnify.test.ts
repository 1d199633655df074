// emnify (rows E1 to E6): the password before the QR code, trusted devices, and off again without a question.
import assert from "node:assert/strict";
import { inBrowser, type Person, type World } from "./support/browser.ts";

const DAY = 86_400;

async function enable(ada: Person, example: World["example"]) {
  await ada.press("Enable");
  await ada.fill("Password", "correct horse battery");
  await ada.press("Confirm");
  const phone = await ada.scan();
  await ada.fill("6-digit token", phone.code(example.now()));
  await ada.press("Confirm");
  await ada.sees("Two-factor authentication is on.");
  example.advance(30);
  return phone;
}

inBrowser("emnify", {
  "E1 to E3: the password, then the QR code or the key, then the token": async ({ example, person }) => {
    const ada = await person("ada@example.org", { permissions: ["clipboard-read", "clipboard-write"] });
    await ada.signUp();
    await ada.press("Enable");
    await ada.fill("Password", "not the password");
    await ada.press("Confirm");
    await ada.sees("That password is not right");
    assert.equal(await ada.page.locator(".qr").count(), 0, "a wrong password shows no key");
    await ada.open("/two-factor/scan");
    assert.equal(ada.path(), "/confirm", "nor does the address of the page");
    await ada.open("/settings");
    await ada.press("Enable");
    for (let i = 0; i < 10; i++) {
      await ada.fill("Password", "not the password");
      await ada.press("Confirm");
    }
    await ada.fill("Password", "correct horse battery");
    await ada.press("Confirm");
    await ada.sees("Too many wrong codes or passwords");
    example.advance(3600);
    await ada.fill("Password", "correct horse battery");
    await ada.press("Confirm");
    const phone = await ada.scan();
    await ada.page.getByText("Type this key instead").click();
    await ada.press("Copy the key");
    const copied = await ada.page.evaluate(() => navigator.clipboard.readText());
    assert.ok(phone.keyUri.includes(`secret=${copied}`), "the copied key has no spaces");
    await ada.fill("6-digit token", phone.code(example.now()));
    await ada.press("Confirm");
    await ada.sees("Two-factor authentication is on.");
  },

  "E4: a trusted device is not asked, another one is, and trust ends when it is revoked or old": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const phone = await enable(ada, example);
    await ada.sees("None. When you sign in with a code you can choose to trust the device");
    await ada.signOut();
    await ada.signIn();
    await ada.page.getByLabel("Trust this device for 30 days").check();
    await ada.fill("6-digit token", phone.code(example.now()));
    await ada.press("Sign in");
    await ada.sees("trusted until");
    await ada.page.locator(".badge").getByText("This device").waitFor();
    await ada.picture("emnify-devices");
    await ada.signOut();
    await ada.signIn();
    assert.equal(ada.path(), "/settings", "this device is trusted");

    const elsewhere = await person("ada@example.org");
    await elsewhere.signIn();
    assert.equal(elsewhere.path(), "/sign-in/code", "another device is not");

    await ada.press("Revoke");
    await ada.sees("That device is not trusted any more: its next sign-in asks for a code.");
    await ada.signOut();
    await ada.signIn();
    assert.equal(ada.path(), "/sign-in/code", "revoked");
    example.advance(30);
    await ada.page.getByLabel("Trust this device for 30 days").check();
    await ada.fill("6-digit token", phone.code(example.now()));
    await ada.press("Sign in");
    await ada.press("Revoke all");
    await ada.sees("No device is trusted any more");
    await ada.seesNot("trusted until");
    await ada.signOut();
    await ada.signIn();
    assert.equal(ada.path(), "/sign-in/code", "all revoked");
    example.advance(30);
    await ada.page.getByLabel("Trust this device for 30 days").check();
    await ada.fill("6-digit token", phone.code(example.now()));
    await ada.press("Sign in");
    await ada.signOut();
    example.advance(31 * DAY);
    await ada.signIn();
    assert.equal(ada.path(), "/sign-in/code", "thirty days are over");
  },

  "E5 and E6: off without a question, on again with another key, and nothing of the first time works":
    async ({ example, person }) => {
      const ada = await person("ada@example.org");
      await ada.signUp();
      const first = await enable(ada, example);
      await ada.signOut();
      await ada.signIn();
      await ada.page.getByLabel("Trust this device for 30 days").check();
      await ada.fill("6-digit token", first.code(example.now()));
      await ada.press("Sign in");
      const elsewhere = await person("ada@example.org");
      await elsewhere.signIn();
      await ada.press("Disable");
      await ada.sees("Two-factor authentication is off.");
      await ada.signOut();
      await ada.signIn();
      assert.equal(ada.path(), "/settings");
      const second = await enable(ada, example);
      assert.notEqual(second.keyUri, first.keyUri);
      await elsewhere.fill("6-digit token", second.code(example.now()));
      await elsewhere.press("Sign in");
      await elsewhere.sees("That step is no longer open");
      await ada.seesNot("trusted until");
      await ada.signOut();
      await ada.signIn();
      await ada.fill("6-digit token", first.code(example.now()));
      await ada.press("Sign in");
      await ada.sees("That code is not right");
      await ada.fill("6-digit token", second.code(example.now()));
      await ada.press("Sign in");
      assert.equal(ada.path(), "/settings");
    },
});
