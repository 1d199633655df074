import assert from "node:assert/strict";
import { test } from "node:test";
import { parseKeyUri } from "../../../src/otp/key-uri.ts";
import { virtualAuthenticator } from "../../../src/testing/index.ts";
import { createHost } from "../../support/host.ts";
import { enabled as enabledAt, PASSWORD, signIn, USER } from "./scene.ts";

const enabled = () => enabledAt("cloudmc");

test("seed C1: user name and password, then the token", async () => {
  const { host, phone } = await enabled();
  const other = host.browser("another");
  assert.equal(await other.signIn(USER, "wrong"), "wrong password");
  assert.equal(await other.signIn(USER, PASSWORD), "code");
  assert.equal(other.user(), null);
  assert.ok((await other.enterCode(phone.code())).ok);
  assert.equal(other.user()?.id, USER);
});

test("seed C2: password, QR code, token, and then the list of backup codes, shown once", async () => {
  const { browser, codes } = await enabled();
  assert.equal(codes.length, 10);
  const status = await browser.status();
  assert.deepEqual([status.state, status.backupCodes?.active], ["active", 10]);
  assert.ok(codes.every((code) => !JSON.stringify(status).includes(code)));
});

test("seed C3: with the phone lost, a backup code signs in and a new phone takes over", async () => {
  const { host, browser, phone, codes } = await enabled();
  phone.lose();
  await signIn(browser, codes[0] ?? "");
  const next = virtualAuthenticator({ clock: host.clock });
  const start = await browser.enable({ password: PASSWORD }, { replace: true });
  assert.ok(start.ok);
  assert.equal((await browser.status()).replacing, "pending");
  await signIn(host.browser("meanwhile"), codes[1] ?? ""); // the old codes go on working until then
  next.scan(start.keyUri);
  const confirmed = await browser.confirm(next.code());
  assert.ok(confirmed.ok && confirmed.active && confirmed.codes.length === 10);
  assert.ok(confirmed.codes.every((code) => !codes.includes(code)));
  host.clock.advance(30);
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok(!(await browser.enterCode(codes[2] ?? "")).ok, "the old list is dead");
  await signIn(browser, next.code());
});

test("seed C4: one password opens the page for both operations, for ten minutes", async () => {
  const { host, browser, phone } = await enabled();
  await signIn(browser, phone.code());
  assert.ok((await browser.manage({ password: PASSWORD })).ok);
  host.clock.advance(590);
  assert.ok((await browser.regenerate()).ok);
  assert.ok((await browser.disable()).ok);
});

test("seed C4: after that the page asks again", async () => {
  const { host, browser, phone } = await enabled();
  await signIn(browser, phone.code());
  assert.ok((await browser.manage({ password: PASSWORD })).ok);
  host.clock.advance(600);
  const late = await browser.disable();
  assert.ok(!late.ok && late.reason === "reauthenticate");
  assert.match(late.message, /confirm that it is you/);
});

test("seed C4: a session alone opens nothing", async () => {
  const { browser } = await enabled();
  for (const reply of [await browser.regenerate({}), await browser.disable({})]) {
    assert.ok(!reply.ok && reply.reason === "reauthenticate");
  }
});

test("seed C5: new codes replace lost ones, and the old list ends in the same write", async () => {
  const { browser, phone, codes } = await enabled();
  await signIn(browser, phone.code());
  await browser.manage({ password: PASSWORD });
  const made = await browser.regenerate();
  assert.ok(made.ok && made.codes.length === 10);
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok(!(await browser.enterCode(codes[0] ?? "")).ok);
  assert.ok((await browser.enterCode(made.codes[0] ?? "")).ok);
});

test("seed C5: of two tabs that regenerate at once, one shows codes and the other says so", async () => {
  const { browser } = await enabled();
  await browser.manage({ password: PASSWORD });
  const replies = await Promise.all([browser.regenerate(), browser.regenerate()]);
  const [shown, ...others] = replies.filter(({ ok }) => ok);
  assert.ok(shown?.ok && others.length === 0);
  assert.deepEqual(
    replies.flatMap((reply) => (reply.ok ? [] : [reply.reason])),
    ["busy"],
  );
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok((await browser.enterCode(shown.codes[0] ?? "")).ok);
});

test("seed C6: after disabling, user name and password are all that is asked for", async () => {
  const { browser } = await enabled();
  await browser.manage({ password: PASSWORD });
  assert.ok((await browser.disable()).ok);
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "done");
  assert.deepEqual(browser.user()?.assurance.amr, ["pwd"]);
});

test("seed C7: the key URI has the one form that every app reads", async () => {
  const host = createHost("cloudmc", { issuer: "Cloud MC & Co" });
  const user = "ada@example.com";
  host.signUp(user, PASSWORD);
  const browser = host.browser();
  await browser.signIn(user, PASSWORD);
  const start = await browser.enable({ password: PASSWORD });
  assert.ok(start.ok);
  const label = "Cloud%20MC%20%26%20Co:ada%40example.com";
  assert.equal(start.keyUri, `otpauth://totp/${label}?secret=${start.secret}&issuer=Cloud%20MC%20%26%20Co`);
  assert.equal(parseKeyUri(start.keyUri).issuer, "Cloud MC & Co");
});
