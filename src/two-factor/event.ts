/** What the host hears of. */

import type { Detail } from "../errors.ts";
import type { EventType, Method, NamedPart } from "../rules/decision.ts";
import type { Context } from "./types.ts";

/** One thing that happened, after it was stored, `at` epoch milliseconds. Never holds a secret or a code. */
export interface TwoFactorEvent {
  type: EventType;
  userId: string;
  at: number;
  /** Whether the person should be told by another channel. */
  notify: boolean;
  /** The kind of code, where one is concerned. */
  method?: Method;
  /** Who did it, through `twinlock/admin`. */
  actor?: string;
  /** Why, through `twinlock/admin`; what `credentialChanged` was told; `legacy` where the old system was asked. */
  reason?: string;
  /** The exact cause of a refusal. */
  detail?: Detail;
  /** Steps from the server's to the code's, of `code_outside_window`. */
  stepOffset?: number;
  /** The known device, where one is concerned. */
  device?: NamedPart;
  /** Which authenticator, where one became active, was renamed or removed. */
  authenticator?: NamedPart;
  /** How many old backup codes could not come along, of `imported`, if any. */
  skippedCodes?: number;
  /** The passkey, where one is concerned. */
  passkey?: NamedPart;
  /** What the host's callback has thrown, of `policy_error`; not enumerable, so that it gets into no JSON. */
  cause?: unknown;
  /** What was passed with the call. */
  context?: Context;
}
