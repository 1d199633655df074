/** A service with passkeys, verified by the real library, and the steps of a person who has one. */

import assert from "node:assert/strict";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import type { Failure } from "../../src/errors.ts";
import { type PasskeyCalls, type PasskeyOptions, passkeys } from "../../src/passkeys/index.ts";
import { createTestTwoFactor, type TestTwoFactor } from "../../src/testing/index.ts";
import { type VirtualPasskey, virtualPasskey } from "../../src/testing/passkey.ts";
import type { TwoFactor } from "../../src/two-factor/interface.ts";
import type { TwoFactorOptions } from "../../src/two-factor/options.ts";

export const BINDING = "the session's random value";
export const SITE = { rpId: "example.com", rpName: "Acme", origins: ["https://example.com"] };
export const LIBRARY = {
  verifyRegistration: verifyRegistrationResponse,
  verifyAuthentication: verifyAuthenticationResponse,
};

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

export function must<T extends { ok: true }>(result: T | Failure): T {
  assert.ok(result.ok, result.ok ? "" : result.detail);
  return result;
}

export function detailOf(result: { ok: true } | Failure): string {
  return result.ok ? "ok" : result.detail;
}
