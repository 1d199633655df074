/** What the calls take that ask again for what a sign-in has shown. */

import type { Proof, SignInOptions } from "./types.ts";

/** What `allow` takes. */
export interface AllowOptions extends Proof {
  /** What is about to happen, in words, at most 4,096 characters: an elevation serves if it was made for the same. */
  transaction?: string | undefined;
}

/** What `reauthenticate` takes. */
export interface ReauthenticateOptions<AnyOperation extends string> extends Omit<Proof, "elevation"> {
  /** The elevation serves this operation alone; without it, every one that names no transaction. */
  for?: AnyOperation | undefined;
  /** What the person was shown and confirms, at most 4,096 characters: the elevation serves nothing else. Needs `for`. */
  transaction?: string | undefined;
}

/** What `asks` takes. */
export interface AskOptions {
  /** The session's random value; null by default. */
  binding?: string | null | undefined;
  elevation?: string | undefined;
  firstFactor?: SignInOptions["firstFactor"];
  transaction?: string | undefined;
}
