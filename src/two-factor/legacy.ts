/**
 * Asks the old system about users of whom neither a factor nor its removal is known, and about each of its backup
 * codes. A failing callback is an error, and never "no second factor".
 */

import { TwoFactorError } from "../errors.ts";
import { lengthPrefixed, toBase64Url } from "../internal/bytes.ts";
import { sha256 } from "../internal/hmac.ts";
import { type Batch, hasFactor, type UserRecord } from "../record.ts";
import type { Decision } from "../rules/decision.ts";
import { type Enrollment, importEnrollment } from "../rules/importing.ts";
import { type Carried, checkEnrollments, MAX_CODE_NAME } from "./carried.ts";
import { digestBatch } from "./digest.ts";
import { inTime } from "./in-time.ts";
import type { LegacyEnrollment } from "./options.ts";
import type { Call, Service } from "./service.ts";
import { type Loaded, transact } from "./transact.ts";

/** Calls whose user the old system does not know, so that they do not ask again. */
const unknownThere = new WeakSet<Call>();

/** Returns the record of a call's user, taken over from the old system if the user is not known here yet. */
export async function withLegacy(call: Call, loaded: Loaded): Promise<Loaded> {
  const { service, now, trace } = call;
  if (!service.legacy.enrollment || isKnown(loaded.record) || unknownThere.has(call)) return loaded;
  const said = await askForEnrollment(call);
  if (said === null) {
    unknownThere.add(call);
    return loaded;
  }
  const from = await recordParts(service, checked(call, said), now);
  const decide = (record: UserRecord): Decision<null> => {
    const { outcome: _, ...imported } = importEnrollment(record, from, service.id(), false);
    return { ...imported, outcome: null }; // another reader may have written first
  };
  const of = { reason: "legacy", context: trace.context };
  const { at } = await transact({ ...call, trace: of }, decide, loaded);
  if (!at) throw unavailable("Too many other writes came before the old enrollment could be stored.");
  return at;
}

function isKnown(record: UserRecord): boolean {
  return hasFactor(record) || record.removedAt !== null;
}

async function askForEnrollment({ service, userId }: Call): Promise<readonly LegacyEnrollment[] | null> {
  let said: unknown;
  try {
    said = await inTime(service, "legacy.enrollment", () => service.legacy.enrollment?.(userId));
  } catch (cause) {
    throw unavailable("The old system could not be asked for this user's enrollment.", cause);
  }
  if (said === null || (Array.isArray(said) && said.length === 0)) return null;
  if (said === undefined) {
    const cause = new TypeError("legacy.enrollment: want null for somebody without a second factor");
    throw invalid("enrollment", cause);
  }
  return Array.isArray(said) ? said : [said as LegacyEnrollment];
}

function checked({ service, now }: Call, said: readonly LegacyEnrollment[]): Carried {
  try {
    return checkEnrollments(service.settings, said, now);
  } catch (cause) {
    throw invalid("enrollment", cause);
  }
}

/** Asks which of the old system's codes was typed; returns the digest of its name, or null for none. */
export async function legacyDigest({ service, userId }: Call, typed: string): Promise<string | null> {
  let name: unknown;
  try {
    name = await inTime(service, "legacy.backupCode", () => service.legacy.backupCode?.(userId, typed));
  } catch (cause) {
    throw unavailable("The old system could not be asked about a backup code.", cause);
  }
  if (name === null) return null;
  if (typeof name === "string" && name.length > 0 && name.length <= MAX_CODE_NAME)
    return codeNameDigest(name);
  throw invalid("backupCode", new TypeError("legacy.backupCode: want one of legacyCodes, or null"));
}

/** Returns the digest of the name of an old backup code, which is short and shows nothing of the name. */
function codeNameDigest(name: string): string {
  return toBase64Url(sha256(lengthPrefixed("twinlock/v1/legacy-code", name)).subarray(0, 16));
}

/** Makes the parts of a record from checked enrollments. Only codes in plain text are derived. */
export async function recordParts(service: Service, carried: Carried, now: number): Promise<Enrollment> {
  const authenticators = carried.authenticators.map((one) => ({ ...one, id: service.id() }));
  const batch = await batchOf(service, carried.codes, now);
  return { authenticators, batch, skippedCodes: carried.skipped.length };
}

async function batchOf(service: Service, codes: Carried["codes"], now: number): Promise<Batch | null> {
  if (codes === null) return null;
  if (codes.kind === "digests") return codes.batch;
  if (codes.kind === "plain") return (await digestBatch(service, codes.shape, codes.codes, now)).batch;
  return {
    ...{ id: service.id(), alphabet: "legacy", length: codes.minLength, salt: "", createdAt: now },
    codes: codes.names.map((name) => ({ digest: codeNameDigest(name), usedAt: null })),
  };
}

function unavailable(message: string, cause?: unknown): TwoFactorError {
  return new TwoFactorError("legacy_unavailable", message, cause);
}

function invalid(callback: string, cause: unknown): TwoFactorError {
  return new TwoFactorError("legacy_invalid", `What legacy.${callback} returned cannot be used.`, cause);
}
