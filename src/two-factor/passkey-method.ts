/** The interface between the service and `twinlock/passkeys`, which is an entry point of its own. */

import type { Failure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import type { AskedFor } from "../rules/proof.ts";
import type { Begun } from "./begun.ts";
import type { Call } from "./call.ts";
import type { PasskeyCalls, Passkeys } from "./passkey-types.ts";
import type { Purpose, Typed } from "./purpose.ts";
import type { Service } from "./service.ts";
import type { SignInStep } from "./types.ts";

/** The methods of {@link Passkeys} that the service uses. */
export interface PasskeyMethod extends Passkeys {
  /**
   * Decides an attempt: verifies a passkey's response, which is charged to the budget of passkeys, or has a code verified
   * by `verify` as far as the policy allows.
   */
  attempt<T>(call: Call, shown: Typed, purpose: Purpose<T>, verify: Verify): Promise<T | Failure>;
  /** Checks the methods that a requirement names. */
  checkMethods(methods: unknown): void;
  /** Returns the first step of a sign-in; undefined where it is the same as without passkeys. */
  begin(begun: Begun, suffices: boolean): Promise<SignInStep | undefined>;
  /** Returns what an operation asks for under the policy, given what it would ask for otherwise. */
  narrowed(call: Call, operation: string, record: UserRecord, asked: AskedFor): Promise<AskedFor>;
  /** Returns the calls about passkeys. */
  callsOf(service: Service): PasskeyCalls;
}

/** Verifies the code of an attempt for a purpose. */
export type Verify = <T>(purpose: Purpose<T>) => Promise<T | Failure>;

/** Returns the passkeys of a service, if it has them. */
export function passkeyMethod({ passkeys }: Pick<Service, "passkeys">): PasskeyMethod | undefined {
  return passkeys as PasskeyMethod | undefined;
}
