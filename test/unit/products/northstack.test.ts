import assert from "node:assert/strict";
import { test } from "node:test";
import { parseKeyUri } from "../../../src/otp/key-uri.ts";
import { qrSvg } from "../../../src/qr.ts";
import { enabled, PASSWORD, signedUp as signedUpAt, signIn, USER } from "./scene.ts";

const PHONE = "+49 170 1234567";
const signedUp = () => signedUpAt("northstack");

test("seed N1: the settings show the section without a secret, before and after", async () => {
  const { host, browser, phone } = await signedUp();
  assert.equal((await browser.status()).state, "none");
  const start = await browser.enable();
  assert.ok(start.ok);
  assert.equal((await browser.status()).state, "pending");
  phone.scan(start.keyUri);
  assert.ok((await browser.confirm(phone.code())).ok);
  const status = await browser.status();
  assert.deepEqual([status.state, status.enrolledAt], ["active", host.clock()]);
  assert.ok(!JSON.stringify(status).includes(start.secret));
});

test("seed N2: the account in the app is the phone number, or any other that the host chooses", async () => {
  const { browser } = await signedUp();
  const start = await browser.enable({}, { accountName: PHONE });
  assert.ok(start.ok);
  assert.equal(parseKeyUri(start.keyUri).accountName, PHONE);
  assert.ok(start.keyUri.includes("NorthStack:%2B49%20170%201234567?"));
  const corrected = await browser.enable({}, { accountName: "tel:+49 171 7654321" });
  assert.ok(corrected.ok);
  assert.equal(corrected.secret, start.secret, "correcting the number needs no new key");
  assert.equal(parseKeyUri(corrected.keyUri).accountName, "tel +49 171 7654321");
});

test("seed N3: the QR code is drawn here, and is a picture and nothing else", async () => {
  const { browser } = await signedUp();
  const start = await browser.enable({}, { accountName: PHONE });
  assert.ok(start.ok);
  const svg = qrSvg(start.keyUri);
  assert.match(svg, /^<svg /);
  assert.ok(!/<script|href|https?:(?!\/\/www\.w3\.org)|on\w+=/i.test(svg));
  assert.ok(!svg.includes(start.secret));
});

test("seed N4: the defaults are the ones that Authy and Google Authenticator compute", async () => {
  const { browser } = await signedUp();
  const start = await browser.enable();
  assert.ok(start.ok);
  const { algorithm, digits, period, secret } = parseKeyUri(start.keyUri);
  assert.deepEqual([algorithm, digits, period, secret.length], ["SHA1", 6, 30, 32]);
});

test("seed N5: the first code secures the account at once, and does not work for a sign-in", async () => {
  const { host, browser, phone } = await signedUp();
  const start = await browser.enable();
  assert.ok(start.ok);
  phone.scan(start.keyUri);
  const code = phone.code();
  const confirmed = await browser.confirm(code);
  assert.ok(confirmed.ok && confirmed.active);
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "code");
  const again = await browser.enterCode(code);
  assert.ok(!again.ok && again.reason === "already_used");
  assert.match(again.message, /wait for the next/);
  host.clock.advance(30);
  assert.ok((await browser.enterCode(phone.code())).ok);
  assert.deepEqual(browser.user()?.assurance.amr, ["pwd", "otp", "mfa"]);
});

test("seed N6: enabling asks for no password; changing it asks for a code", async () => {
  const { host, browser, phone } = await enabled("northstack");
  await signIn(browser, phone.code());
  host.clock.advance(600); // the sign-in has vouched for whoever sits here until now
  const moved = await browser.enable({}, { replace: true });
  assert.ok(!moved.ok && moved.reason === "reauthenticate");
  assert.ok((await browser.enable({ code: phone.code() }, { replace: true })).ok);
  const stolen = host.browser("somebody else's");
  assert.equal(await stolen.signIn(USER, PASSWORD), "code", "the password alone gets nobody to the settings");
});

test("seed N7: there are no backup codes anywhere", async () => {
  const { browser, codes } = await enabled("northstack");
  assert.deepEqual(codes, []);
  assert.equal((await browser.status()).backupCodes, null);
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  const attempt = await browser.enterCode("12345678");
  assert.ok(!attempt.ok && attempt.reason === "invalid_code");
});
