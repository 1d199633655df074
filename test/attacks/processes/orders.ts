/** What an attacker may ask of the service, and what of the answer counts: was it let in, and what was revealed. */

import type { TwoFactor } from "../../../src/index.ts";
import { BINDING as binding, type Own } from "./service.ts";

export type Order =
  | { does: "verify"; userId: string; code: string }
  | { does: "confirm"; userId: string; enrollmentId: string; code: string }
  | { does: "regenerate"; userId: string; elevation: string }
  | { does: "allow"; userId: string; elevation: string }
  | { does: "sign in"; userId: string; code: string }
  | { does: "respond"; challenge: string; response: unknown }
  | { does: "forget devices"; userId: string };

export interface Report {
  /** "ok", the failure's detail, or the code of the error that was thrown. */
  outcome: string;
  /** The backup codes that were shown, if any. */
  codes: readonly string[];
}

export async function calls(twoFactor: TwoFactor<Own>, order: Order): Promise<Report> {
  try {
    const result = await ask(twoFactor, order);
    if (!result.ok) return { outcome: result.detail, codes: [] };
    const shown = "codes" in result ? result : "backupCodes" in result ? result.backupCodes : null;
    return { outcome: "ok", codes: shown?.codes ?? [] };
  } catch (error) {
    return { outcome: String((error as { code?: unknown }).code ?? error), codes: [] };
  }
}

function ask(twoFactor: TwoFactor<Own>, order: Order) {
  switch (order.does) {
    case "verify":
      return twoFactor.verify(order.userId, order.code, { binding });
    case "confirm": {
      const { enrollmentId, code } = order;
      return twoFactor.enrollment.confirm(order.userId, { enrollmentId, code, binding });
    }
    case "allow":
      return twoFactor.allow(order.userId, "payout", { elevation: order.elevation, binding });
    case "sign in":
      return signIn(twoFactor, order);
    case "respond":
      return twoFactor.signIn.complete(order.challenge, order.response, { binding });
    case "forget devices":
      return forgetDevices(twoFactor, order.userId);
    case "regenerate":
      return twoFactor.backupCodes.regenerate(order.userId, { elevation: order.elevation, binding });
  }
}

async function signIn(twoFactor: TwoFactor<Own>, { userId, code }: { userId: string; code: string }) {
  const step = await twoFactor.signIn.begin(userId, { binding });
  if (step.step !== "code") throw new Error(`nobody is asked for a code: ${step.step}`);
  return twoFactor.signIn.complete(step.challenge, code, { binding });
}

async function forgetDevices(twoFactor: TwoFactor<Own>, userId: string) {
  const result = await twoFactor.devices.revokeAll(userId);
  return result.ok ? { ok: true as const, codes: [] } : result;
}
