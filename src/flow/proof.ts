/** Adds what the session proves to what the form sent, and keeps a fresh proof in the session. */

import type { Failure } from "../errors.ts";
import type { TwoFactor } from "../two-factor/interface.ts";
import type { Assurance, Proof, Result } from "../two-factor/types.ts";
import type { FlowCodeOptions, FlowSignedIn } from "./interface.ts";
import { over } from "./sign-in.ts";
import { deviceTokenOf, keepVisit, type OpenVisit, rememberDevice } from "./visit.ts";

export function proofOf(
  open: OpenVisit,
  userId: string,
): Pick<Proof, "binding" | "elevation" | "deviceToken"> {
  const { binding = null, elevation } = open.visit ?? {};
  return { binding, elevation, deviceToken: deviceTokenOf(open, userId) };
}

export async function verify(
  twoFactor: TwoFactor<string>,
  open: OpenVisit,
  code: unknown,
  options: FlowCodeOptions = {},
): Promise<FlowSignedIn | Failure> {
  const { visit } = open;
  if (!visit?.user) return over();
  const { userId } = visit.user;
  const deviceToken = deviceTokenOf(open, userId);
  const result = await twoFactor.verify(userId, code, { ...options, binding: visit.binding, deviceToken });
  if (!result.ok) return result;
  const { elevation, device, ...shown } = result;
  if (!(await keepVisit(open, { ...visit, elevation }))) return over();
  if (device) await rememberDevice(open, userId, device);
  return shown;
}

export async function reauthenticate(
  twoFactor: TwoFactor<string>,
  open: OpenVisit,
  given: Omit<Parameters<TwoFactor<string>["reauthenticate"]>[1], "binding" | "deviceToken">,
): Promise<Result<{ expiresAt: number; assurance: Assurance }>> {
  const { visit } = open;
  if (!visit?.user) return over();
  const { userId } = visit.user;
  const deviceToken = deviceTokenOf(open, userId);
  const result = await twoFactor.reauthenticate(userId, { ...given, binding: visit.binding, deviceToken });
  if (!result.ok) return result;
  const { elevation, ...shown } = result;
  return (await keepVisit(open, { ...visit, elevation })) ? shown : over();
}
