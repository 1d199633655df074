/** Calls the library that verifies signatures, and turns its answers into parts of the record. */

import { fromBase64Url, toBase64Url } from "../internal/bytes.ts";
import { MAX_CREDENTIAL_LENGTH, type Passkey } from "../record.ts";
import type { UserVerification } from "../two-factor/passkey-types.ts";
import type { MaybePromise } from "../two-factor/types.ts";
import { isCanonical } from "./der.ts";
import type { AuthenticationResponse, Read, RegistrationResponse } from "./response.ts";
import { transportBits } from "./transports.ts";

/** The part of `verifyRegistrationResponse` of @simplewebauthn/server that is used here. */
export type VerifyRegistration = (options: {
  response: RegistrationResponse;
  expectedChallenge: string;
  expectedOrigin: string[];
  expectedRPID: string;
  requireUserVerification: boolean;
  supportedAlgorithmIDs: number[];
}) => MaybePromise<{
  verified: boolean;
  registrationInfo?:
    | {
        credential: { id: string; publicKey: Uint8Array; counter: number };
        userVerified: boolean;
        credentialDeviceType: string;
        credentialBackedUp: boolean;
      }
    | undefined;
}>;

/** The part of `verifyAuthenticationResponse` of @simplewebauthn/server that is used here. */
export type VerifyAuthentication = (options: {
  response: AuthenticationResponse;
  expectedChallenge: string;
  expectedOrigin: string[];
  expectedRPID: string;
  requireUserVerification: boolean;
  /** The credential; its public key is bytes over memory that is not shared. */
  credential: { id: string; publicKey: ReturnType<Uint8ArrayConstructor["from"]>; counter: number };
}) => MaybePromise<{
  verified: boolean;
  authenticationInfo: { newCounter: number; userVerified: boolean; credentialBackedUp: boolean };
}>;

/** The options of `passkeys`, completed. */
export interface PasskeySettings {
  rpId: string;
  rpName: string;
  origins: readonly string[];
  userVerification: UserVerification;
  verifyRegistration: VerifyRegistration;
  verifyAuthentication: VerifyAuthentication;
}

/** The algorithms of today's authenticators: EdDSA, ES256 and RS256 (WebAuthn Level 3 s.5.4). */
export const ALGORITHMS: readonly number[] = [-8, -7, -257];

type Registered = Pick<Passkey, "id" | "publicKey" | "counter" | "synced" | "backedUp" | "transports">;

/** Returns the passkey that a registration made, or null if it is not accepted: the library throws for any reason. */
export async function verifyRegistration(
  settings: PasskeySettings,
  { response }: Read<RegistrationResponse>,
  expectedChallenge: string,
): Promise<Registered | null> {
  try {
    const { verified, registrationInfo: info } = await settings.verifyRegistration({
      ...expectations(settings, expectedChallenge),
      response,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (verified !== true || info?.credential.id !== response.id) return null;
    const publicKey = toBase64Url(info.credential.publicKey);
    if (publicKey.length > MAX_CREDENTIAL_LENGTH) return null;
    return {
      id: response.id,
      publicKey,
      counter: info.credential.counter,
      synced: info.credentialDeviceType === "singleDevice" ? 0 : 1,
      backedUp: info.credentialBackedUp ? 1 : 0,
      transports: transportBits(response.response.transports),
    };
  } catch {
    return null;
  }
}

/** Returns what a response says of its passkey, or null if it is not accepted. The counter is not checked here. */
export async function verifyAuthentication(
  settings: PasskeySettings,
  { response }: Read<AuthenticationResponse>,
  expectedChallenge: string,
  { id, publicKey }: Passkey,
): Promise<{ counter: number; userVerified: boolean; backedUp: boolean } | null> {
  const key = fromBase64Url(publicKey) ?? new Uint8Array();
  const signature = fromBase64Url(response.response.signature) ?? new Uint8Array();
  if (!isCanonical(signature, key)) return null;
  try {
    const { verified, authenticationInfo: info } = await settings.verifyAuthentication({
      ...expectations(settings, expectedChallenge),
      response,
      credential: { id, publicKey: Uint8Array.from(key), counter: 0 },
    });
    if (verified !== true) return null;
    const { newCounter: counter, userVerified, credentialBackedUp: backedUp } = info;
    return { counter, userVerified: userVerified === true, backedUp: backedUp === true };
  } catch {
    return null;
  }
}

function expectations({ origins, rpId, userVerification }: PasskeySettings, expectedChallenge: string) {
  return {
    expectedChallenge,
    expectedOrigin: [...origins],
    expectedRPID: rpId,
    requireUserVerification: userVerification === "required",
  };
}
