/** The calls of the flow: those of the service, with the request instead of the user and all sealed values. */

import type { Failure, ProofNeed } from "../errors.ts";
import type { ProofOperation } from "../rules/proof.ts";
import type {
  PasskeyBeginOptions,
  PasskeyCalls,
  PasskeyInfo,
  PasskeyStart,
} from "../two-factor/passkey-types.ts";
import type { Status } from "../two-factor/status.ts";
import type {
  Assurance,
  AuthenticatorInfo,
  BackupCodeBatch,
  BeginOptions,
  CodeOptions,
  Device,
  EnrollmentStart,
  Proof,
  Result,
  SignedIn,
  SignInOptions,
  SignInStep,
} from "../two-factor/types.ts";
import type { PendingStep, SignedInUser } from "./visit.ts";

/** The proof that the form sent. What the session still proves is added to it. */
export type FlowProof = Omit<Proof, "binding" | "elevation" | "deviceToken">;
/** Options that come with a code. */
export type FlowCodeOptions = Omit<CodeOptions, "binding" | "deviceToken">;
/** A success, without what the flow puts into the session and the cookie. */
export type FlowSignedIn = Omit<SignedIn, "elevation" | "device">;
/** The step after the first factor, without what the flow puts into the session. */
export type FlowStep =
  | Exclude<SignInStep, { challenge: string }>
  | Omit<Extract<SignInStep, { step: "code" }>, "challenge">
  | Omit<Extract<SignInStep, { step: "enroll" }>, "challenge">;
/** The result of the first right code. `active` has signed the user in. */
export type FlowEnrollment =
  | { state: "active"; backupCodes: BackupCodeBatch | null; signIn: FlowSignedIn }
  | { state: "awaiting_acknowledgement"; backupCodes: BackupCodeBatch };

/**
 * The second factor over your session. Each call takes the request, and is about the user who is signed in there. Where
 * nobody is, it returns a failure with the reason `expired`.
 */
export interface Flow<C, HostOperation extends string = never> {
  /** Returns who is signed in, or null. Ask this in every route, and trust nothing else in the session. */
  user(request: C): Promise<SignedInUser | null>;
  /** Returns the step that a sign-in waits for, or null, for a page that is reloaded. */
  pending(request: C): Promise<PendingStep | null>;
  /** Ends the visit for good: a request that is still at work cannot bring it back. */
  signOut(request: C): Promise<void>;
  signIn: {
    /**
     * Begins a sign-in. Call it after the first factor, on every path that would create a session. It goes on in an
     * empty session with a new id. `done` has signed the user in; `enroll` leads to `enrollment.begin`.
     */
    begin(
      request: C,
      userId: string,
      options?: Omit<SignInOptions, "binding" | "deviceToken">,
    ): Promise<FlowStep>;
    /**
     * Takes a code of either kind, or a passkey's response. A success has signed the user in, in a session with a new id;
     * a failure with `enroll` leads to `passkeys.begin`.
     */
    complete(request: C, code: unknown, options?: FlowCodeOptions): Promise<FlowSignedIn | Failure>;
  };
  enrollment: {
    /** Begins an enrollment, for a user who is signed in or must enroll first. */
    begin(
      request: C,
      options: BeginOptions & FlowProof,
    ): Promise<Result<Omit<EnrollmentStart, "enrollmentId">>>;
    confirm(request: C, code: unknown, options?: FlowCodeOptions): Promise<Result<FlowEnrollment>>;
    acknowledge(
      request: C,
      options?: FlowCodeOptions,
    ): Promise<Result<{ state: "active"; signIn: FlowSignedIn }>>;
    cancel(request: C, options?: Pick<Proof, "context">): Promise<Result<object>>;
  };
  authenticators: {
    list(request: C): Promise<readonly AuthenticatorInfo[]>;
    rename(
      request: C,
      options: { id: string | undefined; label: string | null } & Pick<Proof, "context">,
    ): Promise<Result<object>>;
    remove(
      request: C,
      options: { id: string | undefined } & FlowProof,
    ): Promise<Result<{ mustEnroll: boolean }>>;
  };
  /** Every call throws a TypeError where the service has no option `passkeys`. */
  passkeys: {
    /** Begins to register a passkey, for a user who is signed in or must enroll first. */
    begin(
      request: C,
      options: PasskeyBeginOptions & FlowProof,
    ): Promise<Result<Omit<PasskeyStart, "enrollmentId">>>;
    /** Takes the browser's response. `enrollment.acknowledge` and `cancel` are for passkeys, too. */
    confirm(request: C, response: unknown, options?: FlowCodeOptions): Promise<Result<FlowEnrollment>>;
    /** Returns the options for a response, for the sign-in that waits for a code or the user who is signed in. */
    options(request: C): ReturnType<PasskeyCalls["options"]>;
    list(request: C): Promise<readonly PasskeyInfo[]>;
    rename(
      request: C,
      options: { id: string | undefined; label: string | null } & Pick<Proof, "context">,
    ): Promise<Result<object>>;
    remove(
      request: C,
      options: { id: string | undefined } & FlowProof,
    ): Promise<Result<{ mustEnroll: boolean }>>;
  };
  backupCodes: {
    regenerate(request: C, proof?: FlowProof): Promise<Result<BackupCodeBatch>>;
    acknowledge(request: C, options?: Pick<Proof, "context">): Promise<Result<object>>;
  };
  devices: {
    /** Lists the known devices; `current` marks the one that is asking. */
    list(request: C): Promise<readonly Device[]>;
    /** Forgets a device by its id; without one, the device that is asking. */
    revoke(request: C, device?: string, options?: Pick<Proof, "context">): Promise<Result<object>>;
    revokeAll(request: C, options?: Pick<Proof, "context">): Promise<Result<object>>;
  };
  /** Returns the status of the user's second factor; null where nobody is signed in. */
  status(request: C): Promise<Status | null>;
  /** Returns what the form of an operation has to ask for now; null where nobody is signed in. */
  asks(
    request: C,
    operation: ProofOperation | HostOperation,
    options?: Pick<Proof, "firstFactor"> & { transaction?: string | undefined },
  ): Promise<ProofNeed | null>;
  /** Tells whether an operation of your own may go ahead now. */
  allow(
    request: C,
    operation: Exclude<HostOperation, ProofOperation>,
    proof?: FlowProof & { transaction?: string | undefined },
  ): Promise<Result<{ assurance: Assurance }>>;
  /** Verifies a fresh code of the user who is signed in (step-up). */
  verify(request: C, code: unknown, options?: FlowCodeOptions): Promise<FlowSignedIn | Failure>;
  /** Checks the password, a code or both, so that operations in this session need no proof for a while. */
  reauthenticate(
    request: C,
    proof: FlowProof & {
      for?: ProofOperation | HostOperation | undefined;
      transaction?: string | undefined;
    },
  ): Promise<Result<{ expiresAt: number; assurance: Assurance }>>;
  disable(request: C, proof?: FlowProof): Promise<Result<{ mustEnroll: boolean }>>;
}
