// What goes wrong in real life: a lost phone without codes, lockout, two tabs, the back button, a restart, no script.
import assert from "node:assert/strict";
import { inBrowser, PASSWORD, type Person, type World } from "./support/browser.ts";

async function enable(ada: Person, example: World["example"]) {
  await ada.press("Enable two-factor authentication (2FA)");
  await ada.fill("Password", PASSWORD);
  await ada.press("Confirm");
  const phone = await ada.scan();
  await ada.fill("One-time token", phone.code(example.now()));
  await ada.press("Enable");
  await ada.sees("Save them now");
  const codes = await ada.page.locator(".codes code").allTextContents();
  await ada.press("Done");
  example.advance(30);
  return { phone, codes };
}

async function help(owner: Person, email: string, action: string): Promise<void> {
  await owner.members();
  await owner.page.getByText(`Help ${email}`).click();
  await owner.page.getByLabel("Reason, for the record").last().fill("Lost phone, identity checked");
  await owner.page.getByRole("button", { name: action }).last().click();
}

inBrowser("cloudmc", {
  "a lost phone and no codes: the owner resets, the person signs in and enrolls anew": async ({
    example,
    person,
  }) => {
    const owner = await person("owner@example.org");
    const bob = await person("bob@example.org");
    await owner.signUp();
    await bob.signUp();
    const { phone } = await enable(bob, example);
    await help(owner, "bob@example.org", "Reset the second factor");
    await owner.sees("bob@example.org no longer has a second factor.");
    await bob.open("/settings");
    assert.equal(bob.path(), "/sign-in", "the reset ended the session");
    await bob.signIn();
    assert.equal(bob.path(), "/settings");
    await bob.sees(
      "Second factor reset by an administrator (owner@example.org: Lost phone, identity checked)",
    );
    assert.ok(example.mails.includes("bob@example.org: Second factor reset by an administrator"));
    assert.notEqual((await enable(bob, example)).phone.keyUri, phone.keyUri);
  },

  "lockout: the right code has to wait, a backup code does not, and the owner can unlock": async ({
    example,
    person,
  }) => {
    const owner = await person("owner@example.org");
    const bob = await person("bob@example.org");
    await owner.signUp();
    await bob.signUp();
    const { phone, codes } = await enable(bob, example);
    const elsewhere = await person("bob@example.org");
    await elsewhere.signIn();
    for (let i = 0; i < 6; i++) {
      await elsewhere.fill("One-time token", "000000");
      await elsewhere.press("Sign in");
    }
    await elsewhere.sees("Too many wrong codes");
    await elsewhere.fill("One-time token", phone.code(example.now()));
    await elsewhere.press("Sign in");
    await elsewhere.sees("Too many wrong codes");
    await elsewhere.fill("One-time token", codes[0] ?? "");
    await elsewhere.press("Sign in");
    await elsewhere.sees("Did you lose your phone?");

    const again = await person("bob@example.org");
    await again.signIn();
    await help(owner, "bob@example.org", "Unlock");
    await owner.sees("bob@example.org can try codes again.");
    await again.fill("One-time token", phone.code(example.now()));
    await again.press("Sign in");
    assert.equal(again.path(), "/settings");
  },

  "two tabs: the one left behind says what to do, and its QR code never becomes active": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Enable two-factor authentication (2FA)");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    const first = await ada.scan();
    const tab = await ada.page.context().newPage();
    await tab.goto(ada.page.url());
    await tab.getByRole("button", { name: "Cancel" }).click();
    await ada.fill("One-time token", first.code(example.now()));
    await ada.press("Enable");
    assert.notEqual(ada.path(), "/two-factor/scan", "a cancelled enrollment cannot be confirmed");
    await ada.open("/settings");
    await ada.badge("Off");

    await tab.goto(`${example.origin}/cloudmc/settings`);
    await ada.signOut();
    await tab.getByText("Change your password").click();
    await tab.getByLabel("Current password").fill(PASSWORD);
    await tab.getByLabel("New password").fill("another password");
    await tab.getByRole("button", { name: "Change password" }).click();
    await tab.getByText("another tab signed in or out").waitFor();
    await tab.close();
  },

  "two tabs: signing in twice, the later challenge counts": async ({ example, person }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const { phone } = await enable(ada, example);
    await ada.signOut();
    await ada.signIn();
    const tab = await ada.page.context().newPage();
    await tab.goto(`${example.origin}/cloudmc/sign-in`);
    await tab.getByLabel("E-mail").fill(ada.email);
    await tab.getByLabel("Password").fill(PASSWORD);
    await tab.getByRole("button", { name: "Sign in" }).click();
    await tab.getByLabel("One-time token").fill(phone.code(example.now()));
    await tab.getByRole("button", { name: "Sign in" }).click();
    await tab.getByText("On since").waitFor();
    await ada.fill("One-time token", "123456");
    await ada.press("Sign in");
    await ada.sees("another tab signed in or out");
    await ada.press("Continue");
    assert.equal(ada.path(), "/settings", "the other tab signed this browser in");
    await tab.close();
  },

  "the back button shows neither a used QR code nor the backup codes again": async ({ example, person }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const { codes } = await enable(ada, example);
    await ada.page.goBack().catch(() => null);
    await ada.page.waitForLoadState();
    for (const code of codes) await ada.seesNot(code);
    await ada.page.goBack().catch(() => null);
    assert.equal(await ada.page.locator(".qr").count(), 0);
    await ada.open("/two-factor/scan");
    assert.equal(ada.path(), "/settings", "there is nothing to scan any more");
    await ada.signOut();
    await ada.page.goBack().catch(() => null);
    await ada.seesNot("On since");
  },

  "a restart in the middle of enrollment, and between password and code, loses nothing": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Enable two-factor authentication (2FA)");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    const phone = await ada.scan();
    await example.restart();
    await ada.page.reload();
    assert.equal((await ada.scan()).keyUri, phone.keyUri);
    await example.restart();
    await ada.fill("One-time token", phone.code(example.now()));
    await ada.press("Enable");
    await ada.sees("Save them now");
    await example.restart();
    await ada.press("Done");
    await ada.sees("On since");
    await ada.signOut();
    await ada.signIn();
    await example.restart();
    example.advance(30);
    await ada.fill("One-time token", phone.code(example.now()));
    await ada.press("Sign in");
    await ada.sees("On since");
  },

  "everything works without JavaScript, and with the keyboard alone": async ({ example, person }) => {
    const ada = await person("ada@example.org", { javaScriptEnabled: false });
    await ada.signUp();
    const { phone } = await enable(ada, example);
    assert.equal(
      await ada.page.getByRole("button", { name: "Copy" }).count(),
      0,
      "no button that does nothing",
    );
    await ada.signOut();
    const keys = ada.page.keyboard;
    await ada.page.getByLabel("E-mail").focus();
    await keys.type(ada.email);
    await keys.press("Tab");
    await keys.type(PASSWORD);
    await keys.press("Enter");
    await ada.sees("Enter your code");
    await keys.type(phone.code(example.now()));
    await keys.press("Enter");
    await ada.sees("On since");
  },

  "the demo phone scans, shows the code that works, and can be lost": async ({ example, person }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Enable two-factor authentication (2FA)");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    const [phone] = await Promise.all([
      ada.page.context().waitForEvent("page"),
      ada.press("Scan with the demo phone"),
    ]);
    const code = await phone.locator("[data-code]").getAttribute("data-code");
    await ada.fill("One-time token", code ?? "");
    await ada.press("Enable");
    await ada.sees("Save them now");
    await phone.getByRole("button", { name: "Lose this phone" }).click();
    await phone.getByText("No accounts yet").waitFor();
    await phone.close();
    await ada.page.goto(`${example.origin}/`);
    await ada.picture("first-page");
    await ada.page.goto(`${example.origin}/phone`);
  },
});
