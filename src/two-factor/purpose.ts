/** An attempt: what was typed, and what it is for. */

import type { UserRecord } from "../record.ts";
import type { Decision } from "../rules/decision.ts";
import type { Accepts, Verified } from "../rules/verification.ts";
import type { Guard, Repeat } from "./call.ts";
import type { Challenge } from "./tokens.ts";

/** What was typed, and the hash of the token of a known device, if there is one. */
export interface Typed {
  code: unknown;
  tokenHash: string | null;
  accepts: Accepts;
  bindingHash: string | null;
  /** The challenge of a sign-in, whose failures are forgiven when it succeeds. */
  challenge?: Challenge | undefined;
}

/** What a code is for. `guard` can refuse before it is evaluated; `accept` adds to the write of a success. */
export interface Purpose<T> {
  guard?: Guard;
  /** How the success is repeated for a code that is sent twice. */
  repeat?: Repeat<T> | null;
  accept(record: UserRecord, verified: Verified): Decision<T>;
}
