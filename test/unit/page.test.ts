import assert from "node:assert/strict";
import { test } from "node:test";
import { generateBackupCodes } from "../../src/backup-codes.ts";
import { canonicalCode } from "../../src/internal/canonical.ts";
import { randomBytes } from "../../src/internal/hmac.ts";
import { codeInputAttributes, messages } from "../../src/page.ts";

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

test("messages are frozen, and another language is an object of its own", () => {
  assert.ok(Object.isFrozen(messages));
  const german: typeof messages = { ...messages, busy: "Bitte gleich noch einmal versuchen." };
  assert.equal(german.busy, "Bitte gleich noch einmal versuchen.");
});

test("W1 W2 the code field lets phones fill in the code, and forbids nothing", () => {
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

test("I11 the field's attributes are spelled for JSX, too, and say the same", () => {
  for (const given of [
    { methods: ["app"] },
    { methods: ["app", "backup"] },
    { methods: ["backup"], alphabet: "digits" },
  ] as const) {
    const html = codeInputAttributes({ ...given, spelling: "html" });
    const jsx = codeInputAttributes({ ...given, spelling: "jsx" });
    assert.deepEqual(Object.keys(jsx), [
      "type",
      "inputMode",
      "autoComplete",
      "autoCapitalize",
      "spellCheck",
      "maxLength",
    ]);
    assert.deepEqual(html, codeInputAttributes(given));
    for (const [name, value] of Object.entries(jsx)) assert.equal(html[name.toLowerCase()], String(value));
  }
  const wrong = (more: object) => () => codeInputAttributes({ methods: ["app"], ...more } as never);
  assert.throws(wrong({ methods: undefined }), /^TypeError: methods: want a list/);
  assert.throws(wrong({ spelling: "react" }), /^TypeError: spelling: want one of html, jsx/);
  assert.throws(wrong({ alphabet: "hex" }), /^TypeError: alphabet: want one of digits, base32/);
});
