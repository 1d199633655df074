/** Reads the browser's response into text of bounded length before anything else looks at it. */

import { fromBase64Url, fromUtf8 } from "../internal/bytes.ts";
import { MAX_CREDENTIAL_LENGTH } from "../record.ts";
import { knownTransports } from "./transports.ts";

/** The result of `navigator.credentials.get`, as `toJSON` writes it. */
export interface AuthenticationResponse {
  id: string;
  rawId: string;
  type: "public-key";
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string };
  clientExtensionResults: Record<string, never>;
}

/** The result of `navigator.credentials.create`, as `toJSON` writes it. */
export interface RegistrationResponse {
  id: string;
  rawId: string;
  type: "public-key";
  response: { clientDataJSON: string; attestationObject: string; transports: string[] };
  clientExtensionResults: Record<string, never>;
}

/** A response, and the challenge that its client data names. */
export interface Read<R> {
  response: R;
  challenge: string;
}

const MAX_JSON = 65_536;
const MAX_CLIENT_DATA = 16_384; // client data holds a sealed challenge, which holds a user id
const MAX_ATTESTATION = 32_768;
const MAX_DATA = 4_096;

/** Tells whether a value is meant as a response: an object, or text that begins like JSON. */
export function isResponse(code: unknown): boolean {
  return (typeof code === "object" && code !== null) || (typeof code === "string" && /^\s{0,8}\{/.test(code));
}

/** Reads the response of an authentication, or gives undefined. It never throws. */
export function readAuthentication(value: unknown): Read<AuthenticationResponse> | undefined {
  return guarded(() => {
    const { id, inner, clientDataJSON, challenge } = envelope(value);
    const userHandle = inner["userHandle"] ?? "";
    const response = {
      clientDataJSON,
      authenticatorData: encoded(inner["authenticatorData"], MAX_DATA),
      signature: encoded(inner["signature"], MAX_DATA),
      ...(userHandle === "" ? {} : { userHandle: encoded(userHandle, MAX_CREDENTIAL_LENGTH) }),
    };
    return {
      challenge,
      response: { id, rawId: id, type: "public-key", response, clientExtensionResults: {} },
    };
  });
}

/** Reads the response of a registration, or gives undefined. It never throws. */
export function readRegistration(value: unknown): Read<RegistrationResponse> | undefined {
  return guarded(() => {
    const { id, inner, clientDataJSON, challenge } = envelope(value);
    const response = {
      clientDataJSON,
      attestationObject: encoded(inner["attestationObject"], MAX_ATTESTATION),
      transports: knownTransports(inner["transports"]),
    };
    return {
      challenge,
      response: { id, rawId: id, type: "public-key", response, clientExtensionResults: {} },
    };
  });
}

/** Catches what reading an object of a request may throw, for example in a getter. */
function guarded<R>(read: () => R): R | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function refuse(): never {
  throw new TypeError("want the response of a passkey");
}

interface Envelope {
  id: string;
  inner: Json;
  clientDataJSON: string;
  challenge: string;
}

/** A value of which nothing is known: each field is checked, and if there are no fields, reading them throws. */
type Json = Record<string, unknown>;

function envelope(value: unknown): Envelope {
  const outer = (typeof value === "string" ? parsed(value) : value) as Json;
  const id = encoded(outer["id"], MAX_CREDENTIAL_LENGTH);
  if (outer["rawId"] !== id || outer["type"] !== "public-key") refuse();
  const inner = outer["response"] as Json;
  const clientDataJSON = encoded(inner["clientDataJSON"], MAX_CLIENT_DATA);
  const { challenge, crossOrigin } = parsed(fromUtf8(fromBase64Url(clientDataJSON) ?? refuse()));
  if (typeof challenge !== "string" || crossOrigin === true) refuse(); // in somebody else's frame
  return { id, inner, clientDataJSON, challenge };
}

function parsed(json: string): Json {
  return JSON.parse(json.length > MAX_JSON ? refuse() : json);
}

/** Checks text in canonical base64url. */
function encoded(value: unknown, max: number): string {
  if (typeof value !== "string" || value.length === 0 || value.length > max) refuse();
  return fromBase64Url(value) ? value : refuse();
}
