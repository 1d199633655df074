/** What went wrong, three ways: a value a person can cause, trouble that is nobody's input, and nothing else. */

/** The exact cause of a {@link Failure}, for logs. */
export type Detail =
  /** No shape of a code that is asked for. Not charged. */
  | "malformed_code"
  /** No response of a passkey. Not charged. */
  | "malformed_passkey"
  /** Not verified; charged to the budget of passkeys. */
  | "wrong_passkey"
  /** Its counter went back, as that of a copy does; charged. */
  | "passkey_cloned"
  /** No passkey of this user has this id. */
  | "passkey_not_found"
  /** Ten are there, or what they take is too much for the record. */
  | "too_many_passkeys"
  /** A number in the place of text. Not charged. */
  | "code_not_text"
  /** The shape of a backup code, where only the app's code will do. Not charged. */
  | "app_code_required"
  /** Charged. */
  | "wrong_code"
  /** Right, but spent. Not charged. */
  | "app_code_reused"
  /** Used before; charged, and to the person the same as a wrong one. */
  | "backup_code_reused"
  /** No factor is active. */
  | "not_enrolled"
  /** A wait; `retryAt` says until when. */
  | "locked"
  /** The hard stop: no wait ends it. */
  | "exhausted"
  /** Charged to the password's own budget. */
  | "wrong_password"
  /** A part of the proof is missing. */
  | "reauthentication_required"
  /** Another user's or session's, or of before a change. */
  | "elevation_invalid"
  /** Its lifetime is over. */
  | "elevation_expired"
  /** It has allowed an operation that takes each elevation once. */
  | "elevation_used"
  /** The operation takes a code, and the user has no factor that could give one; or the policy asks for another factor. */
  | "enrollment_required"
  /** A code, where the policy lets only a passkey count. Not evaluated, not charged. */
  | "passkey_required"
  /** It would take away what the policy asks for. */
  | "required_by_policy"
  /** Not sealed by these keys, for another binding, or of before a change. */
  | "challenge_invalid"
  /** Its lifetime is over. */
  | "challenge_expired"
  /** It has led to a success. */
  | "challenge_used"
  /** No pending enrollment has this id and binding. */
  | "enrollment_not_found"
  /** Its lifetime is over. */
  | "enrollment_expired"
  /** Another `begin` took its place. */
  | "enrollment_superseded"
  /** No batch of this id waits for acknowledgement. */
  | "batch_not_found"
  /** A factor is active, and `replace` was not asked for. */
  | "already_enrolled"
  /** A factor was turned off or reset: taking over the old one would bring it back. */
  | "factor_removed"
  /** Another factor is active than the one that was to be reset. */
  | "factor_changed"
  /** No known device has this id. */
  | "device_not_found"
  /** No authenticator has this id, or there are several and none was named. */
  | "authenticator_not_found"
  /** There are five authenticators. */
  | "too_many_authenticators"
  /** `authorize` said no, or failed. */
  | "not_authorized"
  /** Other writes came first, again and again. */
  | "conflict"
  /** Too many attempts on this user wait in this process. */
  | "queue_full"
  /** No more backup codes can be made today. */
  | "too_many_batches";

/** What may be shown to anyone: it tells nothing that helps a guesser. */
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
  /** The app code was right and is spent: wait for the next. */
  | "already_used"
  /** Too many failures; `retryAt`, unless no wait helps. */
  | "locked"
  /** The password is wrong. */
  | "invalid_password"
  /** The operation asks for more proof. */
  | "reauthenticate"
  /** A factor has to be enrolled first; at sign-in `enroll` says how. */
  | "enroll"
  /** The step has run out, was used, or began elsewhere: start again. */
  | "expired"
  /** A factor is active. */
  | "already_enrolled"
  /** There is no such device or authenticator. */
  | "not_found"
  /** There is no room for another one. */
  | "too_many"
  /** The host does not allow it. */
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

/** What a form has to ask for: the password, and a code of the authenticator app or of any kind, or a passkey. */
export interface ProofNeed {
  password: boolean;
  /** `"passkey"` where the policy lets nothing else count. */
  code: "app" | "any" | "passkey" | null;
  /** True where a fresh first factor of the host's may take the place of the password that is missing. */
  firstFactor?: boolean;
}

/** What has to be enrolled before somebody is signed in. */
export interface ForcedEnrollment {
  /** The proof for that enrollment; keep it in the server's session or an HttpOnly cookie. */
  challenge: string;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** Which factors will do. */
  methods: readonly ("app" | "passkey")[];
}

/**
 * An outcome that a person can cause, as a value.
 *
 * `reason` may be shown to anyone. `detail` is exact, for logs, and not enumerable, so that sending the result as
 * JSON cannot leak it. `retryAt` is in epoch milliseconds; `attemptsLeft` counts the attempts before the next wait;
 * `missing` says, with the reason `reauthenticate`, what the next try has to bring; `enroll` stands there at sign-in, with
 * the reason `enroll`: the code was right and is spent, and the policy asks for another factor before anybody is signed in.
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

/** Tells a failure from whatever else a step may give. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && (value as { ok?: unknown }).ok === false;
}

/** The kinds of trouble: none of them is a person's input, and all of them fail closed. */
export type ErrorCode =
  /** The store failed, did not answer in time or did not confirm a write (which may have landed), or others came first. */
  | "store_unavailable"
  /** A row does not open for its user, or holds no record. */
  | "record_invalid"
  /** A newer version of the library wrote the row and says that older ones must not read past it. */
  | "record_newer"
  /** The host says `enrolled`, and the store knows of no factor and of no removal. */
  | "record_missing"
  /** A row is sealed under a key that is not in `keys`: put the key back. */
  | "key_unknown"
  /** `requirement` failed, for a user who is not enrolled, or a function in `reauthentication`. */
  | "requirement_unavailable"
  /** `legacy` failed or did not answer in time, or could not be stored; a backup code that was asked about is not charged. */
  | "legacy_unavailable"
  /** What `legacy` returned cannot be used; `cause` names the field. */
  | "legacy_invalid"
  /** `verifyPassword` failed; the message says if its attempt could not be taken back. */
  | "password_check_failed";

/**
 * Trouble that the caller cannot mend by typing something else: the store, the keys or a callback failed.
 *
 * `code` is stable; `cause` is what was thrown underneath, such as the store's own error, and not enumerable, as in every
 * Error. The message never contains a secret or a code.
 */
export class TwoFactorError extends Error {
  readonly code: ErrorCode;
  declare readonly cause: unknown;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, { cause }); // not enumerable, so that sending the error as JSON shows nothing of it
    this.name = "TwoFactorError";
    this.code = code;
  }
}
