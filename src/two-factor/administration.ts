/** The calls of an administrator, which take an actor and a reason and no proof from the person. */

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

const RESET: Names<Parameters<Admin["reset"]>[1]> = { ...BY, enrolledAt: 0, evenIfUnreadable: 0 };

/** The calls that need no proof from the person. Each takes an actor and a reason. */
export interface Admin {
  /**
   * Removes a user's second factor; the counters stay. The person enrolls anew if the policy asks for it.
   *
   * Fails with `not_enrolled` where none is active. If the call may be run twice, pass `enrolledAt` from `status`, in
   * epoch milliseconds: a factor that was enrolled since is left alone (`factor_changed`). `evenIfUnreadable` replaces
   * a row that was changed, was copied from another user or is sealed under a lost key, with its counters and devices;
   * the event is then `record_replaced`.
   */
  reset(
    userId: string,
    by: By & { enrolledAt?: number | undefined; evenIfUnreadable?: boolean | undefined },
  ): Promise<{ ok: true } | Failure>;
  /** Ends every wait and hard stop of a user, also those of `throttle.unknown`. The daily limit of new batches stays. */
  unlock(userId: string, by: By): Promise<{ ok: true } | Failure>;
  /**
   * Takes over an enrollment from another system. Fails where a factor is active (`already_enrolled`) and, unless
   * `evenIfRemoved` is true, where one was turned off or reset (`factor_removed`). `skipped` says which backup codes
   * could not come along, and why.
   */
  importEnrollment(
    userId: string,
    enrollment: ImportedEnrollment,
  ): Promise<Result<{ skipped: readonly SkippedCode[] }>>;
  /**
   * Returns secrets, parameters and the digests of backup codes, so that you can move to another system or back. The
   * event `exported` tells the person. `importEnrollment` takes `enrollments` as they are.
   */
  exportEnrollment(userId: string, by: By): Promise<Result<{ enrollments: readonly LegacyEnrollment[] }>>;
  /**
   * Moves everything to another user id, which must not have, or have had, a factor of its own. The old id is left as
   * after a reset. If the call was interrupted, run it again.
   */
  rename(from: string, to: string, by: By): Promise<{ ok: true } | Failure>;
}

/** Creates the administrator's calls for tests; see `createTwoFactorWith`. Not exported from the package. */
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

async function reset(
  service: Service,
  user: string,
  by: Parameters<Admin["reset"]>[1],
): Promise<{ ok: true } | Failure> {
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

/** Returns a row that does not open, with an empty record; null if it opens. */
async function unreadableRow(call: Call): Promise<Loaded | null> {
  try {
    await loadRecord(call);
    return null;
  } catch (cause) {
    const closed = cause instanceof TwoFactorError && ["record_invalid", "key_unknown"].includes(cause.code);
    const row = closed ? await rowOf(call.service, call.userId) : null;
    if (row === null) throw cause;
    return { version: row.version, record: emptyRecord(), keyId: undefined };
  }
}
