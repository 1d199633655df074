// A store through Kysely, here on PostgreSQL or SQLite: both know ON CONFLICT.
import type { Kysely } from "kysely";
import type { UserStore } from "twinlock";

export interface TwoFactorTable {
  user_id: string;
  version: string;
  data: string;
  state: string;
  enrolled_at: number | null;
  backup_codes_active: number;
  key_id: string;
}

/** Give it the database itself, not a transaction. */
export function kyselyStore(db: Kysely<{ two_factor: TwoFactorTable }>): UserStore {
  return {
    async get(userId) {
      const query = db.selectFrom("two_factor").select(["version", "data"]).where("user_id", "=", userId);
      return (await query.executeTakeFirst()) ?? null;
    },
    async compareAndSet(userId, expected, { version, data, summary }) {
      const { state, enrolledAt, backupCodesActive, keyId } = summary;
      const row = {
        version,
        data,
        state,
        enrolled_at: enrolledAt,
        backup_codes_active: backupCodesActive,
        key_id: keyId,
      };
      if (expected === null) {
        const insert = db.insertInto("two_factor").values({ user_id: userId, ...row });
        return (
          (await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst())
            .numInsertedOrUpdatedRows === 1n
        );
      }
      const update = db
        .updateTable("two_factor")
        .set(row)
        .where("user_id", "=", userId)
        .where("version", "=", expected);
      return (await update.executeTakeFirst()).numUpdatedRows === 1n;
    },
  };
}
