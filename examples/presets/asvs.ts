/**
 * What options can do towards OWASP ASVS 5.0, chapter V6, level 2; add `issuer`, `store`, `keys` and your callbacks.
 * docs/presets.md says which requirements this meets and which are yours.
 */

import type { TwoFactorOptions } from "twinlock";

export const asvs = {
  totp: { window: { past: 0, future: 0 } }, // a code lives 30 seconds and no longer (6.5.5)
} satisfies Partial<TwoFactorOptions>;
