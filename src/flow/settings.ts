/** The calls of a settings page, for the user who is signed in. */

import type { TwoFactor } from "../two-factor/interface.ts";
import type { Result } from "../two-factor/types.ts";
import type { Flow } from "./interface.ts";
import { proofOf } from "./proof.ts";
import { over } from "./sign-in.ts";
import { deviceTokenOf, keepVisit, type OpenVisit } from "./visit.ts";

/** Runs a call for the user who is signed in. */
export type WithUser<C> = <T, N>(
  request: C,
  nobody: () => N,
  call: (twoFactor: TwoFactor<string>, userId: string, open: OpenVisit) => Promise<T>,
) => Promise<T | N>;

/** Makes the calls about the factor as a whole, such as its status and turning it off. */
export function accountCalls<C>(
  withUser: WithUser<C>,
): Pick<Flow<C, string>, "status" | "asks" | "allow" | "disable" | "backupCodes"> {
  return {
    status: (request) =>
      withUser(
        request,
        () => null,
        (twoFactor, userId) => twoFactor.status(userId),
      ),
    asks: (request, operation, given) =>
      withUser(
        request,
        () => null,
        (twoFactor, userId, open) => {
          const { binding, elevation } = proofOf(open, userId);
          return twoFactor.asks(userId, operation, { ...given, binding, elevation });
        },
      ),
    allow: (request, operation, given) =>
      withUser(request, over, (twoFactor, userId, open) =>
        twoFactor.allow(userId, operation, { ...given, ...proofOf(open, userId) }),
      ),
    disable: (request, given) =>
      withUser(request, over, (twoFactor, userId, open) =>
        twoFactor.disable(userId, { ...given, ...proofOf(open, userId) }),
      ),
    backupCodes: {
      regenerate: (request, given) =>
        withUser(request, over, async (twoFactor, userId, open) => {
          const batch = await twoFactor.backupCodes.regenerate(userId, {
            ...given,
            ...proofOf(open, userId),
          });
          if (batch.ok && open.visit) await keepVisit(open, { ...open.visit, batchId: batch.batchId });
          return batch;
        }),
      acknowledge: (request, given) =>
        withUser(request, over, (twoFactor, userId, { visit }) =>
          twoFactor.backupCodes.acknowledge(userId, { ...given, batchId: visit?.batchId }),
        ),
    },
  };
}

/** Makes the calls about authenticators and devices. */
export function listCalls<C>(withUser: WithUser<C>): Pick<Flow<C, string>, "authenticators" | "devices"> {
  return {
    authenticators: {
      list: (request) =>
        withUser(request, nothing, (twoFactor, userId) => twoFactor.authenticators.list(userId)),
      rename: (request, given) =>
        withUser(request, over, (twoFactor, userId) => twoFactor.authenticators.rename(userId, given)),
      remove: (request, given) =>
        withUser(request, over, (twoFactor, userId, open) =>
          twoFactor.authenticators.remove(userId, { ...given, ...proofOf(open, userId) }),
        ),
    },
    devices: {
      list: (request) =>
        withUser(request, nothing, (twoFactor, userId, open) =>
          twoFactor.devices.list(userId, { deviceToken: deviceTokenOf(open, userId) }),
        ),
      revoke: (request, device, given) =>
        withUser(
          request,
          over,
          (twoFactor, userId, open): Promise<Result<object>> =>
            twoFactor.devices.revoke(userId, device ?? deviceTokenOf(open, userId), given),
        ),
      revokeAll: (request, given) =>
        withUser(request, over, (twoFactor, userId) => twoFactor.devices.revokeAll(userId, given)),
    },
  };
}

function nothing(): readonly never[] {
  return [];
}
