/** The accounts of one product, and their passwords. */

import { hash, verify } from "@node-rs/argon2";
import type { Query, Row } from "./database.ts";

export interface User {
  id: string;
  email: string;
  phone: string;
  role: "owner" | "member";
  /** Our own note that a second factor is on, kept from events: a lost record then refuses instead of letting in. */
  enrolled: boolean;
  sessionsValidFrom: number;
}

export type Users = ReturnType<typeof createUsers>;

// Unknown addresses cost as much time as known ones.
const nobody = hash("nobody has this password");

export function createUsers(query: Query, product: string, clock: () => number) {
  async function find(where: "id" | "email", value: string): Promise<User | null> {
    const [row] = await query(`SELECT * FROM users WHERE product = $1 AND ${where} = $2`, [product, value]);
    return row ? toUser(row) : null;
  }

  async function passwordHash(id: string): Promise<string> {
    const [row] = await query("SELECT password_hash FROM users WHERE product = $1 AND id = $2", [
      product,
      id,
    ]);
    return row ? String(row["password_hash"]) : nobody;
  }

  return {
    byId: (id: string) => find("id", id),

    async all(): Promise<User[]> {
      const rows = await query("SELECT * FROM users WHERE product = $1 ORDER BY created_at", [product]);
      return rows.map(toUser);
    },

    /** The first account owns the product. Null: the address is taken. */
    async create(details: { email: string; phone: string; password: string }): Promise<User | null> {
      const [row] = await query(
        `INSERT INTO users (id, product, email, phone, password_hash, role, created_at)
         SELECT $1, $2, $3, $4, $5, CASE WHEN EXISTS (SELECT 1 FROM users WHERE product = $2)
           THEN 'member' ELSE 'owner' END, CAST($6 AS BIGINT)
         WHERE true ON CONFLICT DO NOTHING RETURNING *`,
        [
          crypto.randomUUID(),
          product,
          normalEmail(details.email),
          details.phone,
          await hash(details.password),
          clock(),
        ],
      );
      return row ? toUser(row) : null;
    },

    /** The account with this address and password, or null. */
    async authenticate(email: string, password: string): Promise<User | null> {
      const user = await find("email", normalEmail(email));
      const right = await verify(user ? await passwordHash(user.id) : await nobody, password);
      return right ? user : null;
    },

    async verifyPassword(id: string, password: string): Promise<boolean> {
      return verify(await passwordHash(id), password);
    },

    async setPhone(id: string, phone: string): Promise<void> {
      await query("UPDATE users SET phone = $1 WHERE id = $2", [phone, id]);
    },

    async setPassword(id: string, password: string): Promise<void> {
      const secret = await hash(password);
      await query("UPDATE users SET password_hash = $1 WHERE id = $2", [secret, id]);
    },

    async setEnrolled(id: string, enrolled: boolean): Promise<void> {
      await query("UPDATE users SET enrolled = $1 WHERE id = $2", [enrolled ? 1 : 0, id]);
    },

    /** Signs the account out everywhere: sessions that began before now no longer count. */
    async endSessions(id: string): Promise<void> {
      await query("UPDATE users SET sessions_valid_from = $1 WHERE id = $2", [clock(), id]);
    },
  };
}

function toUser(row: Row): User {
  return {
    id: String(row["id"]),
    email: String(row["email"]),
    phone: String(row["phone"]),
    role: row["role"] === "owner" ? "owner" : "member",
    enrolled: Number(row["enrolled"]) === 1,
    sessionsValidFrom: Number(row["sessions_valid_from"]),
  };
}

function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}
