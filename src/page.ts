/** Small helpers for pages, for any framework. */

import type { Reason } from "./errors.ts";
import { MAX_CODE_LENGTH } from "./internal/canonical.ts";
import { checkOneOf, checkOptions } from "./internal/check.ts";
import type { Method } from "./rules/decision.ts";

/**
 * English text for each reason: what happened and what to do next. `twinlock/messages/*` has it in other languages.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock";
 *
 * assert.match(messages.already_used, /wait for the next/);
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = /* @__PURE__ */ Object.freeze({
  invalid_code:
    "That code is not right. Check it and try again; if it keeps failing, let your phone set its clock automatically.",
  invalid_passkey: "That passkey was not accepted. Please try again or use another way to sign in.",
  code_not_text: "That code did not arrive as it was typed. Please reload the page and try again.",
  app_code_required:
    "A backup code is not possible here. Please enter the code that your authenticator app shows.",
  passkey_required: "A code is not possible here. Please use your passkey.",
  already_used: "That code has been used already. Please wait for the next one in your app.",
  locked:
    "Too many wrong codes or passwords. Please wait before you try again, or use another way to sign in.",
  invalid_password: "That password is not right. Please try again.",
  reauthenticate: "Please confirm that it is you before you change this.",
  enroll: "Please turn on two-factor authentication first, then try again.",
  expired: "This took too long or was started elsewhere. Please start again.",
  already_enrolled: "Two-factor authentication is already on.",
  not_found: "That is not on the list any more.",
  too_many: "There is no room for another one. Please remove one and try again.",
  refused: "This is not possible for your account right now.",
  busy: "That did not go through. Please try again in a moment.",
});

/**
 * Returns the attributes of the one field that takes a code of either kind, spelled for HTML or for JSX.
 *
 * `autocomplete="one-time-code"` lets phones and password managers fill it in. `inputmode` is numeric only where
 * every code that the field takes is: with backup codes, pass their `alphabet`. Nothing limits pasting (WCAG 2.2
 * s.3.3.8); the library ignores spaces and hyphens.
 *
 * @param options `methods` of the sign-in step; `alphabet` of your option `backupCodes`, without which backup codes may
 * have letters; and `spelling`: `"html"` by default, `"jsx"` for `<input {...props} />`
 * @throws TypeError that names the option
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { codeInputAttributes } from "twinlock";
 *
 * assert.equal(codeInputAttributes({ methods: ["app"] }).inputmode, "numeric");
 * assert.equal(codeInputAttributes({ methods: ["app", "backup"] }).inputmode, "text");
 * assert.equal(codeInputAttributes({ methods: ["app"], spelling: "jsx" }).inputMode, "numeric");
 * ```
 */
export function codeInputAttributes(options: {
  methods: readonly Method[];
  alphabet?: "digits" | "base32" | undefined;
  spelling: "jsx";
}): {
  readonly type: "text";
  readonly inputMode: "numeric" | "text";
  readonly autoComplete: "one-time-code";
  readonly autoCapitalize: "characters";
  readonly spellCheck: false;
  readonly maxLength: number;
};
/** Returns the attributes with the names that HTML has for them. */
export function codeInputAttributes(options: {
  methods: readonly Method[];
  alphabet?: "digits" | "base32" | undefined;
  spelling?: "html" | undefined;
}): Readonly<Record<string, string>>;
export function codeInputAttributes(options: {
  methods: readonly Method[];
  alphabet?: "digits" | "base32" | undefined;
  spelling?: "html" | "jsx" | undefined;
}): object {
  checkOptions("options", options, ["methods", "alphabet", "spelling"], "");
  const { methods, alphabet, spelling = "html" } = options;
  if (!Array.isArray(methods)) throw new TypeError("methods: want a list");
  if (alphabet !== undefined) checkOneOf("alphabet", alphabet, ["digits", "base32"]);
  const props = {
    type: "text",
    inputMode: methods.includes("backup") && alphabet !== "digits" ? "text" : "numeric",
    autoComplete: "one-time-code",
    autoCapitalize: "characters",
    spellCheck: false,
    maxLength: MAX_CODE_LENGTH,
  };
  if (checkOneOf("spelling", spelling, ["html", "jsx"]) === "jsx") return props;
  return Object.fromEntries(
    Object.entries(props).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
