import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdmin } from "../../../src/admin.ts";
import { virtualAuthenticator } from "../../../src/testing/index.ts";
import { enabled as enabledAt, PASSWORD, type Scene, signedUp as signedUpAt, USER } from "./scene.ts";

const signedUp = () => signedUpAt("bytebase");
const enabled = () => enabledAt("bytebase");

/** Scans and enters the first code; the recovery codes come, and nothing is on yet. */
async function verified({ browser, phone }: Scene): Promise<readonly string[]> {
  const start = await browser.enable();
  assert.ok(start.ok);
  phone.scan(start.keyUri);
  const confirmed = await browser.confirm(phone.code());
  assert.ok(confirmed.ok && !confirmed.active);
  return confirmed.codes;
}

test("seed B1: switch on, scan, enter the code", async () => {
  const scene = await signedUp();
  await verified(scene);
  assert.equal((await scene.browser.status()).state, "awaiting_acknowledgement");
});

test("seed B2: a user who cannot scan enters the key as text", async () => {
  const { host, browser } = await signedUp();
  const start = await browser.enable();
  assert.ok(start.ok);
  const typed = start.manualEntryKey.toLowerCase();
  const phone = virtualAuthenticator({ clock: host.clock });
  phone.scan(`otpauth://totp/typed?secret=${typed.replaceAll(" ", "")}`);
  assert.ok((await browser.confirm(phone.code())).ok);
});

test("seed B3: the recovery codes come after the code was right, and before anything is on", async () => {
  const scene = await signedUp();
  const codes = await verified(scene);
  assert.equal(codes.length, 10);
  for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{10}$/);
  const other = scene.host.browser("another");
  assert.equal(await other.signIn(USER, PASSWORD), "done", "nobody is asked yet");
});

test("seed B4: 'I have saved my recovery codes' is what turns it on, and cannot come first", async () => {
  const scene = await signedUp();
  const early = await scene.browser.saved();
  assert.ok(!early.ok && early.reason === "expired");
  const start = await scene.browser.enable();
  assert.ok(start.ok);
  assert.ok(!(await scene.browser.saved()).ok, "nor before the code");
  const codes = await verified(scene);
  assert.ok((await scene.browser.saved()).ok);
  assert.equal((await scene.browser.status()).state, "active");
  scene.browser.signOut();
  assert.equal(await scene.browser.signIn(USER, PASSWORD), "code");
  assert.ok((await scene.browser.enterCode(codes[0]?.toLowerCase() ?? "")).ok);
});

test("seed B4: a reload of the page with the codes gets fresh ones, and the lost ones never work", async () => {
  const scene = await signedUp();
  const lost = await verified(scene);
  const fresh = await scene.browser.regenerate();
  assert.ok(fresh.ok);
  assert.ok((await scene.browser.saved()).ok);
  scene.browser.signOut();
  await scene.browser.signIn(USER, PASSWORD);
  assert.ok(!(await scene.browser.enterCode(lost[0] ?? "")).ok);
  assert.ok((await scene.browser.enterCode(fresh.codes[0] ?? "")).ok);
});

test("seed B5: the secret lives five minutes, and so does the step between password and code", async () => {
  const { host, browser, phone } = await signedUp();
  const start = await browser.enable();
  assert.ok(start.ok);
  assert.equal(start.expiresAt, host.clock() + 300_000);
  phone.scan(start.keyUri);
  host.clock.advance(300);
  const late = await browser.confirm(phone.code());
  assert.ok(!late.ok && late.reason === "expired");
  assert.match(late.message, /start again/);

  const scene = await enabled();
  scene.browser.signOut();
  await scene.browser.signIn(USER, PASSWORD);
  scene.host.clock.advance(300);
  const slow = await scene.browser.enterCode(scene.phone.code());
  assert.ok(!slow.ok && slow.reason === "expired");
});

test("seed B6: regenerated codes replace the old ones only when they are acknowledged", async () => {
  const { browser, codes } = await enabled();
  const fresh = await browser.regenerate();
  assert.ok(fresh.ok);
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok(!(await browser.enterCode(fresh.codes[0] ?? "")).ok);
  assert.ok((await browser.enterCode(codes[0] ?? "")).ok);
  const again = await browser.regenerate();
  assert.ok(again.ok);
  assert.ok((await browser.savedNewCodes()).ok);
  browser.signOut();
  await browser.signIn(USER, PASSWORD);
  assert.ok(!(await browser.enterCode(codes[1] ?? "")).ok);
  assert.ok((await browser.enterCode(again.codes[0] ?? "")).ok);
});

test("seed B7: the workspace owner requires it of all users, with a time of grace", async () => {
  const { host, browser, phone } = await signedUp();
  const sinceAt = host.clock();
  host.require({ required: true, sinceAt, grace: 7 * 86_400 });
  assert.equal(await browser.signIn(USER, PASSWORD), "done");
  host.clock.set(sinceAt + 7 * 86_400_000);
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "enroll");
  const codes = await verified({ host, browser, phone });
  assert.equal(browser.user(), null, "the codes are not saved yet");
  assert.ok((await browser.saved()).ok);
  assert.equal(browser.user()?.id, USER);
  assert.equal(codes.length, 10);
});

test("seed B7: when required, turning off means enrolling again, and a reset is recorded", async () => {
  const { host, browser } = await enabled();
  host.require({ required: true });
  const disabled = await browser.disable();
  assert.ok(disabled.ok && disabled.mustEnroll);
  assert.equal(await browser.signIn(USER, PASSWORD), "enroll");
  const other = await enabled();
  other.host.require({ required: true });
  const by = { actor: "owner@example.com", reason: "lost phone" };
  assert.ok((await createAdmin(other.host.options).reset(USER, by)).ok);
  const event = other.host.events.at(-1);
  assert.deepEqual(
    [event?.type, event?.actor, event?.reason, event?.notify],
    ["reset", by.actor, by.reason, true],
  );
  other.browser.signOut();
  assert.equal(await other.browser.signIn(USER, PASSWORD), "enroll");
});

test("seed B8: enrolled users are asked, also when the feature is not licensed any more", async () => {
  const { host, browser, phone } = await enabled();
  host.require({ required: false });
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "code");
  assert.ok((await browser.enterCode(phone.code())).ok);
});

test("seed B9: each factor and the password have budgets of their own, kept with the user", async () => {
  const { host, phone, codes } = await enabled();
  const browser = host.browser("one that was never here");
  await browser.signIn(USER, PASSWORD);
  const replies = [];
  for (let i = 0; i < 6; i++)
    replies.push(await browser.enterCode(`${"ABCDEFGHJK".slice(i)}${"0".repeat(i)}`));
  assert.deepEqual(
    replies.map((reply) => !reply.ok && reply.reason),
    [...Array(5).fill("invalid_code"), "locked"],
  );
  const last = replies.at(-1);
  assert.ok(last && !last.ok && last.retryAt === host.clock() + 30_000);
  assert.ok((await browser.enterCode(phone.code())).ok);
  for (let i = 0; i < 5; i++) assert.ok(!(await browser.manage({ password: "guess" })).ok);
  const locked = await browser.manage({ password: PASSWORD });
  assert.ok(!locked.ok && locked.reason === "locked");
  host.clock.advance(30);
  assert.ok((await browser.manage({ code: codes[0] ?? "" })).ok);
});
