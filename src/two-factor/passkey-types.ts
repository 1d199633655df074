/** The public types of passkeys. What goes to the browser has WebAuthn's names. */

import type { BeginOptions, CodeOptions, EnrollmentResult, Proof, Result, Who } from "./types.ts";

/** Passkeys for one site, made by `passkeys` of `twinlock/passkeys` for the option `passkeys`. */
export interface Passkeys {
  /** The domain that the passkeys belong to. */
  readonly rpId: string;
}

/** A credential, as the browser is told of it. */
export interface PasskeyDescriptor {
  id: string;
  type: "public-key";
  transports: readonly string[];
}

/** Options for `PublicKeyCredential.parseCreationOptionsFromJSON` and `navigator.credentials.create`. */
export interface PasskeyCreationOptions {
  rp: { id: string; name: string };
  /** The user, for the authenticator. `id` is random, and not your user id or an e-mail address. */
  user: { id: string; name: string; displayName: string };
  challenge: string;
  pubKeyCredParams: readonly { type: "public-key"; alg: number }[];
  /** How long the browser waits, in milliseconds. */
  timeout: number;
  /** The passkeys that the user has already. */
  excludeCredentials: readonly PasskeyDescriptor[];
  authenticatorSelection: {
    residentKey: "discouraged";
    requireResidentKey: false;
    userVerification: UserVerification;
  };
  attestation: "none";
}

/** Options for `PublicKeyCredential.parseRequestOptionsFromJSON` and `navigator.credentials.get`. */
export interface PasskeyRequestOptions {
  rpId: string;
  challenge: string;
  /** How long the browser waits, in milliseconds. */
  timeout: number;
  allowCredentials: readonly PasskeyDescriptor[];
  userVerification: UserVerification;
}

/** Whether the authenticator asks for a PIN, a finger or a face. */
export type UserVerification = "required" | "preferred" | "discouraged";

/** A passkey as a settings page may show it. Instants are epoch milliseconds. */
export interface PasskeyInfo {
  /** The id, for `rename` and `remove`. */
  id: string;
  label: string | null;
  enrolledAt: number;
  lastUsedAt: number | null;
  /** Whether the passkey may be on several devices of the person. */
  synced: boolean;
  /** Whether it was backed up when it was last used. */
  backedUp: boolean;
}

/** A registration that has begun. */
export interface PasskeyStart {
  /** The id for `confirm`; keep it in the session. */
  enrollmentId: string;
  options: PasskeyCreationOptions;
  /** When the registration expires, in epoch milliseconds. */
  expiresAt: number;
}

/** Options of `passkeys.begin`. The browser shows `accountName`. */
export type PasskeyBeginOptions = Pick<BeginOptions, "accountName" | "label">;

/** The calls about passkeys. `who` is a user id, or `{ challenge }` from `signIn.begin` or a failure's `enroll`. */
export interface PasskeyCalls {
  /**
   * Begins to register a passkey, as the only factor or one more. Beside a factor it takes the proof of `replace`;
   * a challenge to enroll is proof enough. It replaces any other pending enrollment, and `enrollment.cancel` gives it up.
   * Fails with `too_many_passkeys` where there is no room.
   */
  begin(
    who: Who,
    options: PasskeyBeginOptions & Partial<Proof> & Pick<Proof, "binding">,
  ): Promise<Result<PasskeyStart>>;
  /**
   * Checks the browser's response, as an object or as JSON (WebAuthn Level 3 s.7.1); it counts once. It makes backup codes where there are none; where they have
   * to be acknowledged, `enrollment.acknowledge` activates the passkey.
   */
  confirm(
    who: Who,
    options: { enrollmentId: string | undefined; response: unknown } & CodeOptions,
  ): Promise<Result<EnrollmentResult>>;
  /**
   * Returns the options with which the browser asks for a passkey: with `{ challenge }` of a `code` step for
   * `signIn.complete`, with a user id for `verify`, `reauthenticate` and every proof under the same binding. Fails with
   * `passkey_not_found` where the user has none.
   */
  options(
    who: Who,
    options: { binding: string | null } & Pick<Proof, "context">,
  ): Promise<Result<{ options: PasskeyRequestOptions; expiresAt: number }>>;
  /** Lists the passkeys, oldest first. */
  list(userId: string): Promise<readonly PasskeyInfo[]>;
  /** Gives a passkey another name; null takes the name away. */
  rename(
    userId: string,
    options: { id: string | undefined; label: string | null } & Pick<Proof, "context">,
  ): Promise<Result<object>>;
  /**
   * Removes a passkey with the proof of `replace`; devices and elevations end. Removing the last factor is `disable` and
   * asks for its proof. Fails with `required_by_policy` where it is the last one and only passkeys count.
   */
  remove(
    userId: string,
    options: { id: string | undefined } & Proof,
  ): Promise<Result<{ mustEnroll: boolean }>>;
}
