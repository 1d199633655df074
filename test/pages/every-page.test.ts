// Comes to every page of the example in every state, without JavaScript, so that axe sees them all.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Person } from "./support/browser.ts";
import { skip } from "./support/chromium.ts";
import { unseen } from "./support/unseen.ts";
import { visitor } from "./support/visitor.ts";

// V8 counts in what it reads from here on.
const { inBrowser, PASSWORD } = await import("./support/browser.ts");
const { plugIn } = await import("./support/passkey.ts");
const { startExample } = await import("./support/example.ts");

const DAY = 86_400;
const WITHOUT_SCRIPT = { javaScriptEnabled: false };

/** Types codes that are wrong, until the page says when to come back. */
async function lockOut(one: Person, label: string): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await one.fill(label, "000000");
    await one.press("Sign in");
  }
  await one.sees(/You can try again in\s+\d+ (second|minute)s/);
}

async function demoPhone(one: Person): Promise<void> {
  const opened = one.page.context().waitForEvent("page");
  const [phone] = await Promise.all([opened, one.press("Scan with the demo phone")]);
  await phone.getByRole("link", { name: "Refresh" }).click();
  await phone.getByRole("button", { name: "Lose this phone" }).click();
  await phone.getByText("No accounts yet").waitFor();
  await phone.close();
}

inBrowser("northstack", {
  "NorthStack without JavaScript: the first page, the demo phone, an app alone": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org", WITHOUT_SCRIPT);
    for (const path of ["/", "/phone", "/nothing"]) await ada.page.goto(example.origin + path);
    await ada.sees("There is no such page");
    await ada.signUp();
    await ada.fill("Phone number", "nobody’s");
    await ada.press("Enable 2FA");
    await ada.sees("Please enter a phone number.");
    await ada.fill("Phone number", "+49 1512345678");
    await ada.press("Enable 2FA");
    await demoPhone(ada);
    const phone = await ada.scan();
    await ada.fill("Verification Code", phone.code(example.now()));
    await ada.press("Verify");
    example.advance(601); // the proof is old
    await ada.press("Replace");
    await ada.fill("Verification Code", "000000");
    await ada.press("Confirm");
    await ada.sees("That code is not right");
    example.advance(30);
    await ada.fill("Verification Code", phone.code(example.now()));
    await ada.press("Confirm");
    await ada.sees("Set up a new authenticator");
    await ada.press("Cancel");
    await ada.press("Disable 2FA");

    await ada.press("Members");
    await ada.fill("Password", PASSWORD);
    await ada.fill("Verification Code", "000000");
    await ada.press("Confirm");
    await ada.sees("That code is not right");
    await ada.press("Settings");
    example.advance(30);
    await ada.members(phone.code(example.now()));
    const guesser = await person("ada@example.org", WITHOUT_SCRIPT);
    await guesser.signUp();
    await guesser.sees("There is already an account with this address.");
    await guesser.signIn();
    await lockOut(guesser, "Verification Code");
    await ada.press("Members");
    await ada.sees(/Locked for\s+\d+ second/);
    assert.equal(await ada.page.getByText("Help ada@example.org").count(), 0, "none for oneself");
    await ada.press("Settings");
    await ada.sees("On unknown devices, codes of your app are refused for");
  },
});

