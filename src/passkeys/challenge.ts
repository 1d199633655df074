/** The challenges that passkeys sign. They are made from sealed values, so that nothing has to be stored for them. */

import { type Failure, failure } from "../errors.ts";
import { fromBase64Url, fromUtf8, lengthPrefixed, toBase64Url, utf8 } from "../internal/bytes.ts";
import { sha256 } from "../internal/hmac.ts";
import type { Pending } from "../record.ts";
import type { Call } from "../two-factor/call.ts";
import { type Challenge, openChallenge, sealChallenge } from "../two-factor/tokens.ts";

/** Makes the challenge of a sign-in. Only the sealed challenge has the epoch, so nobody else can make it. */
export function challengeOfSignIn({ id, userId, purpose, epoch, binding, expiresAt }: Challenge): string {
  return derived(purpose, id, userId, epoch, binding ?? "", String(expiresAt));
}

/** Makes the challenge of a registration, from its random id, which counts for one user and binding. */
export function challengeOfRegistration(userId: string, { id, bindingHash, expiresAt }: Pending): string {
  return derived("register", id, userId, bindingHash ?? "", String(expiresAt));
}

function derived(...fields: readonly string[]): string {
  return toBase64Url(sha256(lengthPrefixed("twinlock passkey", ...fields)));
}

/** Seals the challenge of a user who is signed in. The browser sends it back in its client data. */
export async function sealProofChallenge(
  { service, userId, now }: Call,
  epoch: string,
  binding: string | null,
): Promise<{ challenge: string; expiresAt: number }> {
  const expiresAt = now + service.settings.lifetimes.challenge * 1_000;
  const about = { userId, purpose: "passkey", epoch, binding, expiresAt } as const;
  const token = await sealChallenge(service, { ...about, firstFactor: null, deviceToken: null });
  return { challenge: toBase64Url(utf8(token)), expiresAt };
}

/** Opens what {@link sealProofChallenge} made, for the same user and binding. */
export async function openProofChallenge(
  { service, userId, now }: Call,
  challenge: string,
  binding: string | null,
): Promise<Challenge | Failure> {
  const bytes = fromBase64Url(challenge);
  const opened = await openChallenge(service, bytes && textOf(bytes), ["passkey"], binding, now);
  return "userId" in opened && opened.userId !== userId ? failure("challenge_invalid") : opened;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes);
  } catch {
    return undefined;
  }
}
