/** The options of `createTwoFactor` and `createAdmin`. */

import type { HashName } from "../internal/hmac.ts";
import type { Requirement } from "../rules/policy.ts";
import type { ProofOperation } from "../rules/proof.ts";
import type { UserStore } from "../store.ts";
import type { TwoFactorEvent } from "./event.ts";
import type { Passkeys } from "./passkey-types.ts";
import type { ProofRequirement } from "./proof-rows.ts";
import type { MaybePromise } from "./types.ts";

/** The operations that `authorize` is asked about. `sign_in` covers `verify`; the last five are of `twinlock/admin`. */
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

/**
 * An authenticator of another system, and the backup codes of its owner. Null is the same as left out.
 */
export interface LegacyEnrollment {
  /**
   * The secret as Base32 or bytes, 10 to 64 bytes. Bits of Base32 that belong to no byte are dropped, as in
   * authenticator apps. If the secret is stored as hex, or as text that is the key itself, pass bytes.
   */
  secret: string | Uint8Array;
  /** 6 to 8; 6 by default. */
  digits?: number | null | undefined;
  /** Seconds, 15 to 120; 30 by default. */
  period?: number | null | undefined;
  /** `"SHA1"` by default. */
  algorithm?: HashName | null | undefined;
  /** The last step (epoch seconds / `period`) that the old system accepted. No code up to it is accepted again. */
  lastStep?: number | null | undefined;
  /** When it was enrolled, in epoch milliseconds; now by default, and if it is in the future. */
  enrolledAt?: number | null | undefined;
  /** What the person calls this authenticator: one line, cut to 64 bytes. */
  label?: string | null | undefined;
  /** Unused backup codes in plain text, of 8 to 64 characters of any kind. The first 16 good ones are taken over. */
  backupCodes?: readonly string[] | null | undefined;
  /**
   * Instead of `backupCodes`: a name for each unused code that stays in the old system, such as its digest there; 1 to
   * 1,024 characters, at most 16 names. `legacy.backupCode` says which one was typed.
   */
  legacyCodes?: readonly string[] | null | undefined;
  /**
   * Instead of both: the digests that `exportEnrollment` returned. They are scrypt (N 2^14, r 8, p 1, 16 bytes) of the
   * canonical code in ASCII, under `salt`, both in base64url. With `"legacy"`, digests name codes of another system and
   * do not depend on the codes.
   */
  backupDigests?:
    | {
        id: string;
        alphabet: "digits" | "base32" | "text" | "legacy";
        /** Characters of a code; with `"text"` and `"legacy"` at least so many. */
        length: number;
        salt: string;
        /** Epoch milliseconds. */
        createdAt: number;
        codes: readonly { digest: string; usedAt: number | null }[];
      }
    | null
    | undefined;
}

/**
 * Options of `createTwoFactor` and `createAdmin`. Wrong values throw when the application starts. `HostOperation` are
 * the names of your own operations, which TypeScript reads from `reauthentication`.
 */
