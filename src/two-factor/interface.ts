/** The calls of the service. */

import type { Failure, ProofNeed } from "../errors.ts";
import type { ProofOperation } from "../rules/proof.ts";
import type { PasskeyCalls } from "./passkey-types.ts";
import type { Status } from "./status.ts";
import type {
  Assurance,
  AuthenticatorInfo,
  BackupCodeBatch,
  BeginOptions,
  CodeOptions,
  Context,
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
 * The second factor of an application's users. Every method takes your own user id, which is kept exactly.
 * `HostOperation` are the names of your own operations in the option `reauthentication`.
 */
export interface TwoFactor<HostOperation extends string = never> {
  /** Returns what a settings page may show of a user's second factor. It writes only what `legacy` brings. */
  status(userId: string): Promise<Status>;
  signIn: {
    /**
     * Says what comes after the first factor: nothing, a code, a forced enrollment, or a refusal.
     *
     * Whatever the policy says, an enrolled user is asked for a code, unless the device is trusted. `binding` is null
     * or a random value that you keep in the session (not the session's id, which you renew). Keep the challenge in the
     * server's session or an HttpOnly cookie.
     *
     * @throws TwoFactorError `record_missing` when `enrolled` is true and the store has no record, or one without a
     * factor and without a removal; `requirement_unavailable` when `requirement` failed, and the user is not enrolled or
     * the option `passkeys` is set.
     */
    begin(userId: string, options: SignInOptions): Promise<SignInStep>;
    /**
     * Completes a sign-in with an app code, a backup code or a passkey's response. The user comes from the challenge. A
     * wrong code leaves the challenge usable; a right one spends it. Where only passkeys count, a right code does not
     * sign in: the failure's `enroll` holds the challenge for `passkeys.begin`.
     */
    complete(
      challenge: string | undefined,
      code: unknown,
      options: Omit<CodeOptions, "deviceToken">,
    ): Promise<SignedIn | Failure>;
  };
  /**
   * Verifies a code of a user who is already signed in, or pending in your own session. The rules and the charge are
   * those of a sign-in. Never call it with an id from the request.
   */
  verify(userId: string, code: unknown, options: CodeOptions): Promise<SignedIn | Failure>;
  /**
   * Checks the password, a code or both, and returns an elevation for the operations that follow. The password is
   * charged and checked first, and the code is looked at only if it was right. No device becomes known. By default the
   * elevation allows all operations, but none with a transaction; with `for` only that one, and with `transaction`
   * (which needs `for`) only what the person confirms, a text of at most 4,096 characters.
   */
  reauthenticate(
    userId: string,
    options: Omit<Proof, "elevation"> & {
      for?: ProofOperation | HostOperation | undefined;
      transaction?: string | undefined;
    },
  ): Promise<Result<{ elevation: string; expiresAt: number; assurance: Assurance }>>;
  /**
   * Says whether an operation of your own may go ahead now, and with what assurance. Otherwise it fails with
   * `reauthenticate` and what is `missing`, with `enroll` where a code is asked for and no factor is active, or with
   * the failure of the proof. A code is charged and spent as everywhere; with `once` the elevation is spent, too. With
   * `transaction`, in at most 4,096 characters what is about to happen, an elevation counts only if it was made for the
   * same text.
   */
  allow(
    userId: string,
    operation: Exclude<HostOperation, ProofOperation>,
    proof: Proof & { transaction?: string | undefined },
  ): Promise<Result<{ assurance: Assurance }>>;
  /**
   * Says what the form of an operation has to ask this person for: the password, a code, or nothing. With `binding`,
   * null by default, and `elevation`, what the elevation still proves is left out.
   */
  asks(
    userId: string,
    operation: ProofOperation | HostOperation,
    options?: { binding?: string | null | undefined; transaction?: string | undefined } & Pick<
      Proof,
      "elevation" | "firstFactor"
    >,
  ): Promise<ProofNeed>;
  /** Enrolling an authenticator. `who` is a user id, or `{ challenge }` from a `signIn.begin` that said `enroll`. */
  enrollment: {
    /**
     * Starts an enrollment. With `replace` or `add` the active authenticators go on working, and the new entry in the
     * app has a name of its own (`label`, or the date). The session that began it, by its binding, is shown the same
     * secret again; any other `begin` replaces it.
     */
    begin(userId: string, options: BeginOptions & Proof): Promise<Result<EnrollmentStart>>;
    begin(
      who: { challenge: string | undefined },
      options: Omit<BeginOptions, "replace" | "add"> & Pick<Proof, "binding" | "context">,
    ): Promise<Result<EnrollmentStart>>;
    /** Checks the first code, without which nothing becomes active. A right code is spent, a wrong one charged. */
    confirm(
      who: Who,
      options: { enrollmentId: string | undefined; code: unknown } & CodeOptions,
    ): Promise<Result<EnrollmentResult>>;
    /** Activates a confirmed enrollment once the person has saved the backup codes. Takes no code. */
    acknowledge(
      who: Who,
      options: { batchId: string | undefined } & CodeOptions,
    ): Promise<Result<{ state: "active"; signIn: SignedIn }>>;
    /** Gives up a pending enrollment. An active factor stays. */
    cancel(who: Who, options: Pick<Proof, "binding" | "context">): Promise<Result<object>>;
  };
  authenticators: {
    /** Lists the authenticators, never their secrets. */
    list(userId: string): Promise<readonly AuthenticatorInfo[]>;
    /** Gives an authenticator another name. Takes no proof. */
    rename(
      userId: string,
      options: { id: string | undefined; label: string | null } & Pick<Proof, "context">,
    ): Promise<Result<object>>;
    /**
     * Removes an authenticator with the proof of `replace`. The others go on working; devices and elevations end.
     * Removing the last one is `disable` and asks for its proof.
     */
    remove(
      userId: string,
      options: { id: string | undefined } & Proof,
    ): Promise<Result<{ mustEnroll: boolean }>>;
  };
  backupCodes: {
    /**
     * Makes a new batch, at most five a day. The old one ends in the same write, or when the new one is acknowledged
     * where that is on.
     *
     * @throws TypeError where the option `backupCodes` is false.
     */
    regenerate(userId: string, proof: Proof): Promise<Result<BackupCodeBatch>>;
    /** Replaces the old batch by the regenerated one, which the person has saved. Sent twice, it succeeds twice. */
    acknowledge(
      userId: string,
      options: { batchId: string | undefined; context?: Context | undefined },
    ): Promise<Result<object>>;
  };
  /** Passkeys and security keys; undefined without the option `passkeys`. */
  passkeys?: PasskeyCalls;
  devices: {
    /** Lists the known devices. With `deviceToken` it marks the one that is asking. */
    list(userId: string, options?: { deviceToken?: string | undefined }): Promise<readonly Device[]>;
    /**
     * Forgets one device, by its id from the list or by the token of its cookie ("forget this device"). Takes no proof.
     */
    revoke(
      userId: string,
      device: string | undefined,
      options?: Pick<Proof, "context">,
    ): Promise<Result<object>>;
    /** Forgets all devices. It succeeds also where there is none. */
    revokeAll(userId: string, options?: Pick<Proof, "context">): Promise<Result<object>>;
  };
  /**
   * Turns the second factor off; fails with `not_enrolled` where none is active, and with `required_by_policy` where only
   * passkeys count. `mustEnroll` says that the policy will ask for a new one at the next sign-in.
   */
  disable(userId: string, proof: Proof): Promise<Result<{ mustEnroll: boolean }>>;
  /**
   * Ends every device, challenge, elevation and pending enrollment. Call it after a credential has changed. The factor
   * and the counters stay.
   *
   * @throws TwoFactorError `store_unavailable` also when other writes kept coming first: call it again.
   */
  credentialChanged(
    userId: string,
    what: "password" | "email" | "recovery",
    options?: Pick<Proof, "context">,
  ): Promise<void>;
  /**
   * Seals the record again under the first key; returns true if it was under another.
   *
   * @throws TwoFactorError `store_unavailable` also when other writes kept coming first: call it again.
   */
  rewrap(userId: string): Promise<boolean>;
}
