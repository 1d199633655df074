import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBackupCodes } from "../../../src/backup-codes.ts";
import * as twinlock from "../../../src/index.ts";
import { secondsRemaining } from "../../../src/otp/totp.ts";
import { virtualAuthenticator } from "../../../src/testing/index.ts";
import { createHost } from "../../support/host.ts";
import { enable, enabled as enabledAt, PASSWORD, signedUp as signedUpAt, USER } from "./scene.ts";

const signedUp = () => signedUpAt("sparkpost");
const enabled = () => enabledAt("sparkpost");

test("seed P1: the key to type stands beside the QR code, in groups that can be read", async () => {
  const { browser } = await signedUp();
  const start = await browser.enable();
  assert.ok(start.ok);
  assert.match(start.manualEntryKey, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  assert.ok(start.keyUri.startsWith("otpauth://totp/SparkPost:ada?secret="));
});

test("seed P2: until the first code is entered, the sign-in asks for nothing", async () => {
  const { browser } = await signedUp();
  assert.ok((await browser.enable()).ok);
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "done");
});

test("seed P3: asking again shows the same key, and a wrong passcode keeps it", async () => {
  const { browser, phone } = await signedUp();
  const first = await browser.enable();
  assert.ok(first.ok);
  const wrong = await browser.confirm("12345");
  assert.ok(!wrong.ok && wrong.reason === "invalid_code");
  assert.deepEqual(await browser.enable(), first);
  phone.scan(first.keyUri);
  assert.ok((await browser.confirm(phone.code())).ok);
});

test("seed P4: nothing that this product imports can reset a lost factor", async () => {
  const { host, browser, phone } = await enabled();
  phone.lose();
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "code");
  await host.changePassword(USER, "another one");
  assert.equal(await browser.signIn(USER, "another one"), "code");
  assert.ok(!Object.keys(twinlock).some((name) => /admin|reset/i.test(name)));
});

test("seed P5: backup codes come later and only after the password", async () => {
  const { browser } = await enabled();
  assert.equal((await browser.status()).backupCodes, null);
  const without = await browser.regenerate();
  assert.ok(!without.ok && without.reason === "reauthenticate");
  const wrong = await browser.regenerate({ password: "guess" });
  assert.ok(!wrong.ok && wrong.reason === "invalid_password");
  const made = await browser.regenerate({ password: PASSWORD });
  assert.ok(made.ok && made.codes.length === 10);
});

test("seed P6: each is eight digits, leading zeros kept, and serves instead of the app's code", async () => {
  const { host, browser } = await enabled();
  const codes: string[] = [];
  for (let i = 0; i < 30; i++) {
    if (i % 5 === 0) host.clock.advance(86_400);
    const made = await browser.regenerate({ password: PASSWORD });
    assert.ok(made.ok);
    codes.push(...made.codes);
  }
  assert.ok(codes.every((code) => /^[0-9]{8}$/.test(code)));
  assert.ok(
    codes.some((code) => code.startsWith("0")),
    "three hundred codes, and none starts with a zero?",
  );
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  const reply = await browser.enterCode(codes.at(-1) ?? "");
  assert.ok(reply.ok && reply.method === "backup");
});

test("seed P7: how many are active and used is told before they are overwritten", async () => {
  const { host, browser } = await enabled();
  const made = await browser.regenerate({ password: PASSWORD });
  assert.ok(made.ok);
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok((await browser.enterCode(made.codes[0] ?? "")).ok);
  const { backupCodes } = await browser.status();
  assert.deepEqual(backupCodes, { total: 10, active: 9, used: 1, createdAt: host.clock() });
  assert.ok((await browser.regenerate({ password: PASSWORD })).ok);
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok(!(await browser.enterCode(made.codes[1] ?? "")).ok, "the old ones are overwritten");
});

test("seed P8: they expire only when they are used", async () => {
  const { host, browser } = await enabled();
  const made = await browser.regenerate({ password: PASSWORD });
  assert.ok(made.ok);
  browser.signOut();
  host.clock.advance(10 * 365 * 86_400);
  await browser.signIn(USER, PASSWORD);
  assert.ok((await browser.enterCode(made.codes[7] ?? "")).ok);
});

