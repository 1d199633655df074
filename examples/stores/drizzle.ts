// A store through Drizzle. The table stands in the schema with the application's own, so its migrations make it too.
import { and, eq } from "drizzle-orm";
import { bigint, integer, type PgDatabase, type PgQueryResultHKT, pgTable, text } from "drizzle-orm/pg-core";
import type { UserStore } from "twinlock";

export const twoFactor = pgTable("two_factor", {
  userId: text("user_id").primaryKey(),
  version: text("version").notNull(),
  data: text("data").notNull(),
  state: text("state").notNull(),
  enrolledAt: bigint("enrolled_at", { mode: "number" }),
  backupCodesActive: integer("backup_codes_active").notNull(),
  keyId: text("key_id").notNull(),
});

/** Give it the database itself, not a transaction. */
export function drizzleStore(db: PgDatabase<PgQueryResultHKT>): UserStore {
  const { userId: id, version, data } = twoFactor;
  return {
    async get(userId) {
      const [row] = await db.select({ version, data }).from(twoFactor).where(eq(id, userId));
      return row ?? null;
    },
    async compareAndSet(userId, expected, next) {
      const row = { version: next.version, data: next.data, ...next.summary };
      const written = await (expected === null
        ? db
            .insert(twoFactor)
            .values({ userId, ...row })
            .onConflictDoNothing()
            .returning({ id })
        : db
            .update(twoFactor)
            .set(row)
            .where(and(eq(id, userId), eq(version, expected)))
            .returning({ id }));
      return written.length === 1;
    },
  };
}
