/** What an administrator does to a record: with an actor and a reason, and without the person's proof. */

import { type Failure, TwoFactorError } from "../errors.ts";
import { checkBoolean, checkInteger, checkOptions, LAST_INSTANT } from "../internal/check.ts";
import { emptyRecord, type UserRecord } from "../record.ts";
import * as rules from "../rules/administration.ts";
import { act, BY, type By } from "./acting.ts";
import type { Call } from "./call.ts";
import { loadRecord } from "./call.ts";
import type { Names } from "./call-options.ts";
import type { SkippedCode } from "./carried.ts";
import { exportEnrollment, type ImportedEnrollment, importEnrollments } from "./importing.ts";
import type { LegacyEnrollment, TwoFactorOptions } from "./options.ts";
import { renameUser } from "./renaming.ts";
import { createService, type Seams, type Service } from "./service.ts";
import { type Loaded, rowOf } from "./transact.ts";
import type { Result } from "./types.ts";

/** A reset, and of which factor. */
export interface Reset extends By {
  /** Of `status`, in epoch milliseconds: only the factor that was enrolled then is taken away. */
  enrolledAt?: number | undefined;
  /** True also replaces a row that does not open, with its counters and devices; false by default. */
  evenIfUnreadable?: boolean | undefined;
}

const RESET: Names<Reset> = { ...BY, enrolledAt: true, evenIfUnreadable: true };

/** The calls that need no proof of the person; each asks for an actor and a reason. */
export interface Admin {
  /**
   * Takes a user's second factor away; the counters stay. The person enrolls anew if the policy asks for it.
   *
   * `not_enrolled` where none is active. Pass `enrolledAt` from `status` where the call may be run twice: a factor that
   * was enrolled since is left alone (`factor_changed`). `evenIfUnreadable` replaces a row that was changed, was copied
   * from another user or is sealed under a key that is lost; the event is then `record_replaced`.
   */
  reset(userId: string, by: Reset): Promise<{ ok: true } | Failure>;
  /** Ends every wait and hard stop of a user, those of `throttle.unknown` too; the limit of new batches a day stays. */
  unlock(userId: string, by: By): Promise<{ ok: true } | Failure>;
  /**
   * Takes over an enrollment from another system; refused where a factor is active (`already_enrolled`) and, unless
   * `evenIfRemoved` is true, where one was turned off or reset (`factor_removed`). `skipped` says which backup codes
   * could not come along, and why.
   */
  importEnrollment(
    userId: string,
    enrollment: ImportedEnrollment,
  ): Promise<Result<{ skipped: readonly SkippedCode[] }>>;
  /**
   * Gives secrets, parameters and the digests of backup codes out, for leaving or for going back; the event `exported`
   * tells of it. `importEnrollment` takes `enrollments` as they are.
   */
  exportEnrollment(userId: string, by: By): Promise<Result<{ enrollments: readonly LegacyEnrollment[] }>>;
  /**
   * Moves everything to another user id, which may have no factor of its own, nor the end of one. The old id is left as
   * after a reset. May be run again where it was stopped.
   */
  rename(from: string, to: string, by: By): Promise<{ ok: true } | Failure>;
}

/** The entrance for tests; see `createTwoFactorWith`. Not exported from the package. */
export function createAdminWith<HostOperation extends string = never>(
  options: TwoFactorOptions<HostOperation>,
  seams: Seams,
): Admin {
  const service = createService(options as TwoFactorOptions<string>, seams);
  return {
    reset: (userId, by) => reset(service, userId, by),
    unlock: (userId, by) =>
      act(service, userId, "unlock", by, ({ now }) => ({
        decide: (record) => rules.unlock(record, now, service.settings.devices),
      })),
    importEnrollment: (userId, enrollment) => importEnrollments(service, userId, enrollment),
    exportEnrollment: (userId, by) => exportEnrollment(service, userId, by),
    rename: (from, to, by) => renameUser(service, from, to, by),
  };
}

async function reset(service: Service, user: string, by: Reset): Promise<{ ok: true } | Failure> {
  checkOptions("by", by, Object.keys(RESET), "");
  const { enrolledAt, evenIfUnreadable = false, ...who } = by;
  if (enrolledAt !== undefined) checkInteger("enrolledAt", enrolledAt, 0, LAST_INSTANT);
  checkBoolean("evenIfUnreadable", evenIfUnreadable);
  return act(service, user, "reset", who, async (call) => {
    const takeAway = (record: UserRecord) => rules.reset(record, service.id(), call.now, enrolledAt);
    const unreadable = evenIfUnreadable ? await unreadableRow(call) : null;
    if (!unreadable) return { decide: takeAway };
    return {
      from: unreadable,
      decide: (record) =>
        record === unreadable.record ? rules.replaceUnreadable(service.id(), call.now) : takeAway(record),
    };
  });
}

/** The row of a record that does not open, as that of nobody; null where it opens. */
async function unreadableRow(call: Call): Promise<Loaded | null> {
  try {
    await loadRecord(call);
    return null;
  } catch (cause) {
    const closed = cause instanceof TwoFactorError && /^(record_invalid|key_unknown)$/.test(cause.code);
    const row = closed ? await rowOf(call.service, call.userId) : null;
    if (row === null) throw cause;
    return { version: row.version, record: emptyRecord(), keyId: undefined };
  }
}
