/**
 * Passkeys and security keys beside the authenticator app, on the same record.
 *
 * @module
 */

import { checkFunction, checkOneOf, checkOptions, checkText } from "../internal/check.ts";
import type { PasskeyMethod } from "../two-factor/passkey-method.ts";
import type { Passkeys, UserVerification } from "../two-factor/passkey-types.ts";
import { attemptPasskey } from "./attempt.ts";
import type { PasskeySettings, VerifyAuthentication, VerifyRegistration } from "./library.ts";
import { listPasskeys, removePasskeyOf, renamePasskeyOf, requestOptions } from "./manage.ts";
import { attemptCode, beginByPolicy, checkMethods, narrowed } from "./policy.ts";
import { beginPasskey, confirmPasskey } from "./registration.ts";
import { isResponse } from "./response.ts";

export type {
  PasskeyBeginOptions,
  PasskeyCalls,
  PasskeyCreationOptions,
  PasskeyDescriptor,
  PasskeyInfo,
  PasskeyRequestOptions,
  PasskeyStart,
  Passkeys,
  UserVerification,
} from "../two-factor/passkey-types.ts";
export type { VerifyAuthentication, VerifyRegistration } from "./library.ts";
export type { AuthenticationResponse, RegistrationResponse } from "./response.ts";

/** Options of {@link passkeys}. */
export interface PasskeyOptions {
  /** The site's domain, or one above it, such as `example.com`. Passkeys cannot move to another one later. */
  rpId: string;
  /** The site's name, 1 to 64 characters. */
  rpName: string;
  /** The origins of pages that may ask for a passkey, 1 to 16, such as `https://app.example.com`. */
  origins: readonly string[];
  /** `verifyRegistrationResponse` of @simplewebauthn/server. */
  verifyRegistration: VerifyRegistration;
  /** `verifyAuthenticationResponse` of @simplewebauthn/server. */
  verifyAuthentication: VerifyAuthentication;
  /** `"preferred"` by default; `"required"` refuses a passkey that did not ask for a PIN, a finger or a face. */
  userVerification?: UserVerification | undefined;
}

const OPTIONS = [
  "rpId",
  "rpName",
  "origins",
  "verifyRegistration",
  "verifyAuthentication",
  "userVerification",
];
const MAX_ORIGINS = 16;

/**
 * Makes the option `passkeys` of `createTwoFactor`. The library that you bring verifies signatures.
 *
 * @throws TypeError or RangeError that names the option.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as webauthn from "@simplewebauthn/server";
 * import { createTwoFactor, generateKey } from "twinlock";
 * import { passkeys } from "twinlock/passkeys";
 * import { memoryStore } from "twinlock/stores/memory";
 *
 * const twoFactor = createTwoFactor({
 *   issuer: "Acme",
 *   store: memoryStore(),
 *   keys: generateKey(),
 *   reauthentication: { enroll: "none" },
 *   passkeys: passkeys({
 *     rpId: "example.com",
 *     rpName: "Acme",
 *     origins: ["https://example.com"],
 *     verifyRegistration: webauthn.verifyRegistrationResponse,
 *     verifyAuthentication: webauthn.verifyAuthenticationResponse,
 *   }),
 * });
 * const begun = await twoFactor.passkeys.begin("alice", { accountName: "alice", binding: null });
 * assert.ok(begun.ok && begun.options.rp.id === "example.com");
 * ```
 */
export function passkeys(options: PasskeyOptions): Passkeys {
  const settings = checked(options);
  const method: PasskeyMethod = {
    rpId: settings.rpId,
    checkMethods,
    begin: beginByPolicy,
    narrowed,
    attempt: (call, shown, purpose, verify) =>
      isResponse(shown.code)
        ? attemptPasskey(settings, call, shown, purpose)
        : attemptCode(call, shown, purpose, verify),
    callsOf: (service) => ({
      begin: (who, given) => beginPasskey(settings, service, who, given),
      confirm: (who, given) => confirmPasskey(settings, service, who, given),
      options: (who, given) => requestOptions(settings, service, who, given),
      list: (userId) => listPasskeys(service, userId),
      rename: (userId, given) => renamePasskeyOf(service, userId, given),
      remove: (userId, given) => removePasskeyOf(service, userId, given),
    }),
  };
  return method;
}

function checked(options: PasskeyOptions): PasskeySettings {
  checkOptions("options", options, OPTIONS, "");
  const { verifyRegistration, verifyAuthentication, userVerification = "preferred" } = options;
  checkFunction("verifyRegistration", verifyRegistration);
  checkFunction("verifyAuthentication", verifyAuthentication);
  const rpId = checkText("rpId", options.rpId, 253);
  if (!/^[a-z0-9.-]+$/.test(rpId)) throw new RangeError("rpId: want a domain in lower case, without port");
  return {
    rpId,
    rpName: checkText("rpName", options.rpName, 64),
    origins: checkedOrigins(options.origins, rpId),
    userVerification: checkOneOf("userVerification", userVerification, [
      "required",
      "preferred",
      "discouraged",
    ]),
    verifyRegistration,
    verifyAuthentication,
  };
}

/** Checks the origins. One outside the domain could not use its passkeys, so one of the two must be misspelled. */
function checkedOrigins(origins: unknown, rpId: string): readonly string[] {
  if (!Array.isArray(origins) || origins.length === 0 || origins.length > MAX_ORIGINS) {
    throw new TypeError(`origins: want a list of 1 to ${MAX_ORIGINS}`);
  }
  return origins.map((origin: unknown) => {
    const text = checkText("origins", origin, 512);
    const host = /^https?:\/\/([a-z0-9.-]+)(:[0-9]{1,5})?$/.exec(text)?.[1];
    const ofApp = /^(android:apk-key-hash|ios:bundle-id):\S+$/.test(text);
    if (ofApp || host === rpId || host?.endsWith(`.${rpId}`)) return text;
    throw new RangeError("origins: want https://host of the domain rpId, without a path");
  });
}
