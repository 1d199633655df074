CREATE TABLE sessions (
  id TEXT PRIMARY KEY, binding TEXT NOT NULL, data TEXT NOT NULL, expires_at INTEGER NOT NULL
);
CREATE TABLE ended_visits (binding TEXT PRIMARY KEY, expires_at INTEGER NOT NULL);
CREATE TABLE events (user_id TEXT NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL);

-- as sqliteSchema() of twinlock/stores/sqlite prints it
CREATE TABLE IF NOT EXISTS "two_factor" (
  user_id TEXT NOT NULL PRIMARY KEY COLLATE BINARY,
  version TEXT NOT NULL,
  data TEXT NOT NULL,
  state TEXT NOT NULL,
  enrolled_at INTEGER,
  backup_codes_active INTEGER NOT NULL,
  key_id TEXT NOT NULL
);