inBrowser("sparkpost", {
  "SparkPost without JavaScript: codes used up to the last, and 2FA required": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org", WITHOUT_SCRIPT);
    const bob = await person("bob@example.org", WITHOUT_SCRIPT);
    await ada.signUp();
    await bob.signUp();
    await ada.members();
    example.advance(1);
    await ada.press("Require 2FA for all users");
    await bob.signIn();
    await bob.press("Cancel");
    await ada.signIn();
    const phone = await ada.scan();
    await ada.fill("2FA passcode", phone.code(example.now()));
    await ada.press("Enable 2FA");
    example.advance(30);
    await ada.members(phone.code(example.now()));
    await ada.sees("Still without it");
    await ada.press("Settings");
    await ada.press("Generate backup codes");
    await ada.fill("Password", "not the password");
    await ada.press("Generate");
    await ada.sees("That password is not right");
    await ada.fill("Password", PASSWORD);
    await ada.press("Generate");
    const codes = await ada.page.locator(".codes code").allTextContents();
    await ada.press("Done");
    await ada.press("Regenerate backup codes");
    await ada.fill("Password", "not the password");
    await ada.press("Generate");
    await ada.sees("were made a moment ago");
    await ada.press("Cancel");
    await ada.press("Reset 2FA");
    await ada.press("Cancel");
    example.advance(601); // the proof is old
    await ada.press("Replace");
    await ada.sees("Confirm that it is you");
    await ada.press("Cancel");
    for (const code of codes.slice(1)) {
      await ada.signOut();
      await ada.signIn();
      await ada.fill("2FA passcode", code);
      await ada.press("Sign in");
    }
    await ada.sees("1 of them is left.");
    await ada.press("I still have it");
    await ada.sees("Make new ones before you run out.");
  },

  "SparkPost without JavaScript: another authenticator, and which of two phones is lost": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org", WITHOUT_SCRIPT);
    await ada.signUp();
    await ada.press("Enable 2FA");
    const phone = await ada.scan();
    await ada.fill("2FA passcode", phone.code(example.now()));
    await ada.press("Enable 2FA");
    await ada.press("Generate backup codes");
    await ada.fill("Password", PASSWORD);
    await ada.press("Generate");
    const [code = ""] = await ada.page.locator(".codes code").allTextContents();
    await ada.press("Done");
    example.advance(30);
    await ada.page.getByText("Add another").click();
    await ada.fill("Name", "Tablet");
    await ada.press("Add it");
    await ada.sees("This is needed to add another authenticator.");
    await ada.fill("Password", PASSWORD);
    await ada.fill("2FA passcode", phone.code(example.now()));
    await ada.press("Confirm");
    await ada.fill("2FA passcode", (await ada.scan()).code(example.now()));
    await ada.press("Enable 2FA");
    await ada.sees("Your other authenticator works, too.");
    await ada.press("Remove Tablet");
    await ada.fill("Password", "not the password");
    await ada.press("Remove");
    await ada.sees("That password is not right");
    await ada.signOut();
    await ada.signIn();
    await ada.fill("2FA passcode", code);
    await ada.press("Sign in");
    await ada.press("I still have them");
  },
});

inBrowser("emnify", {
  "emnify without JavaScript: the password first, and trusted devices": async ({ example, person }) => {
    const ada = await person("ada@example.org", WITHOUT_SCRIPT);
    await ada.signUp();
    await ada.press("Enable");
    await ada.fill("Password", "not the password");
    await ada.press("Confirm");
    await ada.sees("That password is not right");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    const phone = await ada.scan();
    await ada.fill("6-digit token", phone.code(example.now()));
    await ada.press("Confirm");
    await ada.signOut();
    await ada.signIn();
    example.advance(30);
    await ada.page.getByLabel("Trust this device for 30 days").check();
    await ada.fill("6-digit token", phone.code(example.now()));
    await ada.press("Sign in");
    await ada.sees("trusted until");
    const elsewhere = await person("ada@example.org", WITHOUT_SCRIPT);
    await elsewhere.signIn();
    example.advance(30);
    await elsewhere.page.getByLabel("Trust this device for 30 days").check();
    await elsewhere.fill("6-digit token", phone.code(example.now()));
    await elsewhere.press("Sign in");
    const trusted = elsewhere.page.locator("li", { hasText: "trusted until" });
    await trusted.filter({ hasNotText: "This device" }).getByRole("button", { name: "Revoke" }).click();
    await elsewhere.sees("That device is not trusted any more: its next sign-in asks for a code.");
    await trusted.filter({ hasText: "This device" }).waitFor();
    assert.equal(await trusted.count(), 1, "the other one was meant");
    await ada.page.getByText("Change your password").click();
    await ada.fill("Current password", "not the password");
    await ada.fill("New password", "another password");
    await ada.press("Change password");
    await ada.sees("That password is not right");
    example.advance(601); // the proof is old
    await ada.press("Replace");
    await ada.fill("Password", PASSWORD);
    await ada.fill("6-digit token", "000000");
    await ada.press("Confirm");
    await ada.sees("That code is not right");
    await ada.open("/settings");
    await ada.press("Revoke all");
    await ada.press("Disable");
    await ada.sees("Two-factor authentication is off.");
    const bob = await person("bob@example.org", WITHOUT_SCRIPT);
    await bob.signUp();
    await bob.sees("turn two-factor authentication on first");
    await bob.press("Enable");
    await bob.fill("Password", PASSWORD);
    await bob.press("Confirm");
    const own = await bob.scan();
    await bob.fill("6-digit token", own.code(example.now()));
    await bob.press("Confirm");
    await bob.press("Delete your account");
    await bob.sees("nobody can bring it back");
  },
});

