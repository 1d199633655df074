/** Every call that a host makes. */

import type { Failure, ProofNeed } from "../errors.ts";
import type { ProofOperation } from "../rules/proof.ts";
import type { PasskeyCalls } from "./passkey-types.ts";
import type { Status } from "./status.ts";
import type { AllowOptions, AskOptions, ReauthenticateOptions } from "./step-up-options.ts";
import type {
  Assurance,
  AuthenticatorInfo,
  BackupCodeBatch,
  BeginOptions,
  CodeOptions,
  Context,
  ContextOption,
  Device,
  EnrollmentResult,
  EnrollmentStart,
  Proof,
  Result,
  SignedIn,
  SignInOptions,
  SignInStep,
  Who,
} from "./types.ts";

/**
 * The second factor of an application's users. Every method takes the host's own user id, which is kept exactly.
 * `HostOperation` are the operations of the host's own in the option `reauthentication`.
 */
export interface TwoFactor<HostOperation extends string = never> {
  /** What a settings page may show about a user's second factor; never a secret. It writes only what `legacy` brings. */
  status(userId: string): Promise<Status>;
  signIn: {
    /**
     * Says what comes after the first factor: nothing, a code, a forced enrollment, or a refusal.
     *
     * Whatever the policy says, an enrolled user is asked for a code, unless the device is trusted. `binding` is null
     * or a random value that the host keeps in the session (not the session's id, which it renews). Keep the challenge
     * in the server's session or an HttpOnly cookie.
     *
     * @throws TwoFactorError `record_missing` when `enrolled` is true and the store has no record, or one without a
     * factor of which no removal is known; `requirement_unavailable` when the user is not enrolled and `requirement`
     * failed.
     */
    begin(userId: string, options: SignInOptions): Promise<SignInStep>;
    /**
     * Completes a sign-in with an app code or a backup code. The user comes from the challenge and nothing else. A
     * wrong code leaves the challenge usable; a right one spends it.
     */
    complete(
      challenge: string | undefined,
      code: unknown,
      options: Omit<CodeOptions, "deviceToken">,
    ): Promise<SignedIn | Failure>;
  };
  /**
   * Verifies a code of a user who is already signed in, or pending in the host's own session, by the rules and at the
   * charge of a sign-in. Never call it with an id from the request: at sign-in the user comes from the challenge.
   */
  verify(userId: string, code: unknown, options: CodeOptions): Promise<SignedIn | Failure>;
  /**
   * Checks the password, a code or both, and returns an elevation for the operations that follow. The password is
   * charged and checked first, and the code looked at only if it was right. It makes no device known. With `for` the
   * elevation serves that operation alone, and with `transaction` only what the person has confirmed.
   */
  reauthenticate(
    userId: string,
    options: ReauthenticateOptions<ProofOperation | HostOperation>,
  ): Promise<Result<{ elevation: string; expiresAt: number; assurance: Assurance }>>;
  /**
   * Says whether an operation of the host's own may go ahead now, and by what assurance; otherwise `reauthenticate` with
   * what is `missing`, `enroll` where it takes a code and no factor is active, or why the proof itself failed. A code is
   * charged and spent as at any operation of the library's, and with `once` the elevation is spent, too.
   */
  allow(
    userId: string,
    operation: Exclude<HostOperation, ProofOperation>,
    proof: AllowOptions,
  ): Promise<Result<{ assurance: Assurance }>>;
  /**
   * Says what the form of an operation has to ask this person for: the password, a code, or nothing. With `binding`
   * and `elevation`, what the elevation still proves is left out.
   */
  asks(userId: string, operation: ProofOperation | HostOperation, options?: AskOptions): Promise<ProofNeed>;
  /** Enrolling. `who` is a user id, or `{ challenge }` from a `signIn.begin` that said `enroll`. */
  enrollment: {
    /**
     * Starts an enrollment, with `replace` that of the next authenticator, with `add` that of another one; what is
     * active goes on working, and the new entry in the app has a name of its own (`label`, or the date). The session that began it, by its binding, is shown the same secret again; any other `begin` takes its place.
     */
    begin(userId: string, options: BeginOptions & Proof): Promise<Result<EnrollmentStart>>;
    begin(
      who: { challenge: string | undefined },
      options: Omit<BeginOptions, "replace" | "add"> & Pick<Proof, "binding" | "context">,
    ): Promise<Result<EnrollmentStart>>;
    /** Checks the first code. Nothing becomes active without one, and that code is spent. A wrong one keeps it open. */
    confirm(
      who: Who,
      options: { enrollmentId: string | undefined; code: unknown } & CodeOptions,
    ): Promise<Result<EnrollmentResult>>;
    /** "I have saved my codes": activates a confirmed enrollment. Takes no code. */
    acknowledge(
      who: Who,
      options: { batchId: string | undefined } & CodeOptions,
    ): Promise<Result<{ state: "active"; signIn: SignedIn }>>;
    /** Gives up a pending enrollment; an active factor stays. */
    cancel(who: Who, options: Pick<Proof, "binding" | "context">): Promise<Result<object>>;
  };
  authenticators: {
    /** Lists the authenticators, never their secrets. */
    list(userId: string): Promise<readonly AuthenticatorInfo[]>;
    /** Gives one of them another name. Takes no proof. */
    rename(
      userId: string,
      options: { id: string | undefined; label: string | null } & ContextOption,
    ): Promise<Result<object>>;
    /**
     * Takes one of several away, with the proof of `replace`: the others go on working, devices and elevations end.
     * Removing the last one is `disable`, and asks for what that asks for.
     */
    remove(
      userId: string,
      options: { id: string | undefined } & Proof,
    ): Promise<Result<{ mustEnroll: boolean }>>;
  };
  backupCodes: {
    /**
     * Makes a new batch, at most five a day. The old one dies in the same write, or at acknowledgement where that is
     * on.
     *
     * @throws TypeError where the option `backupCodes` is false.
     */
    regenerate(userId: string, proof: Proof): Promise<Result<BackupCodeBatch>>;
    /** "I have saved them": the regenerated batch replaces the old one. */
    acknowledge(
      userId: string,
      options: { batchId: string | undefined; context?: Context | undefined },
    ): Promise<Result<object>>;
  };
  /** Passkeys and security keys; undefined without the option `passkeys`. */
  passkeys?: PasskeyCalls;
  devices: {
    /** Lists the known devices, and until when they are trusted. With `deviceToken` it marks the one that is asking. */
    list(userId: string, options?: { deviceToken?: string | undefined }): Promise<readonly Device[]>;
    /**
     * Forgets one device, by its id from the list or by the token of its cookie ("forget this device"). Takes no
     * proof, since it only takes away.
     */
    revoke(userId: string, device: string | undefined, options?: ContextOption): Promise<Result<object>>;
    /** Forgets all devices; a success also where there is none. */
    revokeAll(userId: string, options?: ContextOption): Promise<Result<object>>;
  };
  /**
   * Turns the second factor off; `not_enrolled` where none is active. `mustEnroll` says that the policy will ask for
   * a new one at the next sign-in.
   */
  disable(userId: string, proof: Proof): Promise<Result<{ mustEnroll: boolean }>>;
  /**
   * Ends every device, challenge, elevation and pending enrollment after the host changed a credential. The factor and
   * the counters stay.
   *
   * @throws TwoFactorError `store_unavailable` also when other writes kept coming first: call it again.
   */
  credentialChanged(
    userId: string,
    what: "password" | "email" | "recovery",
    options?: ContextOption,
  ): Promise<void>;
  /**
   * Seals the record again under the first key; true if it was under another.
   *
   * @throws TwoFactorError `store_unavailable` also when other writes kept coming first: call it again.
   */
  rewrap(userId: string): Promise<boolean>;
}
