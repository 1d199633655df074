// The public API in types, kept by hand beside the code: what a release may add to, and may not break. agreement.ts
// compares it with the sources. Instants are epoch milliseconds (`...At`), durations are seconds, windows are steps.

declare module "contract" {
  export type HashName = "SHA1" | "SHA256" | "SHA512";
  export type MaybePromise<T> = T | Promise<T>;
  export type Context = Readonly<Record<string, string>>;
  export type State = "none" | "pending" | "awaiting_acknowledgement" | "active";
  export type ProofLevel = "none" | "password" | "code" | "app" | "password+code" | "password+app";
  export type ProofOperation = "enroll" | "replace" | "disable" | "regenerate";

  export type Operation =
    | "sign_in"
    | "enroll"
    | "replace"
    | "disable"
    | "regenerate"
    | "reset"
    | "unlock"
    | "import";
  export interface TotpOptions {
    algorithm?: HashName | undefined;
    digits?: number | undefined;
    period?: number | undefined;
    window?: { past?: number | undefined; future?: number | undefined } | undefined;
  }
  export interface BackupCodeOptions {
    atEnrollment?: boolean | undefined;
    count?: number | undefined;
    alphabet?: "digits" | "base32" | undefined;
    length?: number | undefined;
    acknowledge?: boolean | undefined;
    low?: number | undefined;
  }
  export interface TrustedDeviceOptions {
    trustedFor?: number | undefined;
    knownFor?: number | undefined;
    max?: number | undefined;
  }
  export interface ThrottleOptions {
    free?: number | undefined;
    firstDelay?: number | undefined;
    maxDelay?: number | undefined;
    hardStop?: number | undefined;
    unknown?: readonly { failures: number; within: number }[] | undefined;
  }
  export interface Lifetimes {
    challenge?: number | undefined;
    elevation?: number | undefined;
    enrollment?: number | undefined;
  }
  export type Requirement =
    | { required: false; exempt?: string }
    | { required: true; sinceAt?: number; grace?: number };
  export interface TwoFactorOptions {
    issuer: string;
    store: UserStore;
    keys: string | undefined;
    verifyPassword?: ((userId: string, password: string) => MaybePromise<boolean>) | undefined;
    requirement?: ((userId: string) => MaybePromise<Requirement>) | undefined;
    authorize?: ((userId: string, operation: Operation) => MaybePromise<boolean>) | undefined;
    onEvent?: ((event: TwoFactorEvent) => MaybePromise<void>) | undefined;
    totp?: TotpOptions | undefined;
    backupCodes?: false | BackupCodeOptions | undefined;
    trustedDevices?: false | TrustedDeviceOptions | undefined;
    throttle?: ThrottleOptions | undefined;
    reauthentication?: { [K in ProofOperation]?: ProofLevel | undefined } | undefined;
    lifetimes?: Lifetimes | undefined;
    storeTimeout?: number | undefined;
    queue?: boolean | undefined;
    clock?: (() => number) | undefined;
  }
  export interface Assurance {
    aal: 1 | 2;
    amr: readonly string[];
    authenticatedAt: number;
  }
  export type Method = "app" | "backup";
  export type Who = string | { challenge: string | undefined; binding: string | null };
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
  export interface SignedIn {
    ok: true;
    userId: string;
    method: Method;
    assurance: Assurance;
    elevation: string;
    device: { token: string; knownUntilAt: number; trustedUntilAt: number | null } | null;
    backupCodesLeft: number;
    stepOffset: number;
  }
  export type Reason =
    | "invalid_code"
    | "code_not_text"
    | "app_code_required"
    | "already_used"
    | "locked"
    | "invalid_password"
    | "reauthenticate"
    | "expired"
    | "already_enrolled"
    | "not_found"
    | "refused"
    | "busy";
  export type Detail =
    | "malformed_code"
    | "code_not_text"
    | "app_code_required"
    | "factor_changed"
    | "wrong_code"
    | "app_code_reused"
    | "backup_code_reused"
    | "not_enrolled"
    | "locked"
    | "exhausted"
    | "wrong_password"
    | "reauthentication_required"
    | "elevation_invalid"
    | "elevation_expired"
    | "challenge_invalid"
    | "challenge_expired"
    | "challenge_used"
    | "enrollment_not_found"
    | "enrollment_expired"
    | "enrollment_superseded"
    | "batch_not_found"
    | "already_enrolled"
    | "device_not_found"
    | "not_authorized"
    | "conflict"
    | "queue_full"
    | "too_many_batches";
  /** `detail` is exact, for logs, and not enumerable; `reason` may be shown to anyone. */
  export interface Failure {
    readonly ok: false;
    readonly reason: Reason;
    readonly retryAt?: number;
    readonly attemptsLeft?: number;
    readonly detail: Detail;
  }
  export interface Proof {
    binding: string | null;
    elevation?: string | undefined;
    password?: string | undefined;
    code?: string | undefined;
    deviceToken?: string | undefined;
    context?: Context | undefined;
  }
  export interface BackupCodeBatch {
    batchId: string;
    codes: readonly string[];
    createdAt: number;
  }
  export interface Status {
    // `state` describes the active factor
    state: State;
    replacing: null | "pending" | "awaiting_acknowledgement";
    enrolledAt: number | null;
    lastUsedAt: number | null;
    backupCodes: { total: number; active: number; used: number; createdAt: number } | null;
    devices: number;
    retryAt: number | null;
  }
  type Ok<T> = ({ ok: true } & T) | Failure;
  export interface Device {
    id: string;
    createdAt: number;
    lastUsedAt: number;
    knownUntilAt: number;
    trustedUntilAt: number | null;
    label: string | null;
  }
  export interface EnrollmentStart {
    enrollmentId: string;
    secret: string;
    manualEntryKey: string;
    keyUri: string;
    expiresAt: number;
  }
  export type EnrollmentResult =
    | { state: "active"; backupCodes: BackupCodeBatch | null; signIn: SignedIn }
    | { state: "awaiting_acknowledgement"; backupCodes: BackupCodeBatch };
  interface Seen {
    binding: string | null;
    deviceToken?: string | undefined;
    trustDevice?: boolean | undefined;
    context?: Context | undefined;
  }
  type Half = Exclude<Who, string>;
  type BeginOptions = {
    accountName: string | ((userId: string) => MaybePromise<string>);
    issuer?: string | undefined;
    replace?: boolean | undefined;
  };
  export interface TwoFactor {
    status(userId: string): Promise<Status>;
    signIn: {
      begin(
        userId: string,
        options: {
          binding: string | null;
          deviceToken?: string | undefined;
          enrolled?: boolean | undefined;
          firstFactor?: { amr: readonly string[]; authenticatedAt?: number | undefined } | undefined;
          context?: Context | undefined;
        },
      ): Promise<SignInStep>;
      complete(
        challenge: string | undefined,
        code: string | undefined,
        options: Omit<Seen, "deviceToken">,
      ): Promise<SignedIn | Failure>;
    };
    verify(userId: string, code: string | undefined, options: Seen): Promise<SignedIn | Failure>;
    reauthenticate(
      userId: string,
      options: Omit<Proof, "elevation">,
    ): Promise<Ok<{ elevation: string; expiresAt: number; assurance: Assurance }>>;
    enrollment: {
      begin(userId: string, options: BeginOptions & Proof): Promise<Ok<EnrollmentStart>>;
      begin(
        who: Half,
        options: Omit<BeginOptions, "replace"> & { context?: Context | undefined },
      ): Promise<Ok<EnrollmentStart>>;
      confirm(
        userId: string,
        options: { enrollmentId: string | undefined; code: string | undefined } & Seen,
      ): Promise<Ok<EnrollmentResult>>;
      confirm(
        who: Half,
        options: { enrollmentId: string | undefined; code: string | undefined } & Omit<Seen, "binding">,
      ): Promise<Ok<EnrollmentResult>>;
      acknowledge(
        userId: string,
        options: { batchId: string | undefined } & Seen,
      ): Promise<Ok<{ state: "active"; signIn: SignedIn }>>;
      acknowledge(
        who: Half,
        options: { batchId: string | undefined } & Omit<Seen, "binding">,
      ): Promise<Ok<{ state: "active"; signIn: SignedIn }>>;
      cancel(who: Who): Promise<Ok<object>>;
    };
    backupCodes: {
      regenerate(userId: string, proof: Proof): Promise<Ok<BackupCodeBatch>>;
      acknowledge(
        userId: string,
        options: { batchId: string | undefined; context?: Context | undefined },
      ): Promise<Ok<object>>;
    };
    trustedDevices: {
      list(userId: string): Promise<readonly Device[]>;
      revoke(userId: string, deviceId: string): Promise<Ok<object>>;
      revokeAll(userId: string): Promise<Ok<object>>;
    };
    disable(userId: string, proof: Proof): Promise<Ok<{ mustEnroll: boolean }>>;
    credentialChanged(userId: string, what: "password" | "email" | "recovery"): Promise<void>;
    rewrap(userId: string): Promise<boolean>;
  }
  export function createTwoFactor(options: TwoFactorOptions): TwoFactor;
  export type EventType =
    | "enrollment_started"
    | "enrollment_superseded"
    | "enrolled"
    | "replaced"
    | "disabled"
    | "reset"
    | "verified"
    | "verification_failed"
    | "code_reused"
    | "locked"
    | "unlocked"
    | "unknown_browser_failures"
    | "backup_code_used"
    | "backup_codes_low"
    | "backup_codes_regenerated"
    | "backup_codes_acknowledged"
    | "device_known"
    | "device_trusted"
    | "device_revoked"
    | "clock_off"
    | "imported"
    | "rewrapped"
    | "policy_error";
  export interface TwoFactorEvent {
    type: EventType;
    userId: string;
    at: number;
    notify: boolean;
    method?: Method;
    actor?: string;
    reason?: string;
    detail?: Detail;
    context?: Context;
  }
  export type ErrorCode =
    | "store_unavailable"
    | "record_invalid"
    | "record_missing"
    | "key_unknown"
    | "requirement_unavailable"
    | "password_check_failed";
  export class TwoFactorError extends Error {
    readonly code: ErrorCode;
    override readonly cause: unknown;
  }
  export interface RecordSummary {
    state: State;
    enrolledAt: number | null;
    backupCodesActive: number;
    keyId: string;
  }
  export interface StoredRecord {
    version: string;
    data: string;
    summary: RecordSummary;
  }
  export interface UserStore {
    get(userId: string): Promise<{ version: string; data: string } | null>;
    compareAndSet(userId: string, expected: string | null, next: StoredRecord): Promise<boolean>;
  }
  export function generateKey(): string;
  export function guessRisk(
    options: Pick<TwoFactorOptions, "totp" | "backupCodes" | "trustedDevices" | "throttle">,
  ): Record<"app" | "backup" | "knownDevice", { perGuess: number; perBurst: number; perYear: number }>;
  export function formatBackupCodes(o: {
    issuer: string;
    accountName: string;
    codes: readonly string[];
    createdAt: number;
  }): { filename: string; text: string; dataUrl: string };
  export function codeInputAttributes(o: { methods: readonly Method[] }): Readonly<Record<string, string>>;
  export function deviceCookie(userId: string): {
    name: string;
    set(device: NonNullable<SignedIn["device"]>): string;
    clear(): string;
  };
  export function policyReport(summaries: readonly RecordSummary[]): {
    total: number;
    active: number;
    pending: number;
    none: number;
  };
  export const messages: Readonly<Record<Reason, string>>;
}
declare module "contract/admin" {
  import type { Context, Failure, HashName, TwoFactorOptions } from "contract";

