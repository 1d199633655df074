/** A store in the memory of this process, for tests and first steps. */

import { markVolatile } from "../internal/volatile.ts";
import type { UserStore } from "../store.ts";

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
  const rows = new Map<string, { version: string; data: string }>();
  return markVolatile({
    async get(userId) {
      const row = rows.get(userId);
      return row ? { ...row } : null;
    },
    async compareAndSet(userId, expected, { version, data }) {
      if ((rows.get(userId)?.version ?? null) !== expected) return false;
      rows.set(userId, { version, data });
      return true;
    },
  });
}
