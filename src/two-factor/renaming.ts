/** Moving a second factor to another user id. A row cannot simply be copied, because a record is sealed for one id. */

import { type Failure, failure, isFailure } from "../errors.ts";
import { hasFactor, type UserRecord } from "../record.ts";
import { type Decision, unchanged } from "../rules/decision.ts";
import { takenOver, vacated } from "../rules/renaming.ts";
import { type By, callBy } from "./acting.ts";
import { change, loadRecord } from "./call.ts";
import type { Service } from "./service.ts";
import type { Loaded } from "./transact.ts";

const MAX_ROUNDS = 5;

/**
 * Moves a second factor. The new id gets the record first, and only then the old one is emptied, so that an interrupted
 * call can be run again. If the old id changes in between, the next round carries the change over.
 */
export async function renameUser(
  service: Service,
  from: string,
  to: string,
  by: By,
): Promise<{ ok: true } | Failure> {
  const source = await callBy(service, from, "rename", by);
  if (isFailure(source)) return source;
  const target = await callBy(service, to, "rename", by);
  if (isFailure(target)) return target;
  if (source.userId === target.userId) throw new RangeError("to: must be another id");
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const moved = await loadRecord(source);
    const gone = moved.record.removedAt !== null;
    if (!hasFactor(moved.record) && !gone) return failure("not_enrolled");
    const taken = await change(target, (record) => takenOver(record, moved.record));
    if (taken.outcome) return taken.outcome;
    const decide = (record: UserRecord, { version }: Loaded): Decision<"again" | null> =>
      version === moved.version
        ? vacated(record, service.id(), source.now)
        : unchanged<"again" | null>(record, "again");
    const { outcome } = await change<"again" | null>(source, decide);
    if (outcome === null) return { ok: true };
    if (isFailure(outcome)) return outcome;
  }
  return failure("conflict", { retryAt: source.now + 1_000 });
}
