/** The interface between the service and `twinlock/passkeys`, which is an entry point of its own. */

import type { Failure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import type { AskedFor } from "../rules/proof.ts";
import type { Begun } from "./begun.ts";
import type { Call } from "./call.ts";
import type { PasskeyCalls, Passkeys } from "./passkey-types.ts";
import type { Purpose, Typed } from "./purpose.ts";
import type { Service } from "./service.ts";
import type { CodeOptions, SignInStep } from "./types.ts";

/** The methods of {@link Passkeys} that the service uses. */
export interface PasskeyMethod extends Passkeys {
  /** Tells whether an attempt is for passkeys: it is a response, or only a passkey is accepted. */
  takes(code: unknown, accepts: Typed["accepts"]): boolean;
  /** Verifies a passkey's response of the call's user. The attempt is charged to the budget of passkeys. */
  attempt<T>(call: Call, shown: Typed, purpose: Purpose<T>): Promise<T | Failure>;
  /** Checks the methods that a requirement names. */
  checkMethods(methods: unknown): void;
  /** Returns the first step of a sign-in; undefined where it is the same as without passkeys. */
  begin(begun: Begun, suffices: boolean): Promise<SignInStep | undefined>;
  /** Returns how the policy restricts a code at sign-in; undefined if it does not. */
  ruled(call: Call, code: unknown): Promise<Ruled | undefined>;
  /** Returns what an operation asks for under the policy, given what it would ask for otherwise. */
  narrowed(call: Call, operation: string, record: UserRecord, asked: AskedFor): Promise<AskedFor>;
  /** Returns why the policy does not let the second factor be turned off, or null. */
  kept(call: Call): Promise<Failure | null>;
  /** Returns the calls about passkeys. */
  callsOf(service: Service): PasskeyCalls;
}

/** How the policy restricts a code at sign-in. */
export interface Ruled {
  options?: Partial<CodeOptions>;
  /** Returns why the code may not be tried, or null. */
  refusal(record: UserRecord): Failure | null;
  /** Returns what is added to the success, or the failure that takes its place. */
  outcome(
    record: UserRecord,
    begun: Pick<Begun, "binding" | "firstFactor">,
  ): Promise<Failure | { graceEndsAt?: number }>;
}

/** Returns the passkeys of a service, if it has them. */
export function passkeyMethod({ passkeys }: Pick<Service, "passkeys">): PasskeyMethod | undefined {
  return passkeys as PasskeyMethod | undefined;
}
