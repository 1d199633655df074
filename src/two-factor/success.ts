/** The result of passing the second factor: assurance, an elevation and a device. */

import { toBase64Url, utf8 } from "../internal/bytes.ts";
import { sha256 } from "../internal/hmac.ts";
import { type Passkey, type UserRecord, unusedCodes } from "../record.ts";
import { workingBatch } from "../rules/backup-codes.ts";
import { spendChallenge } from "../rules/challenges.ts";
import type { Decision, Method, Random } from "../rules/decision.ts";
import { admit, type DeviceGrant, type FreshDevice, freshDevice } from "../rules/devices.ts";
import { labelText } from "../rules/label.ts";
import type { FirstFactor, Proven } from "../rules/proof.ts";
import type { Call } from "./call.ts";
import { type Challenge, prepareElevation } from "./tokens.ts";
import type { Assurance, Context, SignedIn } from "./types.ts";

/** A right code: its kind, and when it was shown, if that was before this call. */
export interface Shown {
  method: Method;
  stepOffset: number;
  verifiedAt?: number;
  /** RFC 8176's names for what a passkey has shown. */
  amr?: readonly string[] | null | undefined;
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
  /** The random source of a new device, where a repeated call has to make the same device. */
  random?: Random | undefined;
}

/** Makes a device that is not stored yet. */
export function newDevice(random: Random): FreshDevice {
  return freshDevice(random, (token) => toBase64Url(sha256(utf8(token))));
}

/** Adds to the write of a success: the device becomes known, and the challenge is spent. */
export function admitDevice(
  { service, now }: Call,
  record: UserRecord,
  { verifiedAt = now, ...shown }: Shown,
  { deviceToken, tokenHash, trustDevice, remember, context, random = service.random }: Sender,
  challenge?: Challenge,
): Decision<Success> {
  const spent = challenge ? spendChallenge(record, challenge, now) : record;
  if (remember === false) {
    const outcome: Success = { ok: true, ...shown, verifiedAt, device: null, record: spent };
    return { record: spent, outcome, events: [] };
  }
  const asked = {
    tokenHash,
    token: typeof deviceToken === "string" ? deviceToken : null,
    trust: trustDevice === true,
    label: labelText(context?.["device"]),
  };
  const fresh = () => newDevice(random);
  const { outcome: device, ...admitted } = admit(spent, asked, now, fresh, service.settings.devices);
  const outcome: Success = { ok: true, ...shown, verifiedAt, device, record: admitted.record };
  return { ...admitted, outcome };
}

/** Turns a stored success into what the call returns. */
export async function signedIn(
  { service, userId, now }: Call,
  { method, amr, stepOffset, verifiedAt = now, device, record }: Success,
  { bindingHash, firstFactor }: { bindingHash: string | null; firstFactor: FirstFactor | null },
): Promise<SignedIn> {
  const { token } = await prepareElevation(service, {
    userId,
    epoch: record.epoch,
    binding: bindingHash,
    firstFactor: firstFactor && shownBy(firstFactor, now),
    code: { method, at: Math.min(verifiedAt, now), amr: amr ?? null },
    scope: null,
  });
  return {
    ok: true,
    userId,
    method,
    assurance: twoFactors(firstFactor, { method, amr }, Math.min(verifiedAt, now)),
    get elevation() {
      return token();
    },
    device,
    backupCodesLeft: unusedCodes(workingBatch(record, service.settings)),
    stepOffset,
  };
}

/** Returns RFC 8176's names for what was shown. There is none for backup codes. */
function namesOf({ method, amr }: Pick<Shown, "method" | "amr">): readonly string[] {
  return amr ?? (method === "app" ? ["otp"] : []);
}

/** Returns what a passkey shows: a key in its device (`hwk`) or one that may be copied (`swk`), and user presence. */
export function passkeyShown({ synced }: Passkey): { method: "passkey"; amr: readonly string[] } {
  return { method: "passkey", amr: [synced ? "swk" : "hwk", "user"] };
}

/** Returns the assurance of both factors, which RFC 8176 names `mfa`. */
export function twoFactors(
  firstFactor: FirstFactor | null,
  shown: Pick<Shown, "method" | "amr">,
  now: number,
): Assurance {
  const names = [...(firstFactor?.amr ?? []), ...namesOf(shown), "mfa"];
  return { aal: 2, amr: [...new Set(names)], authenticatedAt: now };
}

/** Returns the assurance of the first factor alone, where the second was skipped. */
export function oneFactor(firstFactor: FirstFactor | null, now: number): Assurance {
  return { aal: 1, amr: firstFactor?.amr ?? [], authenticatedAt: firstFactor?.authenticatedAt ?? now };
}

/** Returns the assurance of a first factor that is two factors, as the application says: none was checked here. */
export function hostsTwoFactors({ amr, authenticatedAt }: FirstFactor): Assurance {
  return { aal: 2, amr: [...new Set([...amr, "mfa"])], authenticatedAt, vouchedBy: "host" };
}

/** Returns the assurance of a code alone, which is one factor, or of a passkey, which is two if it asked its user. */
export function codeAlone(shown: Pick<Shown, "method" | "amr">, now: number): Assurance {
  const amr = namesOf(shown);
  return { aal: amr.includes("mfa") ? 2 : 1, amr, authenticatedAt: now };
}

/** Returns the assurance of the parts that were shown. */
export function assuranceOf({ firstFactor, code }: Proven, now: number): Assurance {
  if (!code) return oneFactor(firstFactor, now);
  return firstFactor ? twoFactors(firstFactor, code, code.at) : codeAlone(code, code.at);
}

/** Returns a first factor whose instant is not in the future. */
export function shownBy({ amr, authenticatedAt }: FirstFactor, now: number): FirstFactor {
  return { amr, authenticatedAt: Math.min(authenticatedAt, now) };
}
