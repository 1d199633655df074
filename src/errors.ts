/** Failures, which a person can cause and calls return, and errors, which a person cannot cause and calls throw. */

/** The exact cause of a {@link Failure}, for logs. */
export type Detail =
  /** The input does not look like a code that is asked for. Not charged. */
  | "malformed_code"
  /** The input is no response of a passkey. Not charged. */
  | "malformed_passkey"
  /** The passkey's response was not verified. Charged to the budget of passkeys. */
  | "wrong_passkey"
  /** The passkey's counter went back, as that of a copy does. Charged. */
  | "passkey_cloned"
  /** No passkey of this user has this id. */
  | "passkey_not_found"
  /** The user has ten passkeys, or twelve factors in all, or they are too large for the record. */
  | "too_many_passkeys"
  /** The code is a number instead of text. Not charged. */
  | "code_not_text"
  /** The input looks like a backup code, where only the app's code will do. Not charged. */
  | "app_code_required"
  /** The code is wrong. Charged. */
  | "wrong_code"
  /** The app code is right but spent. Not charged. */
  | "app_code_reused"
  /** The backup code was used before. Charged, and shown to the person as a wrong one. */
  | "backup_code_reused"
  /** No factor is active. */
  | "not_enrolled"
  /** Attempts have to wait until `retryAt`. */
  | "locked"
  /** The hard stop is reached, which no wait ends. */
  | "exhausted"
  /** The password is wrong. Charged to a budget of its own. */
  | "wrong_password"
  /** A part of the proof is missing. */
  | "reauthentication_required"
  /** The elevation is another user's or session's, or from before a change. */
  | "elevation_invalid"
  /** The elevation's lifetime is over. */
  | "elevation_expired"
  /** The elevation has allowed an operation that takes each elevation once. */
  | "elevation_used"
  /** The operation takes a code and the user has no factor, or the policy asks for another factor. */
  | "enrollment_required"
  /** A code was given where the policy lets only passkeys count. Not evaluated, not charged. */
  | "passkey_required"
  /** The call would take away what the policy asks for. */
  | "required_by_policy"
  /** The challenge was not sealed by these keys, is for another binding, or is from before a change. */
  | "challenge_invalid"
  /** The challenge's lifetime is over. */
  | "challenge_expired"
  /** The challenge has led to a success. */
  | "challenge_used"
  /** No pending enrollment has this id and binding. */
  | "enrollment_not_found"
  /** The enrollment's lifetime is over. */
  | "enrollment_expired"
  /** Another `begin` took its place. */
  | "enrollment_superseded"
  /** No batch with this id waits for acknowledgement. */
  | "batch_not_found"
  /** A factor is active, and `replace` was not asked for. */
  | "already_enrolled"
  /** The import or rename would bring back a factor that was turned off or reset. */
  | "factor_removed"
  /** A factor is active that is not the one to be reset. */
  | "factor_changed"
  /** No known device has this id. */
  | "device_not_found"
  /** No authenticator has this id, or there are several and none was named. */
  | "authenticator_not_found"
  /** The user has five authenticators already, or twelve factors in all. */
  | "too_many_authenticators"
  /** `authorize` said no, or failed. */
  | "not_authorized"
  /** Other writes kept coming first. */
  | "conflict"
  /** Too many attempts on this user wait in this process. */
  | "queue_full"
  /** No more backup codes can be made today. */
  | "too_many_batches";

/** The public cause of a {@link Failure}, which may be shown to anyone: it does not help a guesser. */
export type Reason =
  /** The code is not accepted. */
  | "invalid_code"
  /** The passkey is not accepted. */
  | "invalid_passkey"
  /** The page sent the code as a number, so its leading zeros may be lost. */
  | "code_not_text"
  /** A backup code will not do here. */
  | "app_code_required"
  /** Only a passkey will do here. */
  | "passkey_required"
  /** The app code was right but is spent: wait for the next one. */
  | "already_used"
  /** There were too many failures. `retryAt` says when to try again, unless no wait helps. */
  | "locked"
  /** The password is wrong. */
  | "invalid_password"
  /** The operation asks for more proof. */
  | "reauthenticate"
  /** A factor has to be enrolled first; at sign-in `enroll` says how. */
  | "enroll"
  /** The step has expired, was used, or began elsewhere: start again. */
  | "expired"
  /** A factor is active. */
  | "already_enrolled"
  /** There is no such device or authenticator. */
  | "not_found"
  /** There is no room for another one. */
  | "too_many"
  /** The application or its policy does not allow it. */
  | "refused"
  /** Nothing was evaluated; try again at `retryAt`. */
  | "busy";

