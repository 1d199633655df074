// Larkmoor, where a passkey stands beside the app or in its place: real Chromium with its virtual authenticator.
import assert from "node:assert/strict";
import { inBrowser, PASSWORD, type Person, type World } from "./support/browser.ts";
import { type Authenticator, plugIn } from "./support/passkey.ts";

const WITHOUT_SCRIPT = { javaScriptEnabled: false };

/** Turns it on in the settings with the passkey of a new authenticator; what comes first are the backup codes. */
async function turnOn(ada: Person): Promise<{ key: Authenticator; codes: string[] }> {
  const key = await plugIn(ada);
  await ada.press("Use a passkey");
  await ada.fill("Password", PASSWORD);
  await ada.press("Confirm");
  await ada.press("Create a passkey");
  await ada.sees("Save them now");
  const codes = await ada.page.locator(".codes code").allTextContents();
  await ada.press("Done");
  return { key, codes };
}

/** Turns it on in the settings with an app. */
async function turnOnWithApp(ada: Person, { example }: World) {
  await ada.press("Use an authenticator app");
  await ada.fill("Password", PASSWORD);
  await ada.press("Confirm");
  const phone = await ada.scan();
  await ada.fill("Code", phone.code(example.now()));
  await ada.press("Verify");
  const codes = await ada.page.locator(".codes code").allTextContents();
  await ada.press("Done");
  example.advance(30);
  return { phone, codes };
}

/** Adds an app in the settings of somebody whose sign-in was just now. */
async function addApp(ada: Person, { example }: World, label = "Add an app") {
  example.advance(30);
  await ada.page.getByText(label).click();
  await ada.fill("Name", "Phone");
  await ada.press("Add it");
  const phone = await ada.scan();
  await ada.fill("Code", phone.code(example.now()));
  await ada.press("Verify");
  await ada.sees("Your other authenticator works, too.");
  example.advance(30);
  return phone;
}

async function signInAgain(ada: Person): Promise<void> {
  await ada.signOut();
  await ada.signIn();
  await ada.sees("Signing in as");
}

/** Where the sign-in asks for a passkey. */
async function useBackupCode(ada: Person, code = ""): Promise<void> {
  await ada.page.getByText("Use one of your backup codes").click();
  await ada.fill("Code", code);
  await ada.press("Sign in");
}

/** The names of what the settings list, and what they say of it. */
const rows = (ada: Person) => ada.page.locator(".rows > li > div").allInnerTexts();

