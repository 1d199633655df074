/** What an attempt is made with, and what it is made for. */

import type { UserRecord } from "../record.ts";
import type { Decision } from "../rules/decision.ts";
import type { Verified } from "../rules/verification.ts";
import type { Guard, Repeat } from "./call.ts";
import type { Challenge } from "./tokens.ts";

/** What was typed, and what the token of a known device is kept as, if there is one. */
export interface Typed {
  code: unknown;
  tokenHash: string | null;
  accepts: "app" | "any" | "passkey";
  bindingHash: string | null;
  /** The challenge of a sign-in, whose success forgives its failures. */
  challenge?: Challenge | undefined;
}

/** What a code is for: `guard` can refuse before it is evaluated, `accept` adds to the write of a success. */
export interface Purpose<T> {
  guard?: Guard;
  /** For a code that may be sent twice. */
  repeat?: Repeat<T> | null;
  accept(record: UserRecord, verified: Verified): Decision<T>;
}
