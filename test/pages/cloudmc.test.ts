// CloudMC (rows C1 to C7): password, QR code, backup codes; one password opens the page that manages it all.
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
  example.advance(30);
  return { phone, codes: await ada.page.locator(".codes code").allTextContents() };
}

inBrowser("cloudmc", {
  "C1 and C2: password, QR code, token, and the codes are displayed with 2FA already on": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const { phone, codes } = await enable(ada, example);
    assert.equal(new Set(codes).size, 10);
    await ada.open("/settings");
    await ada.sees("On since");
    await ada.signOut();
    await ada.signIn();
    await ada.fill("One-time token", phone.code(example.now()));
    await ada.press("Sign in");
    assert.equal(ada.path(), "/settings");
  },

  "C3: a lost phone: in with a backup code, a new token generator, and the old one works until then": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const { phone: old, codes } = await enable(ada, example);
    await ada.open("/settings");
    await ada.signOut();
    await ada.signIn();
    await ada.page.getByText("Lost your phone?").click();
    await ada.sees("Enter one of your backup codes above");
    await ada.picture("cloudmc-lost-phone");
    await ada.fill("One-time token", codes[3] ?? "");
    await ada.press("Sign in");
    await ada.press("Set up a new authenticator");
    await ada.sees("Set up a new authenticator");
    const replacement = await ada.scan();

    const elsewhere = await person("ada@example.org");
    await elsewhere.signIn();
    await elsewhere.fill("One-time token", old.code(example.now()));
    await elsewhere.press("Sign in");
    assert.equal(elsewhere.path(), "/settings", "an abandoned replacement leaves the old phone working");

    example.advance(30);
    await ada.fill("One-time token", replacement.code(example.now()));
    await ada.press("Enable");
    await ada.sees("Save them now");
    const fresh = await ada.page.locator(".codes code").allTextContents();
    await ada.press("Done");
    await ada.signOut();
    await ada.signIn();
    for (const dead of [old.code(example.now()), codes[4] ?? ""]) {
      await ada.fill("One-time token", dead);
      await ada.press("Sign in");
      await ada.sees("That code is not right");
    }
    await ada.fill("One-time token", fresh[0] ?? "");
    await ada.press("Sign in");
    await ada.sees("9 of them are left");
  },

  "C4 and C5: Manage, the password once, then regenerate; the old codes are dead": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const { codes } = await enable(ada, example);
    await ada.press("Done");
    await ada.signOut();
    await ada.signIn();
    await ada.fill("One-time token", codes[0] ?? "");
    await ada.press("Sign in");
    await ada.open("/settings");
    await ada.press("Manage two-factor authentication (2FA)");
    assert.equal(ada.path(), "/confirm", "a code is no password, however fresh");
    await ada.sees("This is needed to manage two-factor authentication.");
    await ada.fill("Password", "not the password");
    await ada.press("Confirm");
    await ada.sees("That password is not right");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    assert.equal(ada.path(), "/manage");
    await ada.press("Regenerate backup codes");
    await ada.sees("This overwrites your 9 unused backup codes");
    await ada.press("Generate");
    await ada.sees("Save them now");
    const fresh = await ada.page.locator(".codes code").allTextContents();
    await ada.press("Done");
    await ada.press("Manage two-factor authentication (2FA)");
    assert.equal(ada.path(), "/manage", "one password is good for several operations");
    await ada.signOut();
    await ada.signIn();
    await ada.fill("One-time token", codes[1] ?? "");
    await ada.press("Sign in");
    await ada.sees("That code is not right");
    await ada.fill("One-time token", fresh[1] ?? "");
    await ada.press("Sign in");
    await ada.sees("Did you lose your phone?");
  },

  "C6 and C7: disabled, and the next sign-in asks for user name and password only": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    const { phone } = await enable(ada, example);
    assert.ok(phone.keyUri.startsWith("otpauth://totp/CloudMC:ada%40example.org?"));
    assert.match(phone.keyUri, /[?&]issuer=CloudMC(&|$)/);
    await ada.open("/settings");
    await ada.signOut();
    await ada.signIn();
    await ada.fill("One-time token", phone.code(example.now()));
    await ada.press("Sign in");
    await ada.press("Manage two-factor authentication (2FA)");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    example.advance(601);
    await ada.press("Disable two-factor authentication");
    assert.equal(ada.path(), "/confirm", "the proof is old");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    assert.equal(ada.path(), "/two-factor/turn-off", "what was wanted is not forgotten");
    await ada.sees("Your password alone will be enough to sign in.");
    await ada.press("Disable two-factor authentication");
    await ada.sees("Two-factor authentication is off.");
    await ada.signOut();
    await ada.signIn();
    assert.equal(ada.path(), "/settings");
  },
});