inBrowser("larkmoor", {
  "a passkey turns it on, signs in, has a name of its own, and the list says when it was used": async (
    world,
  ) => {
    const ada = await world.person("ada@example.org");
    await ada.signUp();
    const { key, codes } = await turnOn(ada);
    assert.equal(codes.length, 10);
    assert.equal(await key.count(), 1);
    await signInAgain(ada);
    await ada.press("Sign in with your passkey");
    await ada.badge("On");
    await ada.page.getByText("Rename").click();
    await ada.fill("New name", "Ada’s laptop");
    await ada.press("Save the name");
    await ada.sees("The name is changed.");
    await ada.sees("Passkey accepted (Chrome on Linux)");
    assert.match((await rows(ada))[1] ?? "", /^Ada’s laptop Passkey Synced\s+Added .*\. Last used /);
  },

  "what the browser refuses is said in words, and so is a passkey that signed something else": async (
    world,
  ) => {
    const ada = await world.person("ada@example.org");
    await ada.signUp();
    const { key } = await turnOn(ada);
    await signInAgain(ada);
    await ada.press("Sign in with your passkey");
    await ada.press("Add a passkey");
    await ada.press("Create a passkey");
    await ada.sees("There is a passkey for your account on this device already.");
    await ada.press("Cancel");
    await signInAgain(ada);
    await key.agrees(false);
    await ada.press("Sign in with your passkey");
    await ada.sees("No passkey was used");
    await key.agrees(true);
    for (let i = 0; i < 5; i++) {
      await ada.page.locator("[data-passkey]").evaluate((button: HTMLElement) => {
        const { get } = JSON.parse(button.dataset["passkey"] ?? "");
        button.dataset["passkey"] = JSON.stringify({ get: { ...get, challenge: "c29tZXRoaW5nIGVsc2U" } });
      });
      await Promise.all([ada.page.waitForNavigation(), ada.press("Sign in with your passkey")]);
      await ada.sees("That passkey was not accepted.");
    }
    await ada.sees("You can try again in 30 seconds.");
    const elsewhere = await world.person("ada@example.org");
    await elsewhere.signIn();
    await elsewhere.sees("On this device, passkeys are refused for");
    await ada.signIn();
    await ada.press("Sign in with your passkey");
    await ada.badge("On");
  },

  "a phone is replaced by a passkey, and that by a phone again": async (world) => {
    const ada = await world.person("ada@example.org");
    await ada.signUp();
    const { phone: old } = await turnOnWithApp(ada, world);
    const key = await plugIn(ada);
    world.example.advance(601); // the proof is old
    await ada.press("Add a passkey");
    await ada.sees("This is needed to add a passkey.");
    await ada.fill("Password", PASSWORD);
    await ada.fill("Code", old.code(world.example.now()));
    await ada.press("Confirm");
    await ada.press("Create a passkey");
    await ada.sees("Your new passkey works.");
    await ada.picture("larkmoor-settings");
    await signInAgain(ada);
    await ada.picture("larkmoor-sign-in");
    await ada.press("Sign in with your passkey");
    await ada.press("Remove Authenticator app");
    await ada.press("Remove");
    await ada.sees("its codes are not accepted any more.");
    await signInAgain(ada);
    await ada.press("Sign in with your passkey");
    const phone = await addApp(ada, world);
    world.example.advance(601);
    await ada.press("Remove Chrome on Linux");
    await ada.fill("Password", PASSWORD);
    await ada.press("Remove with a passkey");
    await ada.sees("Chrome on Linux is removed: it is not accepted any more.");
    assert.equal(await key.count(), 1, "the browser does not know");
    await signInAgain(ada);
    await ada.seesNot("Use your passkey");
    await ada.fill("Code", phone.code(world.example.now()));
    await ada.press("Sign in");
    await ada.badge("On");
  },

  "the last factor is turned off with the password and the passkey; then one is enough": async (world) => {
    const ada = await world.person("ada@example.org");
    await ada.signUp();
    await turnOn(ada);
    assert.equal(await ada.page.getByText("Remove").count(), 0);
    world.example.advance(601);
    await ada.press("Turn off");
    assert.equal(await ada.page.locator("#code").count(), 0, "there is no code that would do");
    await ada.fill("Password", PASSWORD);
    await ada.page.keyboard.press("Enter");
    await ada.sees("Two-factor authentication is off.");
    await ada.signOut();
    await ada.signIn();
    await ada.badge("Off");
  },

  "a lost passkey: a backup code signs in, a new one is added, and the lost one removed": async (world) => {
    const ada = await world.person("ada@example.org");
    await ada.signUp();
    const { codes } = await turnOn(ada);
    const elsewhere = await world.person("ada@example.org");
    await elsewhere.signIn();
    await useBackupCode(elsewhere, "00000000");
    await elsewhere.sees("That code is not right");
    await elsewhere.fill("Code", codes[0] ?? "");
    await elsewhere.press("Sign in");
    await elsewhere.sees("9 of them are left.");
    await plugIn(elsewhere, "usb");
    await elsewhere.press("Add a passkey");
    await elsewhere.press("Create a passkey");
    await elsewhere.sees("Your new passkey works.");
    await elsewhere.page
      .getByRole("link", { name: /^Remove/ })
      .first()
      .click();
    await elsewhere.fill("Password", PASSWORD);
    await elsewhere.press("Remove");
    await elsewhere.sees("it is not accepted any more.");
    await signInAgain(elsewhere);
    await elsewhere.press("Sign in with your passkey");
    await elsewhere.badge("On");
    await ada.open("/settings");
    assert.equal(ada.path(), "/sign-in", "other sessions end");
  },

  "a policy of passkeys: the code of an app leads to a passkey first, and only then in": async (world) => {
    const owner = await world.person("owner@example.org");
    const bob = await world.person("bob@example.org");
    await owner.signUp();
    const { codes: ownCodes } = await turnOn(owner);
    const elsewhere = await world.person("owner@example.org");
    await elsewhere.signIn();
    await useBackupCode(elsewhere, ownCodes[0]);
    await elsewhere.press("To the settings");
    await bob.signUp();
    const { phone, codes } = await turnOnWithApp(bob, world);
    await owner.press("Members");
    await owner.fill("Password", PASSWORD);
    await owner.press("Confirm with a passkey");
    await owner.sees("1 of 2 members use it.");
    await owner.press("Require a passkey for all users");
    await owner.sees("A passkey is now required.");
    assert.ok(world.example.mails.includes("bob@example.org: Larkmoor now requires a passkey"));
    for (const without of [elsewhere, bob]) {
      await without.open("/settings");
      await without.page.getByText("Larkmoor now requires a passkey. Sign in").waitFor();
    }
    await bob.signIn();
    await bob.fill("Code", phone.code(world.example.now()));
    await bob.press("Sign in");
    await bob.sees("Larkmoor requires a passkey of everybody.");
    await bob.open("/settings");
    assert.equal(bob.path(), "/sign-in", "is not in yet");
    await bob.open("/two-factor/passkeys/new");
    await plugIn(bob);
    await bob.press("Create a passkey");
    await bob.sees("Your new passkey works.");
    await bob.seesNot("Turn off");
    assert.equal(await bob.page.getByRole("link", { name: "Remove Chrome on Linux" }).count(), 0);
    await addApp(bob, world, "Add another");
    await bob.badge("On");
    await signInAgain(bob);
    await useBackupCode(bob, phone.code(world.example.now()));
    await bob.sees("A code is not possible here. Please use your passkey.");
    await useBackupCode(bob, codes[0]);
    await bob.sees("Larkmoor requires a passkey of everybody.");
    await bob.press("Cancel");
    assert.equal(bob.path(), "/sign-in", "a backup code is the way to a new passkey, and not in");
  },

  "without JavaScript no button asks for a passkey, and the app and the backup codes do": async (world) => {
    const ada = await world.person("ada@example.org", WITHOUT_SCRIPT);
    const buttons = ada.page.locator("[data-passkey], [data-with-passkeys]");
    const hidden = async () => {
      assert.notEqual(await buttons.count(), 0);
      for (const button of await buttons.all()) assert.equal(await button.isVisible(), false);
      await ada.sees("Passkeys need JavaScript");
    };
    const withScripts = await world.person("ada@example.org");
    await withScripts.signUp();
    const { codes } = await turnOn(withScripts);
    await ada.signIn();
    await hidden();
    await useBackupCode(ada, codes[0]);
    await hidden();
    await ada.press("To the settings");
    await hidden();
    const phone = await addApp(ada, world);
    await signInAgain(ada);
    await hidden();
    await ada.fill("Code", phone.code(world.example.now()));
    await ada.press("Sign in");
    await ada.badge("On");
  },
});
