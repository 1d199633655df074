/**
 * The second factor over the session that you have: you pass the request, the user and the form.
 *
 * @module
 */

export { createFlow, type FlowOptions } from "./flow/create.ts";
export {
  type CookieSessionRequest,
  cookieSession,
  type ExpressSessionRequest,
  expressSession,
} from "./flow/express.ts";
export { type EndedVisits, type FlowRequest, type FlowSession, memoryEndedVisits } from "./flow/host.ts";
export type {
  Flow,
  FlowCodeOptions,
  FlowEnrollment,
  FlowProof,
  FlowSignedIn,
  FlowStep,
} from "./flow/interface.ts";
export type { PendingStep, SignedInUser } from "./flow/visit.ts";
