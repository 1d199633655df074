/** A sign-in that has begun: what the host said of it, and the challenge that proves it. */

import type { FirstFactor } from "../rules/proof.ts";
import type { Call } from "./call.ts";
import { type Challenge, sealChallenge } from "./tokens.ts";
import type { Loaded } from "./transact.ts";

/** A sign-in that has begun: what the host said of it, and what the store holds. */
export interface Begun {
  call: Call;
  binding: string | null;
  firstFactor: FirstFactor | null;
  deviceToken: string | undefined;
  loaded: Loaded;
}

/** Proof that the first factor succeeded, of a record of this epoch. */
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
