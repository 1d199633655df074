/** A service with passkeys, verified by the real library, and the steps of a person who has one. */

import assert from "node:assert/strict";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { fromBase64Url, toBase64Url, utf8 } from "../../src/internal/bytes.ts";
import { type PasskeyCalls, type PasskeyOptions, passkeys } from "../../src/passkeys/index.ts";
import { createTestTwoFactor, type TestTwoFactor } from "../../src/testing/index.ts";
import {
  type CreatedPasskey,
  type ShownPasskey,
  type VirtualPasskey,
  virtualPasskey,
} from "../../src/testing/passkey.ts";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";
import { BINDING, outcome as detailOf, type Enrolled, must, USER } from "./world.ts";

export { BINDING, detailOf, must };

export const SITE = { rpId: "example.com", rpName: "Acme", origins: ["https://example.com"] };
export const LIBRARY = {
  verifyRegistration: verifyRegistrationResponse,
  verifyAuthentication: verifyAuthenticationResponse,
};

export const withPasskeys = { passkeys: passkeys({ ...SITE, ...LIBRARY }) };

export function passkeysOf({ twoFactor }: { twoFactor: TwoFactor }): PasskeyCalls {
  assert.ok(twoFactor.passkeys);
  return twoFactor.passkeys;
}

/** Registers a passkey beside the app, with the elevation that enrolling gave. */
export async function registerPasskey(
  w: Pick<Enrolled, "twoFactor" | "signIn">,
  key = virtualPasskey(),
): Promise<VirtualPasskey> {
  const { elevation } = w.signIn;
  const asked = { accountName: USER, elevation, binding: BINDING };
  const { enrollmentId, options } = must(await passkeysOf(w).begin(USER, asked));
  const response = await key.create(options);
  must(await passkeysOf(w).confirm(USER, { enrollmentId, response, binding: BINDING }));
  return key;
}

export interface PasskeyWorld extends TestTwoFactor {
  twoFactor: TwoFactor & { passkeys: PasskeyCalls };
  /** Registers a passkey, the first factor or with a proof. */
  register(userId: string, key?: VirtualPasskey, proof?: object): Promise<VirtualPasskey>;
  /** Begins a sign-in, and lets a passkey answer. */
  answer(userId: string, key: VirtualPasskey, page?: { origin?: string }): ReturnType<typeof answered>;
}

async function answered(
  { signIn, passkeys: calls }: TwoFactor & { passkeys: PasskeyCalls },
  userId: string,
  key: VirtualPasskey,
  page?: { origin?: string },
) {
  const step = await signIn.begin(userId, { binding: BINDING, firstFactor: { amr: ["pwd"] } });
  assert.ok(step.step === "code");
  const { challenge, methods } = step;
  const { options } = must(await calls.options({ challenge }, { binding: BINDING }));
  return { challenge, methods, options, response: await key.get(options, page) };
}

export function passkeyWorld(
  options: Partial<TwoFactorOptions> = {},
  site: Partial<PasskeyOptions> = {},
): PasskeyWorld {
  const world = createTestTwoFactor({ ...options, passkeys: passkeys({ ...SITE, ...LIBRARY, ...site }) });
  const twoFactor = world.twoFactor as PasskeyWorld["twoFactor"];
  return {
    ...world,
    twoFactor,
    async register(userId, key = virtualPasskey(), proof = {}) {
      const begun = must(
        await twoFactor.passkeys.begin(userId, { accountName: "Ada", binding: BINDING, ...proof }),
      );
      const { enrollmentId, options: creation } = begun;
      const response = await key.create(creation);
      must(await twoFactor.passkeys.confirm(userId, { enrollmentId, response, binding: BINDING }));
      return key;
    },
    answer: (userId, key, page) => answered(twoFactor, userId, key, page),
  };
}

/** What a caller may send where a response is asked for: no value of it throws, and none gets in. */
export function junkLike(response: ShownPasskey | CreatedPasskey): unknown[] {
  const values = [
    undefined,
    null,
    "",
    "x",
    "=",
    "é",
    0,
    1,
    true,
    [],
    {},
    "A".repeat(1_000_000),
    () => {},
    1n,
  ];
  const inner = response.response;
  const trap = () => assert.fail("read, and thrown");
  return [
    ...[{}, [], "{", "{}", '{"id":1}', new Date(), new Map(), /x/, new Error("x"), Object.create(null)],
    ...["A".repeat(1_000_000), `{${" ".repeat(1_000_000)}`, new Proxy({}, { get: trap })],
    JSON.stringify({ ...response, padding: "A".repeat(1_000_000) }),
    Object.defineProperty({}, "id", { get: trap }),
    ...["id", "rawId", "type", "response"].flatMap((name) =>
      values.map((value) => ({ ...response, [name]: value })),
    ),
    ...Object.keys(inner)
      .filter((name) => name !== "userHandle" && name !== "transports")
      .flatMap((name) => values.map((value) => ({ ...response, response: { ...inner, [name]: value } }))),
    ...["[1]", "\u0000", '{"challenge":1}', '{"type":"webauthn.get"}'].map((text) => ({
      ...response,
      response: { ...inner, clientDataJSON: toBase64Url(utf8(text)) },
    })),
    { ...response, response: { ...inner, clientDataJSON: toBase64Url(Uint8Array.of(255, 254)) } },
  ];
}

/** Each response that differs from this one in one bit of a field, every `step`th of them. */
export function* flipped<R extends ShownPasskey | CreatedPasskey>(
  response: R,
  fields: readonly (keyof R["response"] & string)[],
  step: number,
): Iterable<{ forged: R; name: string }> {
  for (const field of fields) {
    const bytes = fromBase64Url(String(response.response[field as never])) ?? assert.fail(field);
    for (let bit = 0; bit < bytes.length * 8; bit += step) {
      const other = bytes.slice();
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      const forged = { ...response, response: { ...response.response, [field]: toBase64Url(other) } };
      yield { forged, name: `${field}, bit ${bit}` };
    }
  }
}