test("seed P9: they can be downloaded as a text file with room for the date of each use", async () => {
  const { host, browser } = await enabled();
  const made = await browser.regenerate({ password: PASSWORD });
  assert.ok(made.ok);
  const file = formatBackupCodes({
    issuer: "SparkPost",
    accountName: "ada@example.com\r\nSet-Cookie: x=1",
    codes: made.codes,
    createdAt: host.clock(),
  });
  assert.match(file.filename, /^[a-z0-9.-]+\.txt$/);
  for (const code of made.codes) {
    assert.match(
      file.text,
      new RegExp(`^ ?[0-9]+\\. +${code.slice(0, 4)} ${code.slice(4)} +used on: _+$`, "m"),
    );
  }
  assert.ok(!file.text.includes("\nSet-Cookie"));
});

test("seed P10: after the user name and the password nobody is signed in yet", async () => {
  const { browser, phone } = await enabled();
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "code");
  assert.equal(browser.user(), null);
  await assert.rejects(browser.status(), /signed in/);
  assert.ok((await browser.enterCode(phone.code())).ok);
  assert.equal(browser.user()?.id, USER);
});

test("seed P11: a code typed just after its timer ran out is still read", async () => {
  const { host, browser, phone } = await enabled();
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  host.clock.advance(25);
  const code = phone.code();
  const left = secondsRemaining({ now: host.clock() });
  assert.equal(left, 5);
  host.clock.advance(left + 10);
  assert.ok((await browser.enterCode(code)).ok);
});

test("seed P12: one field takes both kinds, told apart by their shape alone", async () => {
  const { browser, phone } = await enabled();
  const made = await browser.regenerate({ password: PASSWORD });
  assert.ok(made.ok);
  for (const [code, method] of [
    [phone.code(), "app"],
    [made.codes[2] ?? "", "backup"],
  ] as const) {
    browser.signOut();
    await browser.signIn(USER, PASSWORD);
    const reply = await browser.enterCode(code);
    assert.ok(reply.ok && reply.method === method);
  }
});

test("seed P13: where it is required, disabling signs out and the next sign-in enrolls again", async () => {
  const scene = await enabled();
  const { host, browser } = scene;
  host.require({ required: true });
  const wrong = await browser.disable();
  assert.ok(!wrong.ok && wrong.reason === "reauthenticate");
  const reset = await browser.disable({ password: PASSWORD });
  assert.ok(reset.ok && reset.mustEnroll);
  assert.equal(browser.user(), null, "logged out");
  assert.equal(await browser.signIn(USER, PASSWORD), "enroll");
  assert.equal(browser.user(), null);
  await enable(scene);
  assert.equal(browser.user()?.id, USER);
});

test("seed P13: elsewhere it stays disabled", async () => {
  const { browser } = await enabled();
  const disabled = await browser.disable({ password: PASSWORD });
  assert.ok(disabled.ok && !disabled.mustEnroll);
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "done");
});

test("seed P14: users who must have a factor enroll during the sign-in, if none is active", async () => {
  const host = createHost("sparkpost");
  host.signUp(USER, PASSWORD);
  host.require({ required: true });
  const [first, second] = [host.browser(), host.browser("another")];
  assert.equal(await first.signIn(USER, PASSWORD), "enroll");
  assert.equal(await second.signIn(USER, PASSWORD), "enroll");
  const phone = virtualAuthenticator({ clock: host.clock });
  const since = host.clock();
  await enable({ host, browser: first, phone });
  assert.deepEqual(first.user()?.assurance, {
    aal: 2,
    amr: ["pwd", "otp", "mfa"],
    authenticatedAt: since,
  });
  const late = await second.enable();
  assert.ok(!late.ok && !("secret" in late));
  assert.equal(await second.signIn(USER, PASSWORD), "code");
});

test("seed P15: requiring it applies from the next sign-in, and lifting that disables nobody", async () => {
  const { host, browser } = await enabled();
  host.signUp("bob", PASSWORD);
  const bob = host.browser();
  assert.equal(await bob.signIn("bob", PASSWORD), "done");
  host.require({ required: true });
  bob.signOut();
  assert.equal(await bob.signIn("bob", PASSWORD), "enroll");
  host.require({ required: false });
  assert.equal(await bob.signIn("bob", PASSWORD), "done");
  assert.equal((await browser.status()).state, "active");
  host.require({ required: false });
  bob.signOut();
  assert.equal(await bob.signIn("bob", PASSWORD), "done");
});
