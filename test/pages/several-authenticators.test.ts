// SparkPost, where nobody can reset a lost factor: another authenticator, and what a person does with two of them.
import assert from "node:assert/strict";
import { inBrowser, PASSWORD, type Person, type World } from "./support/browser.ts";

type Phone = Awaited<ReturnType<Person["scan"]>>;

async function withTwo(ada: Person, example: World["example"]): Promise<{ phone: Phone; tablet: Phone }> {
  await ada.signUp();
  await ada.press("Enable 2FA");
  const phone = await ada.scan();
  await confirmWith(ada, example, phone);
  await ada.sees("Two-factor authentication is on.");
  await ada.page.getByText("Add another").click();
  await ada.fill("Name", "Tablet");
  await ada.press("Add it");
  await prove(ada, example, phone);
  const tablet = await ada.scan();
  assert.match(tablet.label, /Tablet/, "a name of its own in the app");
  await ada.sees(tablet.label);
  await confirmWith(ada, example, tablet);
  await ada.sees("Your other authenticator works, too.");
  return { phone, tablet };
}

async function confirmWith(ada: Person, example: World["example"], phone: Phone): Promise<void> {
  await ada.fill("2FA passcode", phone.code(example.now()));
  await ada.press("Enable 2FA");
  example.advance(30);
}

async function prove(ada: Person, example: World["example"], phone: Phone): Promise<void> {
  await ada.fill("Password", PASSWORD);
  await ada.fill("2FA passcode", phone.code(example.now()));
  await ada.press("Confirm");
}

async function signInWith(ada: Person, example: World["example"], phone: Phone): Promise<void> {
  await ada.signOut();
  await ada.signIn();
  await ada.fill("2FA passcode", phone.code(example.now()));
  await ada.press("Sign in");
  example.advance(30);
}

inBrowser("sparkpost", {
  "either of two authenticators signs in, and the list says which was used and when": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    const { phone, tablet } = await withTwo(ada, example);
    await signInWith(ada, example, phone);
    assert.equal(ada.path(), "/settings");
    await signInWith(ada, example, tablet);
    assert.equal(ada.path(), "/settings");
    await ada.page.getByText("Rename Authenticator app").click();
    await ada.fill("New name Authenticator app", "Phone");
    await ada.page.getByRole("button", { name: "Save the name" }).first().click();
    await ada.sees("The name is changed.");
    await ada.picture("sparkpost-authenticators");
    const rows = await ada.page.locator(".rows > li > div").allInnerTexts();
    assert.match(rows[0] ?? "", /^Phone\s+Added .*\. Last used /);
    assert.match(rows[1] ?? "", /^Tablet\s+Added .*\. Last used /);
  },

  "removing one of two takes the proof, and leaves the other one working": async ({ example, person }) => {
    const ada = await person("ada@example.org");
    const { phone, tablet } = await withTwo(ada, example);
    await signInWith(ada, example, tablet);
    const elsewhere = await person("ada@example.org");
    await elsewhere.signIn();
    await elsewhere.fill("2FA passcode", tablet.code(example.now()));
    await elsewhere.press("Sign in");
    assert.equal(elsewhere.path(), "/settings");
    example.advance(601); // the sign-in's proof is old
    await ada.press("Remove Authenticator app");
    await ada.fill("Password", "not the password");
    await ada.fill("2FA passcode", tablet.code(example.now()));
    await ada.press("Remove");
    await ada.sees("That password is not right");
    await ada.fill("Password", PASSWORD);
    await ada.fill("2FA passcode", tablet.code(example.now()));
    await ada.press("Remove");
    await ada.sees("Authenticator app is removed: its codes are not accepted any more.");
    assert.equal(
      await ada.page.getByText("Remove", { exact: true }).count(),
      0,
      "the last one is turned off",
    );
    await elsewhere.open("/settings");
    assert.equal(elsewhere.path(), "/sign-in", "other sessions end");
    example.advance(30);
    await signInWith(ada, example, phone);
    await ada.sees("That code is not right");
    await ada.fill("2FA passcode", tablet.code(example.now()));
    await ada.press("Sign in");
    assert.equal(ada.path(), "/settings");
  },

  "replacing one of two by its id leaves the other one, and the last one is turned off": async ({
    example,
    person,
  }) => {
    const ada = await person("ada@example.org");
    const { phone, tablet } = await withTwo(ada, example);
    await ada.press("Replace Tablet");
    await prove(ada, example, phone);
    const next = await ada.scan();
    await confirmWith(ada, example, next);
    await ada.sees("Your new authenticator works. The old one does not any more.");
    await signInWith(ada, example, phone);
    assert.equal(ada.path(), "/settings");
    await signInWith(ada, example, tablet);
    await ada.sees("That code is not right");
    await ada.fill("2FA passcode", next.code(example.now()));
    await ada.press("Sign in");
    const last = await ada.page
      .getByRole("link", { name: /^Remove/ })
      .last()
      .getAttribute("href");
    await ada.press("Remove Authenticator app"); // the sign-in of just now is the proof
    await ada.press("Remove");
    await ada.sees("Authenticator app is removed");
    await ada.page.goto(example.origin + last);
    assert.equal(ada.path(), "/two-factor/turn-off", "the last one is turned off");
    await ada.fill("Password", PASSWORD);
    await ada.press("Disable 2FA");
    await ada.sees("Two-factor authentication is off.");
  },
});
