/** The challenge that a passkey signs: made from what is sealed already, so that nothing has to be kept for it. */

import { type Failure, failure } from "../errors.ts";
import { fromBase64Url, fromUtf8, lengthPrefixed, toBase64Url, utf8 } from "../internal/bytes.ts";
import { sha256 } from "../internal/hmac.ts";
import type { Pending } from "../record.ts";
import type { Call } from "../two-factor/call.ts";
import { type Challenge, openChallenge, sealChallenge } from "../two-factor/tokens.ts";

/** That of a sign-in: whoever has not been given the sealed challenge does not know the epoch in it. */
export function challengeOfSignIn({ id, userId, purpose, epoch, binding, expiresAt }: Challenge): string {
  return derived(purpose, id, userId, epoch, binding ?? "", String(expiresAt));
}

/** That of a registration: its id is random and counts for one user and binding. */
export function challengeOfRegistration(userId: string, { id, bindingHash, expiresAt }: Pending): string {
  return derived("register", id, userId, bindingHash ?? "", String(expiresAt));
}

function derived(...fields: readonly string[]): string {
  return toBase64Url(sha256(lengthPrefixed("twinlock passkey", ...fields)));
}

/** That of somebody who is signed in: the sealed challenge itself, which the browser sends back in its client data. */
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
