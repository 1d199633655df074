/** The public shapes of the service: options, results and the object that the host calls. */

import type { BackupCodeAlphabet } from "../backup-codes.ts";
import type { Detail, Failure } from "../errors.ts";
import type { HashName } from "../internal/hash.ts";
import type { EventType, Method } from "../rules/decision.ts";
import type { DeviceGrant } from "../rules/devices.ts";
import type { ProofLevel, ProofOperation, Requirement } from "../rules/policy.ts";
import type { State, UserStore } from "../store.ts";

/** A value, now or later. */
export type MaybePromise<T> = T | Promise<T>;
/** What the host wants to see again in its events: address, browser. `device` becomes a device's label. */
export type Context = Readonly<Record<string, string>>;

/** What `authorize` is asked about. */
export type Operation =
  | "sign_in"
  | "enroll"
  | "replace"
  | "disable"
  | "regenerate"
  | "reset"
  | "unlock"
  | "import";

/** Defaults: SHA1, 6 digits, 30 seconds, one step to either side. Authenticator apps ignore most other values. */
export interface TotpOptions {
  algorithm?: HashName;
  /** 6 to 8. */
  digits?: number;
  /** Seconds, 15 to 120. */
  period?: number;
  /** Steps, 0 to 2 each. */
  window?: { past?: number; future?: number };
}

/** Defaults: ten codes of eight digits, issued when the enrollment is confirmed, without acknowledgement. */
export interface BackupCodeOptions {
  /** False issues none until `backupCodes.regenerate`. */
  atEnrollment?: boolean;
  /** 1 to 16. */
  count?: number;
  /** `base32` is Crockford's: no I, L, O, U. */
  alphabet?: BackupCodeAlphabet;
  /** Characters, 8 to 32; never as many as an app code has digits. */
  length?: number;
  /** True activates a factor, and a new batch, only when the person says that the codes are saved. */
  acknowledge?: boolean;
  /** An event tells the host when so few are left. */
  low?: number;
}

/** Defaults: trusted for 30 days, known for 365 (both in seconds), at most ten devices a user. */
export interface TrustedDeviceOptions {
  trustedFor?: number;
  knownFor?: number;
  max?: number;
}

/**
 * Defaults: four free failures, then 30 seconds doubling to an hour, an end at 100; unknown browsers also 20 in 30
 * days and 100 in 365. Delays and `within` are in seconds.
 */
export interface ThrottleOptions {
  free?: number;
  firstDelay?: number;
  maxDelay?: number;
  hardStop?: number;
  unknown?: readonly { failures: number; within: number }[];
}

/** Seconds; 600 each by default. */
export interface Lifetimes {
  challenge?: number;
  elevation?: number;
  enrollment?: number;
}

/** What `createTwoFactor` and `createAdmin` take; wrong values throw when the application starts. */
export interface TwoFactorOptions {
  /** The name that the authenticator app shows; no colon. */
  issuer: string;
  store: UserStore;
  /** Keys separated by spaces: the first seals, all open. `npx twinlock key` prints one. */
  keys: string | undefined;
  verifyPassword?: ((userId: string, password: string) => MaybePromise<boolean>) | undefined;
  /** Who must have a second factor. It can only add: whoever has one is always asked for it. */
  requirement?: ((userId: string) => MaybePromise<Requirement>) | undefined;
  /** The last veto: false or a throw refuses the operation. */
  authorize?: ((userId: string, operation: Operation) => MaybePromise<boolean>) | undefined;
  /** Hears of everything after it was stored. Not awaited; it cannot change an outcome. */
  onEvent?: ((event: TwoFactorEvent) => MaybePromise<void>) | undefined;
  totp?: TotpOptions;
  /** False: no backup codes at all. */
  backupCodes?: false | BackupCodeOptions;
  /** False: no browser skips the second factor. Known browsers keep their own attempt budget. */
  trustedDevices?: false | TrustedDeviceOptions;
  throttle?: ThrottleOptions;
  /** What each operation asks for; by default the password and, where a factor is active, a code. */
  reauthentication?: Partial<Record<ProofOperation, ProofLevel>>;
  lifetimes?: Lifetimes;
  /** Seconds that a store call may take, 1 to 60; 5 by default. */
  storeTimeout?: number;
  /** Whether attempts on one user take turns in this process; true by default. */
  queue?: boolean;
  /** Epoch milliseconds; `Date.now` by default. */
  clock?: () => number;
}

