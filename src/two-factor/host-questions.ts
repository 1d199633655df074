/** Asks the callbacks of the application. When one fails, there is an event. */

import { TwoFactorError } from "../errors.ts";
import { checkRequirement, type Requirement } from "../rules/policy.ts";
import type { FirstFactor, ProofRow } from "../rules/proof.ts";
import type { Emit, Trace } from "./events.ts";
import type { TwoFactorOptions } from "./options.ts";
import type { ProofRows } from "./proof-rows.ts";

/** The user that a callback is asked about, and what the events say of the call. */
export interface About {
  userId: string;
  now: number;
  trace: Trace;
}

export interface HostQuestions {
  authorized(about: About, operation: string): Promise<boolean>;
  requirement(about: About): Promise<Requirement>;
  /** Returns what an operation asks this user for. */
  proofRow(about: About, operation: string): Promise<ProofRow>;
  /** Tells whether `sufficientFirstFactor` says that this first factor is two. */
  suffices(about: About, firstFactor: FirstFactor): boolean;
}

export function hostQuestions(options: TwoFactorOptions<string>, rows: ProofRows, emit: Emit): HostQuestions {
  const { authorize, requirement, sufficientFirstFactor } = options;
  const { checkMethods } = (options.passkeys ?? {}) as { checkMethods?: (methods: unknown) => void };
  const policyError = ({ userId, now, trace }: About, cause: unknown) =>
    emit(userId, now, [{ type: "policy_error", cause }], trace);
  const unavailable = (about: About, message: string, cause: unknown) => {
    policyError(about, cause);
    return new TwoFactorError("requirement_unavailable", message, cause);
  };
  return {
    async authorized(about, operation) {
      if (!authorize) return true;
      try {
        return (await authorize(about.userId, operation)) === true;
      } catch (cause) {
        policyError(about, cause);
        return false;
      }
    },

    async proofRow(about, operation) {
      const row = rows.get(operation);
      if (row === undefined) throw new TypeError("operation: there is no such operation");
      if (typeof row !== "function") return row;
      return row(about.userId).catch((cause: unknown) => {
        throw unavailable(about, "What this operation asks of this user could not be found out.", cause);
      });
    },

    suffices(about, { amr, authenticatedAt }) {
      try {
        return sufficientFirstFactor?.({ amr: [...amr], authenticatedAt }) === true;
      } catch (cause) {
        policyError(about, cause);
        return false;
      }
    },

    async requirement(about) {
      if (!requirement) return { required: false };
      try {
        return checkRequirement(await requirement(about.userId), checkMethods);
      } catch (cause) {
        const message = "Whether this user must have a second factor could not be found out.";
        throw unavailable(about, message, cause);
      }
    },
  };
}