const REASONS: Readonly<Record<Detail, Reason>> = {
  malformed_code: "invalid_code",
  malformed_passkey: "invalid_passkey",
  wrong_passkey: "invalid_passkey",
  passkey_cloned: "invalid_passkey",
  passkey_not_found: "not_found",
  too_many_passkeys: "too_many",
  code_not_text: "code_not_text",
  app_code_required: "app_code_required",
  wrong_code: "invalid_code",
  app_code_reused: "already_used",
  backup_code_reused: "invalid_code",
  not_enrolled: "invalid_code",
  locked: "locked",
  exhausted: "locked",
  wrong_password: "invalid_password",
  reauthentication_required: "reauthenticate",
  elevation_invalid: "reauthenticate",
  elevation_expired: "reauthenticate",
  elevation_used: "reauthenticate",
  enrollment_required: "enroll",
  passkey_required: "passkey_required",
  required_by_policy: "refused",
  challenge_invalid: "expired",
  challenge_expired: "expired",
  challenge_used: "expired",
  enrollment_not_found: "expired",
  enrollment_expired: "expired",
  enrollment_superseded: "expired",
  batch_not_found: "expired",
  already_enrolled: "already_enrolled",
  factor_removed: "refused",
  factor_changed: "expired",
  device_not_found: "not_found",
  authenticator_not_found: "not_found",
  too_many_authenticators: "too_many",
  not_authorized: "refused",
  conflict: "busy",
  queue_full: "busy",
  too_many_batches: "busy",
};

/** What a form has to ask for. */
export interface ProofNeed {
  password: boolean;
  /** An app code (`"app"`), either kind of code (`"any"`), a passkey where the policy takes nothing else, or no code. */
  code: "app" | "any" | "passkey" | null;
  /** True where a fresh first factor of your own may take the place of the missing password. */
  firstFactor?: boolean;
}

/** The enrollment that has to come before the user is signed in. */
export interface ForcedEnrollment {
  /** The proof for that enrollment; keep it in the server's session or an HttpOnly cookie. */
  challenge: string;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** The factors that the policy accepts. */
  methods: readonly ("app" | "passkey")[];
}

/**
 * An outcome that a person can cause, as a value.
 *
 * `reason` may be shown to anyone. `detail` is exact, for logs, and not enumerable, so that sending the result as
 * JSON cannot leak it. `retryAt` is in epoch milliseconds; `attemptsLeft` counts the attempts before the next wait;
 * `missing`, with the reason `reauthenticate`, says what the next try has to bring. `enroll`, with the reason `enroll`
 * at sign-in, is the way on where the code was right but the policy asks for another factor first.
 */
export interface Failure {
  readonly ok: false;
  readonly reason: Reason;
  readonly retryAt?: number;
  readonly attemptsLeft?: number;
  readonly missing?: ProofNeed;
  readonly enroll?: ForcedEnrollment;
  readonly detail: Detail;
}

/** Makes the failure that belongs to a detail. */
export function failure(
  detail: Detail,
  extra: Partial<Pick<Failure, "retryAt" | "attemptsLeft" | "missing" | "enroll">> = {},
): Failure {
  const result = { ok: false as const, reason: REASONS[detail], ...extra };
  Object.defineProperty(result, "detail", { value: detail });
  return Object.freeze(result) as Failure;
}

/** Tells whether a step has failed. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && (value as { ok?: unknown }).ok === false;
}

/** The kinds of trouble. Nothing that a person types causes them, and all of them fail closed. */
export type ErrorCode =
  /** The store failed, was too slow or did not confirm a write (which may have landed), or others kept coming first. */
  | "store_unavailable"
  /** A row does not open for its user, or does not hold a record. */
  | "record_invalid"
  /** A newer version of the library wrote the row, and says that this one must not read it. */
  | "record_newer"
  /** You passed `enrolled: true`, and the store knows of no factor and no removal. */
  | "record_missing"
  /** A row is sealed under a key that is not in `keys`: put the key back. */
  | "key_unknown"
  /** `requirement` failed for a user without a factor, or for anybody with `passkeys`; or `reauthentication` failed. */
  | "requirement_unavailable"
  /** `legacy` failed or was too slow, or its answer could not be stored. A backup code then costs nothing. */
  | "legacy_unavailable"
  /** What `legacy` returned cannot be used; `cause` names the field. */
  | "legacy_invalid"
  /** `verifyPassword` failed. The message says so if the attempt stays charged. */
  | "password_check_failed";

/**
 * The error that calls throw when the store, the keys or a callback fail.
 *
 * `code` is stable. `cause` is what was thrown underneath, such as the store's own error; as in every Error, it is not
 * enumerable. The message never contains a secret or a code.
 */
export class TwoFactorError extends Error {
  readonly code: ErrorCode;
  declare readonly cause: unknown;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, { cause }); // `cause` is not enumerable, so that sending the error as JSON does not show it
    this.name = "TwoFactorError";
    this.code = code;
  }
}
