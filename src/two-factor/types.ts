/** The public shapes of the service: what its calls take and give. */

import type { Failure, ForcedEnrollment } from "../errors.ts";
import type { Method } from "../rules/decision.ts";
import type { DeviceGrant } from "../rules/devices.ts";
import type { Lock } from "../rules/locks.ts";

/** For calls that take nothing else. */
export interface ContextOption {
  context?: Context | undefined;
}

/** A value, now or later. */
export type MaybePromise<T> = T | Promise<T>;
/** What the host wants to see again in its events: address, device. `device` becomes a device's label. */
export type Context = Readonly<Record<string, string>>;

/** What a sign-in proved: NIST's level, RFC 8176 method names, and when (epoch milliseconds). */
export interface Assurance {
  /** 2 with a code, 1 without (NIST SP 800-63B-4). */
  aal: 1 | 2;
  /** The names of `firstFactor.amr`, then `otp` for an app code and `mfa` for either. */
  amr: readonly string[];
  /** Of the code; without one, of the first factor. */
  authenticatedAt: number;
  /** `host` where the second factor is the host's word, by `sufficientFirstFactor`, and no code that was checked here. */
  vouchedBy?: "host";
}

/** A user who is signed in, or the `enroll` challenge of `signIn.begin` of one who is not yet. */
export type Who = string | { challenge: string | undefined };

/**
 * What comes after the first factor. Only `done` carries a user id. Instants are epoch milliseconds; `retryAt` says when
 * the first of `methods` may be tried, if none may be now, and is absent after the hard stop of all.
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
      /** Which of `methods` cannot be tried now from this device. */
      locks: readonly Lock[];
      retryAt?: number;
    }
  | ({ step: "enroll" } & ForcedEnrollment)
  | { step: "refused" };

/** The one success: someone has just passed the second factor. */
export interface SignedIn {
  ok: true;
  userId: string;
  /** Which kind of code it was. */
  method: Method;
  /** What the whole sign-in proves. */
  assurance: Assurance;
  /** Proof of this success for `elevation` in later calls: sealed when it is first read, short-lived. */
  elevation: string;
  /** For the device cookie; null when the device was known already and its trust is unchanged. */
  device: DeviceGrant | null;
  /** Unused ones. */
  backupCodesLeft: number;
  /** Steps from the server's to the code's; a code typed late gives -1. The event `clock_off` tells of clocks. */
  stepOffset: number;
  /** From when on (epoch milliseconds) only passkeys count, for whoever has none yet. */
  graceEndsAt?: number;
}

/** What may be shown to allow an operation. Proofs add up. */
export interface Proof {
  /** The session's random value, or null. */
  binding: string | null;
  /** From a success or `reauthenticate` under the same binding. */
  elevation?: string | undefined;
  /** What was typed, or whatever a form sent in its place; charged to a budget of its own. */
  password?: unknown;
  /** What was typed; looked at only after the password that is asked for. */
  code?: unknown;
  /** The value of the device cookie: charges a known device. */
  deviceToken?: string | undefined;
  /** As at `signIn.begin`: counts where the operation lets a first factor of the host's take the password's place. */
  firstFactor?: SignInOptions["firstFactor"];
  /** For the events. */
  context?: Context | undefined;
}

/** New backup codes, shown once; made at an instant in epoch milliseconds. */
export interface BackupCodeBatch {
  /** For `acknowledge`, where that is on. */
  batchId: string;
  /** In plain text, without spaces. */
  codes: readonly string[];
  createdAt: number;
}

/** A success with what it brings, or a failure. */
export type Result<T> = ({ ok: true } & T) | Failure;

/** A known device: one that has passed the second factor. Instants are epoch milliseconds. */
export interface Device {
  /** For `devices.revoke`. */
  id: string;
  /** Whether its token was passed to `devices.list`: "this device". */
  current: boolean;
  /** When it became known. */
  createdAt: number;
  /** Its last code; while trusted, to the day. */
  lastUsedAt: number;
  knownUntilAt: number;
  /** Null: it is not trusted. */
  trustedUntilAt: number | null;
  /** `context.device` of its last code: one line, at most 64 bytes. */
  label: string | null;
}

/** One of a user's authenticators; never its secret. Instants are epoch milliseconds. */
export interface AuthenticatorInfo {
  /** For `replace`, `authenticators.rename` and `authenticators.remove`. */
  id: string;
  label: string | null;
  enrolledAt: number;
  /** When a code of it was last accepted. */
  lastUsedAt: number | null;
}

/** What the person scans or types into the authenticator app. Shown while it is pending, until `expiresAt` at most. */
export interface EnrollmentStart {
  /** For `confirm`; keep it in the session. */
  enrollmentId: string;
  /** Base32 without spaces, for copying. */
  secret: string;
  /** The same in groups of four, for typing. */
  manualEntryKey: string;
  /** What the QR code says: draw it with `twinlock/qr`. */
  keyUri: string;
  expiresAt: number;
  /** Second: a code was right already, and new backup codes come with the next one or `backupCodes.regenerate`. */
  state: "pending" | "awaiting_acknowledgement";
}

/** What the first right code brings: an active factor, or backup codes that wait for "I have saved them". */
export type EnrollmentResult =
  | { state: "active"; backupCodes: BackupCodeBatch | null; signIn: SignedIn }
  | { state: "awaiting_acknowledgement"; backupCodes: BackupCodeBatch };

/** What comes with a code: the session that it belongs to, and the device that it comes from. */
export interface CodeOptions {
  /** The session's random value, or null. */
  binding: string | null;
  /** The value of the device cookie, if there is one. */
  deviceToken?: string | undefined;
  /** Whether this device may skip the second factor for a while. */
  trustDevice?: boolean | undefined;
  /** False makes no device known, for clients that keep no cookie and for step-up; `trustDevice` is not looked at. */
  remember?: boolean | undefined;
  /** For the events; `device` becomes the label. */
  context?: Context | undefined;
}

/** What the host knows when a sign-in begins. */
export interface SignInOptions {
  /** The session's random value, or null. */
  binding: string | null;
  /** The value of the device cookie, if there is one. */
  deviceToken?: string | undefined;
  /** The host's own flag, kept from events: true lets nobody in whose record is lost. */
  enrolled?: boolean | undefined;
  /** Names by RFC 8176, at most eight (`pwd` counts as the password), and when; now by default. */
  firstFactor?: { amr: readonly string[]; authenticatedAt?: number | undefined } | undefined;
  context?: Context | undefined;
}

/** How the key URI is labeled, and whether an active authenticator may be replaced. */
export interface BeginOptions {
  /** Shown under the issuer, 1 to 256 characters, and cut to what a QR code has room for; a function gets the user id. */
  accountName: string | ((userId: string) => MaybePromise<string>);
  /** In the place of the option `issuer`. */
  issuer?: string | undefined;
  /** True, or the id of one of several: the next authenticator, in whose place the new one comes once it is confirmed. */
  replace?: boolean | string | undefined;
  /** True: another authenticator, up to five. */
  add?: boolean | undefined;
  /** What the person calls this authenticator: one line, cut to 64 bytes. */
  label?: string | null | undefined;
}
