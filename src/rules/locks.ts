/** Locks: what was tried too often, and until when it is closed. */

import type { UserRecord } from "../record.ts";
import type { Method } from "./decision.ts";
import { type Block, rowBlock, type ThrottlePolicy, throttleOfPasskeys } from "./row.ts";
import { accountOf, blockOf } from "./throttle.ts";

/** Something that cannot be tried now. Instants are epoch milliseconds. */
export interface Lock {
  of: Method | "password" | "enrollment";
  /** When it can be tried again; null after the hard stop, which no wait ends. */
  retryAt: number | null;
}

/** Returns the kinds of code that cannot be tried now, from a known device or, with null, from any other. */
export function locksOfCodes(
  record: UserRecord,
  methods: readonly Method[],
  device: string | null,
  now: number,
  policy: ThrottlePolicy,
): readonly Lock[] {
  return methods.flatMap((of) => {
    if (of === "passkey") {
      return device ? [] : lock(of, rowBlock(record.passkey, now, throttleOfPasskeys(policy))); // no known device waits
    }
    return lock(of, blockOf(record, accountOf(record, of, device), now, policy));
  });
}

/** Returns the locks of the password in re-authentication and of the first code of an enrollment. */
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
