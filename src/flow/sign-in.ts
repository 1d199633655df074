/** Signing a user in. */

import { type Failure, failure } from "../errors.ts";
import type { TwoFactor } from "../two-factor/interface.ts";
import type { SignedIn, SignInOptions } from "../two-factor/types.ts";
import type { FlowCodeOptions, FlowSignedIn, FlowStep } from "./interface.ts";
import {
  deviceTokenOf,
  keepVisit,
  type OpenVisit,
  rememberDevice,
  signInVisit,
  startVisit,
} from "./visit.ts";

/** Makes the failure of a call for which nothing has begun in this session, or whose visit has ended. */
export function over(): Failure {
  return failure("challenge_invalid");
}

export async function beginSignIn(
  twoFactor: TwoFactor<string>,
  open: OpenVisit,
  userId: string,
  options: Omit<SignInOptions, "binding" | "deviceToken"> = {},
): Promise<FlowStep> {
  const visit = await startVisit(open);
  const deviceToken = deviceTokenOf(open, userId);
  const step = await twoFactor.signIn.begin(userId, { ...options, binding: visit.binding, deviceToken });
  if (step.step === "refused") return step;
  if (step.step === "done") {
    const user = { userId: step.userId, assurance: step.assurance, since: open.settings.clock() };
    await keepVisit(open, { ...visit, user }); // the session was renewed just before
    return step;
  }
  const { challenge, ...shown } = step;
  const pending = { step: step.step, userId, challenge, methods: step.methods, expiresAt: step.expiresAt };
  await keepVisit(open, { ...visit, pending });
  return shown;
}

/** Completes a sign-in. A failure writes nothing, unless it leads to an enrollment, so a second submit does no harm. */
export async function completeSignIn(
  twoFactor: TwoFactor<string>,
  open: OpenVisit,
  code: unknown,
  options: FlowCodeOptions = {},
): Promise<FlowSignedIn | Failure> {
  const { visit } = open;
  const challenge = visit?.pending?.challenge;
  const binding = visit?.binding ?? null;
  const result = await twoFactor.signIn.complete(challenge, code, { ...options, binding });
  if (result.ok) return enter(open, result);
  if (visit?.pending && result.enroll) {
    const pending = { ...visit.pending, ...result.enroll, step: "enroll" as const };
    if (!(await keepVisit(open, { ...visit, pending }))) return over();
  }
  return result;
}

/** Signs a user in with a success of the service: it renews the session's id, and keeps the elevation and the cookie. */
export async function enter(open: OpenVisit, success: SignedIn): Promise<FlowSignedIn | Failure> {
  const { visit } = open;
  if (!visit) return over();
  const { elevation, device, ...shown } = success;
  const { userId, assurance } = success;
  const { binding, startedAt } = visit;
  const user = { userId, assurance, since: open.settings.clock() };
  if (!(await signInVisit(open, { binding, startedAt, user, elevation }))) return over();
  if (device) await rememberDevice(open, userId, device);
  return shown;
}
