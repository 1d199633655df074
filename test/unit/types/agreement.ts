/** The sources keep the contract: every public name is there, and has the promised type or a documented addition. */

import type * as Contract from "contract";
import type * as ContractAdmin from "contract/admin";
import type * as ContractOtp from "contract/otp";
import type * as ContractQr from "contract/qr";
import type * as ContractTesting from "contract/testing";
import type * as Admin from "../../../src/admin.ts";
import type * as Twinlock from "../../../src/index.ts";
import type * as Otp from "../../../src/otp/index.ts";
import type * as Qr from "../../../src/qr.ts";
import type * as Testing from "../../../src/testing/index.ts";
import type { Differing, Expect, Extends, Same, SameCall } from "./expect.ts";

// Names: all that were promised, and besides them only what is listed here.
type Names<T> = Exclude<keyof T, "prototype">;
type Added = "configurationWarnings";
export type RootNames = Expect<Same<Exclude<Names<typeof Twinlock>, Added>, Names<typeof Contract>>>;
export type AdminNames = Expect<Same<Names<typeof Admin>, Names<typeof ContractAdmin>>>;
export type OtpNames = Expect<Same<Names<typeof Otp>, Names<typeof ContractOtp>>>;
export type QrNames = Expect<Same<Names<typeof Qr>, Names<typeof ContractQr>>>;
export type TestingNames = Expect<Same<Names<typeof Testing>, Names<typeof ContractTesting>>>;

// What a host passes in.
export type Inputs = [
  Expect<Same<Twinlock.TwoFactorOptions, Contract.TwoFactorOptions>>,
  Expect<Same<Twinlock.TotpOptions, Contract.TotpOptions>>,
  Expect<Same<Twinlock.BackupCodeOptions, Contract.BackupCodeOptions>>,
  Expect<Same<Twinlock.TrustedDeviceOptions, Contract.TrustedDeviceOptions>>,
  Expect<Same<Twinlock.ThrottleOptions, Contract.ThrottleOptions>>,
  Expect<Same<Twinlock.Lifetimes, Contract.Lifetimes>>,
  Expect<Same<Twinlock.Requirement, Contract.Requirement>>,
  Expect<Same<Twinlock.ProofLevel, Contract.ProofLevel>>,
  Expect<Same<Twinlock.ProofOperation, Contract.ProofOperation>>,
  Expect<Same<Twinlock.Operation, Contract.Operation>>,
  Expect<Same<Twinlock.Proof, Contract.Proof>>,
  Expect<Same<Twinlock.Seen, Contract.Seen>>,
  Expect<Same<Twinlock.Who, Contract.Who>>,
  Expect<Same<Twinlock.BeginOptions, Contract.BeginOptions>>,
  Expect<Same<Twinlock.Context, Contract.Context>>,
  Expect<Same<Twinlock.HashName, Contract.HashName>>,
  Expect<Same<Twinlock.UserStore, Contract.UserStore>>,
  Expect<Same<Twinlock.StoredRecord, Contract.StoredRecord>>,
  Expect<Same<Twinlock.RecordSummary, Contract.RecordSummary>>,
];

// What a host gets back.
export type Outputs = [
  Expect<Same<Twinlock.Status, Contract.Status>>,
  Expect<Same<Twinlock.SignInStep, Contract.SignInStep>>,
  Expect<Same<Twinlock.SignedIn, Contract.SignedIn>>,
  Expect<Same<Twinlock.Failure, Contract.Failure>>,
  Expect<Same<Twinlock.Reason, Contract.Reason>>,
  Expect<Same<Twinlock.Detail, Contract.Detail>>,
  Expect<Same<Twinlock.State, Contract.State>>,
  Expect<Same<Twinlock.Method, Contract.Method>>,
  Expect<Same<Twinlock.Assurance, Contract.Assurance>>,
  Expect<Same<Twinlock.Device, Contract.Device>>,
  Expect<Same<Twinlock.BackupCodeBatch, Contract.BackupCodeBatch>>,
  Expect<Same<Twinlock.EnrollmentStart, Contract.EnrollmentStart>>,
  Expect<Same<Twinlock.EnrollmentResult, Contract.EnrollmentResult>>,
  Expect<Same<Twinlock.TwoFactorEvent, Contract.TwoFactorEvent>>,
  Expect<Same<Twinlock.EventType, Contract.EventType>>,
  Expect<Same<Twinlock.TwoFactorError, Contract.TwoFactorError>>,
  Expect<Same<Twinlock.ErrorCode, Contract.ErrorCode>>,
];

