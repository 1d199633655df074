/** Using a passkey: what a verified response changes, and what a failure is charged. */

import { type Failure, failure } from "../errors.ts";
import { hasFactor, type Passkey, type UserRecord } from "../record.ts";
import { type Decision, type RuleEvent, unchanged } from "./decision.ts";
import { nameOf } from "./devices.ts";
import {
  chargeRow,
  clearRow,
  outlook,
  refusal,
  rowBlock,
  rowLeft,
  type ThrottlePolicy,
  throttleOfPasskeys,
} from "./row.ts";

/**
 * Returns why no passkey may be tried now, or null. A known device is never held up: whoever has only the password could
 * otherwise keep the wait going, and with it keep the owner out.
 */
export function refusalOfPasskeys(
  record: UserRecord,
  now: number,
  throttle: ThrottlePolicy,
  isKnown = false,
): Failure | null {
  if (isKnown) return null;
  const block = rowBlock(record.passkey, now, throttleOfPasskeys(throttle));
  return block && refusal(block);
}

const MAX_COUNTED = 100_000;

/** Charges a response that was not accepted. The budgets of codes stay as they are. */
export function chargePasskey(
  record: UserRecord,
  detail: "wrong_passkey" | "passkey_cloned",
  now: number,
  throttle: ThrottlePolicy,
  named?: Passkey,
): Decision<Failure> {
  const policy = throttleOfPasskeys(throttle);
  const charged = chargeRow(record.passkey, now, policy);
  const passkey = { ...charged, failures: Math.min(charged.failures, MAX_COUNTED) };
  const block = rowBlock(passkey, now, policy);
  const name = named && { passkey: nameOf(named) };
  const events: RuleEvent[] = [
    { type: "verification_failed", method: "passkey", detail, ...name },
    ...(detail === "passkey_cloned" ? [{ type: detail, method: "passkey", ...name } as const] : []),
    ...(block ? [{ type: "locked", method: "passkey", detail: block.detail } as const] : []),
  ];
  return {
    record: { ...record, passkey },
    outcome: failure(detail, outlook(block, rowLeft(passkey, policy))),
    events,
  };
}

/** The state of a passkey, as a verified response of it says. */
export interface Use {
  id: string;
  publicKey: string;
  counter: number;
  backedUp: boolean;
  /** Whether it came from a known device. */
  isKnown: boolean;
}

/** Updates the counter and the backup state. A counter that does not rise is that of a copy; 0 means no counter. */
export function usePasskey(
  record: UserRecord,
  { id, publicKey, counter, backedUp, isKnown }: Use,
  now: number,
  throttle: ThrottlePolicy,
): Decision<Passkey | Failure> {
  const blocked = refusalOfPasskeys(record, now, throttle, isKnown);
  if (blocked) return unchanged(record, blocked);
  const found = record.passkeys.find((other) => other.id === id && other.publicKey === publicKey);
  if (!found) return unchanged(record, failure(hasFactor(record) ? "wrong_passkey" : "not_enrolled"));
  if (found.counter > 0 && counter <= found.counter) {
    return chargePasskey(record, "passkey_cloned", now, throttle, found);
  }
  const used: Passkey = { ...found, counter, backedUp: backedUp ? 1 : 0, lastUsedAt: now };
  const passkeys = record.passkeys.map((other) => (other === found ? used : other));
  return {
    record: { ...record, passkeys, passkey: clearRow(record.passkey) },
    outcome: used,
    events: [{ type: "verified", method: "passkey", passkey: nameOf(used) }],
  };
}
