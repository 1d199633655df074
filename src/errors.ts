/** What went wrong, three ways: a value a person can cause, trouble that is nobody's input, and nothing else. */

/** The exact cause of a {@link Failure}, for logs. */
export type Detail =
  | "malformed_code"
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

/** What may be shown to anyone: it tells a guesser nothing. */
export type Reason =
  | "invalid_code"
  | "already_used"
  | "locked"
  | "invalid_password"
  | "reauthenticate"
  | "expired"
  | "already_enrolled"
  | "not_found"
  | "refused"
  | "busy";

const REASONS: Readonly<Record<Detail, Reason>> = {
  malformed_code: "invalid_code",
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
  challenge_invalid: "expired",
  challenge_expired: "expired",
  challenge_used: "expired",
  enrollment_not_found: "expired",
  enrollment_expired: "expired",
  enrollment_superseded: "expired",
  batch_not_found: "expired",
  already_enrolled: "already_enrolled",
  device_not_found: "not_found",
  not_authorized: "refused",
  conflict: "busy",
  queue_full: "busy",
  too_many_batches: "busy",
};

/**
 * An outcome that a person can cause, as a value.
 *
 * `reason` may be shown to anyone. `detail` is exact, for logs, and not enumerable, so that sending the result as
 * JSON cannot leak it. `retryAt` is in epoch milliseconds; `attemptsLeft` counts the attempts before the next wait.
 */
export interface Failure {
  readonly ok: false;
  readonly reason: Reason;
  readonly retryAt?: number;
  readonly attemptsLeft?: number;
  readonly detail: Detail;
}

/** Makes the failure that belongs to a detail. */
export function failure(detail: Detail, extra: { retryAt?: number; attemptsLeft?: number } = {}): Failure {
  const result = { ok: false as const, reason: REASONS[detail], ...extra };
  Object.defineProperty(result, "detail", { value: detail });
  return Object.freeze(result) as Failure;
}

/** The kinds of trouble: none of them is a person's input, and all of them fail closed. */
export type ErrorCode =
  | "store_unavailable"
  | "record_invalid"
  | "record_missing"
  | "key_unknown"
  | "requirement_unavailable"
  | "password_check_failed";

/**
 * Trouble that the caller cannot mend by typing something else: the store, the keys or a callback failed.
 *
 * `code` is stable; `cause` is what was thrown underneath. The message never contains a secret or a code.
 */
export class TwoFactorError extends Error {
  readonly code: ErrorCode;
  override readonly cause: unknown;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message);
    this.name = "TwoFactorError";
    this.code = code;
    this.cause = cause;
  }
}
