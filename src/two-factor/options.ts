/** What the host chooses: the options of `createTwoFactor` and `createAdmin`. */

import type { BackupCodeAlphabet } from "../backup-codes.ts";
import type { HashName } from "../internal/hmac.ts";
import type { Requirement } from "../rules/policy.ts";
import type { FirstFactor, ProofOperation } from "../rules/proof.ts";
import type { UserStore } from "../store.ts";
import type { TwoFactorEvent } from "./event.ts";
import type { Passkeys } from "./passkey-types.ts";
import type { ProofRequirement } from "./proof-rows.ts";
import type { MaybePromise } from "./types.ts";

/** What `authorize` is asked about: `sign_in` covers `verify`, the last five are those of `twinlock/admin`. */
export type Operation =
  | "sign_in"
  | "enroll"
  | "replace"
  | "disable"
  | "regenerate"
  | "reset"
  | "unlock"
  | "import"
  | "export"
  | "rename";

/** Defaults: SHA1, 6 digits, 30 seconds, one step to either side. Authenticator apps ignore most other values. */
export interface TotpOptions {
  /** `"SHA1"` by default. */
  algorithm?: HashName | undefined;
  /** 6 to 8; 6 by default. */
  digits?: number | undefined;
  /** Seconds, 15 to 120; 30 by default. */
  period?: number | undefined;
  /** Steps, 0 to 2 each; 1 each by default. */
  window?: { past?: number | undefined; future?: number | undefined } | undefined;
}

/** Defaults: ten codes of eight digits, issued when the enrollment is confirmed, without acknowledgement. */
export interface BackupCodeOptions {
  /** False issues none until `backupCodes.regenerate`; true by default. */
  atEnrollment?: boolean | undefined;
  /** 1 to 16; 10 by default. */
  count?: number | undefined;
  /** `"digits"` by default; `"base32"` is Crockford's: no I, L, O, U. */
  alphabet?: BackupCodeAlphabet | undefined;
  /** Characters, 8 to 32, never as many as an app code has digits; 8 by default. */
  length?: number | undefined;
  /** True activates a factor, or a batch, when the person says that the codes are saved; false by default. */
  acknowledge?: boolean | undefined;
  /** An event tells the host when so many or fewer are left, 0 to 16; 3 by default. */
  low?: number | undefined;
}

/** Defaults: trusted for 30 days, known for 365 (both in seconds), at most ten devices a user. */
export interface TrustedDeviceOptions {
  /** Seconds from the code, a minute to 365 days; 30 days by default. */
  trustedFor?: number | undefined;
  /** Seconds from its first code, a minute to 400 days; 365 days by default. */
  knownFor?: number | undefined;
  /** Devices a user, 1 to 10; 10 by default. */
  max?: number | undefined;
}

/**
 * Defaults: four free failures, then 30 seconds doubling to an hour, an end at 100; unknown devices also 20 in 30
 * days and 100 in 365. Delays and `within` are in seconds.
 */
export interface ThrottleOptions {
  /** Failures in a row before the first wait, 0 to 10; 4 by default. */
  free?: number | undefined;
  /** Seconds of the first wait, 1 to 3,600; 30 by default. */
  firstDelay?: number | undefined;
  /** Seconds of the longest wait, `firstDelay` to a day; an hour by default. */
  maxDelay?: number | undefined;
  /** Failures in a row after which no wait helps, `free` + 1 to 100; 100 by default. */
  hardStop?: number | undefined;
  /** Failures from unknown devices, for each kind of code, that no success clears; at most four limits. */
  unknown?: readonly { failures: number; within: number }[] | undefined;
}

/** Seconds; 600 each by default. */
export interface Lifetimes {
  /** From the first factor to the code, 60 to 3,600. */
  challenge?: number | undefined;
  /** 60 to 3,600. */
  elevation?: number | undefined;
  /** From `begin` to `confirm`, and as long again to `acknowledge`, 60 to 3,600. */
  enrollment?: number | undefined;
}

/**
 * An authenticator of another system, and the backup codes of its owner. Instants are epoch milliseconds; null is the
 * same as left out.
 */
export interface LegacyEnrollment {
  /**
   * Base32 or bytes, 10 to 64 bytes. Bits of the text that belong to no byte drop, as in authenticator apps. What is
   * stored as hex, or as text that is the key itself, comes as bytes.
   */
  secret: string | Uint8Array;
  /** 6 to 8; 6 by default. */
  digits?: number | null | undefined;
  /** Seconds, 15 to 120; 30 by default. */
  period?: number | null | undefined;
  /** `"SHA1"` by default. */
  algorithm?: HashName | null | undefined;
  /** The last step (epoch seconds / `period`) that the other system accepted: no code up to it is accepted again. */
  lastStep?: number | null | undefined;
  /** Epoch milliseconds; now by default, and where it is ahead. */
  enrolledAt?: number | null | undefined;
  /** What the person calls this authenticator: one line, cut to 64 bytes. */
  label?: string | null | undefined;
  /** Unused backup codes in plain text, of any letters, 8 to 64 characters; the first 16 that can come along do. */
  backupCodes?: readonly string[] | null | undefined;
  /**
   * In the place of `backupCodes`: a name for each unused code that stays in the other system as a digest, such as that
   * digest, 1 to 1,024 characters; at most 16. `legacy.backupCode` says which one was typed.
   */
  legacyCodes?: readonly string[] | null | undefined;
  /** In the place of both: the digests that `exportEnrollment` gave. */
  backupDigests?: BackupDigests | null | undefined;
}

