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
  /** Goes up by one whenever the account is signed out everywhere. */
  generation: number;
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
      const email = normalEmail(details.email);
      const values = [
        crypto.randomUUID(),
        product,
        email,
        details.phone,
        await hash(details.password),
        clock(),
      ];
      const insert = () =>
        query(
          `INSERT INTO users (id, product, email, phone, password_hash, role, created_at)
           SELECT $1, $2, $3, $4, $5, CASE WHEN EXISTS (SELECT 1 FROM users WHERE product = $2)
             THEN 'member' ELSE 'owner' END, CAST($6 AS BIGINT)
           WHERE true ON CONFLICT DO NOTHING RETURNING *`,
          values,
        );
      let [row] = await insert();
      // Of two who come first at the same moment the database lets one be the owner; the other comes second.
      if (!row && !(await find("email", email))) [row] = await insert();
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

    /** Deletes the account and all that is kept about it here. */
    async remove(id: string): Promise<void> {
      await query("DELETE FROM users WHERE product = $1 AND id = $2", [product, id]);
      await query("DELETE FROM activity WHERE user_id = $1", [id]);
    },

    async setEnrolled(id: string, enrolled: boolean): Promise<void> {
      await query("UPDATE users SET enrolled = $1 WHERE id = $2", [enrolled ? 1 : 0, id]);
    },

    /** Signs the account out everywhere. Returns the generation that a session needs from now on. */
    async endSessions(id: string): Promise<number> {
      const [row] = await query(
        "UPDATE users SET generation = generation + 1 WHERE id = $1 RETURNING generation",
        [id],
      );
      return Number(row?.["generation"]);
    },

    /** The same, once for an activation: asked again, it returns the generation of then, which may be over. */
    async endSessionsOnce(id: string, activatedAt: number): Promise<number> {
      const [row] = await query(
        `UPDATE users SET activated_at = $1,
           generation = CASE WHEN activated_at = $1 THEN generation ELSE generation + 1 END,
           activated_generation = CASE WHEN activated_at = $1 THEN activated_generation ELSE generation + 1 END
         WHERE id = $2 RETURNING activated_generation`,
        [activatedAt, id],
      );
      return Number(row?.["activated_generation"]);
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
    generation: Number(row["generation"]),
  };
}

/** One account has one spelling. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}