/** What a sign-in proved: NIST's level, RFC 8176 method names, and when (epoch milliseconds). */
export interface Assurance {
  aal: 1 | 2;
  amr: readonly string[];
  authenticatedAt: number;
}

/** A user who is signed in, or the `enroll` challenge of one who is not yet. */
export type Who = string | ChallengeHolder;
/** Someone between the first factor and the second, as the challenge and the session know them. */
export interface ChallengeHolder {
  challenge: string | undefined;
  binding: string | null;
}

/** What comes after the first factor. Only `done` carries a user id. */
export type SignInStep =
  | {
      step: "done";
      userId: string;
      assurance: Assurance;
      reason: "no_factor" | "trusted_device" | "grace";
      graceEndsAt?: number;
    }
  | { step: "code"; challenge: string; expiresAt: number; methods: readonly Method[]; retryAt?: number }
  | { step: "enroll"; challenge: string; expiresAt: number }
  | { step: "refused" };

/** The one success: someone has just passed the second factor. */
export interface SignedIn {
  ok: true;
  userId: string;
  method: Method;
  assurance: Assurance;
  /** Proof of this success for `elevation` in later calls; sealed, short-lived. */
  elevation: string;
  /** For the device cookie; null when the browser was known already and its trust is unchanged. */
  device: DeviceGrant | null;
  backupCodesLeft: number;
  /** How many steps the phone's clock is off; show a hint when it is not 0 again and again. */
  stepOffset: number;
}

/** What may be shown to allow an operation. Proofs add up. */
export interface Proof {
  binding: string | null;
  elevation?: string | undefined;
  password?: string | undefined;
  code?: string | undefined;
  deviceToken?: string | undefined;
  context?: Context | undefined;
}

/** New backup codes, shown once. */
export interface BackupCodeBatch {
  batchId: string;
  codes: readonly string[];
  createdAt: number;
}

/** What a settings page may show: never a secret. `state` describes the active factor. */
export interface Status {
  state: State;
  replacing: null | "pending" | "awaiting_acknowledgement";
  enrolledAt: number | null;
  lastUsedAt: number | null;
  backupCodes: { total: number; active: number; used: number; createdAt: number } | null;
  devices: number;
  retryAt: number | null;
}

/** A success with what it brings, or a failure. */
export type Ok<T> = ({ ok: true } & T) | Failure;

/** A browser that has passed the second factor. Instants are epoch milliseconds. */
export interface Device {
  id: string;
  createdAt: number;
  lastUsedAt: number;
  knownUntilAt: number;
  trustedUntilAt: number | null;
  label: string | null;
}

/** What the person scans or types into the authenticator app. Shown while the enrollment is pending, never later. */
export interface EnrollmentStart {
  enrollmentId: string;
  secret: string;
  manualEntryKey: string;
  keyUri: string;
  expiresAt: number;
}

/** What the first right code brings: an active factor, or backup codes that wait for "I have saved them". */
export type EnrollmentResult =
  | { state: "active"; backupCodes: BackupCodeBatch | null; signIn: SignedIn }
  | { state: "awaiting_acknowledgement"; backupCodes: BackupCodeBatch };

/** The browser that a code comes from. */
export interface Seen {
  binding: string | null;
  deviceToken?: string | undefined;
  trustDevice?: boolean | undefined;
  context?: Context | undefined;
}

/** What the host knows when a sign-in begins. `enrolled: true` is the host's own flag, kept from events. */
export interface SignInOptions {
  binding: string | null;
  deviceToken?: string | undefined;
  enrolled?: boolean | undefined;
  firstFactor?: { amr: readonly string[]; authenticatedAt?: number | undefined } | undefined;
  context?: Context | undefined;
}

/** How the key URI is labeled, and whether an active authenticator may be replaced. */
export interface BeginOptions {
  accountName: string | ((userId: string) => MaybePromise<string>);
  issuer?: string | undefined;
  replace?: boolean | undefined;
}

/** One thing that happened, after it was stored. Never holds a secret or a code. */
export interface TwoFactorEvent {
  type: EventType;
  userId: string;
  at: number;
  /** Whether the person should be told by another channel. */
  notify: boolean;
  method?: Method;
  actor?: string;
  reason?: string;
  detail?: Detail;
  context?: Context;
}
