/** What a person who has just passed the second factor gets: assurance, an elevation, a device. */

import { toBase64Url, utf8 } from "../internal/bytes.ts";
import { sha256 } from "../internal/hmac.ts";
import { type UserRecord, unusedCodes } from "../record.ts";
import { workingBatch } from "../rules/backup-codes.ts";
import { spendChallenge } from "../rules/challenges.ts";
import type { Decision, Method } from "../rules/decision.ts";
import { admit, type DeviceGrant, deviceLabel, freshDevice } from "../rules/devices.ts";
import type { Service } from "./service.ts";
import { type Challenge, type FirstFactor, sealElevation } from "./tokens.ts";
import type { Assurance, Context, SignedIn } from "./types.ts";

/** A success that is about to be stored. */
export interface Success {
  ok: true;
  method: Method;
  stepOffset: number;
  device: DeviceGrant | null;
  record: UserRecord;
}

export interface Browser {
  deviceToken: unknown;
  tokenHash: string | null;
  trustDevice: unknown;
  context: Context | undefined;
}

/** Adds to a success what belongs in the same write: the browser becomes known, the challenge is spent. */
export function admitBrowser(
  service: Service,
  record: UserRecord,
  verified: { method: Method; stepOffset: number },
  browser: Browser,
  now: number,
  challenge?: Challenge,
): Decision<Success> {
  const spent = challenge ? spendChallenge(record, challenge, now) : record;
  const { deviceToken, tokenHash } = browser;
  const asked = {
    tokenHash,
    token: typeof deviceToken === "string" ? deviceToken : null,
    trust: browser.trustDevice === true,
    label: deviceLabel(browser.context?.["device"]),
  };
  const fresh = () => freshDevice(service.random, (token) => toBase64Url(sha256(utf8(token))));
  const { outcome: device, ...admitted } = admit(spent, asked, now, fresh, service.settings.devices);
  const { method, stepOffset } = verified;
  return { ...admitted, outcome: { ok: true, method, stepOffset, device, record: admitted.record } };
}

/** Turns a stored success into what the host gets. */
export async function signedIn(
  service: Service,
  userId: string,
  success: Success,
  seen: { bindingHash: string | null; firstFactor: FirstFactor | null; now: number; verifiedAt?: number },
): Promise<SignedIn> {
  const { method, stepOffset, device, record } = success;
  const { firstFactor, now, verifiedAt = now } = seen;
  const password = firstFactor?.amr.includes("pwd") ?? false;
  const { elevation } = await sealElevation(service, {
    userId,
    epoch: record.epoch,
    binding: seen.bindingHash,
    held: { password, code: method },
    now,
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
