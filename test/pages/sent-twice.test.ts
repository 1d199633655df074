// A form that is sent twice, and the way back from the codes: nobody is signed out, and the codes that are shown work.
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import { account, codesOn, password, signUp, toTheCodes, turnOn } from "./support/account.ts";
import { inBrowser, PASSWORD, type Person, type World } from "./support/browser.ts";
import { type Example, startExample } from "./support/example.ts";
import type { authenticator } from "./support/scan.ts";
import { type Visitor, visitor } from "./support/visitor.ts";

type Phone = ReturnType<typeof authenticator>;

/** Presses a button twice: the second form is sent while the first one still waits for its record. */
async function pressTwice({ example: { database } }: World, { page }: Person, name: string): Promise<void> {
  const { secondFactors } = database;
  const { get } = secondFactors;
  const events = new EventEmitter();
  const [reached, released] = [once(events, "reached"), once(events, "released")];
  secondFactors.get = async (userId) => {
    events.emit("reached");
    await released;
    return get.call(secondFactors, userId);
  };
  const button = page.getByRole("button", { name, exact: true });
  await button.scrollIntoViewIfNeeded();
  const { x = 0, y = 0 } = (await button.boundingBox()) ?? {};
  await page.mouse.click(x + 5, y + 5);
  await reached;
  const second = page.waitForRequest((request) => request.method() === "POST");
  await page.mouse.click(x + 5, y + 5);
  await second;
  secondFactors.get = get;
  events.emit("released");
}

/** Presses a button in two tabs, one after the other; the second form goes out with the cookies of before or of after. */
async function pressInBoth(
  first: Page,
  second: Page,
  name: string,
  cookies: "old cookies" | "new cookies",
): Promise<void> {
  const context = first.context();
  const before = await context.cookies();
  await first.getByRole("button", { name, exact: true }).click();
  await first.waitForLoadState();
  if (cookies === "old cookies") {
    await context.clearCookies();
    await context.addCookies(before);
  }
  await second.getByRole("button", { name, exact: true }).click();
  await second.waitForLoadState();
}

/** Another tab on the page that this one shows. */
async function sameInTab({ page }: Person, path = page.url()): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(path);
  return tab;
}

async function codesIn(page: Page): Promise<string[]> {
  await page.locator(".codes li").first().waitFor();
  return (await page.locator(".codes li").allTextContents()).map((code) => code.trim());
}

async function isIn(ada: Person): Promise<void> {
  await ada.open("/settings");
  assert.equal(ada.path(), "/settings", "is signed in");
  await ada.badge("On");
}

/** Signs out, and in again with one of these codes. */
async function letsIn(ada: Person, [code = ""]: readonly string[]): Promise<void> {
  await ada.signOut();
  await ada.signIn();
  await ada.page.locator("#code").fill(code);
  await ada.press("Sign in");
  await ada.page.waitForURL(/lost-phone$/);
}

/** As far as the first code, which is typed and not yet sent. */
async function scanned(world: World, ada: Person, turnOnLabel: string): Promise<Phone> {
  await ada.signUp();
  await ada.press(turnOnLabel);
  if (ada.path() === "/confirm") {
    await ada.fill("Password", PASSWORD);
    await ada.press("Confirm");
  }
  const phone = await ada.scan();
  await ada.page.locator("#code").fill(phone.code(world.example.now()));
  return phone;
}

async function codesLeft({ database, twoFactor }: Example, email: string): Promise<number | undefined> {
  const [row] = await database.query("SELECT id FROM users WHERE email = $1", [email]);
  return (await twoFactor.status(String(row?.["id"]))).backupCodes?.active;
}

const CLOUDMC = "Enable two-factor authentication (2FA)";
const SAVED = "I have saved my recovery codes";

/** At the code of a sign-in, with one of the backup codes typed. */
async function atTheCode(world: World, ada: Person): Promise<{ codes: string[]; phone: Phone }> {
  const phone = await scanned(world, ada, CLOUDMC);
  await ada.press("Enable");
  const codes = await codesIn(ada.page);
  world.example.advance(30);
  await ada.press("Done");
  await ada.signOut();
  await ada.signIn();
  await ada.page.locator("#code").fill(codes[0] ?? "");
  return { codes, phone };
}

