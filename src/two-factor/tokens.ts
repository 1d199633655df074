/** Challenges and elevations: sealed, short-lived, bound to a user, an epoch and a binding. */

import { type Failure, failure } from "../errors.ts";
import { toBase64Url } from "../internal/bytes.ts";
import { type Codec, instant, list, nullable, oneOf, struct, text } from "../internal/codec.ts";
import type { TokenKind } from "../keyring.ts";
import type { UserRecord } from "../record.ts";
import { refusalOfSpent } from "../rules/challenges.ts";
import type { Method } from "../rules/decision.ts";
import { isLive, MAX_LIFETIME } from "../rules/lifetime.ts";
import type { ProofHeld } from "../rules/policy.ts";
import { bindingHash, type Service } from "./service.ts";

const ID = text(22);
const USER_ID = text(1_024);
const BINDING = nullable(text(43));

/** What the host says about the first factor: RFC 8176 method names, and when (epoch milliseconds). */
export interface FirstFactor {
  amr: readonly string[];
  authenticatedAt: number;
}

/** Proof that the first factor succeeded. */
export interface Challenge {
  id: string;
  userId: string;
  purpose: "code" | "enroll";
  epoch: string;
  binding: string | null;
  expiresAt: number;
  firstFactor: FirstFactor | null;
  /** The device token that the sign-in began with, so that its attempts are charged to that device. */
  deviceToken: string | null;
}

/** What was proved, and when: the password, and a code of either kind. */
export interface Proven {
  passwordAt: number | null;
  code: { method: Method; at: number } | null;
}

/** Proof of a recent re-authentication. It holds each part for as long as that part is within the lifetime. */
export interface Elevation extends Proven {
  userId: string;
  epoch: string;
  binding: string | null;
  expiresAt: number;
}

export const MAX_AMR = 8;
export const MAX_AMR_LENGTH = 32;

const challengeCodec: Codec<Challenge> = struct({
  id: text(8),
  userId: USER_ID,
  purpose: oneOf<"code" | "enroll">("code", "enroll"),
  epoch: ID,
  binding: BINDING,
  expiresAt: instant,
  firstFactor: nullable(struct({ amr: list(text(MAX_AMR_LENGTH), MAX_AMR), authenticatedAt: instant })),
  deviceToken: BINDING,
});

const elevationCodec: Codec<Elevation> = struct({
  userId: USER_ID,
  epoch: ID,
  binding: BINDING,
  expiresAt: instant,
  passwordAt: nullable(instant),
  code: nullable(struct({ method: oneOf<Method>("app", "backup"), at: instant })),
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

/** Opens a challenge of one purpose for the session that holds the binding. The epoch is for {@link stale} to check. */
export async function openChallenge(
  service: Service,
  token: unknown,
  purpose: Challenge["purpose"],
  binding: unknown,
  now: number,
): Promise<Challenge | Failure> {
  const hash = bindingHash(binding);
  const challenge = await open(service, "challenge", challengeCodec, token);
  if (!challenge || challenge.purpose !== purpose || challenge.binding !== hash)
    return failure("challenge_invalid");
  return isLive(challenge.expiresAt, now, MAX_LIFETIME) ? challenge : failure("challenge_expired");
}

/** Why a challenge no longer counts for this record, or null. */
export function stale(challenge: Challenge, record: UserRecord): Failure | null {
  if (record.epoch !== challenge.epoch) return failure("challenge_invalid");
  return refusalOfSpent(record, challenge);
}

export async function sealElevation(
  service: Service,
  about: Omit<Elevation, "expiresAt">,
): Promise<{ elevation: string; expiresAt: number }> {
  const latest = Math.max(about.passwordAt ?? 0, about.code?.at ?? 0);
  const expiresAt = latest + service.settings.lifetimes.elevation * 1_000;
  const payload = JSON.stringify(elevationCodec.encode({ ...about, expiresAt }));
  return { elevation: await service.keyring.sealToken("elevation", payload), expiresAt };
}

/** Why an elevation does not count. */
export type ElevationRefusal = "elevation_invalid" | "elevation_expired";

/** Opens an elevation of this user and binding. The epoch is for the caller to compare with the record's. */
export async function openElevation(
  service: Service,
  token: unknown,
  userId: string,
  binding: string | null,
  now: number,
): Promise<{ epoch: string; held: ProofHeld } | ElevationRefusal> {
  const elevation = await open(service, "elevation", elevationCodec, token);
  if (!elevation || elevation.userId !== userId || elevation.binding !== binding) return "elevation_invalid";
  const { epoch, passwordAt, code } = elevation;
  const lifetime = service.settings.lifetimes.elevation;
  const counts = (at: number | null) => at !== null && isLive(at + lifetime * 1_000, now, MAX_LIFETIME);
  const held = { password: counts(passwordAt), code: code && counts(code.at) ? code.method : null };
  return held.password || held.code ? { epoch, held } : "elevation_expired";
}
