/** Puts the flow together. */

import type { DeviceCookieOptions } from "../device-cookie.ts";
import { toBase64Url } from "../internal/bytes.ts";
import { checkFunction, checkInteger, checkOptions } from "../internal/check.ts";
import { randomBytes } from "../internal/hmac.ts";
import type { TwoFactor } from "../two-factor/interface.ts";
import type { MaybePromise } from "../two-factor/types.ts";
import { acknowledgeEnrollment, beginEnrollment, cancelEnrollment, confirmEnrollment } from "./enrollment.ts";
import type { FlowRequest } from "./host.ts";
import type { Flow } from "./interface.ts";
import { passkeyCalls } from "./passkeys.ts";
import { reauthenticate, verify } from "./proof.ts";
import { accountCalls, listCalls, type WithUser } from "./settings.ts";
import { beginSignIn, completeSignIn } from "./sign-in.ts";
import { endVisit, openVisit, type VisitSettings } from "./visit.ts";

const DAY = 86_400_000;

/** Options of {@link createFlow}. */
export interface FlowOptions {
  /** Milliseconds after which a visit is over, even if it is in use: a minute to a year, 30 days by default. */
  lifetime?: number | undefined;
  deviceCookie?: DeviceCookieOptions | undefined;
  /** The clock, in epoch milliseconds; that of the system by default. */
  clock?: (() => number) | undefined;
}

/**
 * Creates the flow of a second factor over your own session.
 *
 * It keeps its state in the session, renews the session's id before the code is asked for and after a sign-in, and sets
 * and reads the device cookie. `twoFactor` may be a function that makes the service at its first use.
 * `credentialChanged`, `rewrap` and `twinlock/admin` need no session: call them on the service.
 *
 * @param open returns the session and cookies of a request: {@link expressSession}, {@link cookieSession}, or a
 * function of your own
 * @throws TypeError or RangeError that names the option
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createFlow, memoryEndedVisits } from "twinlock/flow";
 * import { createTestTwoFactor } from "twinlock/testing";
 *
 * const { twoFactor, clock, enroll } = createTestTwoFactor();
 * const { phone } = await enroll("alice");
 *
 * interface Session { visit?: object } // what your framework hands to a route
 * const ended = memoryEndedVisits();
 * const flow = createFlow(
 *   twoFactor,
 *   (session: Session) => ({
 *     session: {
 *       read: () => session.visit,
 *       write: (visit) => void (session.visit = visit),
 *       renew: () => delete session.visit,
 *     },
 *     ended,
 *     cookies: "",
 *     setCookie: () => {},
 *   }),
 *   { clock },
 * );
 *
 * const session = {};
 * assert.equal((await flow.signIn.begin(session, "alice")).step, "code");
 * assert.equal(await flow.user(session), null);
 * assert.ok((await flow.signIn.complete(session, phone.code())).ok);
 * assert.equal((await flow.user(session))?.userId, "alice");
 * ```
 */
export function createFlow<C, HostOperation extends string = never>(
  twoFactor: TwoFactor<HostOperation> | (() => TwoFactor<HostOperation>),
  open: (request: C) => MaybePromise<FlowRequest>,
  options: FlowOptions = {},
): Flow<C, HostOperation> {
  checkFunction("open", open);
  const settings = resolve(options);
  const service = (): TwoFactor<string> => (typeof twoFactor === "function" ? twoFactor() : twoFactor);
  const opened = async (request: C) => openVisit(await open(request), settings);
  const withUser: WithUser<C> = async (request, nobody, call) => {
    const visit = await opened(request);
    const { userId } = visit.visit?.user ?? {};
    return userId === undefined ? nobody() : call(service(), userId, visit);
  };
  return {
    user: async (request) => (await opened(request)).visit?.user ?? null,
    async pending(request) {
      const { pending } = (await opened(request)).visit ?? {};
      if (!pending || pending.expiresAt <= settings.clock()) return null;
      return { step: pending.step, methods: pending.methods, expiresAt: pending.expiresAt };
    },
    signOut: async (request) => endVisit(await opened(request)),
    signIn: {
      begin: async (request, userId, given) => beginSignIn(service(), await opened(request), userId, given),
      complete: async (request, code, given) => completeSignIn(service(), await opened(request), code, given),
    },
    enrollment: {
      begin: async (request, given) => beginEnrollment(service(), await opened(request), given),
      confirm: async (request, code, given) =>
        confirmEnrollment(service(), await opened(request), code, given),
      acknowledge: async (request, given) => acknowledgeEnrollment(service(), await opened(request), given),
      cancel: async (request, given) => cancelEnrollment(service(), await opened(request), given),
    },
    verify: async (request, code, given) => verify(service(), await opened(request), code, given),
    reauthenticate: async (request, given) => reauthenticate(service(), await opened(request), given),
    ...passkeyCalls(async (request, call) => call(service(), await opened(request)), withUser),
    ...accountCalls(withUser),
    ...listCalls(withUser),
  };
}

function resolve(options: FlowOptions): VisitSettings {
  checkOptions("options", options, ["lifetime", "deviceCookie", "clock"], "");
  const { lifetime = 30 * DAY, deviceCookie = {}, clock = Date.now } = options;
  checkInteger("lifetime", lifetime, 60_000, 366 * DAY);
  checkFunction("clock", clock);
  return { lifetime, deviceCookie, clock, random: () => toBase64Url(randomBytes(32)) };
}
