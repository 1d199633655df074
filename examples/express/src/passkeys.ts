/** Passkeys for the product that has them: they belong to one address, and a well-kept library verifies them. */

import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { type Passkeys, passkeys } from "twinlock/passkeys";

/** `origin` is where people see the application, such as `https://app.example.com`. */
export function passkeysAt(origin: string | undefined, name: string): Passkeys {
  if (origin === undefined) throw new Error(`ORIGIN: not set; ${name}’s passkeys belong to one address`);
  return passkeys({
    rpId: new URL(origin).hostname,
    rpName: name,
    origins: [origin],
    verifyRegistration: verifyRegistrationResponse,
    verifyAuthentication: verifyAuthenticationResponse,
  });
}
