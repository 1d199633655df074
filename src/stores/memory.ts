/** A store in the memory of this process, for tests and first steps. */

import { markVolatile } from "../internal/volatile.ts";
import type { StoredRecord, UserStore } from "../store.ts";

/**
 * Makes a store that keeps records in memory.
 *
 * Nothing survives a restart and nothing is shared between processes, so it is for tests and first steps only.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryStore } from "twinlock/stores/memory";
 *
 * assert.equal(await memoryStore().get("alice"), null);
 * ```
 */
export function memoryStore(): UserStore {
  const rows = new Map<string, StoredRecord>();
  return markVolatile({
    async get(userId) {
      const row = rows.get(userId);
      return row ? { version: row.version, data: row.data } : null;
    },
    async compareAndSet(userId, expected, next) {
      if ((rows.get(userId)?.version ?? null) !== expected) return false;
      rows.set(userId, { ...next, summary: { ...next.summary } });
      return true;
    },
  });
}