// What a host calls. Overloads are compared as the whole, every other call by its arguments and its result.
type T = Twinlock.TwoFactor;
type C = Contract.TwoFactor;
export type Calls = [
  Expect<Same<T, C>>,
  Expect<Same<Differing<T, C, "status" | "verify" | "reauthenticate" | "disable">, never>>,
  Expect<Same<Differing<T, C, "credentialChanged" | "rewrap">, never>>,
  Expect<Same<Differing<T["signIn"], C["signIn"], keyof T["signIn"]>, never>>,
  Expect<Same<T["enrollment"], C["enrollment"]>>,
  Expect<SameCall<T["enrollment"]["cancel"], C["enrollment"]["cancel"]>>,
  Expect<Same<Differing<T["backupCodes"], C["backupCodes"], keyof T["backupCodes"]>, never>>,
  Expect<Same<Differing<T["trustedDevices"], C["trustedDevices"], keyof T["trustedDevices"]>, never>>,
];

type Functions = "createTwoFactor" | "generateKey" | "formatBackupCodes" | "policyReport";
export type Root = [
  Expect<Same<Differing<typeof Twinlock, typeof Contract, Functions>, never>>,
  Expect<Same<typeof Twinlock.messages, typeof Contract.messages>>,
  // addition: `leakedPassword`
  Expect<Extends<typeof Twinlock.guessRisk, typeof Contract.guessRisk>>,
  // additions: `parts`, `prune`, and where the cookie goes
  Expect<Extends<typeof Twinlock.deviceCookie, typeof Contract.deviceCookie>>,
  // additions: `alphabet`, so that a field of digits only can say so; `spelling` for JSX
  Expect<Extends<typeof Twinlock.codeInputAttributes, typeof Contract.codeInputAttributes>>,
];

export type AdminCalls = [
  Expect<SameCall<Admin.Admin["reset"], ContractAdmin.Admin["reset"]>>,
  Expect<SameCall<Admin.Admin["unlock"], ContractAdmin.Admin["unlock"]>>,
  // additions: `lastStep`, `enrolledAt`, `backupCodes`
  Expect<
    Extends<Parameters<ContractAdmin.Admin["importEnrollment"]>, Parameters<Admin.Admin["importEnrollment"]>>
  >,
  Expect<Extends<typeof Admin.createAdmin, typeof ContractAdmin.createAdmin>>,
];

export type OtpCalls = Expect<Same<Differing<typeof Otp, typeof ContractOtp, keyof typeof Otp>, never>>;
export type KeyUri = Expect<Same<Otp.KeyUri, ContractOtp.KeyUri>>;
export type QrCalls = Expect<Same<Differing<typeof Qr, typeof ContractQr, keyof typeof Qr>, never>>;

export type TestingCalls = [
  Expect<Same<Differing<typeof Testing, typeof ContractTesting, "fakeClock">, never>>,
  Expect<Same<Testing.FakeClock, ContractTesting.FakeClock>>,
  // additions: `hangAfter`, `plan`, `seed` may be left out; `scanImage`, `backUp`, `restore`; `admin`, `options`, `enroll`;
  // `rollback`
  Expect<Extends<typeof Testing.faultyStore, typeof ContractTesting.faultyStore>>,
  Expect<Extends<typeof Testing.virtualAuthenticator, typeof ContractTesting.virtualAuthenticator>>,
  Expect<Extends<typeof Testing.createTestTwoFactor, typeof ContractTesting.createTestTwoFactor>>,
  Expect<Extends<typeof Testing.userStoreTests, typeof ContractTesting.userStoreTests>>,
];
