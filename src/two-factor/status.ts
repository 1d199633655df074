/** The type that `status` returns. */

import type { Lock } from "../rules/locks.ts";
import type { State } from "../store.ts";

/** The status of a user's second factor, for a settings page. It has no secrets. Instants are epoch milliseconds. */
export interface Status {
  /** The state of the active factor, or of the enrollment of the first one. */
  state: State;
  /** The state of a new authenticator beside an active one; null without one. */
  replacing: null | "pending" | "awaiting_acknowledgement";
  /** When the factor became active. */
  enrolledAt: number | null;
  /** When an app code was last accepted. */
  lastUsedAt: number | null;
  /** The numbers of backup codes in the current batch; `active` ones are unused. */
  backupCodes: {
    total: number;
    active: number;
    used: number;
    createdAt: number;
    /** Present where the codes stayed in the old system, so that `legacy.backupCode` checks them. */
    legacy?: true;
  } | null;
  /** How many authenticators are active. */
  authenticators: number;
  /** How many devices are known. */
  devices: number;
  /** What cannot be tried now: codes from unknown devices, the password, or the first code of an enrollment. */
  locks: readonly Lock[];
  /** When the wait for app codes from unknown devices ends; null without one, and after the hard stop. */
  retryAt: number | null;
}
