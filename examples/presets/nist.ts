/**
 * What options can do towards NIST SP 800-63B-4 at AAL2; add `issuer`, `store`, `keys` and your callbacks.
 * docs/presets.md says which requirements this meets, which it does not, and which are yours.
 */

import type { TwoFactorOptions } from "twinlock";

export const nist = {
  backupCodes: { alphabet: "base32", length: 16 }, // 80 bits; saved recovery codes want 64 (s.4.2.1.1)
  throttle: { hardStop: 100 }, // consecutive failures (s.3.2.2); the default, written down
  trustedDevices: false, // a cookie is no physical authenticator (s.3.2.1): nobody skips the second factor
} satisfies Partial<TwoFactorOptions>;
