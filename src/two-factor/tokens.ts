/** Challenges and elevations: sealed tokens that are short-lived and belong to a user, an epoch and a binding. */

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

/** A challenge, which proves that the first factor succeeded. */
export interface Challenge {
  id: string;
  userId: string;
  /**
   * What the challenge is for. With `add` only a passkey can be enrolled, beside the active factors. `passkey` is
   * signed by a passkey of a user who is signed in.
   */
  purpose: "code" | "enroll" | "add" | "passkey";
  epoch: string;
  binding: string | null;
  expiresAt: number;
  firstFactor: FirstFactor | null;
  /** The device token that the sign-in began with, so that its attempts are charged to that device. */
  deviceToken: string | null;
}

/** An elevation, which proves a recent re-authentication. Each part counts for as long as its lifetime lasts. */
export interface Elevation extends Proven {
  id: string;
  userId: string;
  epoch: string;
  binding: string | null;
  expiresAt: number;
  /** What the elevation is limited to; null for any operation without a transaction. */
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
    return undefined; // sealed by another version of the library
  }
}

export async function sealChallenge(service: Service, challenge: Omit<Challenge, "id">): Promise<string> {
  const id = toBase64Url(service.random(6));
  return service.keyring.sealToken("challenge", JSON.stringify(challengeCodec.encode({ ...challenge, id })));
}

/** Opens a challenge of one of these purposes for the session with this binding. {@link stale} checks its epoch. */
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

/** Returns why a challenge no longer counts for this record, or null. */
export function stale(challenge: Challenge, record: UserRecord): Failure | null {
  if (record.epoch !== challenge.epoch) return failure("challenge_invalid");
  return refusalOfSpent(record, challenge);
}

/** Prepares an elevation that is sealed when it is read; `lifetime`, in seconds, runs from its latest part. */
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

/** Opens an elevation of this user and binding. The caller checks its age, its epoch and its scope. */
export async function openElevation(
  service: Service,
  token: unknown,
  userId: string,
  binding: string | null,
): Promise<Elevation | undefined> {
  const elevation = await open(service, "elevation", elevationCodec, token);
  return !elevation || elevation.userId !== userId || elevation.binding !== binding ? undefined : elevation;
}
