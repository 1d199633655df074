/** Importing an enrollment from another system, and exporting it. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { checkBoolean, checkObject, checkOptions } from "../internal/check.ts";
import type { Authenticator, UserRecord } from "../record.ts";
import { importEnrollment } from "../rules/importing.ts";
import { act, BY, type By, callBy } from "./acting.ts";
import { loadRecord } from "./call.ts";
import { checkEnrollments, type SkippedCode } from "./carried.ts";
import { recordParts } from "./legacy.ts";
import type { LegacyEnrollment } from "./options.ts";
import type { Service } from "./service.ts";
import { load } from "./transact.ts";
import type { Result } from "./types.ts";

/** Options of `importEnrollment`: one enrollment, or several of one person. */
export type ImportedEnrollment = By & {
  /** True also brings back a factor that was turned off or reset here; false by default. */
  evenIfRemoved?: boolean | undefined;
} & (LegacyEnrollment | { enrollments: readonly LegacyEnrollment[] });

export async function importEnrollments(
  service: Service,
  user: string,
  given: ImportedEnrollment,
): Promise<Result<{ skipped: readonly SkippedCode[] }>> {
  checkObject("enrollment", given);
  const { actor, reason, context, evenIfRemoved = false, ...what } = given;
  checkBoolean("evenIfRemoved", evenIfRemoved);
  if ("enrollments" in what)
    checkOptions("enrollment", given, ["enrollments", "evenIfRemoved", ...Object.keys(BY)], "");
  const several = "enrollments" in what ? what.enrollments : [what];
  const carried = checkEnrollments(service.settings, several, service.now());
  const result = await act(service, user, "import", { actor, reason, context }, async (call) => {
    const from = await load(call); // `legacy` is not asked, since this is what it would say
    const parts = await recordParts(service, carried, call.now);
    return { from, decide: (record) => importEnrollment(record, parts, service.id(), evenIfRemoved) };
  });
  return result.ok ? { ok: true, skipped: carried.skipped } : result;
}

/** Returns what another system needs to take over this user's factor. `importEnrollment` takes it back. */
export async function exportEnrollment(
  service: Service,
  user: string,
  by: By,
): Promise<Result<{ enrollments: readonly LegacyEnrollment[] }> | Failure> {
  const call = await callBy(service, user, "export", by);
  if (isFailure(call)) return call;
  const { record } = await loadRecord(call);
  if (record.authenticators.length === 0) return failure("not_enrolled");
  service.emit(call.userId, call.now, [{ type: "exported", method: "app" }], call.trace);
  return { ok: true, enrollments: record.authenticators.map((one, i) => exported(record, one, i)) };
}

/** Exports one authenticator. The backup codes belong to the person, so the first one carries them. */
function exported({ backupCodes }: UserRecord, one: Authenticator, index: number): LegacyEnrollment {
  const { secret, digits, period, algorithm, acceptedSteps, enrolledAt, label } = one;
  const backupDigests = index === 0 && backupCodes ? { ...backupCodes } : null;
  return {
    ...{ secret, digits, period, algorithm, enrolledAt, label, backupDigests },
    lastStep: acceptedSteps.at(-1) ?? null,
  };
}
