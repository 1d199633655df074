/** How often a password may be tried, counted in the database, so for all instances together. */

import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, rateLimit, type Store } from "express-rate-limit";
import { field } from "./context.ts";
import type { Query } from "./database.ts";
import { normalEmail } from "./users.ts";

const WINDOW = 15 * 60 * 1000;

export interface PasswordLimits {
  /** Sixty new accounts from one network in fifteen minutes. */
  signUp: RequestHandler;
  /**
   * In fifteen minutes: sixty wrong passwords from one network, ten wrong ones for one account from one network, and a
   * hundred passwords for one account, right or wrong, from everywhere. Colleagues behind one router do not use up each
   * other's, and a stranger who types ten wrong ones elsewhere does not keep the owner of the account out.
   */
  passwords: RequestHandler[];
}

export function passwordLimits(query: Query, product: string, refuse: RequestHandler): PasswordLimits {
  const limit = (
    name: string,
    most: number,
    keyGenerator: (req: Request) => string,
    skipSuccessfulRequests: boolean,
  ) =>
    rateLimit({
      windowMs: WINDOW,
      limit: most,
      standardHeaders: "draft-8",
      legacyHeaders: false,
      store: sqlStore(query, `${product}:${name}:`),
      handler: refuse,
      keyGenerator,
      skipSuccessfulRequests,
    });
  const network = (req: Request) => ipKeyGenerator(req.ip ?? "");
  const account = (req: Request) => normalEmail(field(req, "email")).slice(0, 200);
  return {
    signUp: limit("sign-up", 60, network, false),
    passwords: [
      limit("network", 60, network, true),
      limit("account-from", 10, (req) => `${network(req)} ${account(req)}`, true),
      limit("account", 100, account, false),
    ],
  };
}

function sqlStore(query: Query, prefix: string): Store {
  return {
    localKeys: false,
    async increment(key) {
      const now = Date.now();
      const [row] = await query(
        `INSERT INTO rate_limits (id, hits, reset_at) VALUES ($1, 1, $2)
         ON CONFLICT (id) DO UPDATE SET
           hits = CASE WHEN rate_limits.reset_at <= $3 THEN 1 ELSE rate_limits.hits + 1 END,
           reset_at = CASE WHEN rate_limits.reset_at <= $3 THEN excluded.reset_at ELSE rate_limits.reset_at END
         RETURNING hits, reset_at`,
        [prefix + key, now + WINDOW, now],
      );
      return { totalHits: Number(row?.["hits"]), resetTime: new Date(Number(row?.["reset_at"])) };
    },
    async decrement(key) {
      await query("UPDATE rate_limits SET hits = hits - 1 WHERE id = $1 AND hits > 0", [prefix + key]);
    },
    async resetKey(key) {
      await query("DELETE FROM rate_limits WHERE id = $1", [prefix + key]);
    },
  };
}