inBrowser("cloudmc", {
  "CloudMC without JavaScript: a page to manage it all, and an administrator": async ({
    example,
    person,
  }) => {
    const owner = await person("owner@example.org", WITHOUT_SCRIPT);
    await owner.signUp();
    await owner.press("Enable two-factor authentication (2FA)");
    await owner.fill("Password", PASSWORD);
    await owner.press("Confirm");
    const phone = await owner.scan();
    await owner.fill("One-time token", phone.code(example.now()));
    await owner.press("Enable");
    await owner.press("Done");
    await owner.press("Manage two-factor authentication (2FA)");
    await owner.sees("This is needed to manage two-factor authentication.");
    await owner.fill("Password", PASSWORD);
    await owner.press("Confirm");
    await owner.press("Replace");
    const next = await owner.scan();
    await owner.fill("One-time token", next.code(example.now()));
    await owner.press("Enable");
    await owner.sees("Your new authenticator works. The old one and the old backup codes do not any more.");
    await owner.press("Done");
    const bob = await person("bob@example.org", WITHOUT_SCRIPT);
    await bob.signUp();
    await bob.press("Enable two-factor authentication (2FA)");
    await bob.fill("Password", PASSWORD);
    await bob.press("Confirm");
    await bob.fill("One-time token", (await bob.scan()).code(example.now()));
    await bob.press("Enable");
    example.advance(30);
    await owner.members(next.code(example.now()));
    await owner.page.getByText("Help bob@example.org").click();
    await owner.fill("Reason, for the record", " ");
    await owner.press("Unlock");
    await owner.sees("Please give a reason");
    await owner.page.getByText("Help bob@example.org").click();
    await owner.fill("Reason, for the record", "Lost phone, identity checked");
    await owner.press("Unlock");
    await owner.sees("can try codes again");
    await bob.open("/settings");
    await bob.sees("Unlocked by an administrator (owner@example.org: Lost phone, identity checked)");
    await owner.press("Settings");
    await owner.press("Manage two-factor authentication (2FA)");
    await owner.fill("Password", PASSWORD);
    await owner.press("Confirm");
    await owner.press("Disable two-factor authentication");
    await owner.sees("Your password alone will be enough to sign in.");
    await owner.press("Cancel");

    const guesser = await person("owner@example.org", WITHOUT_SCRIPT);
    await guesser.signIn();
    await lockOut(guesser, "One-time token");
    await guesser.signIn();
    await guesser.sees("On this device, codes of your app are refused for");
    await owner.open("/nothing");
    await owner.sees("There is no such page");
  },

  "CloudMC says when no wait helps any more, at the sign-in and in the settings (R14)": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org", WITHOUT_SCRIPT);
    await ada.signUp();
    await ada.press("Enable two-factor authentication (2FA)");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    await ada.fill("One-time token", (await ada.scan()).code(example.now()));
    await ada.press("Enable");
    const [row] = await example.database.query("SELECT id FROM users");
    for (let i = 0; i < 100; i++) {
      example.advance(400 * DAY);
      await example.twoFactor.verify(String(row?.["id"]), "000000", { binding: null });
    }
    await ada.open("/settings");
    await ada.sees("On unknown devices, codes of your app are not accepted any more: too many were wrong.");
    const guesser = await person("ada@example.org", WITHOUT_SCRIPT);
    await guesser.signIn();
    await guesser.sees("On this device, codes of your app are not accepted any more: too many were wrong.");
  },
});

