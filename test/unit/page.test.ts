import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generateBackupCodes } from "../../src/backup-codes.ts";
import { canonicalCode } from "../../src/internal/canonical.ts";
import { randomBytes } from "../../src/internal/hmac.ts";
import { codeInputAttributes, deviceCookie, messages } from "../../src/page.ts";

const device = { token: "A".repeat(43), knownUntilAt: Date.UTC(2031, 0, 1), trustedUntilAt: null };

test("W7 every reason has one message, which says what to do next", () => {
  const next = /try again|wait|check it|confirm|start again|already on|not on the list|not possible/i;
  for (const message of Object.values(messages)) {
    assert.match(message, next);
    assert.match(message, /^[A-Z].*\.$/);
    assert.ok(message.length <= 120, "one line on a phone, or two");
    assert.ok(!/secret|detail|elevation|challenge|token|record/i.test(message), "no word of ours");
  }
  assert.equal(new Set(Object.values(messages)).size, Object.keys(messages).length);
  assert.match(messages.invalid_code, /clock/, "what most often helps");
});

test("messages cannot be changed under other users of the library, and another language is an object beside it", () => {
  assert.ok(Object.isFrozen(messages));
  const german: typeof messages = { ...messages, busy: "Bitte gleich noch einmal versuchen." };
  assert.equal(german.busy, "Bitte gleich noch einmal versuchen.");
});

test("W1 W2 the code field offers the code that has come, and forbids nothing", () => {
  const attributes = codeInputAttributes({ methods: ["app", "backup"] });
  assert.equal(attributes["autocomplete"], "one-time-code");
  assert.equal(attributes["type"], "text");
  assert.ok(!("pattern" in attributes) && !("onpaste" in attributes));
  assert.equal(attributes["spellcheck"], "false");
  assert.equal(attributes["autocapitalize"], "characters");
});

test("W5 the keyboard is numeric where every code is, and only there", () => {
  const modeOf = (...given: Parameters<typeof codeInputAttributes>) =>
    codeInputAttributes(...given)["inputmode"];
  assert.equal(modeOf({ methods: ["app"] }), "numeric");
  assert.equal(modeOf({ methods: ["app"], alphabet: "base32" }), "numeric");
  assert.equal(modeOf({ methods: ["app", "backup"], alphabet: "digits" }), "numeric");
  assert.equal(modeOf({ methods: ["app", "backup"], alphabet: "base32" }), "text");
  assert.equal(modeOf({ methods: ["backup"] }), "text", "not known is not numeric");
});

test("W5 the longest backup code fits the field with a separator after every character", () => {
  const room = Number(codeInputAttributes({ methods: ["backup"] })["maxlength"]);
  const [code = ""] = generateBackupCodes({ count: 1, alphabet: "base32", length: 32 }, randomBytes);
  const spaced = [...code].join(" ");
  assert.ok(spaced.length <= room);
  assert.equal(canonicalCode(spaced), code);
});

test("the device cookie is of this host alone, not for scripts, and ends when the device is not known any more", () => {
  const cookie = deviceCookie("ada");
  assert.match(cookie.name, /^__Host-[A-Za-z0-9_-]+$/);
  const [pair, ...attributes] = cookie.set(device).split("; ");
  assert.equal(pair, `${cookie.name}=${device.token}`);
  assert.deepEqual(attributes.sort(), [
    "Expires=Wed, 01 Jan 2031 00:00:00 GMT",
    "HttpOnly",
    "Path=/",
    "SameSite=Lax",
    "Secure",
  ]);
  assert.ok(!cookie.set(device).includes("Domain"), "__Host- forbids it");
});

test("the device cookie is cleared under its own name and path", () => {
  const cookie = deviceCookie("ada");
  assert.equal(cookie.clear(), `${cookie.name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax`);
});

test("two accounts in one browser have two cookies, and neither name says whose it is", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.string({ unit: "binary", minLength: 1 }),
      (a, b) => {
        const [first, second] = [deviceCookie(a).name, deviceCookie(b).name];
        assert.equal(first === second, a === b);
        assert.match(first, /^__Host-device-[A-Za-z0-9_-]{12}$/);
      },
    ),
  );
  assert.ok(!deviceCookie("ada@example.com").name.includes("ada"));
});

test("a cookie is made of what a success returned, and the rest is refused by name", () => {
  const cookie = deviceCookie("ada");
  const device = { token: "t".repeat(43), knownUntilAt: 1, trustedUntilAt: null };
  assert.throws(
    () => cookie.set({ ...device, token: "a\r\nSet-Cookie: b=c" }),
    /^RangeError: device\.token: /,
  );
  assert.throws(
    () => cookie.set({ ...device, knownUntilAt: Number.NaN }),
    /^TypeError: device\.knownUntilAt: /,
  );
  for (const token of ["t".repeat(42), "t".repeat(44), `${"t".repeat(43)};`, ` ${"t".repeat(43)}`]) {
    assert.throws(() => cookie.set({ ...device, token }), /^RangeError: device\.token: /);
  }
  for (const nothing of [undefined, null, 5]) {
    assert.throws(() => cookie.set(nothing as never), /^TypeError: device: want an object/);
  }
  assert.throws(() => cookie.set({ knownUntilAt: 1 } as never), /^RangeError: device\.token: /);
  for (const userId of [undefined, 5]) {
    assert.throws(() => deviceCookie(userId as never), /^TypeError: userId: want a string/);
  }
});
