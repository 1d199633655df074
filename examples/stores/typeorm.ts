// A store through TypeORM, here on PostgreSQL. The entity stands among the application's own, so its migrations make
// the table too.

import type { UserStore } from "twinlock";
import { type DataSource, EntitySchema } from "typeorm";

interface TwoFactor {
  userId: string;
  version: string;
  data: string;
  state: string;
  enrolledAt: number | null;
  backupCodesActive: number;
  keyId: string;
}

export const twoFactor = new EntitySchema<TwoFactor>({
  name: "TwoFactor",
  tableName: "two_factor",
  columns: {
    userId: { name: "user_id", type: "text", primary: true },
    version: { type: "text" },
    data: { type: "text" },
    state: { type: "text" },
    enrolledAt: { name: "enrolled_at", type: "bigint", nullable: true },
    backupCodesActive: { name: "backup_codes_active", type: "integer" },
    keyId: { name: "key_id", type: "text" },
  },
});

/** Give it the data source itself, not the manager of a transaction. `save()` would write without the condition. */
export function typeormStore(database: DataSource): UserStore {
  const rows = database.getRepository(twoFactor);
  return {
    async get(userId) {
      const row = await rows.findOne({ where: { userId }, select: { version: true, data: true } });
      return row && { version: row.version, data: row.data };
    },
    async compareAndSet(userId, expected, { version, data, summary }) {
      const row = { version, data, ...summary };
      if (expected !== null) return (await rows.update({ userId, version: expected }, row)).affected === 1;
      try {
        await rows.insert({ userId, ...row });
        return true;
      } catch (error) {
        const { driverError } = error as { driverError?: { code?: unknown } };
        if (driverError?.code === "23505") return false; // PostgreSQL's unique violation: there is a row
        throw error;
      }
    },
  };
}
