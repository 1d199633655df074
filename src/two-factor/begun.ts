/** A sign-in that has begun, and its challenge. */

import type { FirstFactor } from "../rules/proof.ts";
import type { Call } from "./call.ts";
import { type Challenge, sealChallenge } from "./tokens.ts";
import type { Loaded } from "./transact.ts";

/** A sign-in that has begun: the options of `signIn.begin`, and what the store holds. */
export interface Begun {
  call: Call;
  binding: string | null;
  firstFactor: FirstFactor | null;
  deviceToken: string | undefined;
  loaded: Loaded;
}

/** Seals a challenge, which proves that the first factor succeeded, under the epoch of this record. */
export async function challengeOf(
  { call: { service, userId, now }, binding, firstFactor }: Pick<Begun, "call" | "binding" | "firstFactor">,
  epoch: string,
  purpose: Challenge["purpose"],
  deviceToken: string | null = null,
): Promise<{ challenge: string; expiresAt: number }> {
  const expiresAt = now + service.settings.lifetimes.challenge * 1_000;
  const about = { userId, purpose, epoch, binding, expiresAt, firstFactor, deviceToken };
  return { challenge: await sealChallenge(service, about), expiresAt };
}
