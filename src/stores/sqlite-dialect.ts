/** The SQL of SQLite, for the stores of SQLite and D1. */

import type { Dialect } from "./sql.ts";

/** The dialect of SQLite. */
export const sqliteDialect: Dialect = {
  name: "sqlite",
  quote: '"',
  parameter: () => "?",
  onConflict: " ON CONFLICT (user_id) DO NOTHING",
  schema: (table) =>
    `CREATE TABLE IF NOT EXISTS ${table} (
  user_id TEXT NOT NULL PRIMARY KEY COLLATE BINARY,
  version TEXT NOT NULL,
  data TEXT NOT NULL,
  state TEXT NOT NULL,
  enrolled_at INTEGER,
  backup_codes_active INTEGER NOT NULL,
  key_id TEXT NOT NULL
)`,
  trouble: ({ code, message }) => {
    const text = `${String(code)} ${String(message)}`;
    if (/SQLITE_BUSY|SQLITE_LOCKED|database (table )?is locked/.test(text)) return "again";
    if (/within a transaction/.test(text)) return "in_transaction";
    if (/no such table/.test(text)) return "no_table";
    if (/no such column|has no column named/.test(text)) return "no_column";
    return undefined;
  },
};
