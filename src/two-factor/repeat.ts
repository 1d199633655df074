/** The success of a form that is sent twice: the first call keeps it, and the second call returns it again. */

import { generateBackupCodes } from "../backup-codes.ts";
import { lengthPrefixed } from "../internal/bytes.ts";
import type { UserRecord } from "../record.ts";
import { type DeviceGrant, liveDevice } from "../rules/devices.ts";
import { remember, SALT_BYTES, type Sent, type Source, sourceOf, type Told } from "../rules/repeat.ts";
import type { Call } from "./call.ts";
import { deviceTokenHash } from "./service.ts";
import { newDevice, type Shown, type Success } from "./success.ts";
import type { BackupCodeBatch } from "./types.ts";

/** Collects what a call has sent; null where a part is missing, because nothing is repeated without a binding. */
export function sentBy(of: string, parts: readonly unknown[]): Sent | null {
  const texts = parts.filter((part) => typeof part === "string");
  return texts.length === parts.length ? { of, all: lengthPrefixed("twinlock/v1/sent", of, ...texts) } : null;
}

/** Makes the random source of a first success, if the call may be sent twice. */
export function freshSource({ service }: Call, sent: Sent | null): Source | null {
  return sent && sourceOf(sent, service.random(SALT_BYTES));
}

/** Keeps with a success what it takes to repeat it. */
export function kept(
  { now }: Call,
  record: UserRecord,
  { sent, source }: { sent: Sent | null; source: Source | null },
  { method, stepOffset, verifiedAt = now }: Shown,
  batchId: string | null = null,
): UserRecord {
  if (!sent || !source) return record;
  return remember(record, sent, source, { method, stepOffset, verifiedAt, batchId }, now);
}

/** Draws the codes of a batch again, in plain text, if the batch is still there. */
export function codesAgain(record: UserRecord, { answer, source }: Told): BackupCodeBatch | null {
  const { pending, backupCodes } = record;
  const batch = [pending?.batch, backupCodes].find((other) => other && other.id === answer.batchId);
  if (!batch) return null;
  const { id: batchId, alphabet, length, createdAt, codes } = batch;
  if (alphabet === "text" || alphabet === "legacy") return null; // codes of another system were never drawn here
  const shape = { alphabet, length, count: codes.length };
  return { batchId, codes: generateBackupCodes(shape, source.random("codes")), createdAt };
}

/** Makes the same success again: the same token for the same device, and a proof that is no fresher. */
export function successAgain(
  call: Call,
  record: UserRecord,
  told: Told,
  deviceToken?: string | null,
): Success {
  const { method, stepOffset, verifiedAt } = told.answer;
  const device = deviceAgain(call, record, told, deviceToken ?? null);
  return { ok: true, method, stepOffset, verifiedAt, device, record };
}

/** Returns the token that the device was given, new or newly trusted; null if the device is no longer known. */
function deviceAgain(
  { service, now }: Call,
  record: UserRecord,
  { answer, source }: Told,
  deviceToken: string | null,
): DeviceGrant | null {
  const { token: drawn, tokenHash } = newDevice(source.random("device"));
  const live = (hash: string | null) => liveDevice(record, hash, now, service.settings.devices);
  const made = live(tokenHash);
  const held = live(deviceTokenHash(deviceToken));
  const device = made ?? (held?.trustedAt === answer.at ? held : undefined);
  const token = made ? drawn : deviceToken;
  if (!device || token === null) return null;
  return { token, knownUntilAt: device.knownUntilAt, trustedUntilAt: device.trustedUntilAt };
}
