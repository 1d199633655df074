/** Small helpers for pages and cookies, for any framework or none. */

import type { BackupCodeAlphabet } from "./backup-codes.ts";
import type { Reason } from "./errors.ts";
import { toBase64Url, utf8 } from "./internal/bytes.ts";
import { MAX_CODE_LENGTH } from "./internal/canonical.ts";
import { checkInteger, checkObject, checkText, LAST_INSTANT, MAX_USER_ID_BYTES } from "./internal/check.ts";
import { sha256 } from "./internal/hmac.ts";
import type { Method } from "./rules/decision.ts";
import type { DeviceGrant } from "./rules/devices.ts";

/**
 * English text for each reason: what happened and what to do next. Replace it with your own for another language.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { messages } from "twinlock";
 *
 * assert.match(messages.already_used, /wait for the next/);
 * ```
 */
export const messages: Readonly<Record<Reason, string>> = Object.freeze({
  invalid_code:
    "That code is not right. Check it and try again; if it keeps failing, let your phone set its clock automatically.",
  already_used: "That code has been used already. Please wait for the next one in your app.",
  locked:
    "Too many wrong codes or passwords. Please wait before you try again, or use another way to sign in.",
  invalid_password: "That password is not right. Please try again.",
  reauthenticate: "Please confirm that it is you before you change this.",
  expired: "This took too long or was started elsewhere. Please start again.",
  already_enrolled: "Two-factor authentication is already on.",
  not_found: "That device is not on the list any more.",
  refused: "This is not possible for your account right now.",
  busy: "That did not go through. Please try again in a moment.",
});

/**
 * Returns the HTML attributes of the one field that takes a code of either kind.
 *
 * `autocomplete="one-time-code"` lets phones and password managers fill it in. `inputmode` is numeric only where
 * every code that the field takes is: with backup codes, pass their `alphabet`. Nothing limits pasting (WCAG 2.2
 * s.3.3.8); spaces and hyphens are forgiven by the library.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { codeInputAttributes } from "twinlock";
 *
 * assert.equal(codeInputAttributes({ methods: ["app"] }).inputmode, "numeric");
 * assert.equal(codeInputAttributes({ methods: ["app", "backup"] }).inputmode, "text");
 * ```
 */
export function codeInputAttributes(options: {
  methods: readonly Method[];
  alphabet?: BackupCodeAlphabet;
}): Readonly<Record<string, string>> {
  const numeric = !options.methods.includes("backup") || options.alphabet === "digits";
  return {
    type: "text",
    inputmode: numeric ? "numeric" : "text",
    autocomplete: "one-time-code",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: String(MAX_CODE_LENGTH),
  };
}

/**
 * Returns the cookie that makes this browser known for one user.
 *
 * The name carries a suffix made from the user id, so two accounts in one browser do not overwrite each other, and
 * the `__Host-` prefix, so no subdomain can set it. `set` and `clear` return `Set-Cookie` values: Secure, HttpOnly,
 * SameSite=Lax, for the whole site, until the device stops being known.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { deviceCookie } from "twinlock";
 *
 * const cookie = deviceCookie("alice");
 * const token = "t".repeat(43); // from a success: signedIn.device
 * const value = cookie.set({ token, knownUntilAt: Date.UTC(2027, 0, 1), trustedUntilAt: null });
 * assert.ok(value.startsWith(`${cookie.name}=${token}; `));
 * assert.notEqual(cookie.name, deviceCookie("bob").name);
 * ```
 */
export function deviceCookie(userId: string): {
  name: string;
  set(device: DeviceGrant): string;
  clear(): string;
} {
  checkText("userId", userId, MAX_USER_ID_BYTES);
  const name = `__Host-device-${toBase64Url(sha256(utf8(userId)).subarray(0, 9))}`;
  const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";
  return {
    name,
    set(device) {
      checkObject("device", device);
      const { token, knownUntilAt } = device;
      if (!/^[\w-]{43}$/.test(token))
        throw new RangeError("device.token: want what a success by code returned");
      checkInteger("device.knownUntilAt", knownUntilAt, 0, LAST_INSTANT);
      return `${name}=${token}; Expires=${new Date(knownUntilAt).toUTCString()}; ${attributes}`;
    },
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}