export interface TwoFactorOptions<HostOperation extends string = never> {
  /** The name that the authenticator app shows; no colon. */
  issuer: string;
  /** Where records are stored: one of `twinlock/stores/*`, or your own two methods. */
  store: UserStore;
  /** Keys separated by spaces: the first seals, all open. `npx twinlock key` prints one. */
  keys: string | undefined;
  /** Tells whether the password is right. Without it, you must set `reauthentication.enroll`. */
  verifyPassword?: ((userId: string, password: string) => MaybePromise<boolean>) | undefined;
  /**
   * Says who must have a second factor, and whether only passkeys count. An enrolled user is asked for a code whatever it
   * says. With the option `passkeys` it is called at every sign-in and every proof, else for users without a factor.
   */
  requirement?: ((userId: string) => MaybePromise<Requirement>) | undefined;
  /** Allows an operation or, with false, refuses it. A throw refuses, too, with the event `policy_error`. */
  authorize?: ((userId: string, operation: Operation | HostOperation) => MaybePromise<boolean>) | undefined;
  /** Gets every event after it was stored. It is not awaited and cannot change an outcome. */
  onEvent?: ((event: TwoFactorEvent) => MaybePromise<void>) | undefined;
  /** Gets what `onEvent` has thrown, and its event. */
  onEventError?: ((cause: unknown, event: TwoFactorEvent) => MaybePromise<void>) | undefined;
  /**
   * The old system, from which users are taken over when their record is first read. Each call of a callback may take
   * `storeTimeout`.
   */
  legacy?:
    | {
        /**
         * Returns a user's confirmed second factor in the old system: null for none, a list for several authenticators.
         * It is called when a record is loaded that knows neither a factor nor its removal.
         */
        enrollment?:
          | ((userId: string) => MaybePromise<LegacyEnrollment | readonly LegacyEnrollment[] | null>)
          | undefined;
        /**
         * Returns which of `legacyCodes` was typed, or null. It gets what was typed, without white space around it, and
         * need not check whether the code is used. It is called after the attempt was charged.
         */
        backupCode?: ((userId: string, code: string) => MaybePromise<string | null>) | undefined;
      }
    | undefined;
  /** Passkeys beside codes, made by `passkeys` of `twinlock/passkeys`. */
  passkeys?: Passkeys | undefined;
  /** Options of app codes. Many authenticator apps ignore values other than the defaults. */
  totp?:
    | {
        /** `"SHA1"` by default. */
        algorithm?: HashName | undefined;
        /** Digits of a code, 6 to 8; 6 by default. */
        digits?: number | undefined;
        /** Seconds that a code is shown, 15 to 120; 30 by default. */
        period?: number | undefined;
        /** Steps accepted before and after the present one, 0 to 2 each; 1 each by default. */
        window?: { past?: number | undefined; future?: number | undefined } | undefined;
      }
    | undefined;
  /** Options of backup codes; false for none at all. */
  backupCodes?:
    | false
    | {
        /** Whether confirming an enrollment issues codes; true by default. Otherwise `backupCodes.regenerate` does. */
        atEnrollment?: boolean | undefined;
        /** Codes in a batch, 1 to 16; 10 by default. */
        count?: number | undefined;
        /** `"digits"` by default; `"base32"` is Crockford's Base32, without I, L, O and U. */
        alphabet?: "digits" | "base32" | undefined;
        /** Characters of a code, 8 to 32, but not as many as an app code has digits; 8 by default. */
        length?: number | undefined;
        /** Whether a factor or a new batch becomes active only when the codes have been saved; false by default. */
        acknowledge?: boolean | undefined;
        /** Sends `backup_codes_low` when so many codes or fewer are left, 0 to 16; 3 by default. */
        low?: number | undefined;
      }
    | undefined;
  /** Options of devices; with false no device skips the second factor. Known devices keep their own budget. */
  trustedDevices?:
    | false
    | {
        /** Seconds that a device is trusted after the code, a minute to 365 days; 30 days by default. */
        trustedFor?: number | undefined;
        /** Seconds that a device is known after its first code, a minute to 400 days; 365 days by default. */
        knownFor?: number | undefined;
        /** Known devices per user, 1 to 10; 10 by default. */
        max?: number | undefined;
      }
    | undefined;
  /**
   * Limits on how often codes and passwords may be tried. By default there are four free failures, then waits that
   * double from 30 seconds to an hour, and a hard stop at 100. Unknown devices may also fail 20 times in 30 days and
   * 100 times in 365, for each kind of code.
   */
  throttle?:
    | {
        /** Failures in a row before the first wait, 0 to 10; 4 by default. */
        free?: number | undefined;
        /** Seconds of the first wait, 1 to 3,600; 30 by default. */
        firstDelay?: number | undefined;
        /** Seconds of the longest wait, `firstDelay` to a day; an hour by default. */
        maxDelay?: number | undefined;
        /** Failures in a row after which only an administrator helps, `free` + 1 to 100; 100 by default. */
        hardStop?: number | undefined;
        /** Limits of failures from unknown devices, for each kind of code; `within` is in seconds. At most four. */
        unknown?: readonly { failures: number; within: number }[] | undefined;
      }
    | undefined;
  /**
   * What each operation asks for, by default the password and, where a factor is active, a code. Any other name is an
   * operation of your own, for `allow`.
   */
  reauthentication?: { [K in ProofOperation | HostOperation]?: ProofRequirement | undefined } | undefined;
  /**
   * Tells whether a first factor is two factors already, such as a passkey with user verification, so that no code is
   * asked for. By default none is. Anything but true, and a throw, means no.
   */
  sufficientFirstFactor?:
    | ((firstFactor: { amr: readonly string[]; authenticatedAt: number }) => boolean)
    | undefined;
  /** How long challenges, elevations and pending enrollments are good, in seconds; 600 each by default. */
  lifetimes?:
    | {
        /** The time from the first factor to the code, 60 to 3,600. */
        challenge?: number | undefined;
        /** The time for which each part of a proof counts, 60 to 3,600. */
        elevation?: number | undefined;
        /** The time from `begin` to `confirm`, and again to `acknowledge`, 60 to 3,600. */
        enrollment?: number | undefined;
      }
    | undefined;
  /**
   * Seconds that a store call may take, 1 to 60; 5 by default. A write that lands later counts, and sends its events
   * then.
   */
  storeTimeout?: number | undefined;
  /** Whether attempts on one user take turns in this process; true by default. */
  queue?: boolean | undefined;
  /** The clock, in epoch milliseconds; `Date.now` by default. */
  clock?: (() => number) | undefined;
}
