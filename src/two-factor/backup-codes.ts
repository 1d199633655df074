/** New backup codes: derived before the write, and shown once, if their batch was stored. */

import { generateBackupCodes } from "../backup-codes.ts";
import { failure, isFailure } from "../errors.ts";
import type { UserRecord } from "../record.ts";
import {
  acknowledgeRegenerated,
  regenerate,
  regenerationTarget,
  reserveRegeneration,
} from "../rules/backup-codes.ts";
import type { Random } from "../rules/decision.ts";
import { callOf, change } from "./call.ts";
import { checkCallOptions } from "./call-options.ts";
import { digestBatch, type FreshBatch } from "./digest.ts";
import { openOperation } from "./proof.ts";
import { bindingHash, type Service } from "./service.ts";
import type { BackupCodeSettings } from "./settings.ts";
import type { BackupCodeBatch, Context, Proof, Result } from "./types.ts";

export function shown({ batch, codes }: FreshBatch): BackupCodeBatch {
  return { batchId: batch.id, codes, createdAt: batch.createdAt };
}

function batchShape({ settings }: Service): BackupCodeSettings {
  if (!settings.backupCodes) throw new TypeError("backupCodes: turned off");
  return settings.backupCodes;
}

/** Checks that backup codes differ in length from app codes. An authenticator may be older than the options. */
function checkLength(shape: BackupCodeSettings, digits: readonly number[]): void {
  if (!digits.includes(shape.length)) return;
  throw new RangeError("backupCodes.length: must differ from the digits of this user's authenticator");
}

/** Draws a batch and derives its digests, for a user whose app codes have these lengths. */
export async function newBatch(
  service: Service,
  digits: readonly number[],
  now: number,
  random: Random = service.random,
): Promise<FreshBatch> {
  const shape = batchShape(service);
  checkLength(shape, digits);
  return digestBatch(service, shape, generateBackupCodes(shape, random), now);
}

export async function regenerateBackupCodes(
  service: Service,
  user: string,
  proof: Proof,
): Promise<Result<BackupCodeBatch>> {
  checkCallOptions("proof", proof, "proof");
  const hash = bindingHash(proof.binding);
  const shape = batchShape(service);
  const opened = await openOperation(service, user, "regenerate", proof, (record, now) => {
    const target = regenerationTarget(record, hash, now);
    if (!isFailure(target)) checkLength(shape, target.digits);
    return target;
  });
  if (!opened.ok) return opened;
  const { call, guard, found: target } = opened;
  const { now } = call;
  const asked = { target, bindingHash: hash };
  const reserve = (record: UserRecord) => reserveRegeneration(record, asked, now);
  const reserved = await change(call, reserve, { guard });
  if (reserved.outcome) return reserved.outcome;
  const fresh = await newBatch(service, target.digits, now);
  const made = { ...asked, batch: fresh.batch, acknowledge: shape.acknowledge };
  const from = reserved.at;
  const { outcome } = await change(call, (record) => regenerate(record, made, now), { guard, from });
  return isFailure(outcome) ? outcome : { ok: true, ...shown(fresh) };
}

export async function acknowledgeBackupCodes(
  service: Service,
  user: string,
  options: { batchId: string | undefined; context?: Context | undefined },
): Promise<Result<object>> {
  checkCallOptions("backupCodes.acknowledge", options);
  const { batchId, context } = options;
  const call = callOf(service, user, { context });
  if (typeof batchId !== "string" || !service.settings.backupCodes) return failure("batch_not_found");
  return (await change(call, (record) => acknowledgeRegenerated(record, batchId))).outcome;
}
