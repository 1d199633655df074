/** The public shapes of passkeys. What crosses to the browser has the names that WebAuthn gives it. */

import type {
  BeginOptions,
  CodeOptions,
  ContextOption,
  EnrollmentResult,
  Proof,
  Result,
  Who,
} from "./types.ts";

/** Passkeys for one site: made by `passkeys` of `twinlock/passkeys`, taken by `createTwoFactor`. */
export interface Passkeys {
  /** The domain that the passkeys belong to. */
  readonly rpId: string;
}

/** What names a credential to the browser. */
export interface PasskeyDescriptor {
  id: string;
  type: "public-key";
  transports: readonly string[];
}

/** For `PublicKeyCredential.parseCreationOptionsFromJSON` and `navigator.credentials.create`. */
export interface PasskeyCreationOptions {
  rp: { id: string; name: string };
  /** `id` is random: no e-mail address and no user id ever reaches an authenticator in it. */
  user: { id: string; name: string; displayName: string };
  challenge: string;
  pubKeyCredParams: readonly { type: "public-key"; alg: number }[];
  /** Milliseconds. */
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

/** For `PublicKeyCredential.parseRequestOptionsFromJSON` and `navigator.credentials.get`. */
export interface PasskeyRequestOptions {
  rpId: string;
  challenge: string;
  /** Milliseconds. */
  timeout: number;
  allowCredentials: readonly PasskeyDescriptor[];
  userVerification: UserVerification;
}

/** Whether the authenticator asks for a PIN, a finger or a face. */
export type UserVerification = "required" | "preferred" | "discouraged";

/** What a settings page may show of a passkey. Instants are epoch milliseconds. */
export interface PasskeyInfo {
  /** For `rename` and `remove`. */
  id: string;
  label: string | null;
  enrolledAt: number;
  lastUsedAt: number | null;
  /** Whether it may be on several devices of the person. */
  synced: boolean;
  /** Whether a copy of it was kept when it was last used. */
  backedUp: boolean;
}

/** A registration that has begun. */
export interface PasskeyStart {
  /** For `confirm`; keep it in the session. */
  enrollmentId: string;
  options: PasskeyCreationOptions;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** What begins a registration: `accountName` is what the browser shows. */
export type PasskeyBeginOptions = Pick<BeginOptions, "accountName" | "label">;

/** The calls about passkeys. `who` is a user id, or `{ challenge }` from `signIn.begin`. */
export interface PasskeyCalls {
  /**
   * Begins to register a passkey, the only factor or one more. Beside a factor it takes the proof of `replace`; an
   * `enroll` challenge is proof enough while there is none. It takes the place of any other pending enrollment, and
   * `enrollment.cancel` gives it up.
   */
  begin(
    who: Who,
    options: PasskeyBeginOptions & Partial<Proof> & Pick<Proof, "binding">,
  ): Promise<Result<PasskeyStart>>;
  /**
   * Checks the browser's response, as an object or as JSON. Brings backup codes where there are none; where they have
   * to be acknowledged, `enrollment.acknowledge` activates the passkey.
   */
  confirm(
    who: Who,
    options: { enrollmentId: string | undefined; response: unknown } & CodeOptions,
  ): Promise<Result<EnrollmentResult>>;
  /**
   * Gives the options for a response: with `{ challenge }` of a `code` step for `signIn.complete`, with a user id for
   * `verify`, `reauthenticate` and every proof under the same binding. `passkey_not_found` where there is none.
   */
  options(
    who: Who,
    options: { binding: string | null } & ContextOption,
  ): Promise<Result<{ options: PasskeyRequestOptions; expiresAt: number }>>;
  /** Lists the passkeys, oldest first. */
  list(userId: string): Promise<readonly PasskeyInfo[]>;
  /** Gives a passkey another name; null takes the name away. */
  rename(
    userId: string,
    options: { id: string | undefined; label: string | null } & ContextOption,
  ): Promise<Result<object>>;
  /** Takes a passkey away by the proof of `replace`; the last factor by that of `disable`, which it then is. */
  remove(
    userId: string,
    options: { id: string | undefined } & Proof,
  ): Promise<Result<{ mustEnroll: boolean }>>;
}
