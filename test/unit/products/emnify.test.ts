import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase32 } from "../../../src/otp/base32.ts";
import { virtualAuthenticator } from "../../../src/testing/index.ts";
import { enable, enabled as enabledAt, PASSWORD, signedUp as signedUpAt, USER } from "./scene.ts";

const DAY = 86_400;
const signedUp = () => signedUpAt("emnify");
const enabled = () => enabledAt("emnify");

test("seed E1: the password comes before the QR code, and a wrong one is counted", async () => {
  const { host, browser } = await signedUp();
  const without = await browser.enable();
  assert.ok(!without.ok && without.reason === "reauthenticate");
  for (let i = 0; i < 5; i++) {
    const wrong = await browser.enable({ password: `guess ${i}` });
    assert.ok(!wrong.ok && wrong.reason === "invalid_password");
    assert.deepEqual(Object.keys(wrong).sort(), ["message", "ok", "reason", "retryAt"]);
  }
  const locked = await browser.enable({ password: PASSWORD });
  assert.ok(!locked.ok && locked.reason === "locked" && (locked.retryAt ?? 0) > host.clock());
  assert.equal((await browser.status()).state, "none");
  host.clock.advance(30);
  assert.ok((await browser.enable({ password: PASSWORD })).ok);
});

test("seed E2: the raw key can be copied, and is the one in the QR code", async () => {
  const { browser } = await signedUp();
  const start = await browser.enable({ password: PASSWORD });
  assert.ok(start.ok);
  assert.match(start.secret, /^[A-Z2-7]{32}$/);
  assert.equal(start.manualEntryKey.replaceAll(" ", ""), start.secret);
  assert.ok(start.keyUri.includes(`secret=${start.secret}`));
  assert.equal(decodeBase32(start.manualEntryKey).length, 20);
});

test("seed E3: the token that the app shows then enables it", async () => {
  const { browser } = await enabled();
  assert.equal((await browser.status()).state, "active");
});

test("seed E4: a trusted device is not asked, another one is, and trust can be taken back", async () => {
  const { host, browser, phone } = await enabled();
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "code");
  assert.ok((await browser.enterCode(phone.code(), { trust: true })).ok);
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "done");
  assert.equal(browser.user()?.assurance.aal, 1, "and it is not called a second factor");
  const other = host.browser("Safari on a borrowed Mac");
  assert.equal(await other.signIn(USER, PASSWORD), "code");

  const trusted = (await browser.devices()).find(({ trustedUntilAt }) => trustedUntilAt !== null);
  assert.equal(trusted?.label, "Firefox on Linux");
  assert.ok((await browser.forget(trusted?.id ?? "")).ok);
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "code");
});

test("seed E4: trust lasts thirty days, and not a day longer for being used daily", async () => {
  const { host, browser, phone } = await enabled();
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok((await browser.enterCode(phone.code(), { trust: true })).ok);
  for (let day = 1; day <= 30; day++) {
    browser.signOut();
    host.clock.advance(DAY);
    assert.equal(await browser.signIn(USER, PASSWORD), day < 30 ? "done" : "code", `day ${day}`);
  }
});

test("seed E5: disabling asks for nothing here, because the product says so", async () => {
  const { browser } = await enabled();
  const disabled = await browser.disable();
  assert.ok(disabled.ok && !disabled.mustEnroll);
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "done");
});

test("seed E6: it can be enabled again at any time, and nothing of the old one is left", async () => {
  const scene = await enabled();
  const { host, browser, phone } = scene;
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok((await browser.enterCode(phone.code(), { trust: true })).ok);
  assert.ok((await browser.disable()).ok);
  const newPhone = virtualAuthenticator({ clock: host.clock });
  const { secret } = await enable({ host, browser, phone: newPhone });
  assert.notEqual(secret, scene.secret);
  const stranger = host.browser("a browser of before");
  assert.equal(await stranger.signIn(USER, PASSWORD), "code");
  const old = await stranger.enterCode(phone.code());
  assert.ok(!old.ok && old.reason === "invalid_code");
  assert.ok((await stranger.enterCode(newPhone.code())).ok);
  const labels = (await browser.devices()).map(({ label }) => label);
  assert.deepEqual(labels, ["Firefox on Linux", "a browser of before"]);
  assert.ok((await browser.devices()).every(({ trustedUntilAt }) => trustedUntilAt === null));
});
