/** Challenges and elevations: sealed, short-lived, bound to a user, an epoch and a binding. */

import { type Failure, failure } from "../errors.ts";
import { toBase64Url } from "../internal/bytes.ts";
import { type Codec, instant, list, nullable, oneOf, struct, text } from "../internal/codec.ts";
import type { TokenKind } from "../keyring.ts";
import type { UserRecord } from "../record.ts";
import { refusalOfSpent } from "../rules/challenges.ts";
import type { Method } from "../rules/decision.ts";
import { isLive, MAX_LIFETIME } from "../rules/lifetime.ts";
import { type FirstFactor, MAX_OPERATION, type Proven, type Scope } from "../rules/proof.ts";
import type { Service } from "./service.ts";

const ID = text(22);
const USER_ID = text(1_024);
const BINDING = nullable(text(43));

/** Proof that the first factor succeeded. */
export interface Challenge {
  id: string;
  userId: string;
  /**
   * With `add` a passkey can be enrolled and nothing else, beside what is there. `passkey` is the one that a passkey signs
   * for somebody who is signed in.
   */
  purpose: "code" | "enroll" | "add" | "passkey";
  epoch: string;
  binding: string | null;
  expiresAt: number;
  firstFactor: FirstFactor | null;
  /** The device token that the sign-in began with, so that its attempts are charged to that device. */
  deviceToken: string | null;
}

/** Proof of a recent re-authentication. It holds each part for as long as that part is within the lifetime. */
export interface Elevation extends Proven {
  id: string;
  userId: string;
  epoch: string;
  binding: string | null;
  expiresAt: number;
  /** Null: for any operation. */
  scope: Scope | null;
}

export const MAX_AMR = 8;
export const MAX_AMR_LENGTH = 32;

const firstFactor: Codec<FirstFactor> = struct({
  amr: list(text(MAX_AMR_LENGTH), MAX_AMR),
  authenticatedAt: instant,
});

const challengeCodec: Codec<Challenge> = struct({
  id: text(8),
  userId: USER_ID,
  purpose: oneOf<Challenge["purpose"]>("code", "enroll", "add", "passkey"),
  epoch: ID,
  binding: BINDING,
  expiresAt: instant,
  firstFactor: nullable(firstFactor),
  deviceToken: BINDING,
});

const elevationCodec: Codec<Elevation> = struct({
  id: text(8),
  userId: USER_ID,
  epoch: ID,
  binding: BINDING,
  expiresAt: instant,
  firstFactor: nullable(firstFactor),
  code: nullable(
    struct({
      method: oneOf<Method>("app", "backup", "passkey"),
      at: instant,
      amr: nullable(list(text(MAX_AMR_LENGTH), MAX_AMR)),
    }),
  ),
  scope: nullable(struct({ operation: text(MAX_OPERATION), transaction: BINDING })),
});

async function open<T>(
  service: Service,
  kind: TokenKind,
  codec: Codec<T>,
  token: unknown,
): Promise<T | undefined> {
  const json = await service.keyring.openToken(kind, token);
  if (json === undefined) return undefined;
  try {
    return codec.decode(JSON.parse(json));
  } catch {
    return undefined; // sealed by us, yet of another version
  }
}

export async function sealChallenge(service: Service, challenge: Omit<Challenge, "id">): Promise<string> {
  const id = toBase64Url(service.random(6));
  return service.keyring.sealToken("challenge", JSON.stringify(challengeCodec.encode({ ...challenge, id })));
}

/** Opens a challenge of one of these purposes for the session that holds the binding. The epoch is for {@link stale} to check. */
export async function openChallenge(
  service: Service,
  token: unknown,
  purposes: readonly Challenge["purpose"][],
  hash: string | null,
  now: number,
): Promise<Challenge | Failure> {
  const challenge = await open(service, "challenge", challengeCodec, token);
  if (!challenge || !purposes.includes(challenge.purpose) || challenge.binding !== hash)
    return failure("challenge_invalid");
  return isLive(challenge.expiresAt, now, MAX_LIFETIME) ? challenge : failure("challenge_expired");
}

/** Why a challenge no longer counts for this record, or null. */
export function stale(challenge: Challenge, record: UserRecord): Failure | null {
  if (record.epoch !== challenge.epoch) return failure("challenge_invalid");
  return refusalOfSpent(record, challenge);
}

/** What was proved, as an elevation when it is asked for; `lifetime` is in seconds, and runs from the last part of it. */
export async function prepareElevation(
  service: Service,
  about: Omit<Elevation, "id" | "expiresAt">,
  lifetime: number = service.settings.lifetimes.elevation,
): Promise<{ token: () => string; expiresAt: number }> {
  const latest = Math.max(about.firstFactor?.authenticatedAt ?? 0, about.code?.at ?? 0);
  const expiresAt = latest + lifetime * 1_000;
  const payload = () => {
    const id = toBase64Url(service.random(6));
    return JSON.stringify(elevationCodec.encode({ ...about, id, expiresAt }));
  };
  return { token: await service.keyring.sealOnDemand("elevation", payload), expiresAt };
}

/** Opens an elevation of this user and binding. Its age, its epoch and what it was made for are for the caller to judge. */
export async function openElevation(
  service: Service,
  token: unknown,
  userId: string,
  binding: string | null,
): Promise<Elevation | undefined> {
  const elevation = await open(service, "elevation", elevationCodec, token);
  return !elevation || elevation.userId !== userId || elevation.binding !== binding ? undefined : elevation;
}
