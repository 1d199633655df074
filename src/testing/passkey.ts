/** A virtual authenticator for passkeys: a security key, or a phone with synced passkeys. It has real keys. */

import { fromBase64Url, toBase64Url, utf8 } from "../internal/bytes.ts";
import { checkBoolean, checkOptions, checkText } from "../internal/check.ts";
import { randomBytes, sha256 } from "../internal/hmac.ts";
import type { PasskeyCreationOptions, PasskeyRequestOptions } from "../two-factor/passkey-types.ts";
import { type CborValue, coseKey, derSignature, encodeCbor, joined } from "./cbor.ts";

/**
 * An authenticator for tests, with its browser, whose responses are those that `toJSON` writes. The page that asks has
 * the origin `https://` and the `rpId`, unless another is given.
 */
export interface VirtualPasskey {
  /** Answers creation options with a new passkey. */
  create(
    options: PasskeyCreationOptions,
    page?: { origin?: string | undefined },
  ): Promise<{
    id: string;
    rawId: string;
    type: "public-key";
    response: { clientDataJSON: string; attestationObject: string; transports: string[] };
    clientExtensionResults: Record<string, never>;
  }>;
  /** Answers request options with the passkey that they name. */
  get(
    options: PasskeyRequestOptions,
    page?: { origin?: string | undefined },
  ): Promise<{
    id: string;
    rawId: string;
    type: "public-key";
    response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle: string };
    clientExtensionResults: Record<string, never>;
  }>;
  /** Loses the authenticator. */
  lose(): void;
  /** Makes a copy with the same keys, which counts on its own from now on. */
  clone(): VirtualPasskey;
}

export type CreatedPasskey = Awaited<ReturnType<VirtualPasskey["create"]>>;
export type ShownPasskey = Awaited<ReturnType<VirtualPasskey["get"]>>;

interface Credential {
  id: string;
  rpId: string;
  userHandle: string;
  key: object;
  counter: number;
}

