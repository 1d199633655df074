/** All that the service knows of passkeys: the rest is behind a door of its own. */

import type { Failure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import type { AskedFor } from "../rules/proof.ts";
import type { Begun } from "./begun.ts";
import type { Call } from "./call.ts";
import type { PasskeyCalls, Passkeys } from "./passkey-types.ts";
import type { Purpose, Typed } from "./purpose.ts";
import type { Service } from "./service.ts";
import type { CodeOptions, SignInStep } from "./types.ts";

/** What the service asks of {@link Passkeys}. */
export interface PasskeyMethod extends Passkeys {
  /** Whether an attempt is theirs: with a response, or with whatever is shown where only a passkey will do. */
  takes(code: unknown, accepts: Typed["accepts"]): boolean;
  /** Verifies a response of the call's user: an attempt like any other, with a budget of its own. */
  attempt<T>(call: Call, shown: Typed, purpose: Purpose<T>): Promise<T | Failure>;
  /** Checks which methods a requirement names. */
  checkMethods(methods: unknown): void;
  /** What a sign-in begins with; undefined where that is what it is without passkeys. */
  begin(begun: Begun, suffices: boolean): Promise<SignInStep | undefined>;
  /** What the policy has to say of a code at sign-in; undefined for nothing. */
  ruled(call: Call, code: unknown): Promise<Ruled | undefined>;
  /** What an operation asks for by the policy, in the place of what it asks for otherwise. */
  narrowed(call: Call, operation: string, record: UserRecord, asked: AskedFor): Promise<AskedFor>;
  /** Why the policy lets nobody turn the second factor off, or null. */
  kept(call: Call): Promise<Failure | null>;
  /** What the service offers beside its other calls. */
  callsOf(service: Service): PasskeyCalls;
}

/** A code at sign-in, by the policy. */
export interface Ruled {
  options?: Partial<CodeOptions>;
  /** Why it may not be tried, or null. */
  refusal(record: UserRecord): Failure | null;
  /** What is told beside the success, or where it leads instead of in. */
  outcome(
    record: UserRecord,
    begun: Pick<Begun, "binding" | "firstFactor">,
  ): Promise<Failure | { graceEndsAt?: number }>;
}

/** The passkeys of a service, if it has them. */
export function passkeyMethod({ passkeys }: Pick<Service, "passkeys">): PasskeyMethod | undefined {
  return passkeys as PasskeyMethod | undefined;
}
