/** The password as a part of a proof. It is charged to a budget of its own before `verifyPassword` is called. */

import { type Failure, failure, isFailure, TwoFactorError } from "../errors.ts";
import type { Row, UserRecord } from "../record.ts";
import { type Decision, unchanged } from "../rules/decision.ts";
import { chargeRow, clearRow, outlook, refusal, rowBlock, rowLeft } from "../rules/row.ts";
import { type Call, change } from "./call.ts";

const MAX_PASSWORD = 4_096;

/** Charges the attempt, checks the password, and takes the charge back if it was right. */
export async function checkPassword(call: Call, password: unknown): Promise<Failure | null> {
  const { service, userId, now, trace } = call;
  const { throttle } = service.settings;
  if (!service.verifyPassword) return failure("reauthentication_required");
  const reserved = await change<Failure | null>(call, (record) => {
    const block = rowBlock(record.password, now, throttle);
    if (block) return unchanged(record, refusal(block));
    return withRow(record, chargeRow(record.password, now, throttle));
  });
  if (reserved.outcome) return reserved.outcome;
  const row = reserved.at?.record.password ?? { failures: 0, lockedUntilAt: null };
  if (await isRight(call, password, row)) {
    await change(call, (record) => withRow(record, clearRow(record.password)), { from: reserved.at });
    return null;
  }
  const block = rowBlock(row, now, throttle);
  const detail = "wrong_password";
  service.emit(userId, now, [{ type: "verification_failed", detail }], trace);
  if (block) service.emit(userId, now, [{ type: "locked", detail }], trace);
  return failure(detail, outlook(block, rowLeft(row, throttle)));
}

function withRow(record: UserRecord, password: Row): Decision<null> {
  return { record: { ...record, password }, outcome: null, events: [] };
}

/** Calls `verifyPassword`. If it fails, the charge is taken back and an error is thrown. */
async function isRight(call: Call, password: unknown, charged: Row): Promise<boolean> {
  if (typeof password !== "string" || password.length > MAX_PASSWORD) return false;
  try {
    return (await call.service.verifyPassword?.(call.userId, password)) === true;
  } catch (cause) {
    const undone = await change(call, (record) => {
      const { password: row } = record;
      const lockedUntilAt = row.lockedUntilAt === charged.lockedUntilAt ? null : row.lockedUntilAt;
      return withRow(record, { ...row, failures: Math.max(0, row.failures - 1), lockedUntilAt });
    });
    throw new TwoFactorError(
      "password_check_failed",
      isFailure(undone.outcome)
        ? "The password could not be checked, and its attempt stays charged: too many other writes came first."
        : "The password could not be checked; nothing was charged.",
      cause,
    );
  }
}