inBrowser("cloudmc", {
  "R3 a backup code that is sent twice signs in, and one is spent": async (world) => {
    const ada = await world.person("ada@example.org");
    await atTheCode(world, ada);
    await pressTwice(world, ada, "Sign in");
    await ada.sees("You signed in with one of your backup codes");
    await isIn(ada);
    assert.equal(await codesLeft(world.example, ada.email), 9);
  },
  "R3 a first code that is sent twice shows codes that work, and nobody is signed out": async (world) => {
    const ada = await world.person("ada@example.org");
    await scanned(world, ada, CLOUDMC);
    await pressTwice(world, ada, "Enable");
    const codes = await codesIn(ada.page);
    await isIn(ada);
    await letsIn(ada, codes);
  },
  ...forBoth("R3 a code from a second tab signs in, too, and one is spent", async (world, cookies) => {
    const ada = await world.person("ada@example.org");
    const { codes } = await atTheCode(world, ada);
    const tab = await sameInTab(ada);
    await tab.locator("#code").fill(codes[0] ?? "");
    await pressInBoth(ada.page, tab, "Sign in", cookies);
    assert.match(tab.url(), /lost-phone$/);
    await isIn(ada);
    assert.equal(await codesLeft(world.example, ada.email), 9);
  }),
  ...forBoth("R3 a first code from a second tab shows the same codes", async (world, cookies) => {
    const ada = await world.person("ada@example.org");
    const phone = await scanned(world, ada, CLOUDMC);
    const tab = await sameInTab(ada, `${world.example.origin}/cloudmc/two-factor/scan`);
    await tab.locator("#code").fill(phone.code(world.example.now()));
    await pressInBoth(ada.page, tab, "Enable", cookies);
    const codes = await codesIn(tab);
    assert.deepEqual(codes, await codesIn(ada.page));
    await isIn(ada);
    await letsIn(ada, codes);
  }),
});

inBrowser("sparkpost", {
  "R3 codes that are made twice are seen, or the page says that they are there": async (world) => {
    const ada = await world.person("ada@example.org");
    await scanned(world, ada, "Enable 2FA");
    await ada.press("Enable 2FA");
    await ada.press("Generate backup codes");
    await ada.fill("Password", PASSWORD);
    await pressTwice(world, ada, "Generate");
    await ada.sees(/Save them now|were made a moment ago|if you have not saved yours/); // as the two forms met
    if (ada.path() === "/two-factor/codes" && (await ada.page.getByLabel("Password").count()) > 0) {
      await ada.fill("Password", PASSWORD);
      await ada.press("Generate");
      assert.equal((await codesIn(ada.page)).length, 10);
    }
    assert.equal(await codesLeft(world.example, ada.email), 10);
  },
});

inBrowser("bytebase", {
  "R3 new codes that are said to be saved twice work, and nothing else is said": async (world) => {
    const ada = await world.person("ada@example.org");
    await scanned(world, ada, "Turn on");
    await ada.press("Verify");
    await ada.press(SAVED);
    await ada.press("Regenerate recovery codes");
    const codes = await codesIn(ada.page);
    await pressTwice(world, ada, SAVED);
    await ada.sees("Your new recovery codes work.");
    await letsIn(ada, codes);
  },
  "R3 an acknowledgement that is sent twice is taken, and nobody is signed out": async (world) => {
    const ada = await world.person("ada@example.org");
    await scanned(world, ada, "Turn on");
    await pressTwice(world, ada, "Verify");
    const codes = await codesIn(ada.page);
    await pressTwice(world, ada, SAVED);
    await ada.sees("Two-factor authentication is on.");
    await isIn(ada);
    await letsIn(ada, codes);
  },
  ...forBoth("R3 an acknowledgement from a second tab is taken, too", async (world, cookies) => {
    const ada = await world.person("ada@example.org");
    await scanned(world, ada, "Turn on");
    await ada.press("Verify");
    const codes = await codesIn(ada.page);
    const tab = await sameInTab(ada, `${world.example.origin}/bytebase/two-factor/scan`);
    await pressInBoth(ada.page, tab, SAVED, cookies);
    await isIn(ada);
    await letsIn(ada, codes);
  }),
  "R2 a reload of the codes shows them again, and later asks for the next code": async (world) => {
    const ada = await world.person("ada@example.org");
    const phone = await scanned(world, ada, "Turn on");
    await ada.press("Verify");
    const codes = await codesIn(ada.page);
    await ada.page.reload();
    assert.deepEqual(await codesIn(ada.page), codes);
    world.example.advance(60);
    await ada.page.reload();
    await ada.sees("there is nothing to scan any more");
    assert.equal(await ada.page.locator(".qr").count(), 0);
    await ada.page.locator("#code").fill(phone.code(world.example.now()));
    await ada.press("Show new recovery codes");
    const fresh = await codesIn(ada.page);
    assert.notDeepEqual(fresh, codes);
    await ada.press(SAVED);
    await ada.badge("On");
    await letsIn(ada, fresh);
  },
  "R2 Back from the codes keeps the scanned entry, and the codes that were saved": async (world) => {
    const ada = await world.person("ada@example.org");
    await scanned(world, ada, "Turn on");
    await ada.press("Verify");
    const codes = await codesIn(ada.page);
    await ada.page.goBack();
    await ada.sees("there is nothing to scan any more");
    assert.equal(await ada.page.locator(".qr, #key").count(), 0);
    await ada.press(SAVED);
    await ada.badge("On");
    await letsIn(ada, codes);
  },
});

