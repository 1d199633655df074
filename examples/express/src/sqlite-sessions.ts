/** Sessions in the SQLite file: they survive a restart. On PostgreSQL, connect-pg-simple does the same. */

import { type SessionData, Store } from "express-session";
import type { Query } from "./database.ts";

type Done<T = void> = (error?: unknown, value?: T) => void;

export class SqliteSessions extends Store {
  readonly #query: Query;

  constructor(query: Query) {
    super();
    this.#query = query;
  }

  override get(id: string, done: Done<SessionData | null>): void {
    this.#query("SELECT data FROM sessions WHERE id = $1 AND expires_at > $2", [id, Date.now()]).then(
      ([row]) => done(null, row ? JSON.parse(String(row["data"])) : null),
      done,
    );
  }

  override set(id: string, data: SessionData, done?: Done): void {
    const text = JSON.stringify(data);
    this.#query(
      `INSERT INTO sessions (id, data, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
      [id, text, expiry(data)],
    ).then(() => done?.(), done);
  }

  override touch(id: string, data: SessionData, done?: Done): void {
    const expiresAt = expiry(data);
    const later = this.#query("UPDATE sessions SET expires_at = $1 WHERE id = $2", [expiresAt, id]);
    later.then(() => done?.(), done);
  }

  override destroy(id: string, done?: Done): void {
    this.#query("DELETE FROM sessions WHERE id = $1", [id]).then(() => done?.(), done);
  }
}

function expiry({ cookie }: SessionData): number {
  return cookie.expires ? new Date(cookie.expires).getTime() : Date.now() + 86_400_000;
}
