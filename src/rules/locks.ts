/** What has been failed too often, and until when it is closed. */

import type { UserRecord } from "../record.ts";
import type { Method } from "./decision.ts";
import { type Block, rowBlock, type ThrottlePolicy, throttleOfPasskeys } from "./row.ts";
import { accountOf, blockOf } from "./throttle.ts";

/** Something that is closed. Instants are epoch milliseconds. */
export interface Lock {
  of: Method | "password" | "enrollment";
  /** Null after the hard stop, which no wait ends. */
  retryAt: number | null;
}

/** Which kinds of code cannot be tried now, from a known device or, with null, from any other. */
export function locksOfCodes(
  record: UserRecord,
  methods: readonly Method[],
  device: string | null,
  now: number,
  policy: ThrottlePolicy,
): readonly Lock[] {
  return methods.flatMap((of) => {
    if (of === "passkey") return lock(of, rowBlock(record.passkey, now, throttleOfPasskeys(policy))); // the same from everywhere
    return lock(of, blockOf(record, accountOf(record, of, device), now, policy));
  });
}

/** Whether the password, in re-authentication, or the first code of an enrollment cannot be tried now. */
export function locksOfRows(record: UserRecord, now: number, policy: ThrottlePolicy): readonly Lock[] {
  return [
    ...lock("password", rowBlock(record.password, now, policy)),
    ...lock("enrollment", rowBlock(record.enrollment, now, policy)),
  ];
}

function lock(of: Lock["of"], block: Block | null): readonly Lock[] {
  if (!block) return [];
  return [{ of, retryAt: block.detail === "locked" ? block.retryAt : null }];
}
