/** What a person who has just passed the second factor gets: assurance, an elevation, a device. */

import { toBase64Url, utf8 } from "../internal/bytes.ts";
import { sha256 } from "../internal/hmac.ts";
import { type UserRecord, unusedCodes } from "../record.ts";
import { workingBatch } from "../rules/backup-codes.ts";
import { spendChallenge } from "../rules/challenges.ts";
import type { Decision, Method } from "../rules/decision.ts";
import { admit, type DeviceGrant, freshDevice } from "../rules/devices.ts";
import { labelText } from "../rules/label.ts";
import type { Call } from "./call.ts";
import { type Challenge, type FirstFactor, sealElevation } from "./tokens.ts";
import type { Assurance, Context, SignedIn } from "./types.ts";

/** A right code: of which kind, and when it was shown, where that was before this call. */
export interface Shown {
  method: Method;
  stepOffset: number;
  verifiedAt?: number;
}

/** A success that is about to be stored. */
export interface Success extends Shown {
  ok: true;
  device: DeviceGrant | null;
  record: UserRecord;
}

/** The device that a code comes from. */
export interface Sender {
  deviceToken: unknown;
  tokenHash: string | null;
  trustDevice: unknown;
  remember: unknown;
  context: Context | undefined;
}

/** Adds to a success what belongs in the same write: the device becomes known, the challenge is spent. */
export function admitDevice(
  { service, now }: Call,
  record: UserRecord,
  { method, stepOffset, verifiedAt = now }: Shown,
  { deviceToken, tokenHash, trustDevice, remember, context }: Sender,
  challenge?: Challenge,
): Decision<Success> {
  const spent = challenge ? spendChallenge(record, challenge, now) : record;
  if (remember === false) {
    const outcome: Success = { ok: true, method, stepOffset, verifiedAt, device: null, record: spent };
    return { record: spent, outcome, events: [] };
  }
  const asked = {
    tokenHash,
    token: typeof deviceToken === "string" ? deviceToken : null,
    trust: trustDevice === true,
    label: labelText(context?.["device"]),
  };
  const fresh = () => freshDevice(service.random, (token) => toBase64Url(sha256(utf8(token))));
  const { outcome: device, ...admitted } = admit(spent, asked, now, fresh, service.settings.devices);
  const outcome: Success = { ok: true, method, stepOffset, verifiedAt, device, record: admitted.record };
  return { ...admitted, outcome };
}

/** Turns a stored success into what the host gets. */
export async function signedIn(
  { service, userId, now }: Call,
  { method, stepOffset, verifiedAt = now, device, record }: Success,
  { bindingHash, firstFactor }: { bindingHash: string | null; firstFactor: FirstFactor | null },
): Promise<SignedIn> {
  const { elevation } = await sealElevation(service, {
    userId,
    epoch: record.epoch,
    binding: bindingHash,
    passwordAt: firstFactor?.amr.includes("pwd") ? Math.min(firstFactor.authenticatedAt, now) : null,
    code: { method, at: Math.min(verifiedAt, now) },
  });
  return {
    ok: true,
    userId,
    method,
    assurance: twoFactors(firstFactor, method, Math.min(verifiedAt, now)),
    elevation,
    device,
    backupCodesLeft: unusedCodes(workingBatch(record, service.settings)),
    stepOffset,
  };
}

/** Both factors. RFC 8176 has a name for app codes (`otp`) and for several factors (`mfa`), none for backup codes. */
export function twoFactors(firstFactor: FirstFactor | null, method: Method, now: number): Assurance {
  const names = [...(firstFactor?.amr ?? []), ...(method === "app" ? ["otp"] : []), "mfa"];
  return { aal: 2, amr: [...new Set(names)], authenticatedAt: now };
}

/** The first factor alone, however the second was skipped. */
export function oneFactor(firstFactor: FirstFactor | null, now: number): Assurance {
  return { aal: 1, amr: firstFactor?.amr ?? [], authenticatedAt: firstFactor?.authenticatedAt ?? now };
}

/** A code alone is one factor, too, whoever else may have shown the other before. */
export function codeAlone(method: Method, now: number): Assurance {
  return { aal: 1, amr: method === "app" ? ["otp"] : [], authenticatedAt: now };
}