function forBoth(
  name: string,
  run: (world: World, cookies: "old cookies" | "new cookies") => Promise<void>,
): Record<string, (world: World) => Promise<void>> {
  const cases = ["old cookies", "new cookies"] as const;
  return Object.fromEntries(cases.map((cookies) => [`${name} (${cookies})`, (world) => run(world, cookies)]));
}

let example: Example;
beforeEach(async () => {
  example = await startExample();
});
afterEach(() => example.stop());

/** A browser that holds only what was sent before. */
function holding(path: string, cookies: readonly string[]): Visitor {
  const other = visitor(example.origin);
  for (const cookie of cookies) {
    const [name = "", value = ""] = cookie.split(/=(.*)/);
    other.plant(name, value, path);
  }
  return other;
}

const isSignedIn = async (one: Visitor) => (await one.get("/cloudmc/settings")).url === "/cloudmc/settings";

test("P2 a code that is sent again after the sign-out signs nobody in", async () => {
  const ada = await signUp(example, "cloudmc");
  const { phone } = await turnOn(example, ada);
  await ada.post(ada.at("/sign-out"));
  await ada.signIn();
  const late = holding("/cloudmc", ada.cookies("/cloudmc"));
  await late.get("/cloudmc/sign-in/code");
  const code = phone.code(example.now());
  await ada.post(ada.at("/sign-in/code"), { code });
  assert.equal(await ada.isIn(), true);
  assert.equal(await isSignedIn(late), false, "the old id is nobody's");
  await ada.post(ada.at("/sign-out"));
  await late.post("/cloudmc/sign-in/code", { code });
  assert.equal(await isSignedIn(late), false);
});

test("R3 the old id with another code signs nobody in, and the owner stays", async () => {
  const ada = await signUp(example, "cloudmc");
  const { phone, codes } = await turnOn(example, ada);
  await ada.post(ada.at("/sign-out"));
  await ada.signIn();
  const [late, later] = [
    holding("/cloudmc", ada.cookies("/cloudmc")),
    holding("/cloudmc", ada.cookies("/cloudmc")),
  ];
  for (const one of [late, later]) await one.get("/cloudmc/sign-in/code");
  const code = phone.code(example.now());
  await ada.post(ada.at("/sign-in/code"), { code });
  await late.post("/cloudmc/sign-in/code", { code: codes[0] ?? "" });
  assert.equal(await isSignedIn(late), false);
  example.advance(60);
  await later.post("/cloudmc/sign-in/code", { code });
  assert.equal(await isSignedIn(later), false, "a minute later");
  assert.equal(await ada.isIn(), true);
  assert.equal(await codesLeft(example, ada.email), 10);
});

test("P2 a first code that is sent again signs nobody in after all sessions were ended", async () => {
  const ada = await signUp(example, "cloudmc");
  await ada.post(ada.at("/two-factor/set-up"));
  await ada.post(ada.at("/confirm?to=enroll"), { password });
  const late = holding("/cloudmc", ada.cookies("/cloudmc"));
  await late.get("/cloudmc/two-factor/scan");
  const { phone } = await toTheCodes(example, ada);
  const elsewhere = account(example, "cloudmc");
  await elsewhere.signIn();
  await elsewhere.post(ada.at("/sign-in/code"), { code: phone.code(example.now()) });
  assert.equal(await elsewhere.isIn(), true);
  await elsewhere.post(ada.at("/sign-out-elsewhere"));
  const sent = { code: phone.code(example.now() - 30_000) };
  const seen = await late.post("/cloudmc/two-factor/scan", sent);
  assert.equal(codesOn(seen).length, 10, "the success is told again");
  assert.equal(await isSignedIn(late), false);
  assert.equal(await elsewhere.isIn(), true);
});
