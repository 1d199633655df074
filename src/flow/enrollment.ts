/** Enrolling, for a user who is signed in or must enroll first. The session knows which, and holds the ids. */

import type { Failure } from "../errors.ts";
import type { TwoFactor } from "../two-factor/interface.ts";
import type {
  BeginOptions,
  EnrollmentResult,
  EnrollmentStart,
  Proof,
  Result,
  Who,
} from "../two-factor/types.ts";
import type { FlowCodeOptions, FlowEnrollment, FlowProof, FlowSignedIn } from "./interface.ts";
import { proofOf } from "./proof.ts";
import { enter, over } from "./sign-in.ts";
import { keepVisit, type OpenVisit, type Visit } from "./visit.ts";

/** Returns who enrolls in a visit: the user who is signed in, or the one who must enroll first. */
export function whoOf({ user, pending }: Visit): Who {
  return user ? user.userId : { challenge: pending?.challenge };
}

export async function beginEnrollment(
  twoFactor: TwoFactor<string>,
  open: OpenVisit,
  options: BeginOptions & FlowProof,
): Promise<Result<Omit<EnrollmentStart, "enrollmentId">>> {
  const { visit } = open;
  if (!visit) return over();
  const started = visit.user
    ? await twoFactor.enrollment.begin(visit.user.userId, { ...options, ...proofOf(open, visit.user.userId) })
    : await twoFactor.enrollment.begin({ challenge: visit.pending?.challenge }, forced(options, visit));
  if (!started.ok) return started;
  const { enrollmentId, ...shown } = started;
  return (await keepVisit(open, { ...visit, enrollmentId })) ? shown : over();
}

/** Picks the options of a forced enrollment: its challenge is the proof, and there is nothing to replace. */
function forced({ accountName, issuer, label, context }: BeginOptions & FlowProof, { binding }: Visit) {
  return { accountName, issuer, label, context, binding };
}

export async function confirmEnrollment(
  twoFactor: TwoFactor<string>,
  open: OpenVisit,
  code: unknown,
  options: FlowCodeOptions = {},
): Promise<Result<FlowEnrollment>> {
  const { visit } = open;
  if (!visit) return over();
  const { binding, enrollmentId } = visit;
  const asked = { ...options, enrollmentId, code, binding };
  return afterConfirming(open, visit, await twoFactor.enrollment.confirm(whoOf(visit), asked));
}

/** Signs in the user who has confirmed a factor, or waits until the backup codes are acknowledged. */
export async function afterConfirming(
  open: OpenVisit,
  visit: Visit,
  confirmed: Result<EnrollmentResult>,
): Promise<Result<FlowEnrollment>> {
  if (!confirmed.ok) return confirmed;
  const { backupCodes } = confirmed;
  if (confirmed.state === "awaiting_acknowledgement") {
    const { batchId } = confirmed.backupCodes;
    const kept = await keepVisit(open, { ...visit, batchId });
    return kept ? { ok: true, state: confirmed.state, backupCodes: confirmed.backupCodes } : over();
  }
  const signIn = await enter(open, confirmed.signIn);
  return signIn.ok ? { ok: true, state: confirmed.state, backupCodes, signIn } : signIn;
}

export async function acknowledgeEnrollment(
  twoFactor: TwoFactor<string>,
  open: OpenVisit,
  options: FlowCodeOptions = {},
): Promise<Result<{ state: "active"; signIn: FlowSignedIn }>> {
  const { visit } = open;
  if (!visit) return over();
  const { binding, batchId } = visit;
  const result = await twoFactor.enrollment.acknowledge(whoOf(visit), { ...options, batchId, binding });
  if (!result.ok) return result;
  const signIn: FlowSignedIn | Failure = await enter(open, result.signIn);
  return signIn.ok ? { ok: true, state: result.state, signIn } : signIn;
}

export async function cancelEnrollment(
  twoFactor: TwoFactor<string>,
  { visit }: OpenVisit,
  options: Pick<Proof, "context"> = {},
): Promise<Result<object>> {
  if (!visit) return over();
  return twoFactor.enrollment.cancel(whoOf(visit), { ...options, binding: visit.binding });
}
