/** The options of `allow`, `reauthenticate` and `asks`. */

import type { Proof, SignInOptions } from "./types.ts";

/** Options of `allow`. */
export interface AllowOptions extends Proof {
  /** What is about to happen, in words, at most 4,096 characters. An elevation must have been made for the same text. */
  transaction?: string | undefined;
}

/** Options of `reauthenticate`. */
export interface ReauthenticateOptions<AnyOperation extends string> extends Omit<Proof, "elevation"> {
  /** The only operation that the elevation allows. By default it allows all, but none with a transaction. */
  for?: AnyOperation | undefined;
  /** What the person confirms, at most 4,096 characters. The elevation allows nothing else. Needs `for`. */
  transaction?: string | undefined;
}

/** Options of `asks`. */
export interface AskOptions {
  /** The session's random value; null by default. */
  binding?: string | null | undefined;
  elevation?: string | undefined;
  firstFactor?: SignInOptions["firstFactor"];
  transaction?: string | undefined;
}