inBrowser("bytebase", {
  "Bytebase without JavaScript: acknowledged codes, and a grace period": async ({ example, person }) => {
    const owner = await person("owner@example.org", WITHOUT_SCRIPT);
    await owner.signUp();
    await owner.members();
    await owner.press("Settings");
    await owner.press("Turn on");
    const phone = await owner.scan();
    await owner.fill("Code", phone.code(example.now()));
    await owner.press("Verify");
    await owner.open("/two-factor/scan");
    await owner.sees("Your authenticator app is ready");
    await owner.open("/settings");
    await owner.badge("Almost on");
    await owner.press("Members");
    example.advance(1);
    await owner.page.getByLabel("Grace period").selectOption("1 day");
    await owner.press("Require 2FA for all users");
    await owner.signIn();
    await owner.sees("Bytebase requires two-factor authentication.");
    await owner.members();
    await owner.sees(/ends in\s+(1 day|24 hours)/);
    example.advance(86_400);
    await owner.signIn();
    const again = await owner.scan();
    await owner.fill("Code", again.code(example.now()));
    await owner.press("Verify");
    await owner.press("I have saved my recovery codes");
    example.advance(30);
    await owner.members(again.code(example.now()));
    await owner.sees("Nobody would be blocked.");
    await owner.press("Stop requiring it");
    await owner.press("Require 2FA for all users");
    await owner.press("Settings");
    await owner.press("Regenerate recovery codes");
    await owner.press("I have saved my recovery codes");
    await owner.sees("Your new recovery codes work");
    await owner.press("Replace");
    const next = await owner.scan();
    await owner.fill("Code", next.code(example.now()));
    await owner.press("Verify");
    await owner.sees("Your old authenticator and recovery codes work until you press");
    await owner.press("I have saved my recovery codes");
    await owner.sees("Your new authenticator works. The old one does not any more.");
    await owner.press("Reset 2FA");
    await owner.sees("Your second factor was reset.");
  },
});

inBrowser("larkmoor", {
  "Larkmoor, where the pages of passkeys take JavaScript: from the first one to the policy": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    await plugIn(ada);
    await ada.signUp();
    await ada.press("Use a passkey");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
    await ada.press("Create a passkey");
    await ada.sees("Save them now");
    const codes = await ada.page.locator(".codes code").allTextContents();
    await ada.press("Done");
    for (const code of codes) {
      await ada.signOut();
      await ada.signIn();
      await ada.page.getByText("Use one of your backup codes").click();
      await ada.fill("Code", code);
      await ada.press("Sign in");
    }
    await ada.press("To the settings");
    await ada.signOut();
    await ada.signIn();
    await ada.press("Sign in with your passkey");
    await ada.page.getByText("Add an app").click();
    await ada.fill("Name", "Phone");
    await ada.press("Add it");
    const phone = await ada.scan();
    await ada.fill("Code", phone.code(example.now()));
    await ada.press("Verify");
    await ada.press("Remove Chrome on Linux");
    await ada.press("Cancel");
    await ada.signOut();
    await ada.signIn();
    await ada.press("Sign in with your passkey");
    const bob = await person("bob@example.org", WITHOUT_SCRIPT);
    await bob.signUp();
    await bob.press("Use an authenticator app");
    await bob.fill("Password", PASSWORD);
    await bob.press("Confirm");
    const app = await bob.scan();
    await bob.fill("Code", app.code(example.now()));
    await bob.press("Verify");
    await bob.press("Done");
    await bob.sees("Passkeys need JavaScript");
    await ada.press("Members");
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm with a passkey");
    await ada.press("Require a passkey for all users");
    await ada.press("Settings");
    example.advance(601); // the proof is old
    await ada.press("Regenerate backup codes");
    assert.equal(await ada.page.locator("#code").count(), 0, "no code will do");
    await bob.signIn();
    await bob.fill("Code", app.code(example.now()));
    await bob.press("Sign in");
    await bob.sees("Larkmoor requires a passkey of everybody.");
  },
});

test("in production the pages offer no demo phone", async () => {
  const example = await startExample({ production: true });
  const ada = visitor(example.origin, { "x-forwarded-proto": "https" });
  await ada.get("/northstack/sign-up");
  const phone = "+49 151 23";
  await ada.post("/northstack/sign-up", { email: "ada@example.org", phone, password: PASSWORD });
  const scan = await ada.post("/northstack/two-factor/set-up", { phone });
  assert.match(scan.html, /Scan this with your authenticator app/);
  for (const { html } of [scan, await ada.get("/")]) assert.doesNotMatch(html, /demo phone|^$/i);
  await example.stop();
});

test("the tests have seen everything that a page can say", { skip }, async () =>
  assert.deepEqual(await unseen(), []),
);
