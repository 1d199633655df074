/** What an administrator does to a record: with an actor and a reason, and without the person's proof. */

import { asBackupCode } from "../backup-codes.ts";
import { type Failure, failure } from "../errors.ts";
import { canonicalCode } from "../internal/canonical.ts";
import { checkInteger, checkOneOf, checkOptions, checkText, LAST_INSTANT } from "../internal/check.ts";
import { HASH_NAMES, type HashName } from "../internal/hmac.ts";
import { decodeForeignBase32, encodeBase32 } from "../otp/base32.ts";
import { secretBytes } from "../otp/secret.ts";
import { type Batch, MAX_BATCH, MAX_SECRET_LENGTH, type Parameters, type UserRecord } from "../record.ts";
import * as rules from "../rules/administration.ts";
import type { Decision } from "../rules/decision.ts";
import { stepAt } from "../rules/steps.ts";
import { digestBatch } from "./backup-codes.ts";
import { callOf, change } from "./call.ts";
import type { Names } from "./call-options.ts";
import type { Operation, TwoFactorOptions } from "./options.ts";
import { createService, type Seams, type Service } from "./service.ts";
import type { Context, MaybePromise } from "./types.ts";

/** Who did it and why: both go into the event, neither may be empty. */
export interface By {
  /** 1 to 256 characters. */
  actor: string;
  /** 1 to 1,024 characters. */
  reason: string;
  /** For the event. */
  context?: Context | undefined;
}

/** A reset, and of which factor. */
export interface Reset extends By {
  /** Of `status`, in epoch milliseconds: only the factor that was enrolled then is taken away. */
  enrolledAt?: number | undefined;
}

/** An enrollment from another system. Instants are epoch milliseconds; null is the same as left out. */
export interface ImportedEnrollment extends By {
  /** Base32 or bytes, 10 to 64 bytes. Bits of the text that belong to no byte drop, as in authenticator apps. */
  secret: string | Uint8Array;
  /** 6 to 8; 6 by default. */
  digits?: number | null | undefined;
  /** Seconds, 15 to 120; 30 by default. */
  period?: number | null | undefined;
  /** `"SHA1"` by default. */
  algorithm?: HashName | null | undefined;
  /** The last step (epoch seconds / `period`) that the other system accepted: no code up to it is accepted again. */
  lastStep?: number | null | undefined;
  /** Epoch milliseconds; now by default, and where it is ahead. */
  enrolledAt?: number | null | undefined;
  /** Unused backup codes in plain text, at most 16 of 8 to 32 characters, all of one shape. */
  backupCodes?: readonly string[] | null | undefined;
}

const BY: Names<By> = { actor: true, reason: true, context: true };
const RESET: Names<Reset> = { ...BY, enrolledAt: true };
const IMPORTED: Names<ImportedEnrollment> = {
  ...BY,
  secret: true,
  digits: true,
  period: true,
  algorithm: true,
  lastStep: true,
  enrolledAt: true,
  backupCodes: true,
};

/** The calls that need no proof of the person; each asks for an actor and a reason. */
export interface Admin {
  /**
   * Takes a user's second factor away; the counters stay. The person enrolls anew if the policy asks for it.
   *
   * `not_enrolled` where none is active. Pass `enrolledAt` from `status` where the call may be run twice: a factor that
   * was enrolled since is left alone (`factor_changed`).
   */
  reset(userId: string, by: Reset): Promise<{ ok: true } | Failure>;
  /** Ends every wait and hard stop of a user, those of `throttle.unknown` too; the limit of new batches a day stays. */
  unlock(userId: string, by: By): Promise<{ ok: true } | Failure>;
  /** Takes over an enrollment from another system; refused where a factor is active. */
  importEnrollment(userId: string, enrollment: ImportedEnrollment): Promise<{ ok: true } | Failure>;
}

/** The entrance for tests; see `createTwoFactorWith`. Not exported from the package. */
export function createAdminWith(options: TwoFactorOptions, seams: Seams): Admin {
  const service = createService(options, seams);
  return {
    reset: (userId, by) => reset(service, userId, by),
    unlock: (userId, by) =>
      act(
        service,
        userId,
        "unlock",
        by,
        (now) => (record) => rules.unlock(record, now, service.settings.devices),
      ),
    importEnrollment: (userId, enrollment) => importEnrollment(service, userId, enrollment),
  };
}

async function reset(service: Service, user: string, by: Reset): Promise<{ ok: true } | Failure> {
  checkOptions("by", by, Object.keys(RESET), "");
  const { enrolledAt, ...who } = by;
  if (enrolledAt !== undefined) checkInteger("enrolledAt", enrolledAt, 0, LAST_INSTANT);
  return act(
    service,
    user,
    "reset",
    who,
    (now) => (record) => rules.reset(record, service.id(), now, enrolledAt),
  );
}

