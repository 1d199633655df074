// NorthStack (rows N1 to N7): the phone number names the account; no password prompt, no backup codes.
import assert from "node:assert/strict";
import { inBrowser } from "./support/browser.ts";

inBrowser("northstack", {
  "seed N1 to N7: double-check the phone number, scan, verify, and sign in with a code": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.open("/sign-up");
    await ada.signUp();

    await ada.sees("Manage Multi-Factor Authentication");
    await ada.badge("Off");
    await ada.picture("northstack-settings");
    assert.equal(await ada.page.getByLabel("Phone number").inputValue(), "+49 1512345678");
    await ada.fill("Phone number", "+49 151 2345 679");
    await ada.press("Enable 2FA");

    assert.equal(ada.path(), "/two-factor/scan", "no password is asked for");
    assert.equal(await ada.page.locator(".qr script").count(), 0);
    await ada.sees("+49 151 2345 679");
    const phone = await ada.scan();
    assert.deepEqual([phone.issuer, phone.label], ["NorthStack", "+49 151 2345 679"]);
    assert.doesNotMatch(phone.keyUri, /algorithm|digits|period/, "every app computes the defaults");

    await ada.fill("Verification Code", "000000");
    await ada.press("Verify");
    await ada.sees("That code is not right");
    const first = phone.code(example.now());
    await ada.fill("Verification Code", first);
    await ada.press("Verify");
    await ada.sees("Two-factor authentication is on.");
    await ada.badge("On");
    await ada.seesNot("backup code");

    await ada.signOut();
    await ada.signIn();
    await ada.seesNot("backup code");
    await ada.fill("Verification Code", first);
    await ada.press("Sign in");
    await ada.sees("That code has been used already");
    example.advance(30);
    const code = phone.code(example.now());
    await ada.fill("Verification Code", `${code.slice(0, 3)} ${code.slice(3)}`);
    await ada.press("Sign in");
    assert.equal(ada.path(), "/settings");
  },

  "a new phone: the settings say that it works and that the old one does not": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Enable 2FA");
    const old = await ada.scan();
    await ada.fill("Verification Code", old.code(example.now()));
    await ada.press("Verify");
    await ada.press("Replace");
    const next = await ada.scan();
    await ada.fill("Verification Code", next.code(example.now()));
    await ada.press("Verify");
    await ada.sees("Your new authenticator works. The old one does not any more.");
    await ada.badge("On");
    example.advance(30);
    await ada.signOut();
    await ada.signIn();
    await ada.fill("Verification Code", old.code(example.now()));
    await ada.press("Sign in");
    await ada.sees("That code is not right");
  },

  "turns it off with a code of the app": async ({ example, person }) => {
    const ada = await person("ada@example.org");
    await ada.signUp();
    await ada.press("Enable 2FA");
    const phone = await ada.scan();
    await ada.fill("Verification Code", phone.code(example.now()));
    await ada.press("Verify");
    await ada.press("Disable 2FA");
    await ada.fill("Verification Code", "123");
    await ada.press("Disable 2FA");
    await ada.sees("That code is not right");
    example.advance(30);
    await ada.fill("Verification Code", phone.code(example.now()));
    await ada.press("Disable 2FA");
    await ada.sees("Two-factor authentication is off.");
    await ada.signOut();
    await ada.signIn();
    assert.equal(ada.path(), "/settings", "the password alone is enough again");
  },
});