/**
 * Backup codes as they are kept: scrypt (N 2^14, r 8, p 1, 16 bytes) of the code, canonical and in ASCII, under `salt`;
 * digests and salt are base64url. Those of `"legacy"` name codes of another system and hold nothing of them.
 */
export interface BackupDigests {
  id: string;
  alphabet: BackupCodeAlphabet | "text" | "legacy";
  /** Characters of a code; of `"text"` and `"legacy"` at least so many. */
  length: number;
  salt: string;
  /** Epoch milliseconds. */
  createdAt: number;
  codes: readonly { digest: string; usedAt: number | null }[];
}

/** Where people had their second factor before. Each call may take `storeTimeout`; whatever it throws fails closed. */
export interface LegacyOptions {
  /**
   * What the old system holds of a user's confirmed second factor; null for somebody without one, a list where there are
   * several authenticators. Asked where a record is loaded of whom neither a factor nor its removal is known.
   */
  enrollment?:
    | ((userId: string) => MaybePromise<LegacyEnrollment | readonly LegacyEnrollment[] | null>)
    | undefined;
  /**
   * Which of `legacyCodes` was typed; null for none. It gets what was typed, without white space around it, and need not
   * look whether the code is used. Asked after the attempt was charged.
   */
  backupCode?: ((userId: string, code: string) => MaybePromise<string | null>) | undefined;
}

/**
 * What `createTwoFactor` and `createAdmin` take; wrong values throw when the application starts. `HostOperation` are the
 * names of the host's own operations, which TypeScript reads from `reauthentication`.
 */
export interface TwoFactorOptions<HostOperation extends string = never> {
  /** The name that the authenticator app shows; no colon. */
  issuer: string;
  /** Where records live: one of `twinlock/stores/*`, or two methods of the host's. */
  store: UserStore;
  /** Keys separated by spaces: the first seals, all open. `npx twinlock key` prints one. */
  keys: string | undefined;
  /** Whether the password is right; without it `reauthentication.enroll` must be written. */
  verifyPassword?: ((userId: string, password: string) => MaybePromise<boolean>) | undefined;
  /** Who must have a second factor. It can only add: an enrolled user is asked, unless the device is trusted. */
  requirement?: ((userId: string) => MaybePromise<Requirement>) | undefined;
  /** The last veto: false refuses the operation, and so does a throw, which the event `policy_error` tells of. */
  authorize?: ((userId: string, operation: Operation | HostOperation) => MaybePromise<boolean>) | undefined;
  /** Hears of everything after it was stored. Not awaited; it cannot change an outcome. */
  onEvent?: ((event: TwoFactorEvent) => MaybePromise<void>) | undefined;
  /** Hears of what `onEvent` has thrown, and of the event that was lost with it. */
  onEventError?: ((cause: unknown, event: TwoFactorEvent) => MaybePromise<void>) | undefined;
  /** Where people had their second factor before: each comes along when their record is first read. */
  legacy?: LegacyOptions | undefined;
  /** Passkeys beside codes: what `passkeys` of `twinlock/passkeys` makes. */
  passkeys?: Passkeys | undefined;
  /** What an app code is. */
  totp?: TotpOptions | undefined;
  /** False: no backup codes at all. */
  backupCodes?: false | BackupCodeOptions | undefined;
  /** False: no device skips the second factor. Known devices keep their own attempt budget. */
  trustedDevices?: false | TrustedDeviceOptions | undefined;
  /** How often codes and passwords may be tried. */
  throttle?: ThrottleOptions | undefined;
  /**
   * What each operation asks for; by default the password and, where a factor is active, a code. Any other name is an
   * operation of the host's own, for `allow`.
   */
  reauthentication?: { [K in ProofOperation | HostOperation]?: ProofRequirement | undefined } | undefined;
  /**
   * Whether a first factor is two already, such as a passkey with user verification: no code is asked for after it. By
   * default none is; one that throws, or that answers anything but true, does not suffice.
   */
  sufficientFirstFactor?: ((firstFactor: FirstFactor) => boolean) | undefined;
  /** How long challenges, elevations and pending enrollments live. */
  lifetimes?: Lifetimes | undefined;
  /**
   * Seconds that a store call may take, 1 to 60; 5 by default. A write that lands later counts, and its events go out then.
   */
  storeTimeout?: number | undefined;
  /** Whether attempts on one user take turns in this process; true by default. */
  queue?: boolean | undefined;
  /** Epoch milliseconds; `Date.now` by default. */
  clock?: (() => number) | undefined;
}
