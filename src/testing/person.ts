/** A person who has turned the second factor on, with which most tests start. */

import type { Failure } from "../errors.ts";
import { PERIOD } from "../otp/totp.ts";
import type { TwoFactor } from "../two-factor/interface.ts";
import type { TwoFactorOptions } from "../two-factor/options.ts";
import type { Proof, SignedIn } from "../two-factor/types.ts";
import { type VirtualAuthenticator, virtualAuthenticator } from "./authenticator.ts";
import type { FakeClock } from "./clock.ts";

/** Enrolls a user: scans, types the first code, and acknowledges the backup codes where that is on. */
export async function enrollPerson(
  twoFactor: TwoFactor,
  { clock, totp }: { clock: FakeClock; totp?: TwoFactorOptions["totp"] },
  userId: string,
  { binding = null, ...proof }: Partial<Proof>,
): Promise<{ phone: VirtualAuthenticator; backupCodes: readonly string[]; signIn: SignedIn }> {
  const phone = virtualAuthenticator({ clock });
  const { begin, confirm, acknowledge } = twoFactor.enrollment;
  const { enrollmentId, keyUri } = done(await begin(userId, { accountName: userId, binding, ...proof }));
  phone.scan(keyUri);
  const confirmed = done(await confirm(userId, { enrollmentId, code: phone.code(), binding }));
  const { backupCodes } = confirmed;
  const { signIn } =
    confirmed.state === "active"
      ? confirmed
      : done(await acknowledge(userId, { batchId: backupCodes?.batchId, binding }));
  clock.advance(totp?.period ?? PERIOD);
  return { phone, backupCodes: backupCodes?.codes ?? [], signIn };
}

function done<T extends { ok: true }>(result: T | Failure): T {
  if (!result.ok) throw new Error(`enroll: ${result.detail}`);
  return result;
}
