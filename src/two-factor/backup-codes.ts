/** New backup codes: derived before the write, shown once, and only to the one whose batch was stored. */

import { generateBackupCodes } from "../backup-codes.ts";
import { type Failure, failure } from "../errors.ts";
import { toBase64Url } from "../internal/bytes.ts";
import { checkObject } from "../internal/check.ts";
import type { Batch } from "../record.ts";
import {
  acknowledgeRegenerated,
  regenerate,
  regenerationTarget,
  reserveRegeneration,
} from "../rules/backup-codes.ts";
import { unchanged } from "../rules/decision.ts";
import { prove, sameEpoch } from "./proof.ts";
import { bindingHash, checkUserId, type Service } from "./service.ts";
import type { BackupCodeSettings } from "./settings.ts";
import { load, transact } from "./transact.ts";
import type { BackupCodeBatch, Context, Ok, Proof } from "./types.ts";

/** A batch with its codes in plain text, as long as it takes to show them. */
export interface FreshBatch {
  batch: Batch;
  codes: readonly string[];
}

export function shown({ batch, codes }: FreshBatch): BackupCodeBatch {
  return { batchId: batch.id, codes, createdAt: batch.createdAt };
}

/** Derives the digests of a batch; redemptions go before it. */
export async function digestBatch(
  service: Service,
  shape: Pick<Batch, "alphabet" | "length">,
  codes: readonly string[],
  now: number,
): Promise<FreshBatch> {
  const salt = toBase64Url(service.random(16));
  const digests = await Promise.all(codes.map((code) => service.derive(code, salt, "patient")));
  const batch: Batch = {
    id: toBase64Url(service.random(16)),
    alphabet: shape.alphabet,
    length: shape.length,
    salt,
    createdAt: now,
    codes: digests.map((digest) => ({ digest, usedAt: null })),
  };
  return { batch, codes };
}

function batchShape({ settings }: Service): BackupCodeSettings {
  if (!settings.backupCodes) throw new TypeError("backupCodes: turned off");
  return settings.backupCodes;
}

/** One field takes both kinds: an authenticator may be older than the options, so its own digits count. */
function checkLength(shape: BackupCodeSettings, digits: number): void {
  if (shape.length !== digits) return;
  throw new RangeError("backupCodes.length: must differ from the digits of this user's authenticator");
}

/** Draws and digests a batch for someone whose app codes have that many digits. */
export async function newBatch(service: Service, digits: number, now: number): Promise<FreshBatch> {
  const shape = batchShape(service);
  checkLength(shape, digits);
  return digestBatch(service, shape, generateBackupCodes(shape, service.random), now);
}

export async function regenerateBackupCodes(
  service: Service,
  user: string,
  proof: Proof,
): Promise<Ok<BackupCodeBatch>> {
  const userId = checkUserId(user);
  checkObject("proof", proof);
  const hash = bindingHash(proof.binding);
  const shape = batchShape(service);
  const now = service.now();
  if (!(await service.authorized(userId, "regenerate"))) return failure("not_authorized");
  const loaded = await load(service, userId);
  const target = regenerationTarget(loaded.record, hash, now);
  if ("ok" in target) return target; // before a code is spent on it
  checkLength(shape, target.digits);
  const proved = await prove(service, userId, "regenerate", proof, now, loaded);
  if (!proved.ok) return proved;
  const guard = sameEpoch(proved);
  const reserved = await transact<Failure | null>(service, userId, now, (record) => {
    const refusal = guard(record);
    const asked = { target, bindingHash: hash };
    return refusal ? unchanged(record, refusal) : reserveRegeneration(record, asked, now);
  });
  if (reserved.outcome) return reserved.outcome;
  const fresh = await newBatch(service, target.digits, now);
  const asked = { target, bindingHash: hash, batch: fresh.batch, acknowledge: shape.acknowledge };
  const { outcome } = await transact(
    service,
    userId,
    now,
    (record) => {
      const refusal = guard(record);
      return refusal ? unchanged<Batch | Failure>(record, refusal) : regenerate(record, asked, now);
    },
    { from: reserved.at, trace: { context: proof.context } },
  );
  return "ok" in outcome ? outcome : { ok: true, ...shown(fresh) };
}

export async function acknowledgeBackupCodes(
  service: Service,
  user: string,
  options: { batchId: string | undefined; context?: Context | undefined },
): Promise<Ok<object>> {
  const userId = checkUserId(user);
  checkObject("options", options);
  const { batchId, context } = options;
  if (typeof batchId !== "string" || !service.settings.backupCodes) return failure("batch_not_found");
  const decide = (record: Parameters<typeof acknowledgeRegenerated>[0]) =>
    acknowledgeRegenerated(record, batchId);
  const { outcome } = await transact(service, userId, service.now(), decide, { trace: { context } });
  return outcome;
}