/** The part of Web Crypto that is used here. */
interface Subtle {
  generateKey(
    algorithm: object,
    extractable: boolean,
    uses: readonly string[],
  ): Promise<{ privateKey: object; publicKey: object }>;
  exportKey(format: "jwk", key: object): Promise<{ x?: string; y?: string }>;
  sign(algorithm: object, key: object, bytes: Uint8Array): Promise<ArrayBuffer>;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const MAY_BE_COPIED = 0x08;
const COPIED = 0x10;
const NEW_KEY = 0x40;
const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * Makes a security key, or a phone with synced passkeys, that holds real P-256 keys for any number of sites.
 *
 * @throws TypeError if an option is of the wrong kind. `create` and `get` reject with an Error, as browsers do, if the
 * authenticator is lost, has a passkey of the exclude list already, or has none that is asked for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as webauthn from "@simplewebauthn/server";
 * import { passkeys } from "twinlock/passkeys";
 * import { createTestTwoFactor, virtualPasskey } from "twinlock/testing";
 *
 * const { twoFactor } = createTestTwoFactor({
 *   passkeys: passkeys({
 *     rpId: "example.com",
 *     rpName: "Acme",
 *     origins: ["https://example.com"],
 *     verifyRegistration: webauthn.verifyRegistrationResponse,
 *     verifyAuthentication: webauthn.verifyAuthenticationResponse,
 *   }),
 * });
 * const binding = null;
 * const key = virtualPasskey();
 * const begun = await twoFactor.passkeys?.begin("ada", { accountName: "ada", binding });
 * assert.ok(begun?.ok);
 * const response = await key.create(begun.options);
 * const { enrollmentId } = begun;
 * const confirmed = await twoFactor.passkeys?.confirm("ada", { enrollmentId, response, binding });
 * assert.ok(confirmed?.ok && confirmed.state === "active");
 * ```
 */
export function virtualPasskey(
  options: {
    /** True for synced passkeys without a counter, as in phones; false, the default, for a security key. */
    synced?: boolean | undefined;
    /** Whether the authenticator asks its user for a PIN, a finger or a face; true by default. */
    verifiesUser?: boolean | undefined;
  } = {},
): VirtualPasskey {
  checkOptions("options", options, ["synced", "verifiesUser"], "");
  const { synced = false, verifiesUser = true } = options;
  checkBoolean("synced", synced);
  checkBoolean("verifiesUser", verifiesUser);
  const flags = PRESENT | (verifiesUser ? VERIFIED : 0) | (synced ? MAY_BE_COPIED | COPIED : 0);
  return holding([], { flags, synced });
}

function holding(held: readonly Credential[], kind: { flags: number; synced: boolean }): VirtualPasskey {
  let credentials = held;
  let lost = false;
  const present = () => {
    if (lost) throw new Error("virtualPasskey: the authenticator is lost");
  };
  const count = (credential: Credential) => {
    if (!kind.synced) credential.counter++;
  };
  return {
    async create(options, page = {}) {
      present();
      if (credentials.some(({ id }) => options.excludeCredentials.some((other) => other.id === id))) {
        throw new Error("virtualPasskey: there is a passkey for this user already (InvalidStateError)");
      }
      const { credential, publicKey } = await newCredential(options);
      credentials = [...credentials, credential];
      count(credential);
      const clientDataJSON = clientData("webauthn.create", options.challenge, credential.rpId, page);
      return created(credential, publicKey, clientDataJSON, kind);
    },
    async get({ rpId, challenge, allowCredentials }, page = {}) {
      present();
      const named = (id: string) => allowCredentials.some((other) => other.id === id);
      const credential = credentials.find((other) => other.rpId === rpId && named(other.id));
      if (!credential) throw new Error("virtualPasskey: no passkey that is asked for (NotAllowedError)");
      count(credential);
      return shown(credential, clientData("webauthn.get", challenge, rpId, page), kind.flags);
    },
    lose() {
      lost = true;
    },
    clone() {
      present();
      const copies = credentials.map((credential) => ({ ...credential }));
      return holding(copies, kind);
    },
  };
}

function subtle(): Subtle {
  return (globalThis as unknown as { crypto: { subtle: Subtle } }).crypto.subtle;
}

async function newCredential({
  rp,
  user,
}: PasskeyCreationOptions): Promise<{ credential: Credential; publicKey: Uint8Array }> {
  const pair = await subtle().generateKey(ECDSA, true, ["sign", "verify"]);
  const { x = "", y = "" } = await subtle().exportKey("jwk", pair.publicKey);
  const id = toBase64Url(randomBytes(32));
  const credential = { id, rpId: rp.id, userHandle: user.id, key: pair.privateKey, counter: 0 };
  return { credential, publicKey: coseKey(bytesOf(x), bytesOf(y)) };
}

function created(
  { id, rpId, counter }: Credential,
  publicKey: Uint8Array,
  clientDataJSON: Uint8Array,
  { flags, synced }: { flags: number; synced: boolean },
): CreatedPasskey {
  const rawId = bytesOf(id);
  const attested = joined(new Uint8Array(16), Uint8Array.of(0, rawId.length), rawId, publicKey);
  const attestation = new Map<string, CborValue>([
    ["fmt", "none"],
    ["attStmt", new Map<string, CborValue>()],
    ["authData", joined(authenticatorData(rpId, flags | NEW_KEY, counter), attested)],
  ]);
  const attestationObject = toBase64Url(encodeCbor(attestation));
  const transports = synced ? ["hybrid", "internal"] : ["usb"];
  return {
    ...{ id, rawId: id, type: "public-key", clientExtensionResults: {} },
    response: { clientDataJSON: toBase64Url(clientDataJSON), attestationObject, transports },
  };
}

async function shown(
  { id, rpId, counter, key, userHandle }: Credential,
  clientDataJSON: Uint8Array,
  flags: number,
): Promise<ShownPasskey> {
  const data = authenticatorData(rpId, flags, counter);
  const signed = await subtle().sign(ECDSA, key, joined(data, sha256(clientDataJSON)));
  const signature = toBase64Url(derSignature(new Uint8Array(signed)));
  return {
    ...{ id, rawId: id, type: "public-key", clientExtensionResults: {} },
    response: {
      clientDataJSON: toBase64Url(clientDataJSON),
      authenticatorData: toBase64Url(data),
      signature,
      userHandle,
    },
  };
}

function bytesOf(text: string): Uint8Array {
  return fromBase64Url(text) ?? new Uint8Array();
}

function authenticatorData(rpId: string, flags: number, counter: number): Uint8Array {
  const counted = [24, 16, 8, 0].map((shift) => (counter >>> shift) & 255);
  return joined(sha256(utf8(rpId)), Uint8Array.of(flags, ...counted));
}

function clientData(
  type: string,
  challenge: string,
  rpId: string,
  page: { origin?: string | undefined },
): Uint8Array {
  const { origin = `https://${rpId}` } = page;
  checkText("origin", origin, 512);
  return utf8(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}
