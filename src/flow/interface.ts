/** Every call of the flow: those of the service, with the request in the place of the user and of all that is sealed. */

import type { Failure, ProofNeed } from "../errors.ts";
import type { ProofOperation } from "../rules/proof.ts";
import type { Status } from "../two-factor/status.ts";
import type { AllowOptions, AskOptions, ReauthenticateOptions } from "../two-factor/step-up-options.ts";
import type {
  Assurance,
  AuthenticatorInfo,
  BackupCodeBatch,
  BeginOptions,
  CodeOptions,
  ContextOption,
  Device,
  EnrollmentStart,
  Proof,
  Result,
  SignedIn,
  SignInOptions,
  SignInStep,
} from "../two-factor/types.ts";
import type { PendingStep, SignedInUser } from "./visit.ts";

/** What the form sent as proof; what the session still proves is added to it. */
export type FlowProof = Omit<Proof, "binding" | "elevation" | "deviceToken">;
/** What may come with a code. */
export type FlowCodeOptions = Omit<CodeOptions, "binding" | "deviceToken">;
/** A success without what belongs into the session and the cookie. */
export type FlowSignedIn = Omit<SignedIn, "elevation" | "device">;
/** What comes next, without what belongs into the session. */
export type FlowStep =
  | Exclude<SignInStep, { challenge: string }>
  | Omit<Extract<SignInStep, { step: "code" }>, "challenge">
  | Omit<Extract<SignInStep, { step: "enroll" }>, "challenge">;
/** What the first right code brings. `active` signs in. */
export type FlowEnrollment =
  | { state: "active"; backupCodes: BackupCodeBatch | null; signIn: FlowSignedIn }
  | { state: "awaiting_acknowledgement"; backupCodes: BackupCodeBatch };

/**
 * The second factor over the host's session. Each call takes the request, as the host's functions are given it, and
 * means the user who is signed in there; where nobody is, it gives a failure with the reason `expired`.
 */
export interface Flow<C, HostOperation extends string = never> {
  /** Who is signed in, or null: ask this in every route, and nothing else that the session holds. */
  user(request: C): Promise<SignedInUser | null>;
  /** What a sign-in that has begun waits for, or null: for pages that are reloaded. */
  pending(request: C): Promise<PendingStep | null>;
  /** Ends the visit for good: a request that is still at work brings it back no more. */
  signOut(request: C): Promise<void>;
  signIn: {
    /**
     * After the first factor, on every path that would create a session. Goes on in a session with a new id, and nothing
     * of the old one. `done` has signed the user in; `enroll` leads to `enrollment.begin`.
     */
    begin(
      request: C,
      userId: string,
      options?: Omit<SignInOptions, "binding" | "deviceToken">,
    ): Promise<FlowStep>;
    /** Takes the code, of either kind. A success has signed the user in, in a session with a new id. */
    complete(request: C, code: unknown, options?: FlowCodeOptions): Promise<FlowSignedIn | Failure>;
  };
  enrollment: {
    /** Shows the QR code: to whoever is signed in, or must enroll to be. */
    begin(
      request: C,
      options: BeginOptions & FlowProof,
    ): Promise<Result<Omit<EnrollmentStart, "enrollmentId">>>;
    confirm(request: C, code: unknown, options?: FlowCodeOptions): Promise<Result<FlowEnrollment>>;
    acknowledge(
      request: C,
      options?: FlowCodeOptions,
    ): Promise<Result<{ state: "active"; signIn: FlowSignedIn }>>;
    cancel(request: C, options?: ContextOption): Promise<Result<object>>;
  };
  authenticators: {
    list(request: C): Promise<readonly AuthenticatorInfo[]>;
    rename(
      request: C,
      options: { id: string | undefined; label: string | null } & ContextOption,
    ): Promise<Result<object>>;
    remove(
      request: C,
      options: { id: string | undefined } & FlowProof,
    ): Promise<Result<{ mustEnroll: boolean }>>;
  };
  backupCodes: {
    regenerate(request: C, proof?: FlowProof): Promise<Result<BackupCodeBatch>>;
    acknowledge(request: C, options?: ContextOption): Promise<Result<object>>;
  };
  devices: {
    /** With `current` for the one that is asking. */
    list(request: C): Promise<readonly Device[]>;
    /** By its id; without one, the device that is asking. */
    revoke(request: C, device?: string, options?: ContextOption): Promise<Result<object>>;
    revokeAll(request: C, options?: ContextOption): Promise<Result<object>>;
  };
  /** Null where nobody is signed in. */
  status(request: C): Promise<Status | null>;
  /** What the form of an operation has to ask for now; null where nobody is signed in. */
  asks(
    request: C,
    operation: ProofOperation | HostOperation,
    options?: Omit<AskOptions, "binding" | "elevation">,
  ): Promise<ProofNeed | null>;
  /** Whether an operation of the host's own may go ahead now. */
  allow(
    request: C,
    operation: Exclude<HostOperation, ProofOperation>,
    proof?: Omit<AllowOptions, "binding" | "elevation" | "deviceToken">,
  ): Promise<Result<{ assurance: Assurance }>>;
  /** A fresh code of whoever is signed in: step-up. */
  verify(request: C, code: unknown, options?: FlowCodeOptions): Promise<FlowSignedIn | Failure>;
  /** Proves the password, a code or both; what follows in this session needs no proof for a while. */
  reauthenticate(
    request: C,
    proof: Omit<ReauthenticateOptions<ProofOperation | HostOperation>, "binding" | "deviceToken">,
  ): Promise<Result<{ expiresAt: number; assurance: Assurance }>>;
  disable(request: C, proof?: FlowProof): Promise<Result<{ mustEnroll: boolean }>>;
}
