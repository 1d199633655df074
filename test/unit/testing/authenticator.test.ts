import assert from "node:assert/strict";
import { test } from "node:test";
import { totp } from "../../../src/otp/index.ts";
import { fakeClock, virtualAuthenticator } from "../../../src/testing/index.ts";

const ADA = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const BOB = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const uri = (secret: string, name = "ada", issuer = "Acme") =>
  `otpauth://totp/${issuer}:${name}?secret=${secret}&issuer=${issuer}`;

test("a phone shows the newest account, or the one that is named", () => {
  const clock = fakeClock(59_000);
  const phone = virtualAuthenticator({ clock });
  phone.scan(uri(ADA));
  phone.scan(uri(BOB, "bob"));
  const [ada, bob] = [totp(ADA, { now: 59_000 }), totp(BOB, { now: 59_000 })];
  assert.equal(phone.code(), bob);
  assert.equal(phone.code("ada"), ada);
  assert.equal(phone.code("Acme:ada"), ada);
  assert.throws(() => phone.code("eve"), /^Error: virtualAuthenticator: no such account was scanned$/);
});

test("an account without an issuer is found by its name", () => {
  const phone = virtualAuthenticator({ clock: fakeClock() });
  phone.scan(`otpauth://totp/ada?secret=${ADA}`);
  assert.match(phone.code("ada"), /^\d{6}$/);
});

test("scanning the same account again replaces only the old entry", () => {
  const clock = fakeClock(59_000);
  const phone = virtualAuthenticator({ clock });
  phone.scan(uri(ADA));
  phone.scan(uri(ADA, "ada", "Other"));
  phone.scan(uri(BOB));
  assert.equal(phone.code("Acme:ada"), totp(BOB, { now: 59_000 }));
  assert.equal(phone.code("Other:ada"), totp(ADA, { now: 59_000 }));
  assert.equal(phone.backUp().length, 2);
});

test("a phone computes what the key URI asks for", () => {
  const phone = virtualAuthenticator({ clock: fakeClock(59_000) });
  const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"; // RFC 6238 appendix B, 32 bytes
  phone.scan(`otpauth://totp/ada?secret=${seed}&algorithm=SHA256&digits=8&period=30`);
  assert.equal(phone.code(), "46119246");
});

test("skew applies at once, and drift grows by the day", () => {
  const clock = fakeClock();
  const at = (secondsOff: number) => totp(ADA, { now: clock() + secondsOff * 1_000 });
  const ahead = virtualAuthenticator({ clock, skew: 45 });
  const gains = virtualAuthenticator({ clock, driftPerDay: 3 });
  for (const phone of [ahead, gains]) phone.scan(uri(ADA));
  assert.deepEqual([ahead.code(), gains.code()], [at(45), at(0)]);
  clock.advance(20 * 86_400);
  assert.deepEqual([ahead.code(), gains.code()], [at(45), at(60)]);
});

test("a lost phone shows and scans nothing, and its backup works on the next one", () => {
  const clock = fakeClock();
  const phone = virtualAuthenticator({ clock });
  phone.scan(uri(ADA));
  phone.scan(uri(BOB, "bob"));
  const backup = phone.backUp();
  const codes = [phone.code("ada"), phone.code("bob")];
  phone.lose();
  for (const use of [() => phone.code(), () => phone.scan(uri(ADA)), () => phone.backUp()]) {
    assert.throws(use, /^Error: virtualAuthenticator: the phone is lost$/);
  }
  const next = virtualAuthenticator({ clock });
  next.restore(backup);
  assert.deepEqual([next.code("ada"), next.code("bob")], codes);
  assert.equal(next.code(), next.code("bob"));
});

test("a picture is scanned through the host's decoder", async () => {
  const phone = virtualAuthenticator({ clock: fakeClock(59_000) });
  await phone.scanImage(new Uint8Array([1]), async (picture) => uri(picture[0] === 1 ? ADA : BOB));
  assert.equal(phone.code(), totp(ADA, { now: 59_000 }));
  await assert.rejects(
    phone.scanImage("<svg/>", () => null),
    /^Error: virtualAuthenticator: the decoder found no QR code in the picture$/,
  );
});

test("wrong options name themselves, and no message ever holds a secret", () => {
  const wrong = { clock: 1, skew: "1", driftPerDay: Number.NaN };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(() => virtualAuthenticator({ [name]: value }), new RegExp(`^TypeError: ${name}: want`));
  }
  const phone = virtualAuthenticator();
  assert.throws(
    () => phone.scan(`otpauth://hotp/ada?secret=${ADA}`),
    (error: Error) => error instanceof RangeError && !error.message.includes(ADA),
  );
});
