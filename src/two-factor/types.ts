/** The public types of the service: what its calls take and return. */

import type { Failure, ForcedEnrollment } from "../errors.ts";
import type { Method } from "../rules/decision.ts";
import type { DeviceGrant } from "../rules/devices.ts";
import type { Lock } from "../rules/locks.ts";

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;
/** What you want to see in the events, such as address and device. `device` becomes a device's label. */
export type Context = Readonly<Record<string, string>>;

/** What a sign-in proved: a level of assurance, RFC 8176 method names, and when (epoch milliseconds). */
export interface Assurance {
  /** The level of assurance (NIST SP 800-63B-4): 2 with a code, 1 without. */
  aal: 1 | 2;
  /** The names of `firstFactor.amr`, then `otp` for an app code and `mfa` for either. */
  amr: readonly string[];
  /** When the code was right; without a code, when the first factor was. */
  authenticatedAt: number;
  /** `"host"` where `sufficientFirstFactor` said that the first factor is two, and no code was checked. */
  vouchedBy?: "host";
}

/** The id of a user who is signed in, or the `enroll` challenge of a user who is not yet. */
export type Who = string | { challenge: string | undefined };

/**
 * The step after the first factor. Only `done` has a user id. Instants are epoch milliseconds. `retryAt` says when the
 * first of `methods` may be tried, if none may be now; after the hard stop of all it is missing.
 */
export type SignInStep =
  | {
      step: "done";
      userId: string;
      assurance: Assurance;
      reason: "no_factor" | "trusted_device" | "first_factor" | "grace";
      graceEndsAt?: number;
    }
  | {
      step: "code";
      challenge: string;
      expiresAt: number;
      methods: readonly Method[];
      /** The methods that cannot be tried now from this device. */
      locks: readonly Lock[];
      retryAt?: number;
      /** When only passkeys begin to count, for a user who has none yet. */
      graceEndsAt?: number;
    }
  | ({ step: "enroll" } & ForcedEnrollment)
  | { step: "refused" };

/** A success: the user has just passed the second factor. */
export interface SignedIn {
  ok: true;
  userId: string;
  /** The kind of factor that was used. */
  method: Method;
  /** What the whole sign-in proves. */
  assurance: Assurance;
  /** A short-lived proof of this success, for `elevation` in later calls. It is sealed when it is first read. */
  elevation: string;
  /** The token for the device cookie; null when the cookie can stay as it is. */
  device: DeviceGrant | null;
  /** How many backup codes are unused. */
  backupCodesLeft: number;
  /** The code's step minus the server's. A code typed late gives -1; a wrong clock sends the event `clock_off`. */
  stepOffset: number;
}

/** Proof for an operation. Its parts add up. */
export interface Proof {
  /** The session's random value, or null. */
  binding: string | null;
  /** The elevation of a success or of `reauthenticate` under the same binding. */
  elevation?: string | undefined;
  /** The password that was typed, as the form sent it. Charged to a budget of its own. */
  password?: unknown;
  /** The code that was typed. It is looked at after the password, where one is asked for. */
  code?: unknown;
  /** The value of the device cookie. A known device has a budget of its own. */
  deviceToken?: string | undefined;
  /** As in `signIn.begin`. It counts where the operation lets a first factor of your own replace the password. */
  firstFactor?: SignInOptions["firstFactor"];
  /** What the events carry as their `context`. */
  context?: Context | undefined;
}

/** New backup codes, which are shown once. `createdAt` is in epoch milliseconds. */
export interface BackupCodeBatch {
  /** The id for `acknowledge`, where that is on. */
  batchId: string;
  /** The codes in plain text, without spaces. */
  codes: readonly string[];
  createdAt: number;
}

/** A success with what it brings, or a failure. */
export type Result<T> = ({ ok: true } & T) | Failure;

/** A known device, which has passed the second factor before. Instants are epoch milliseconds. */
export interface Device {
  /** The id, for `devices.revoke`. */
  id: string;
  /** Whether this is the device whose token was passed to `devices.list`. */
  current: boolean;
  /** When it became known. */
  createdAt: number;
  /** When it was last used with a code; while it is trusted, to the day. */
  lastUsedAt: number;
  knownUntilAt: number;
  /** When its trust ends; null if it is not trusted. */
  trustedUntilAt: number | null;
  /** The label from `context.device` of its last code: one line, at most 64 bytes. */
  label: string | null;
}

/** An authenticator of a user, without its secret. Instants are epoch milliseconds. */
export interface AuthenticatorInfo {
  /** The id, for `replace`, `authenticators.rename` and `authenticators.remove`. */
  id: string;
  label: string | null;
  enrolledAt: number;
  /** When a code of this authenticator was last accepted. */
  lastUsedAt: number | null;
}

/** What the person scans or types into the authenticator app, while the enrollment is pending. */
export interface EnrollmentStart {
  /** The id for `confirm`; keep it in the session. */
  enrollmentId: string;
  /** The secret in Base32 without spaces, for copying. */
  secret: string;
  /** The secret in groups of four, for typing. */
  manualEntryKey: string;
  /** The key URI for the QR code, which `twinlock/qr` draws. */
  keyUri: string;
  expiresAt: number;
  /** `awaiting_acknowledgement` after a right code: the next code or `backupCodes.regenerate` makes new backup codes. */
  state: "pending" | "awaiting_acknowledgement";
}

/** The result of the first right code: an active factor, or backup codes that have to be acknowledged first. */
export type EnrollmentResult =
  | { state: "active"; backupCodes: BackupCodeBatch | null; signIn: SignedIn }
  | { state: "awaiting_acknowledgement"; backupCodes: BackupCodeBatch };

/** Options that come with a code: about its session and its device. */
export interface CodeOptions {
  /** The session's random value, or null. */
  binding: string | null;
  /** The value of the device cookie, if there is one. */
  deviceToken?: string | undefined;
  /** Whether this device may skip the second factor for a while. */
  trustDevice?: boolean | undefined;
  /** With false no device becomes known or trusted, for clients without cookies and for step-up. */
  remember?: boolean | undefined;
  /** What the events carry as their `context`; `device` becomes the device's label. */
  context?: Context | undefined;
}

/** Options of `signIn.begin`. */
export interface SignInOptions {
  /** The session's random value, or null. */
  binding: string | null;
  /** The value of the device cookie, if there is one. */
  deviceToken?: string | undefined;
  /** Your own flag, kept from events. With true, a user whose record is lost is not let in. */
  enrolled?: boolean | undefined;
  /** RFC 8176 names, at most eight, and when it was shown; now by default. `pwd` counts as the password. */
  firstFactor?: { amr: readonly string[]; authenticatedAt?: number | undefined } | undefined;
  context?: Context | undefined;
}

/** Options of `enrollment.begin`. */
export interface BeginOptions {
  /** The name under the issuer, 1 to 256 characters, cut to fit a QR code. A function gets the user id. */
  accountName: string | ((userId: string) => MaybePromise<string>);
  /** An issuer to use instead of the option `issuer`. */
  issuer?: string | undefined;
  /** True, or the id of one of several authenticators, which the new one replaces once it is confirmed. */
  replace?: boolean | string | undefined;
  /** True adds another authenticator, up to five. */
  add?: boolean | undefined;
  /** What the person calls this authenticator: one line, cut to 64 bytes. */
  label?: string | null | undefined;
}
