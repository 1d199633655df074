/** The shape of what a settings page may show. */

import type { Lock } from "../rules/locks.ts";
import type { State } from "../store.ts";

/** What a settings page may show: never a secret. Instants are epoch milliseconds. */
export interface Status {
  /** Of the active factor, or of the enrollment on its way to the first one. */
  state: State;
  /** Of the next authenticator, beside an active one. */
  replacing: null | "pending" | "awaiting_acknowledgement";
  /** When the factor became active. */
  enrolledAt: number | null;
  /** When an app code was last accepted. */
  lastUsedAt: number | null;
  /** The batch that works; `active` are unused. */
  backupCodes: {
    total: number;
    active: number;
    used: number;
    createdAt: number;
    /** There where they are those of the old system, which `legacy.backupCode` has to tell. */
    legacy?: true;
  } | null;
  /** How many authenticators. */
  authenticators: number;
  /** How many known devices. */
  devices: number;
  /** Everything that is closed now: codes from unknown devices, the password, and the first code of an enrollment. */
  locks: readonly Lock[];
  /** The end of a wait for app codes from unknown devices; null without one, and after the hard stop. */
  retryAt: number | null;
}