type Decide = (record: UserRecord) => Decision<Failure | null>;

/** `prepare` runs once the host has allowed the act, and does what takes long. */
async function act(
  service: Service,
  user: string,
  operation: Operation,
  by: By,
  prepare: (now: number) => MaybePromise<Decide>,
): Promise<{ ok: true } | Failure> {
  checkOptions("by", by, Object.keys(BY), "");
  const actor = checkText("actor", by.actor, 256);
  const reason = checkText("reason", by.reason, 1_024);
  const call = callOf(service, user, { actor, reason, context: by.context });
  if (!(await service.authorized(call, operation))) return failure("not_authorized");
  const { outcome } = await change(call, await prepare(call.now));
  return outcome ?? { ok: true };
}

async function importEnrollment(
  service: Service,
  user: string,
  enrollment: ImportedEnrollment,
): Promise<{ ok: true } | Failure> {
  checkOptions("enrollment", enrollment, Object.keys(IMPORTED), "");
  const digits = checkInteger("digits", enrollment.digits ?? 6, 6, 8);
  const period = checkInteger("period", enrollment.period ?? 30, 15, 120);
  const algorithm = checkOneOf("algorithm", enrollment.algorithm ?? "SHA1", HASH_NAMES);
  const parameters: Parameters = { algorithm, digits, period };
  if (service.settings.backupCodes?.length === digits) {
    throw new RangeError("digits: must differ from backupCodes.length, or one field cannot take both");
  }
  const secret = encodeBase32(secretBytes(enrollment.secret, decodeForeignBase32));
  if (secret.length > MAX_SECRET_LENGTH) throw new RangeError("secret: want at most 64 bytes");
  const at = service.now();
  const lastStep = enrollment.lastStep ?? -1;
  checkLastStep(lastStep, stepAt(at, period) + service.settings.window.future, period);
  const enrolledAt = Math.min(at, checkInteger("enrolledAt", enrollment.enrolledAt ?? at, 0, LAST_INSTANT));
  const imported = checkImported(enrollment.backupCodes ?? [], digits);
  const { actor, reason, context } = enrollment;
  return act(service, user, "import", { actor, reason, context }, async (now) => {
    const batch = imported && (await digestBatch(service, imported.shape, imported.codes, now)).batch;
    const acceptedSteps = lastStep < 0 ? [] : [lastStep];
    const from = { ...parameters, secret, acceptedSteps, enrolledAt, batch };
    return (record) => {
      const fresh = { id: service.id(), epoch: service.id() };
      return rules.importEnrollment(record, from, fresh);
    };
  });
}

/** A step that no phone can be at yet was no code of this secret, and it would keep the owner's codes out. */
function checkLastStep(lastStep: number, latest: number, period: number): void {
  checkInteger("lastStep", lastStep, -1, Number.MAX_SAFE_INTEGER);
  if (lastStep <= latest) return;
  throw new RangeError(
    `lastStep: ahead of the clock; want a step, which is the seconds since 1970 divided by ${period} (period)`,
  );
}

/** Imported codes as they will be compared. All have one shape, and it is not that of an app code. */
function checkImported(
  codes: readonly string[],
  digits: number,
): { shape: Pick<Batch, "alphabet" | "length">; codes: readonly string[] } | null {
  if (!Array.isArray(codes) || codes.length > MAX_BATCH) {
    throw new TypeError(`backupCodes: want a list of at most ${MAX_BATCH}`);
  }
  const canonical = codes.map((code) => canonicalCode(code));
  const first = canonical[0];
  if (canonical.length === 0) return null;
  const length = first?.length ?? 0;
  if (length === digits) throw new RangeError("backupCodes: their length must differ from digits");
  if (length < 8 || length > 32) throw new RangeError("backupCodes: want 8 to 32 characters each");
  const alphabet = canonical.every((code) => code !== undefined && /^[0-9]+$/.test(code))
    ? "digits"
    : "base32";
  const spelled = canonical.map((code) =>
    code === undefined ? undefined : asBackupCode(code, { alphabet, length }),
  );
  if (spelled.includes(undefined)) {
    throw new TypeError("backupCodes: want codes of one length, of digits or of Crockford's Base32");
  }
  if (new Set(spelled).size !== spelled.length) throw new TypeError("backupCodes: a code stands there twice");
  return { shape: { alphabet, length }, codes: spelled as string[] };
}
