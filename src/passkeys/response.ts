/** What a browser sends back: read into text of known length before anything else looks at it. */

import { fromBase64Url, fromUtf8 } from "../internal/bytes.ts";
import { MAX_CREDENTIAL_LENGTH, MAX_TRANSPORTS } from "../record.ts";

/** What `navigator.credentials.get` gave, as `toJSON` writes it. */
export interface AuthenticationResponse {
  id: string;
  rawId: string;
  type: "public-key";
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string };
  clientExtensionResults: Record<string, never>;
}

/** What `navigator.credentials.create` gave, as `toJSON` writes it. */
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
const MAX_CLIENT_DATA = 16_384; // holds a sealed challenge, which holds a user id
const MAX_ATTESTATION = 32_768;
const MAX_DATA = 4_096;

/** Whether something is meant as a response: an object, or text that begins like one in JSON. */
export function isResponse(code: unknown): boolean {
  return (typeof code === "object" && code !== null) || (typeof code === "string" && /^\s{0,8}\{/.test(code));
}

/** Reads the response of an authentication; undefined for anything else. It never throws. */
export function readAuthentication(value: unknown): Read<AuthenticationResponse> | undefined {
  return guarded(() => {
    const { id, inner, challenge } = envelope(value);
    const userHandle = inner["userHandle"];
    const response = {
      clientDataJSON: encoded(inner["clientDataJSON"], MAX_CLIENT_DATA),
      authenticatorData: encoded(inner["authenticatorData"], MAX_DATA),
      signature: encoded(inner["signature"], MAX_DATA),
      ...(userHandle === undefined || userHandle === null || userHandle === ""
        ? {}
        : { userHandle: encoded(userHandle, MAX_CREDENTIAL_LENGTH) }),
    };
    return {
      challenge,
      response: { id, rawId: id, type: "public-key", response, clientExtensionResults: {} },
    };
  });
}

/** Reads the response of a registration; undefined for anything else. It never throws. */
export function readRegistration(value: unknown): Read<RegistrationResponse> | undefined {
  return guarded(() => {
    const { id, inner, challenge } = envelope(value);
    const response = {
      clientDataJSON: encoded(inner["clientDataJSON"], MAX_CLIENT_DATA),
      attestationObject: encoded(inner["attestationObject"], MAX_ATTESTATION),
      transports: transportsOf(inner["transports"]),
    };
    return {
      challenge,
      response: { id, rawId: id, type: "public-key", response, clientExtensionResults: {} },
    };
  });
}

/** Objects of a request may hold anything, getters that throw among it. */
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

function envelope(value: unknown): { id: string; inner: Record<string, unknown>; challenge: string } {
  if (typeof value === "string" && value.length > MAX_JSON) refuse();
  const outer = object(typeof value === "string" ? JSON.parse(value) : value);
  const id = encoded(outer["id"], MAX_CREDENTIAL_LENGTH);
  if (outer["rawId"] !== id || outer["type"] !== "public-key") refuse();
  const inner = object(outer["response"]);
  const bytes = fromBase64Url(encoded(inner["clientDataJSON"], MAX_CLIENT_DATA));
  const { challenge, crossOrigin } = object(JSON.parse(fromUtf8(bytes ?? refuse())));
  if (typeof challenge !== "string" || crossOrigin === true) refuse(); // in somebody else's frame
  return { id, inner, challenge };
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : refuse();
}

/** Text in base64url, spelled in the one way that its bytes have. */
function encoded(value: unknown, max: number): string {
  if (typeof value !== "string" || value.length === 0 || value.length > max) refuse();
  return fromBase64Url(value) ? value : refuse();
}

/** Hints for the browser, which may grow; what is no short name is left out. */
function transportsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const names = value.slice(0, 16).filter((name) => typeof name === "string" && /^[a-z-]{1,10}$/.test(name));
  return names.slice(0, MAX_TRANSPORTS);
}
