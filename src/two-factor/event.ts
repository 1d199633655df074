/** The shape of an event. */

import type { Detail } from "../errors.ts";
import type { EventType, Method } from "../rules/decision.ts";
import type { Context } from "./types.ts";

/** Something that happened and was stored, `at` epoch milliseconds. It never holds a secret or a code. */
export interface TwoFactorEvent {
  type: EventType;
  userId: string;
  at: number;
  /** Whether the person should be told by another channel. */
  notify: boolean;
  /** The kind of factor, where one is concerned. */
  method?: Method;
  /** Who did it, for a call of `twinlock/admin`. */
  actor?: string;
  /** Why: the reason of `twinlock/admin` or `credentialChanged`, or `legacy` where the old system was asked. */
  reason?: string;
  /** The exact cause of a refusal. */
  detail?: Detail;
  /** The code's step minus the server's, in `code_outside_window`. */
  stepOffset?: number;
  /** The known device, where one is concerned. */
  device?: { id: string; label: string | null };
  /** The authenticator that became active, was renamed or removed. */
  authenticator?: { id: string; label: string | null };
  /** How many old backup codes could not be taken over, in `imported`. */
  skippedCodes?: number;
  /** The passkey, where one is concerned. */
  passkey?: { id: string; label: string | null };
  /** What your callback has thrown, in `policy_error`. It is not enumerable, so that it is not in the JSON. */
  cause?: unknown;
  /** The `context` that was passed with the call. */
  context?: Context;
}
