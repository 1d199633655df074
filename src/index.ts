/**
 * The second factor for any TypeScript application.
 *
 * @module
 */

export { formatBackupCodes } from "./backup-codes.ts";
export {
  type DeviceCookie,
  type DeviceCookieOptions,
  type DeviceCookieParts,
  deviceCookie,
} from "./device-cookie.ts";
export {
  type Detail,
  type ErrorCode,
  type Failure,
  type ForcedEnrollment,
  type ProofNeed,
  type Reason,
  TwoFactorError,
} from "./errors.ts";
export { generateKey } from "./keyring.ts";
export { codeInputAttributes, messages } from "./page.ts";
export type { EventType, Method } from "./rules/decision.ts";
export type { DeviceGrant } from "./rules/devices.ts";
export type { Lock } from "./rules/locks.ts";
export { policyReport, type Requirement } from "./rules/policy.ts";
export type { ProofLevel, ProofOperation } from "./rules/proof.ts";
export type { GuessRisk } from "./rules/risk.ts";
export type { RecordSummary, State, StoredRecord, UserStore } from "./store.ts";
export { createTwoFactor } from "./two-factor/create.ts";
export type { TwoFactorEvent } from "./two-factor/event.ts";
export { guessRisk } from "./two-factor/guess-risk.ts";
export type { TwoFactor } from "./two-factor/interface.ts";
export type {
  LegacyEnrollment,
  Operation,
  TwoFactorOptions,
} from "./two-factor/options.ts";
export type { ProofRequirement, ProofRule } from "./two-factor/proof-rows.ts";
export type { Status } from "./two-factor/status.ts";
export type {
  Assurance,
  AuthenticatorInfo,
  BackupCodeBatch,
  BeginOptions,
  CodeOptions,
  Context,
  Device,
  EnrollmentResult,
  EnrollmentStart,
  MaybePromise,
  Proof,
  Result,
  SignedIn,
  SignInOptions,
  SignInStep,
  Who,
} from "./two-factor/types.ts";
export {
  type ConfigurationWarning,
  configurationWarnings,
} from "./two-factor/warnings.ts";
