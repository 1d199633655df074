/** Passkeys over the session: their challenges come from what the visit holds. */

import type { TwoFactor } from "../two-factor/interface.ts";
import type { PasskeyBeginOptions, PasskeyCalls } from "../two-factor/passkey-types.ts";
import { afterConfirming, whoOf } from "./enrollment.ts";
import type { Flow, FlowProof } from "./interface.ts";
import { proofOf } from "./proof.ts";
import type { WithUser } from "./settings.ts";
import { over } from "./sign-in.ts";
import { keepVisit, type OpenVisit } from "./visit.ts";

/** Runs a call for the visit of a request. */
type WithVisit<C> = <T>(
  request: C,
  call: (twoFactor: TwoFactor<string>, open: OpenVisit) => Promise<T>,
) => Promise<T>;

function callsOf({ passkeys }: TwoFactor<string>): PasskeyCalls {
  if (!passkeys) throw new TypeError("passkeys: the service was made without this option");
  return passkeys;
}

/** Makes the calls about passkeys. */
export function passkeyCalls<C>(
  withVisit: WithVisit<C>,
  withUser: WithUser<C>,
): Pick<Flow<C, string>, "passkeys"> {
  return {
    passkeys: {
      begin: (request, given) =>
        withVisit(request, (twoFactor, open) => beginPasskey(callsOf(twoFactor), open, given)),
      confirm: (request, response, given) =>
        withVisit(request, async (twoFactor, open) => {
          const { visit } = open;
          if (!visit) return over();
          const { binding, enrollmentId } = visit;
          const asked = { ...given, enrollmentId, response, binding };
          return afterConfirming(open, visit, await callsOf(twoFactor).confirm(whoOf(visit), asked));
        }),
      options: (request) =>
        withVisit(request, async (twoFactor, { visit }) =>
          visit ? callsOf(twoFactor).options(whoOf(visit), { binding: visit.binding }) : over(),
        ),
      list: (request) =>
        withUser(request, noPasskeys, (twoFactor, userId) => callsOf(twoFactor).list(userId)),
      rename: (request, given) =>
        withUser(request, over, (twoFactor, userId) => callsOf(twoFactor).rename(userId, given)),
      remove: (request, given) =>
        withUser(request, over, (twoFactor, userId, open) =>
          callsOf(twoFactor).remove(userId, { ...given, ...proofOf(open, userId) }),
        ),
    },
  };
}

async function beginPasskey(
  passkeys: PasskeyCalls,
  open: OpenVisit,
  options: PasskeyBeginOptions & FlowProof,
): ReturnType<Flow<unknown>["passkeys"]["begin"]> {
  const { visit } = open;
  if (!visit) return over();
  const proof = visit.user ? proofOf(open, visit.user.userId) : { binding: visit.binding };
  const started = await passkeys.begin(whoOf(visit), { ...options, ...proof });
  if (!started.ok) return started;
  const { enrollmentId, ...shown } = started;
  return (await keepVisit(open, { ...visit, enrollmentId })) ? shown : over();
}

function noPasskeys(): readonly never[] {
  return [];
}