  type By = { actor: string; reason: string; context?: Context };
  type R = Promise<{ ok: true } | Failure>;
  export interface Admin {
    reset(userId: string, by: By): R;
    unlock(userId: string, by: By): R;
    importEnrollment(
      userId: string,
      o: By & { secret: string; digits?: number; period?: number; algorithm?: HashName },
    ): R;
  }
  export function createAdmin(options: TwoFactorOptions): Admin;
}
declare module "contract/otp" {
  import type { HashName } from "contract";

  export type { HashName } from "contract";
  export interface PreparedSecret {
    readonly algorithm: HashName;
  }
  export type Secret = string | Uint8Array | PreparedSecret;
  interface P {
    digits?: number | undefined;
    algorithm?: HashName | undefined;
  }
  export function hotp(secret: Secret, counter: number, o?: P): string;
  export function totp(secret: Secret, o: P & { now: number; period?: number | undefined }): string;
  export function matchTotp(
    secret: Secret,
    code: unknown,
    o: P & {
      now: number;
      window?: { past?: number | undefined; future?: number | undefined } | undefined;
      afterStep?: number | undefined;
      period?: number | undefined;
    },
  ): number | undefined;
  export function prepareSecret(secret: string | Uint8Array, algorithm?: HashName): PreparedSecret;
  export function generateSecret(o?: { bytes?: number | undefined }): string;
  export function encodeBase32(b: Uint8Array): string;
  export function decodeBase32(s: string): Uint8Array<ArrayBuffer>;
  export interface KeyUri {
    secret: string;
    issuer?: string | undefined;
    accountName: string;
    digits: number;
    period: number;
    algorithm: HashName;
  }
  export function formatKeyUri(
    o: Omit<KeyUri, "digits" | "period" | "algorithm"> & {
      [K in "digits" | "period" | "algorithm"]?: KeyUri[K] | undefined;
    },
  ): string;
  export function parseKeyUri(uri: string): KeyUri;
  export function secondsRemaining(o: { now: number; period?: number | undefined }): number;
}
declare module "contract/qr" {
  export function qrSvg(text: string): string;
  export function qrDataUrl(text: string, options?: { format?: "svg" | "png" | undefined }): string;
  export function qrTerminal(text: string, options?: { plain?: "dark" | "light" | undefined }): string;
}
declare module "contract/testing" {
  import type { TwoFactor, TwoFactorEvent, TwoFactorOptions, UserStore } from "contract";
  export function userStoreTests(
    test: (name: string, run: () => Promise<void>) => unknown,
    makeStore: () => UserStore | Promise<UserStore>,
    options?: { close?: () => Promise<void>; second?: () => UserStore | Promise<UserStore> },
  ): void;
  export interface FakeClock {
    (): number;
    now(): number;
    advance(seconds: number): void;
    set(at: number): void;
  }
  export function fakeClock(startAt?: number): FakeClock;
  export interface VirtualAuthenticator {
    scan(keyUri: string): void;
    code(account?: string): string;
    lose(): void;
  }
  export function virtualAuthenticator(options?: {
    clock?: () => number;
    skew?: number;
    driftPerDay?: number;
  }): VirtualAuthenticator;
  export function createTestTwoFactor(options?: Partial<TwoFactorOptions>): {
    twoFactor: TwoFactor;
    clock: FakeClock;
    events: readonly TwoFactorEvent[];
    store: UserStore;
  };
  export function faultyStore(
    inner: UserStore,
    options: { seed: number; fail?: number; loseAnswer?: number; delay?: number },
  ): UserStore;
}
// Every store takes the client that the host has, by its shape; the shapes are spelled out in each file.
declare module "contract/stores/memory" {
  import type { UserStore } from "contract";
  export function memoryStore(): UserStore;
}
declare module "contract/stores/postgres" {
  import type { UserStore } from "contract";
  export function postgresStore(
    client: object,
    options?: { table?: string },
  ): UserStore & { migrate(): Promise<void> };
  export function postgresSchema(table?: string): string;
}
declare module "contract/stores/mysql" {
  import type { UserStore } from "contract";
  export function mysqlStore(
    client: object,
    options?: { table?: string },
  ): UserStore & { migrate(): Promise<void> };
  export function mysqlSchema(table?: string): string;
}
declare module "contract/stores/sqlite" {
  import type { UserStore } from "contract";
  export function sqliteStore(
    client: object,
    options?: { table?: string },
  ): UserStore & { migrate(): Promise<void> };
  export function sqliteSchema(table?: string): string;
}
declare module "contract/stores/d1" {
  import type { UserStore } from "contract";
  export function d1Store(
    database: object,
    options?: { table?: string },
  ): UserStore & { migrate(): Promise<void> };
}
declare module "contract/stores/mongodb" {
  import type { UserStore } from "contract";
  export function mongodbStore(database: object, options?: { collection?: string }): UserStore;
}

declare module "contract/stores/dynamodb" {
  import type { UserStore } from "contract";
  export function dynamodbStore(client: object, options?: { table?: string }): UserStore;
}

declare module "contract/stores/redis" {
  import type { UserStore } from "contract";
  export function redisStore(client: object, options?: { prefix?: string }): UserStore;
}
